// Suggests rows while a search is typed; Enter searches without this. "/" goes to the box.
const form = document.querySelector("form.search");
const box = form.elements.q;
const list = form.querySelector(".found");
let waiting;

async function suggest(words) {
  const answer = await fetch(`/search?${new URLSearchParams({ q: words })}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!answer.ok || words !== box.value.trim()) return;
  list.replaceChildren();
  for (const block of page.querySelectorAll(".block:has(th a)")) {
    for (const shown of block.querySelectorAll("h2, tbody th a")) {
      list.appendChild(document.createElement("li")).append(shown.href ? shown : shown.textContent);
    }
  }
}

box.addEventListener("input", () => {
  clearTimeout(waiting);
  list.replaceChildren();
  const words = box.value.trim();
  if (words) waiting = setTimeout(suggest, 200, words);
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "/" && !event.target.closest("input, select, textarea")) {
    box.focus();
  } else if (step && form.contains(event.target) && !event.isComposing) {
    const stops = [box, ...list.querySelectorAll("a")];
    stops.at((stops.indexOf(event.target) + step) % stops.length).focus();
  } else {
    if (event.key === "Escape") list.replaceChildren();
    return;
  }
  event.preventDefault();
});

for (const kind of ["focusin", "pointerdown"]) {
  document.addEventListener(kind, (event) => {
    if (!form.contains(event.target)) list.replaceChildren();
  });
}
