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
