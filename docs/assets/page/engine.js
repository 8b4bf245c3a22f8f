// The Lab's engine as a page sees it: starts the worker, calls it, ends it. Terminal and lesson share one.
//
// It loads nothing before `start`. An error has `kind`: "download" (with `file`), "python", "fatal", or "stopped",
// which is what a call gets that `terminate` has cut off.

export class EngineError extends Error {
  constructor({ kind, message, file }) {
    super(message);
    Object.assign(this, { kind, file });
  }
}

/** Bytes as the bar of a start tells them, in millions. */
export function millions(bytes) {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return (bytes / 1e6).toLocaleString(document.documentElement.lang, digits);
}

/** Fires "end" when the worker is ended, with all that was in it: sessions, names, mailboxes. */
export class Engine extends EventTarget {
  static #shared;

  /** Where the bundle of this page is: an address that ends in `/`; null on a page without a Lab. */
  static base() {
    const meta = document.querySelector("meta[name=minipop-lab]");
    return meta && new URL(meta.content, document.baseURI).href;
  }

  /** The one engine of the page. */
  static shared(base = Engine.base(), lang = document.documentElement.lang) {
    return (Engine.#shared ??= new Engine(base, lang));
  }

  #base;
  #lang;
  #worker = null;
  #starting = null;
  #ready = false;
  #calls = new Map();
  #next = 1;
  #listeners = new Set();

  constructor(base, lang) {
    super();
    this.#base = base;
    this.#lang = lang;
  }

  /** Whether calls are answered without a start. */
  get ready() {
    return this.#ready;
  }

  /** Start the worker, unless that is done already; `onProgress` gets {stage, loaded, total}, bytes as transferred. */
  start(onProgress) {
    if (onProgress && !this.#ready) this.#listeners.add(onProgress);
    return (this.#starting ??= this.#begin());
  }

  /** Call a function of minipop.page.desk; `onOut` gets what Python prints meanwhile, piece by piece. */
  async call(name, given = {}, onOut = () => {}) {
    const starting = this.start();
    await starting;
    if (starting !== this.#starting) throw new EngineError({ kind: "stopped", message: "stopped" }); // meanwhile
    return this.#send(name, given, onOut);
  }

  /** End the worker in the midst of whatever it does. */
  terminate() {
    this.#end(new EngineError({ kind: "stopped", message: "stopped" }));
  }

  /** End the worker and start another; files come from the browser's cache. */
  restart(onProgress) {
    this.terminate();
    return this.start(onProgress);
  }

  async #begin() {
    const worker = new Worker(new URL("worker.js", this.#base), { type: "module" });
    this.#worker = worker;
    let heard = false;
    worker.addEventListener("message", ({ data }) => {
      heard = true;
      this.#hear(data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      const missing = { kind: "download", message: "worker.js could not be downloaded", file: "worker.js" };
      this.#end(new EngineError(heard ? { kind: "fatal", message: event.message ?? "" } : missing));
    });
    try {
      await this.#send("start", { base: this.#base, lang: this.#lang });
      this.#ready = true;
      this.#listeners.clear();
    } catch (error) {
      if (this.#worker === worker) this.#end(error);
      throw error;
    }
  }

  #send(call, given, onOut) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject, onOut });
      this.#worker.postMessage({ id, call, arguments: given });
    });
  }

  #hear({ progress, id, out, value, error }) {
    if (progress) for (const listener of this.#listeners) listener(progress);
    const call = this.#calls.get(id);
    if (!call) return;
    if (out !== undefined) return call.onOut(out);
    this.#calls.delete(id);
    if (error) {
      call.reject(new EngineError(error));
      if (error.kind === "fatal") this.#end(new EngineError(error)); // such as memory: nothing works after that
    } else call.resolve(value);
  }

  #end(error) {
    const calls = [...this.#calls.values()];
    const worker = this.#worker;
    worker?.terminate();
    this.#worker = this.#starting = null;
    this.#ready = false;
    this.#calls.clear();
    this.#listeners.clear();
    for (const call of calls) call.reject(error);
    if (worker) this.dispatchEvent(new Event("end"));
  }
}
