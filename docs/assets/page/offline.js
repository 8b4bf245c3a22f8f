// <pop3-offline>: keeps the site for use without a network, when the reader asks for it, and removes it again.
// data-state: absent, loading, kept, old (another version is kept), failed, not-here.

const ROOT = new URL("../../", import.meta.url).href; // of the site
const PREFIX = "offline-"; // of the cache, see service-worker.js

class Pop3Offline extends HTMLElement {
  connectedCallback() {
    if (this.words) return;
    this.words = JSON.parse(this.querySelector("script").textContent);
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "md-button" });
    button.dataset.do = "offline";
    button.addEventListener("click", () => this.#pressed());
    const told = document.createElement("p");
    told.setAttribute("role", "status");
    this.append(told, button);
    this.#look();
  }

  get #button() {
    return this.querySelector("button");
  }

  /** Show what is kept. */
  async #look() {
    if (!navigator.serviceWorker) return this.#show("not-here");
    const registration = await navigator.serviceWorker.getRegistration(ROOT);
    if (!registration?.active) return this.#show("absent");
    const names = await caches.keys();
    this.#show(names.includes(PREFIX + this.dataset.version) ? "kept" : "old");
  }

  async #pressed() {
    const removes = this.dataset.state === "kept";
    this.#show("loading");
    try {
      await (removes ? this.#remove() : this.#keep());
    } catch {
      return this.#show("failed");
    }
    return this.#look();
  }

  async #keep() {
    const options = { scope: ROOT, updateViaCache: "none" };
    const registration = await navigator.serviceWorker.register(`${ROOT}service-worker.js`, options);
    await registration.update();
    const worker = registration.installing ?? registration.waiting;
    if (!worker) return;
    await new Promise((resolve, reject) => {
      const changed = () => {
        if (worker.state === "activated") resolve();
        if (worker.state === "redundant") reject(new Error("a file did not come"));
      };
      worker.addEventListener("statechange", changed);
      changed();
    });
  }

  async #remove() {
    const registration = await navigator.serviceWorker.getRegistration(ROOT);
    await registration?.unregister();
    for (const name of await caches.keys()) if (name.startsWith(PREFIX)) await caches.delete(name);
  }

  #show(state) {
    const { version, bytes } = this.dataset;
    const size = (bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 0 });
    const filled = (text) => text.replace("{version}", version).replace("{size}", size);
    this.dataset.state = state;
    this.querySelector("p").textContent = filled(this.words[state]);
    this.#button.textContent = this.words[state === "kept" ? "remove" : state === "old" ? "renew" : "keep"];
    this.#button.disabled = state === "loading";
    this.#button.hidden = state === "not-here";
  }
}

customElements.define("pop3-offline", Pop3Offline);
