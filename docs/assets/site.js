// What is wider than its place can be reached by keyboard, and then be scrolled with the arrow keys.
function reachable() {
  for (const part of document.querySelectorAll(".md-typeset :is(.md-typeset__scrollwrap, .nb-output)")) {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}
addEventListener("load", reachable);
addEventListener("resize", reachable);

// A page that has moved (overrides/moved.html) leads on, and takes the fragment along.
const moved = document.querySelector('link[rel="moved"]');
if (moved) location.replace(moved.href + location.hash);

// What an address names may be folded away; some browsers do not open it themselves.
function unfold() {
  const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folds = [];
  for (let fold = named && named.closest("details"); fold; fold = fold.parentElement.closest("details")) folds.push(fold);
  if (folds.every((fold) => fold.open)) return;
  for (const fold of folds) fold.open = true;
  named.scrollIntoView();
}
addEventListener("load", unfold);
addEventListener("hashchange", unfold);

// What a term means is the title of its link (website/build/terms.py). It opens on hover, on focus and at the first
// tap; a second tap follows the link. Escape closes it. The title comes back then, for screen readers.
const tip = document.createElement("div");
tip.id = tip.className = "term-tip";
tip.setAttribute("role", "tooltip");
let term = null;
let leaving = 0;
let tapped = null; // the link under a finger, if its meaning was not open yet
const termOf = (event) => event.target.closest && event.target.closest("a.term");

function explain(link) {
  clearTimeout(leaving);
  if (link === term) return;
  conceal();
  term = link;
  tip.textContent = link.title;
  link.removeAttribute("title"); // the browser would show it, too
  link.setAttribute("aria-describedby", tip.id);
  document.body.append(tip);
  const [line] = link.getClientRects();
  const below = line.bottom + tip.offsetHeight < innerHeight;
  // Within the text, because beside it are links that it would cover in part.
  const room = link.closest("article").getBoundingClientRect().right - tip.offsetWidth;
  tip.style.left = `${scrollX + Math.max(8, Math.min(line.left, room))}px`;
  tip.style.top = `${scrollY + (below ? line.bottom : line.top - tip.offsetHeight)}px`;
}
function conceal() {
  clearTimeout(leaving);
  if (!term) return;
  term.title = tip.textContent;
  term.removeAttribute("aria-describedby");
  term = null;
  tip.remove();
}
document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const link = termOf(event);
  if (link) explain(link);
  else if (tip.contains(event.target)) clearTimeout(leaving);
  else if (term && term !== document.activeElement) {
    clearTimeout(leaving);
    leaving = setTimeout(conceal, 200); // time to reach the tooltip, which can be read with a magnifier, too
  }
});
document.addEventListener("pointerdown", (event) => {
  const link = termOf(event);
  tapped = event.pointerType === "touch" && link !== term ? link : null;
  if (!link && !tip.contains(event.target)) conceal();
});
document.addEventListener("click", (event) => {
  if (tapped && tapped === termOf(event)) {
    event.preventDefault();
    explain(tapped);
  }
  tapped = null;
});
document.addEventListener("focusin", (event) => termOf(event) && explain(termOf(event)));
document.addEventListener("focusout", (event) => termOf(event) && conceal());
document.addEventListener("keydown", (event) => event.key === "Escape" && conceal());
