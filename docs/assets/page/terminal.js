// <pop3-terminal>: types lines to a Lab in this page. The build draws what stands in it before "Start"
// (website/pages/terminal.py), with all words; src/minipop/page/terminal/ says what each answer holds.
// The modules that only a terminal needs which was started are loaded then.
let element, drawLines, drawWire, drawMailbox, millions;

const CHOICES = ["edition", "account", "transport", "login", "mechanism"];
// What a link leaves unsaid; an empty LoginType is the version's own.
const USUAL = { account: "anna", transport: "995", login: "", mechanism: "USER/PASS" };
const LOGON_LINES = 6; // more than any mechanism takes
const TOUR = [
  { logon: true, done: (view) => view.state === "TRANSACTION" },
  { send: "LIST" },
  { send: "RETR 1" },
  { send: "DELE 1" },
  { send: "QUIT", done: (view) => view.state === "closed" },
  { show: "mailbox" },
  { show: "wire" },
  { choose: { transport: "995" } },
];
// On a touch screen, focus would bring up the keyboard, which covers half of what is to be read.
const typesByKeyboard = matchMedia("(pointer: fine)").matches;

const filled = (text, values) =>
  text.replace(/\{(\w*)\}/g, (_, name) => (typeof values === "object" ? values[name] : values));

/** Load what else the terminal is made of; return the engine of the page. */
async function load() {
  const fetched = (file) => import(file).catch((error) => {
    throw Object.assign(error, { kind: "download", file });
  });
  const [engine, panes] = await Promise.all(["./engine.js", "./terminal-panes.js"].map(fetched));
  ({ element, drawLines, drawWire, drawMailbox } = panes);
  ({ millions } = engine);
  return engine.Engine.shared();
}

class Pop3Terminal extends HTMLElement {
  #engine = null;
  #view = null;
  #lines = []; // what "Copy" copies
  #history = [];
  #at = 0; // the place in the history
  #queue = []; // lines that are still to be sent
  #preset = []; // lines of the link
  #step = 0; // of the tour

  connectedCallback() {
    if (this.words) return;
    const { words, editions, first, page } = JSON.parse(this.querySelector("script").textContent);
    Object.assign(this, { words, editions, first, page });
    this.#read();
    this.addEventListener("click", (event) => this.#pressed(event));
    this.addEventListener("change", ({ target }) => target.matches("select") && this.#chosen(target.name));
    addEventListener("hashchange", () => this.#read() && this.#running() && this.#open());
  }

  // -- parts ----------------------------------------------------------------------------------------------

  #part(name) {
    return this.querySelector(`.terminal-${name}`);
  }

  get #input() {
    return this.querySelector("input[name=line]");
  }

  /** Add what "Start" shows. */
  #build() {
    const { words } = this;
    const button = (name, text = words[name], attributes = {}) =>
      element("button", { type: "button", "data-do": name, class: "terminal-button", ...attributes }, text);
    const pane = (name) =>
      element("section", { "data-pane": name, "aria-labelledby": `pane-${name}` },
        element("p", { class: "pane-title", id: `pane-${name}` }, words[name]),
        element("p", { class: "pane-about" }, words[`${name} about`]),
        element("div", { class: "pane-content", tabindex: "0", role: "group", "aria-label": words[name] }));
    this.querySelector("script").before(
      element("div", { class: "terminal-tour", hidden: "" }),
      element("div", { class: "terminal-body", hidden: "" },
        element("div", { class: "terminal-main" },
          element("div", { class: "terminal-preset", hidden: "" }),
          element("div", { class: "terminal-log pop3-dialogue", role: "log", "aria-label": words.log, tabindex: "0" }),
          element("div", { class: "terminal-suggestions", role: "group", "aria-label": words.suggestions }),
          element("form", { class: "terminal-typing" },
            element("label", {}, `${words.line} `,
              element("input", { name: "line", type: "text", autocomplete: "off", autocapitalize: "off",
                autocorrect: "off", spellcheck: "false", enterkeyhint: "send" })),
            element("button", { class: "terminal-button" }, words.send)),
          element("p", { class: "terminal-tools" },
            button("reset"), button("copy"), button("share"), button("stop", words.stop, { disabled: "" })),
          element("p", { class: "terminal-link", hidden: "" },
            element("label", {}, `${words.link} `, element("input", { name: "link", readonly: "" })))),
        element("div", { class: "terminal-panes" }, pane("wire"), pane("mailbox"))),
      element("p", { class: "terminal-status", role: "status" }));
    const form = this.#part("typing");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#typed(this.#input.value);
    });
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("paste", (event) => this.#pasted(event));
  }

  #say(text) {
    this.#part("status").textContent = text;
  }

  #state(state) {
    this.dataset.state = state;
    const running = this.#running();
    if (this.#engine) {
      this.#part("body").hidden = !running;
      this.#part("tour").hidden = !running || this.#step > TOUR.length;
      this.querySelector("[data-do=stop]").disabled = state !== "running";
    }
    this.#part("loading").hidden = state !== "loading";
    this.#part("failure").hidden = state !== "failed";
    this.#part("start").hidden = state !== "idle";
  }

  #running() {
    return ["ready", "running"].includes(this.dataset.state);
  }

  // -- what is chosen ---------------------------------------------------------------------------------------

  #select(name) {
    return this.querySelector(`select[name=${name}]`);
  }

  get #choice() {
    return Object.fromEntries(CHOICES.map((name) => [name, this.#select(name).value]));
  }

  /** Take the choice from the address; tell whether there is one. */
  #read() {
    const given = new URLSearchParams(location.hash.slice(1));
    const preset = given.has("edition") || given.has("do");
    this.#set(preset ? { ...USUAL, ...Object.fromEntries(given) } : { ...USUAL, ...this.first });
    this.#preset = (given.get("do") ?? "").split(";").map((line) => line.trim()).filter(Boolean);
    this.#step = preset ? TOUR.length + 1 : 0; // who comes with a preset needs no tour
    return preset;
  }

  #set(wanted) {
    for (const name of CHOICES) {
      const select = this.#select(name);
      if (wanted[name] !== undefined && [...select.options].some(({ value }) => value === wanted[name])) {
        select.value = wanted[name];
      }
      if (name === "edition") this.#fit();
    }
    this.#fit();
  }

  /** Offer what the edition has, and nothing else. */
  #fit() {
    const { login, stls, mechanisms } = this.editions[this.#select("edition").value];
    const logins = this.#select("login");
    logins.options[0].textContent = login ? filled(this.words["login default"], login) : this.words["login none"];
    logins.disabled = !login;
    if (!login) logins.value = "";
    for (const option of this.#select("transport").options) option.disabled = option.value === "stls" && !stls;
    for (const option of this.#select("mechanism").options) option.disabled = !mechanisms.includes(option.value);
    for (const name of ["transport", "mechanism"]) {
      const select = this.#select(name);
      if (select.selectedOptions[0].disabled) select.value = [...select.options].find((one) => !one.disabled).value;
    }
  }

  #chosen(name) {
    if (name === "edition") this.#fit();
    if (this.#running()) this.#open();
  }

  // -- starting and stopping --------------------------------------------------------------------------------

  async #start() {
    this.#state("loading");
    const bar = this.querySelector("progress");
    const said = this.#part("loading").querySelector("p");
    try {
      if (!this.#engine) {
        this.#engine = await load();
        this.#engine.addEventListener("end", () => this.#ended());
        this.#build();
      }
      await this.#engine.start(({ stage, loaded, total }) => {
        bar.value = total ? loaded / total : 0;
        said.textContent = filled(this.words[stage] ?? "", { loaded: millions(loaded), total: millions(total) });
      });
      this.#state("ready");
      await this.#open();
      this.#say(this.words.ready);
      if (typesByKeyboard) this.#input.focus();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error) {
    if (error.kind === "stopped") return;
    const text = error.kind === "download" ? this.words["failed download"] : this.words["failed python"];
    const values = { file: error.file?.replace("./", ""), message: error.message.trim().split("\n").at(-1) };
    this.#part("failure").querySelector("p").textContent = filled(text, values);
    this.#state("failed");
  }

  async #stop() {
    this.#queue = [];
    if (this.dataset.state !== "running") return;
    this.#engine.terminate();
    await this.#start();
    this.#say(this.words.stopped);
  }

  /** Whatever ends the engine ends the Lab in it: the lesson on the same page may have done it. */
  #ended() {
    this.#queue = [];
    this.#view = null;
    if (this.dataset.state === "ready") this.#state("idle");
  }

  // -- calling Python -----------------------------------------------------------------------------------------

  /** Call the model and show what has changed. */
  async #call(name, given) {
    this.#state("running");
    try {
      const view = await this.#engine.call(name, given);
      this.#state("ready");
      this.#show(view);
      return view;
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  async #open() {
    this.#queue = [];
    this.#say("");
    await this.#call("terminal.open", { ...this.#choice, lang: document.documentElement.lang });
    if (this.#view?.replaced) this.#say(this.words.fresh);
  }

  async #reset() {
    this.#queue = [];
    this.#part("log").replaceChildren();
    this.#lines = [];
    this.#step = 0;
    this.#read();
    await this.#call("terminal.close", {});
    await this.#open();
  }

  /**
   * Send lines one by one. In a preset, `LOGON` stands for all lines that log on, and `PASS` for the one with the
   * account's password.
   */
  async #send(lines, preset = false) {
    this.#queue.push(...lines.map((line) => ({ line, preset })));
    if (this.dataset.state === "running") return;
    while (this.#queue.length && this.#running()) {
      const { line, preset } = this.#queue.shift();
      if (preset && line === "LOGON") await this.#logOn();
      else {
        const text = preset && line === "PASS" ? `PASS ${this.#view.wire.password}` : line;
        await this.#call("terminal.line", { text });
      }
    }
  }

  async #logOn() {
    for (let line = 0; line < LOGON_LINES && this.#view?.logon; line += 1) {
      const view = await this.#call("terminal.line", { text: this.#view.logon });
      if (!view || view.entries.some(({ who, text }) => who === "S" && text.startsWith("-ERR"))) return;
    }
  }

  // -- what the reader does -------------------------------------------------------------------------------------

  #pressed(event) {
    const button = event.target.closest("button");
    if (!button || button.disabled) return;
    const { do: action, line } = button.dataset;
    if (line !== undefined) this.#send([line]);
    else if (action === "start" || action === "retry") this.#start();
    else if (action === "reset") this.#reset();
    else if (action === "copy") this.#copy(this.#lines.join("\n"), this.words.copied);
    else if (action === "share") this.#share();
    else if (action === "stop") this.#stop();
    else if (action === "connect") this.#open();
    else if (action === "run") this.#runPreset();
    else if (action === "tour") this.#walk();
  }

  #typed(text) {
    if (!text && this.#view?.state !== "AUTHORIZATION") return; // an empty line is an answer to a challenge alone
    this.#input.value = "";
    if (text && this.#history.at(-1) !== text) this.#history.push(text);
    this.#at = this.#history.length;
    this.#send([text]);
  }

  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) {
      event.preventDefault();
      this.#at = Math.max(0, Math.min(this.#history.length, this.#at + step));
      this.#input.value = this.#history[this.#at] ?? "";
    } else if (event.key === "c" && event.ctrlKey && !event.shiftKey && !event.altKey) {
      const { selectionStart, selectionEnd } = this.#input;
      if (selectionStart !== selectionEnd || String(getSelection())) return; // the browser copies
      event.preventDefault();
      this.#input.value = "";
      this.#at = this.#history.length;
      this.#stop();
    }
  }

  /** Send each whole line that is pasted; what has no end yet stays in the field. */
  #pasted(event) {
    const text = event.clipboardData.getData("text");
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = this.#input;
    const lines = (value.slice(0, selectionStart) + text + value.slice(selectionEnd)).split(/\r\n|\r|\n/);
    this.#input.value = lines.pop();
    this.#history.push(...lines.filter(Boolean));
    this.#at = this.#history.length;
    this.#send(lines.filter(Boolean));
  }

  #runPreset() {
    const lines = this.#preset;
    this.#preset = [];
    this.#send(lines, true);
  }

  async #copy(text, said) {
    try {
      await navigator.clipboard.writeText(text);
      this.#say(said);
    } catch {
      this.#say(this.words["not copied"]);
    }
  }

  /** Show an address that leads to the same choice and offers the same lines. */
  #share() {
    const given = Object.entries({ ...this.#choice, do: this.#view.share.join(";") }).filter(([, value]) => value);
    const fragment = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    const link = new URL(`${this.page}#${fragment}`, document.baseURI).href;
    const field = this.querySelector("input[name=link]");
    field.value = link;
    this.#part("link").hidden = false;
    field.select();
    this.#copy(link, this.words.linked);
  }

  // -- the tour ------------------------------------------------------------------------------------------------

  #walk() {
    const { logon, send, show, choose } = TOUR[this.#step];
    if (logon) this.#send(["LOGON"], true);
    else if (send) this.#send([send]);
    else {
      this.#step += 1;
      if (choose) {
        this.#set({ ...this.#choice, ...choose });
        this.#open();
      } else {
        const pane = this.querySelector(`[data-pane=${show}]`);
        pane.scrollIntoView({ block: "nearest" });
        pane.querySelector(".pane-content").focus({ preventScroll: true });
        pane.querySelector(":is(mark, .changed)")?.scrollIntoView({ block: "nearest" });
      }
      this.#drawTour();
    }
  }

  /** Go on with the tour when its step was done, by its button or by typing. */
  #follow(view) {
    const { done, send } = TOUR[this.#step] ?? {};
    const sent = () => view.entries.some(({ who, text }) => who === "C" && text === send)
      && view.entries.some(({ who, text }) => who === "S" && text.startsWith("+OK"));
    if (done ? done(view) : send && sent()) this.#step += 1;
  }

  #drawTour() {
    const { words } = this;
    const number = this.#step + 1;
    const place = this.#part("tour");
    place.hidden = this.#step > TOUR.length;
    if (place.hidden) return;
    const over = number > TOUR.length;
    const had = place.contains(document.activeElement);
    place.replaceChildren(
      ...(over ? [element("p", {}, words["tour done"])] : [
        element("p", {}, element("strong", {}, `${filled(words.tour, { at: number, of: TOUR.length })}: `), words[`tour ${number}`]),
        element("button", { type: "button", "data-do": "tour", class: "terminal-button terminal-primary" }, words[`tour do ${number}`]),
      ]));
    if (had) place.querySelector("button")?.focus();
  }

  // -- what is shown -------------------------------------------------------------------------------------------

  #show(view) {
    if (!view.state) return; // closed
    this.#view = view;
    this.#follow(view);
    this.#lines.push(...(view.title ? [view.title] : []), ...view.entries.map(({ who, text }) => (who ? `${who}: ${text}` : text)));
    drawLines(this.#part("log"), view, this.words);
    drawWire(this.querySelector("[data-pane=wire] .pane-content"), view, this.words);
    drawMailbox(this.querySelector("[data-pane=mailbox] .pane-content"), view.mailbox, this.words);
    this.#drawSuggestions(view);
    this.#drawPreset();
    this.#drawTour();
    if (view.state === "closed") this.#say(this.words.closed);
  }

  #drawSuggestions({ suggestions, state }) {
    const { words } = this;
    const place = this.#part("suggestions");
    const had = place.contains(document.activeElement);
    place.replaceChildren(...suggestions.map((line) => {
      const verb = line.split(" ")[0];
      const hint = words[`hint ${verb}`] ?? words["hint response"];
      const shown = line.length > 34 ? `${line.slice(0, 33)}…` : line;
      return element("button", { type: "button", "data-line": line, class: "terminal-button" },
        element("code", {}, shown), element("span", {}, hint));
    }));
    if (state === "closed") {
      place.append(element("button", { type: "button", "data-do": "connect", class: "terminal-button" }, words.connect));
    }
    if (had) place.querySelector("button")?.focus();
  }

  #drawPreset() {
    const place = this.#part("preset");
    place.hidden = !this.#preset.length;
    place.replaceChildren(
      `${this.words.preset} `,
      ...this.#preset.flatMap((line) => [element("code", {}, line), " "]),
      element("button", { type: "button", "data-do": "run", class: "terminal-button terminal-primary" }, this.words.run));
  }
}

customElements.define("pop3-terminal", Pop3Terminal);
