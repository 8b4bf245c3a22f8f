// The search box of the error decoder. Without this script the page shows every reply, and no box.
(() => {
  const place = document.getElementById("reply-search");
  if (!place) return;

  // Versions and numbers count as equal, and what stands in brackets (host names) does not count at all.
  const shape = text => text.toLowerCase().replace(/[([][^)\]]*[)\]]?/g, " ").replace(/\d[\d.]*/g, "0")
    .replace(/\s+/g, " ").trim().replace(/[\s.]+$/, "");
  const pattern = line => new RegExp("^" + shape(line).replace(/[.*+?^$|\\]/g, "\\$&")
    .replace(/\{(count|number|octets)\}/g, "0").replace(/\{.*?\}/g, ".+") + "$");
  const entries = [...document.querySelectorAll(".reply")].map(element => {
    const lines = [...element.querySelectorAll("td:first-child code")].map(code => code.textContent);
    const texts = [...element.querySelectorAll("h3, p, dd:nth-of-type(-n+2)")].map(part => part.textContent);
    const text = [...lines, ...texts].join(" ").toLowerCase().replace(/\s+/g, " ");
    return { element, text, shape: shape(text.replace(/[()[\]]/g, " ")), patterns: lines.map(pattern) };
  });

  const label = Object.assign(document.createElement("label"), { textContent: place.dataset.label });
  const input = Object.assign(document.createElement("input"), { type: "search", autocomplete: "off", spellcheck: false });
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  label.append(input);
  place.replaceChildren(label, status);

  const hits = query => {
    const line = shape(query.match(/(\+OK|-ERR)[^"']*/i)?.[0] ?? "");
    const exact = entries.filter(entry => entry.patterns.some(known => known.test(line)));
    const words = query.toLowerCase().split(/\s+/), shaped = shape(query).split(" ");
    const has = (text, wanted) => wanted.every(word => text.includes(word));
    return exact.length ? exact : entries.filter(entry =>
      has(entry.text, words) || (shaped[0] && has(entry.shape, shaped)));
  };
  const show = query => { // in the address as ?reply=, since ?q= is the search of the whole site
    const found = hits(query), { all, many, one, none } = place.dataset;
    for (const entry of entries) entry.element.hidden = !found.includes(entry);
    const text = !query ? all : found.length > 1 ? many : found.length ? one : none;
    status.textContent = text.replace("{}", found.length);
    const address = new URL(location.href);
    query ? address.searchParams.set("reply", query) : address.searchParams.delete("reply");
    history.replaceState(history.state, "", address);
  };
  const reach = () => { // a link to a reply that the search has hidden
    const target = document.getElementById(location.hash.slice(1));
    if (target?.closest(".reply[hidden]")) { show(input.value = ""); target.scrollIntoView(); }
  };
  input.addEventListener("input", () => show(input.value.trim()));
  addEventListener("hashchange", reach);
  input.value = new URLSearchParams(location.search).get("reply") ?? "";
  show(input.value.trim());
  reach();
})();
