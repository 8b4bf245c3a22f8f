// What a cell has put out, drawn as the build draws it (website/build/notebooks.py).

// A loop that prints without end must leave the page alive.
const MOST = 200_000;

export class Output {
  #part;
  #words;
  #stored;
  #fresh = [];
  #printed = "";
  #text = null; // where it is shown while the cell runs

  constructor(part, words) {
    this.#part = part;
    this.#words = words;
    this.#stored = [...part.querySelectorAll(".nb-output")];
    this.fold = part.querySelector("details.answer"); // of a prediction: what is put out stays folded
  }

  /** The stored output stays until something new is there. */
  begin() {
    this.#printed = "";
    this.#text = null;
  }

  print(text) {
    if (!this.#text) {
      const shown = block("");
      this.#replace([this.#group(shown)], []);
      this.#text = shown.firstChild.appendChild(new Text());
    }
    const room = MOST - this.#printed.length;
    if (room > 0) this.#text.appendData(text.slice(0, room));
    if (room >= 0) this.#printed += text;
  }

  /** Show all that has come of the cell: printed text, the last value, an error, and a note about it. */
  finish(value = {}, error = [], note = "") {
    const parts = [];
    if (this.#printed) parts.push(this.#group(block(this.#printed.slice(0, MOST))));
    if (this.#printed.length > MOST) parts.push(line(this.#words.cut));
    if (value["text/html"] !== undefined) parts.push(this.#group(html(value["text/html"])));
    else if (value["text/plain"] !== undefined) parts.push(this.#group(block(value["text/plain"])));
    const open = [];
    if (error.length) {
      open.push(this.#group(block(error.join("\n"))));
      open[0].classList.add("nb-stderr");
    }
    if (note) open.push(line(note));
    this.#replace(parts, open);
    dispatchEvent(new Event("resize")); // site.js makes what is wider than its place reachable by keyboard
  }

  /** Go back to the output that is stored. */
  restore() {
    this.#replace(this.#stored, []);
  }

  #replace(parts, open) {
    for (const old of [...this.#stored, ...this.#fresh]) old.remove();
    (this.fold ?? this.#part).append(...parts);
    this.#part.append(...open);
    this.#fresh = [...parts, ...open];
  }

  #group(content) {
    const group = document.createElement("div");
    group.className = "nb-output";
    group.role = "group";
    group.ariaLabel = this.#words.output;
    group.append(content);
    return group;
  }
}

/** Text as a program writes it; the client's lines of a transcript stand out. */
function block(text) {
  const pre = document.createElement("pre");
  const code = pre.appendChild(document.createElement("code"));
  for (const part of text.split(/^(C: .*)$/m)) {
    if (!part.startsWith("C: ")) code.append(part);
    else code.append(Object.assign(document.createElement("span"), { className: "client", textContent: part }));
  }
  return pre;
}

/** What a value says of itself; the reader's own code has made it. */
function html(text) {
  const template = document.createElement("template");
  template.innerHTML = text;
  for (const table of template.content.querySelectorAll("table.dataframe")) for (const { name } of [...table.attributes]) table.removeAttribute(name);
  return template.content;
}

function line(text) {
  return Object.assign(document.createElement("p"), { className: "nb-note", textContent: text });
}
