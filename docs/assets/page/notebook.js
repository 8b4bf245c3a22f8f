// A lesson that can be run in the page. The build (website/build/runnable.py) puts <pop3-notebook> around it, with
// the words, and names each code cell: <div data-cell="id" data-state="stored" data-output="digest">.
//
// A cell's state: stored (not run yet), running, equal or changed (its output, compared with the stored one), failed,
// not-here (it runs in JupyterLab only). Nothing but this file is loaded before the reader asks for it.

let Editor, Output, millions; // of modules that are loaded on Start

const button = (name, label) => {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: label, className: "nb-button" });
  made.dataset.do = name;
  return made;
};

const filled = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);

/** What the reader has changed, kept by this browser; for this visit alone if the browser keeps nothing. */
class Kept {
  #key;
  #here = null;

  constructor(lesson, cell) {
    this.#key = `pop3-notebook ${lesson} ${cell}`;
  }

  /** The reader's text, and the text of the cell when it was changed; null if it was not. */
  get() {
    try {
      return JSON.parse(localStorage.getItem(this.#key));
    } catch {
      return this.#here;
    }
  }

  set(value) {
    this.#here = value;
    try {
      if (value) localStorage.setItem(this.#key, JSON.stringify(value));
      else localStorage.removeItem(this.#key);
    } catch {
      // Storage is full or switched off: then it lasts as long as the page.
    }
  }
}

class Cell {
  ran = false; // in this Python, with whatever result

  constructor(part, number, notebook) {
    this.part = part;
    this.number = number;
    this.id = part.dataset.cell;
    this.notebook = notebook;
    this.here = part.dataset.state !== "not-here";
    this.alone = !this.here || part.dataset.kind === "setup"; // runs by itself before a cell that may need it
    this.code = part.querySelector(".highlight code");
    this.shipped = this.code.textContent.replace(/\n$/, "");
    this.output = new Output(part, notebook.words);
  }

  get words() {
    return this.notebook.words;
  }

  get source() {
    return this.editor ? this.editor.text : this.shipped;
  }

  get state() {
    return this.part.dataset.state;
  }

  get edited() {
    return this.source !== this.shipped;
  }

  /** Make it editable, or say why it does not run here. */
  begin() {
    this.said = document.createElement("span");
    this.said.className = "nb-said";
    const row = document.createElement("div");
    row.className = "nb-do";
    this.part.querySelector(".highlight").after(row);
    if (!this.here) {
      this.said.textContent = this.words[this.part.dataset.reason];
      row.append(this.said);
      return;
    }
    this.part.role = "group";
    this.part.ariaLabel = filled(this.words.cell, this);
    this.mark = document.createElement("span");
    this.mark.className = "nb-edited";
    this.mark.textContent = this.words.edited;
    this.buttons = Object.fromEntries(
      [["run", "run"], ["to-here", "to here"], ["stop", "stop"], ["reset", "reset"]].map(([name, word]) => [name, button(name, this.words[word])]));
    row.append(...Object.values(this.buttons), this.mark, this.said);
    this.kept = new Kept(this.notebook.dataset.lesson, this.id);
    this.editor = new Editor(this.code, filled(this.words.code, this), this.notebook.keys);
    const kept = this.kept.get();
    if (kept?.shipped === this.shipped) this.editor.text = kept.mine;
    else if (kept) this.#keepAside(kept, row);
    this.editor.area.addEventListener("input", () => this.#changed());
    this.editor.area.addEventListener("keydown", (event) => this.#key(event));
    this.#refresh();
  }

  reset() {
    this.editor?.reset();
    this.kept?.set(null);
    this.#refresh();
  }

  /** Go back to the output that is stored. */
  forget() {
    if (!this.here) return;
    this.output.restore();
    this.become("stored");
  }

  become(state, said = "") {
    if (!this.here) return;
    if (state === "running") this.output.begin();
    this.part.dataset.state = state;
    this.part.ariaBusy = state === "running" ? "true" : null;
    this.said.textContent = said;
    this.#refresh();
  }

  print(text) {
    if (this.here) this.output.print(text);
  }

  /** Python has ended in the midst of it. */
  end(said) {
    if (this.here) this.output.finish();
    this.become("failed", said);
  }

  /** Show what has come of running it; tell whether it went well. */
  finish({ value, error, digest, skipped }) {
    this.ran = true;
    if (!this.here) return true; // its names may be needed; what it says is not shown
    const state = error.length ? "failed" : digest === this.part.dataset.output ? "equal" : "changed";
    this.output.finish(value, error, skipped ? filled(this.words.skipped, { seconds: Math.round(skipped) }) : "");
    const folded = state !== "failed" && this.output.fold?.open === false;
    this.become(state, this.words[folded ? `${state} folded` : state]);
    return state !== "failed";
  }

  #refresh() {
    const { edited, state } = this;
    this.mark.hidden = this.buttons.reset.hidden = !edited;
    this.buttons.stop.hidden = state !== "running";
    this.buttons.run.hidden = state === "running";
    this.part.toggleAttribute("data-edited", edited);
    this.notebook.refresh();
  }

  #changed() {
    this.kept.set(this.edited ? { shipped: this.shipped, mine: this.source } : null);
    this.#refresh();
  }

  #key(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    this.notebook.run(this);
    if (event.shiftKey) this.notebook.after(this)?.editor.area.focus();
  }

  /** Keep the reader's text of a cell that has changed since. */
  #keepAside({ mine }, row) {
    const aside = document.createElement("div");
    aside.className = "nb-aside";
    aside.innerHTML = "<p></p><pre><code></code></pre>";
    aside.firstChild.textContent = this.words.aside;
    aside.querySelector("code").textContent = mine;
    const take = button("take", this.words.take);
    const drop = button("drop", this.words.drop);
    take.addEventListener("click", () => {
      this.editor.text = mine;
      this.#changed();
      aside.remove();
      this.editor.area.focus();
    });
    drop.addEventListener("click", () => {
      this.kept.set(null);
      aside.remove();
      this.editor.area.focus();
    });
    aside.append(take, " ", drop);
    row.after(aside);
  }
}

class Notebook extends HTMLElement {
  #engine;
  #queue = [];
  #current = null;
  #history = []; // what has run in this Python: [cell, source]

  connectedCallback() {
    if (this.words) return;
    this.words = JSON.parse(this.querySelector("script[type='application/json']").textContent);
    this.bar = this.querySelector(".nb-bar");
    this.start = this.bar.querySelector("[data-do=start]");
    this.said = this.start.nextElementSibling;
    this.said.role = "status";
    this.addEventListener("click", ({ target }) => {
      const clicked = target.closest("button[data-do]");
      if (clicked) this.#do(clicked.dataset.do, this.cells?.find(({ part }) => part.contains(clicked)));
    });
  }

  #do(name, cell) {
    if (name === "start" || name === "retry") this.#start();
    else if (name === "run") this.run(cell);
    else if (name === "to-here") this.#fresh(this.cells.slice(0, this.cells.indexOf(cell) + 1));
    else if (name === "all") this.#fresh(this.cells);
    else if (name === "again") this.#fresh([]);
    else if (name === "stop") this.#engine.terminate();
    else if (name === "reset") cell.reset(), cell.editor.area.focus();
    else if (name === "reset-all") for (const each of this.cells) each.reset();
  }

  // --- Starting ---------------------------------------------------------------------------

  async #start() {
    this.start.disabled = true;
    this.progress ??= this.start.insertAdjacentElement("afterend", document.createElement("progress"));
    this.progress.ariaLabel = this.start.textContent;
    this.progress.hidden = false;
    try {
      const parts = ["./engine.js", "./editor.js", "./output.js"].map((name) => import(name));
      const [engine, editor, output] = await Promise.all(parts);
      ({ millions } = engine);
      ({ Editor } = editor);
      ({ Output } = output);
      this.#engine = engine.Engine.shared();
      await this.#engine.start((progress) => this.#tell(progress));
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.progress.remove();
    this.#open();
  }

  #tell({ stage, loaded, total }) {
    if (stage === "ready") return;
    if (stage === "download") Object.assign(this.progress, { max: total, value: loaded });
    else this.progress.removeAttribute("value");
    this.say(filled(this.words[stage], { loaded: millions(loaded), total: millions(total) }));
  }

  #failed(error) {
    this.progress.hidden = true;
    this.start.disabled = false;
    this.start.dataset.do = "retry";
    this.start.textContent = this.words.retry;
    this.say(filled(this.words[error.kind === "download" ? "failed download" : "failed start"], error));
  }

  /** Make the cells editable. */
  #open() {
    const had = document.activeElement === document.body || document.activeElement === this.start;
    this.keys = document.createElement("p");
    Object.assign(this.keys, { id: "nb-keys", className: "nb-keys", textContent: this.words.keys });
    this.resetAll = button("reset-all", this.words["reset all"]);
    const all = button("all", this.words.all);
    this.start.replaceWith(all, button("again", this.words.again), this.resetAll);
    this.bar.querySelector("p").remove();
    this.bar.append(this.keys);
    this.cells = [...this.querySelectorAll("[data-cell]")].map((part, index) => new Cell(part, index + 1, this));
    for (const cell of this.cells) cell.begin();
    this.#engine.addEventListener("end", () => this.#ended());
    this.toggleAttribute("data-open", true);
    this.say(this.words.ready);
    if (had) all.focus();
  }

  say(text) {
    this.said.textContent = text;
  }

  refresh() {
    if (this.cells) this.resetAll.hidden = !this.cells.some((cell) => cell.edited);
  }

  // --- Running ----------------------------------------------------------------------------

  /** The next cell that can be seen and run. */
  after(cell) {
    return this.cells.slice(this.cells.indexOf(cell) + 1).find(({ here, editor }) => here && editor.area.checkVisibility());
  }

  /** Run a cell, and before it the preparations above it that have not run. */
  run(cell) {
    const above = this.cells.slice(0, this.cells.indexOf(cell));
    this.#enqueue([...above.filter(({ alone, ran }) => alone && !ran), cell]);
  }

  /** Forget all names, and run cells. */
  async #fresh(cells) {
    if (this.#current) return;
    await this.#engine.call("cell.forget").catch(() => {}); // then Python has ended, and has forgotten, too
    this.#forgotten();
    for (const cell of this.cells) cell.forget();
    this.say(this.words.forgotten);
    this.#enqueue(cells);
  }

  #enqueue(cells) {
    const more = cells.filter((cell) => !this.#queue.includes(cell));
    this.#queue.push(...more);
    for (const cell of more) cell.become(cell.state, this.words.waiting);
    if (!this.#current && this.#queue.length) this.#work();
  }

  async #work() {
    let count = 0;
    let equal = 0;
    let said = "";
    this.#busy(true);
    while (this.#queue.length) {
      const cell = (this.#current = this.#queue.shift());
      this.say(filled(this.words.progress, { number: cell.number, count: this.cells.length }));
      const well = await this.#one(cell);
      count += 1;
      equal += cell.state === "equal" || !cell.here;
      if (well) said = count === 1 ? "" : filled(this.words[equal === count ? "done equal" : "done"], { count });
      else said = well === null ? this.said.textContent : this.#drop() ? this.words.halted : "";
    }
    this.#current = null;
    this.#busy(false);
    this.say(said);
  }

  /** Run one cell; tell whether it went well, null if Python has ended. */
  async #one(cell) {
    const { id, source } = cell;
    cell.become("running", this.words.running);
    try {
      const ran = await this.#call(cell, source, (text) => cell.print(text));
      this.#history.push([cell, source]);
      return cell.finish(ran);
    } catch (error) {
      cell.end(this.words[error.kind === "stopped" ? "stopped" : "crashed"]);
      this.#drop();
      await this.#replay();
      return null;
    }
  }

  #call({ id }, source, onOut) {
    return this.#engine.call("cell.run", { id, source, lang: document.documentElement.lang }, onOut);
  }

  /** Take back what waits; return how many cells that were. */
  #drop() {
    const waiting = this.#queue.splice(0);
    for (const cell of waiting) cell.become(cell.state);
    return waiting.length;
  }

  #busy(busy) {
    for (const each of this.querySelectorAll("[data-do=all], [data-do=again], [data-do=to-here]")) each.ariaDisabled = String(busy);
  }

  /** Start Python again, and run what had run before. What it prints is known already. */
  async #replay() {
    this.say(this.words.replaying);
    const history = this.#history.splice(0);
    try {
      await this.#engine.start();
      for (const [cell, source] of history) {
        await this.#call(cell, source);
        this.#history.push([cell, source]);
      }
      this.say(this.words.replayed);
    } catch {
      this.#forgotten();
      this.say(this.words.lost);
    }
  }

  #forgotten() {
    this.#history = [];
    for (const cell of this.cells) cell.ran = false;
  }

  /** Python has ended while no cell ran. */
  #ended() {
    if (!this.#current) this.#forgotten();
  }
}

customElements.define("pop3-notebook", Notebook);
