// A plain text field over the code of a cell. Until it has the focus, the code shows through: with its colours as
// long as it is the shipped one, and plain once the reader has changed it.

const INDENT = "    ";

export class Editor {
  #code;
  #shipped;
  #coloured;
  #leaving = false; // after Escape, Tab leaves the field

  constructor(code, label, keys) {
    this.#code = code;
    this.#shipped = code.textContent.replace(/\n$/, "");
    this.#coloured = [...code.childNodes];
    code.inert = true; // it says the same as the field
    this.area = document.createElement("textarea");
    Object.assign(this.area, { className: "nb-editor", value: this.#shipped, spellcheck: false, wrap: "off", ariaLabel: label });
    for (const [name, value] of [["autocapitalize", "off"], ["autocomplete", "off"], ["autocorrect", "off"]]) this.area.setAttribute(name, value);
    this.area.setAttribute("aria-describedby", keys.id);
    this.area.addEventListener("input", () => this.#show());
    this.area.addEventListener("keydown", (event) => this.#key(event));
    this.area.addEventListener("focus", () => (this.#leaving = false));
    code.closest(".highlight").append(this.area);
  }

  get text() {
    return this.area.value;
  }

  set text(text) {
    this.area.value = text;
    this.#show();
  }

  reset() {
    this.text = this.#shipped;
  }

  #show() {
    if (this.text === this.#shipped) this.#code.replaceChildren(...this.#coloured);
    else this.#code.textContent = `${this.text}\n`;
  }

  #key(event) {
    if (event.key === "Escape") this.#leaving = true;
    else if (event.key === "Tab" && !this.#leaving && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      if (event.shiftKey) this.#lines((line) => line.replace(/^ {1,4}/, ""));
      else if (this.#selected().includes("\n")) this.#lines((line) => line && INDENT + line);
      else this.#insert(INDENT.slice((this.#column() - 1) % INDENT.length));
    } else if (event.key === "Enter" && !(event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing)) {
      event.preventDefault();
      const line = this.text.slice(0, this.area.selectionStart).split("\n").pop();
      this.#insert(`\n${/^ */.exec(line)[0]}${/:\s*(#.*)?$/.test(line) ? INDENT : ""}`);
    } else if (event.key !== "Tab" && event.key !== "Shift") this.#leaving = false;
  }

  #selected() {
    return this.text.slice(this.area.selectionStart, this.area.selectionEnd);
  }

  /** The column of the caret, from 1. */
  #column() {
    return this.area.selectionStart - this.text.lastIndexOf("\n", this.area.selectionStart - 1);
  }

  /** Put text in the place of the selection. The command keeps it in the browser's history, for Ctrl+Z. */
  #insert(text) {
    if (document.execCommand("insertText", false, text)) return;
    this.area.setRangeText(text, this.area.selectionStart, this.area.selectionEnd, "end");
    this.area.dispatchEvent(new Event("input"));
  }

  /** Change each line of the selection. */
  #lines(change) {
    const { area, text } = this;
    const start = text.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const after = text.indexOf("\n", area.selectionEnd);
    const end = after < 0 ? text.length : after;
    const [from, to] = [area.selectionStart, area.selectionEnd];
    const old = text.slice(start, end);
    const changed = old.split("\n").map(change).join("\n");
    if (changed === old) return;
    area.setSelectionRange(start, end);
    this.#insert(changed);
    if (from === to) area.setSelectionRange(...Array(2).fill(Math.max(start, from + changed.length - old.length)));
    else area.setSelectionRange(start, start + changed.length);
  }
}
