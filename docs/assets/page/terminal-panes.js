// Draws what an answer of the terminal's model holds: the dialogue, the wire, the mailbox.

/** Make an element; `hidden: ""` and the like are attributes. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const number = (value) => value.toLocaleString(document.documentElement.lang);
const filled = (text, value) => text.replace("{}", value);

/**
 * Append new lines to the log. Screen readers are told the server's status lines alone: what the reader has
 * typed is known, and a list or a mail would drown everything.
 */
export function drawLines(log, { title, entries }, words) {
  const added = [];
  if (title) added.push(element("p", { class: "terminal-session" }, title));
  for (const entry of entries) {
    const quiet = entry.who !== "S" || !/^(\+|-ERR)/.test(entry.text);
    const line = lineOf(entry, words);
    if (quiet) line.setAttribute("aria-live", "off");
    added.push(line);
  }
  log.append(...added);
  log.scrollTop = log.scrollHeight;
}

function lineOf({ who, text, sentences, content, octets, left }, words) {
  const said = content === undefined ? text : filled(words.mail, number(octets));
  const code = element("code", {}, who ? `${who}: ${said}` : said);
  const shown = who === "C" ? element("span", { class: "client" }, code) : code;
  if (content !== undefined) {
    const mail = element("details", { open: "" }, element("summary", {}, shown), element("pre", {}, content));
    if (left) mail.append(element("p", {}, filled(words.left, number(left))));
    return mail;
  }
  if (!sentences.length) return element("div", {}, shown);
  const told = sentences.map((sentence) => {
    const paragraph = element("p");
    paragraph.innerHTML = sentence; // minipop.wire.explain escapes what comes from the session
    return paragraph;
  });
  return element("details", {}, element("summary", {}, shown), ...told);
}

/** Append what has crossed the wire, and say what an eavesdropper knows by now. */
export function drawWire(place, { title, wire }, words) {
  if (title) place.replaceChildren(element("p", { class: "wire-summary" }), element("div", { class: "wire-lines" }));
  const [summary, lines] = place.children;
  const said = wire.found.length ? filled(words["wire found"], "\u0000") 
    : wire.assumed ? words["wire assumed"] : wire.encrypted ? words["wire encrypted"] : words["wire nothing"];
  const [before, after] = said.split("\u0000");
  summary.replaceChildren(before, ...(after === undefined ? [] : [element("mark", {}, wire.password), after]));
  summary.classList.toggle("found", wire.found.length > 0);
  lines.append(...wire.lines.map((line) => wireLine(line, words)));
  if (wire.left) lines.append(element("div", { class: "wire-more" }, filled(words["wire more"], number(wire.left))));
  place.scrollTop = place.scrollHeight;
}

function wireLine({ who, text, secret, decoded, record, octets, head }, words) {
  const line = element("div", { class: who === "C" ? "client" : "server" });
  if (record !== undefined) {
    line.append(element("code", {}, `${who}: ${head} …`), element("span", {}, ` ${words[`record ${record}`]}, ${filled(words["wire octets"], number(octets))}`));
    return line;
  }
  const at = secret ? text.indexOf(secret) : -1;
  const code = at < 0 ? element("code", {}, `${who}: ${text}`)
    : element("code", {}, `${who}: ${text.slice(0, at)}`, element("mark", {}, secret), text.slice(at + secret.length));
  line.append(code);
  if (decoded) line.append(element("span", {}, ` ${words["wire means"]} `), element("code", {}, element("mark", {}, decoded)));
  return line;
}

/** Draw the mailbox as it is now. */
export function drawMailbox(place, { owner, keeps, folders, gone }, words) {
  const closed = new Set([...place.querySelectorAll("details:not([open])")].map(({ dataset }) => dataset.folder));
  const first = !place.children.length;
  const drawn = folders.map((folder) => folderOf(folder, keeps, words));
  for (const one of drawn) one.open = first ? one.dataset.open === "yes" : !closed.has(one.dataset.folder) || one.querySelector(".changed") !== null;
  place.replaceChildren(element("p", { class: "mailbox-owner" }, owner), ...drawn);
  if (gone) place.append(element("p", { class: "mailbox-gone changed" }, filled(words["mailbox gone"], number(gone))));
  place.querySelector(".changed")?.scrollIntoView({ block: "nearest", container: "nearest" });
}

function folderOf({ name, hidden, inbox, messages }, keeps, words) {
  const title = hidden ? filled(words[`mailbox keeps ${keeps}`], name) : name;
  const about = inbox ? words["mailbox inbox"] : hidden ? words["mailbox hidden"] : "";
  const summary = element("summary", {}, element("strong", {}, title), ` (${messages.length})`);
  if (about) summary.append(element("span", { class: "folder-about" }, ` ${about}`));
  const list = element("ul", {}, ...messages.map((message) => messageOf(message, words)));
  if (!messages.length) list.append(element("li", {}, words["mailbox empty"]));
  const open = inbox || hidden ? "yes" : "no";
  return element("details", { "data-folder": `${hidden} ${name}`, "data-open": open, class: hidden ? "folder hidden-folder" : "folder" }, summary, list);
}

function messageOf({ subject, octets, read, marked, changed }, words) {
  const signs = [["read", read], ["marked", marked], ["changed", changed]].filter(([, is]) => is);
  const item = element("li", { class: signs.map(([name]) => name).join(" ") },
    element("span", { class: "subject" }, subject || "–"), " ",
    element("span", { class: "octets" }, filled(words["wire octets"], number(octets))));
  for (const [name] of signs) item.append(" ", element("span", { class: `sign sign-${name}` }, words[`message ${name}`]));
  return item;
}
