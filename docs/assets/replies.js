// The box of the error decoder. Without this script the page shows every entry, and no box.
import { Finder } from "./finder.js";
// Written when the site is built: the patterns, from minipop.explain.catalogue, and what reference/wordings says.
import { known, said as elsewhere } from "./patterns.js";

const place = document.getElementById("reply-search");
const finder = new Finder(known);

const MOST = 6, LISTED = 40, SHOWN = 160, SLOW = 20000;
const said = place.dataset;
const squeezed = text => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

const idOf = name => name.replaceAll("_", "-");
const nameOf = new Map(Object.keys(known.patterns).map(name => [idOf(name), name]));
const entries = new Map([...document.querySelectorAll(".reply")].map(element => {
  const heading = element.querySelector("h3"), id = heading.id.replace("reply-", ""), name = nameOf.get(id);
  const { wordings, words } = elsewhere[name];
  const text = [element.textContent, ...wordings, words].map(squeezed).join(" ");
  return [id, { element, heading, wordings: [heading.textContent, ...wordings].map(squeezed), text }];
}));

// A heading with what stands below it, up to the next heading of its kind; it goes where all of its entries go.
const sections = [...new Set([...entries.values()].map(({ element }) => element.closest("section:not(.reply)") ?? element.parentElement))]
  .flatMap(parent => {
    const found = [];
    for (const child of parent.children) {
      if (child.tagName === "H2") found.push({ parts: [child], replies: [] });
      else if (child.matches(".reply")) found.at(-1)?.replies.push(child);
      else found.at(-1)?.parts.push(child);
    }
    return found.filter(section => section.replies.length);
  });

// What stands between the box and the first entry goes while something is typed: the answer belongs on the screen.
const between = [];
for (let next = place.nextElementSibling; next && !sections.some(({ parts }) => parts.includes(next)); next = next.nextElementSibling) between.push(next);

const label = Object.assign(document.createElement("label"), { textContent: said.label });
const box = Object.assign(document.createElement("textarea"), { rows: 3, autocomplete: "off", spellcheck: false });
const status = document.createElement("p");
const list = Object.assign(document.createElement("ol"), { className: "reply-hits" });
status.setAttribute("role", "status");
label.append(box);
place.replaceChildren(label, status, list);

// What is no sentence of a server or a program is a keyword: first in headings and wordings, then anywhere.
function byKeyword(query) {
  const phrase = squeezed(query), words = phrase.split(" ");
  if (!phrase || query.includes("\n") || query.length > 200) return [];
  const levels = [
    ({ wordings }) => wordings.some(wording => ` ${wording} `.includes(` ${phrase} `)),
    ({ wordings }) => wordings.some(wording => words.every(word => wording.includes(word))),
    ({ text }) => words.every(word => text.includes(word)),
  ];
  for (const fits of levels) {
    const found = [...entries].filter(([, entry]) => fits(entry)).map(([id]) => id);
    if (found.length) return found;
  }
  return [];
}

function draw(query, findings) {
  const lines = query.split(/\r\n|\r|\n/), rows = new Map();
  for (const { line, entries: names } of findings) {
    const row = rows.get(line) ?? { line, names: [], unknown: false };
    rows.set(line, { line, names: [...new Set([...row.names, ...names])], unknown: row.unknown || !names.length });
  }
  const seen = new Set(); // a log says the same thousands of times
  const different = [...rows.values()].filter(({ line, names, unknown }) => {
    const key = `${names} ${unknown ? lines[line - 1] : ""}`;
    return !seen.has(key) && seen.add(key);
  });
  const items = (lines.length > 1 ? different : []).slice(0, LISTED).map(row => item(row, lines[row.line - 1].trim()));
  if (items.length < different.length && items.length) {
    const textContent = said.more.replace("{}", different.length - items.length);
    items.push(Object.assign(document.createElement("li"), { textContent }));
  }
  list.replaceChildren(...items);
  list.hidden = !items.length;
}

function item({ line, names, unknown }, text) {
  const drawn = document.createElement("li"), code = document.createElement("code");
  code.textContent = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  drawn.append(`${said.line.replace("{}", line)} `, code, " → ");
  const parts = names.map(name => {
    const { heading } = entries.get(idOf(name));
    const title = [...heading.childNodes].filter(node => !node.classList?.contains("headerlink"));
    const textContent = title.map(node => node.textContent).join("").trim();
    return Object.assign(document.createElement("a"), { href: `#${heading.id}`, textContent });
  });
  if (unknown) parts.push(said.unknown);
  drawn.append(...parts.flatMap((part, number) => number ? [" · ", part] : [part]));
  return drawn;
}

function show(query) {
  const findings = query ? finder.find(query).findings : [];
  const exact = [...new Set(findings.flatMap(({ entries: names }) => names.map(idOf)))];
  const loose = query && !exact.length ? byKeyword(query) : [];
  const found = exact.length ? exact : loose.slice(0, MOST);
  for (const [id, { element }] of entries) element.hidden = Boolean(query) && !found.includes(id);
  for (const { parts, replies } of sections) {
    const empty = replies.every(reply => reply.hidden);
    for (const part of parts) part.hidden = empty;
  }
  for (const part of between) part.hidden = Boolean(query);
  draw(query, exact.length || !loose.length ? findings : []);
  const text = !query ? said.all : loose.length > MOST ? said.best
    : found.length > 1 ? said.many : found.length ? said.one : said.none;
  status.textContent = text.replace("{}", query ? Math.max(loose.length, found.length) : entries.size);
  remember(query);
}

// In the address as ?reply=, since ?q= is the search of the whole site; a log and what may be a secret stay out.
function remember(query) {
  const address = new URL(location.href);
  const shared = query && query.length <= 200 && !query.includes("\n")
    && !/\bPASS\b|\bAUTH\b|Bearer|pass(word|wd)?\s*[=:]|[A-Za-z0-9+\/_-]{24,}/i.test(query);
  shared ? address.searchParams.set("reply", query) : address.searchParams.delete("reply");
  history.replaceState(history.state, "", address);
}

function reach() { // a link to an entry that is hidden
  const target = document.getElementById(location.hash.slice(1));
  if (target?.closest(".reply[hidden]")) {
    show(box.value = "");
    target.scrollIntoView();
  }
}

let waiting = 0;
box.addEventListener("input", event => {
  clearTimeout(waiting);
  // After pasting, the reader looks for the answer: on a phone the answer would begin under the edge of the screen.
  if (event.inputType === "insertFromPaste") requestAnimationFrame(() => label.scrollIntoView());
  const look = () => show(box.value.trim());
  if (box.value.length > SLOW) waiting = setTimeout(look, 200); // so that typing in a long log does not stick
  else look();
});
addEventListener("hashchange", reach);
box.value = new URLSearchParams(location.search).get("reply") ?? "";
show(box.value.trim());
reach();
