// Puts the pictures of charts into the page, where their marks open lists and say their number.
// Without it each picture is shown, and opens alone; the table below has the same links.
async function place(image) {
  image.loading = "eager"; // as it is hidden from now on
  const answer = await fetch(image.currentSrc);
  const drawn = new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
  const figure = image.closest("figure");
  const svg = drawn.documentElement;
  const title = svg.querySelector("title");
  if (!answer.ok || !title) return;
  svg.setAttribute("aria-label", title.textContent);
  title.remove();
  figure.querySelector("svg")?.remove();
  figure.prepend(document.importNode(svg, true));
}

function choose(link) {
  const measures = new URL(link.href).searchParams.get("measures");
  const figure = link.closest("figure");
  for (const shown of figure.querySelectorAll("source, img")) {
    const name = shown.matches("img") ? "src" : "srcset";
    const url = new URL(shown.getAttribute(name), location);
    url.searchParams.set("measures", measures);
    shown.setAttribute(name, url);
  }
  figure.querySelector("[aria-current]").removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
}

function say(mark) {
  const figure = mark.closest("figure");
  const [around, within] = [mark, figure].map((part) => part.getBoundingClientRect());
  const said = figure.appendChild(document.createElement("span"));
  said.className = "said";
  said.textContent = mark.getAttribute("aria-label");
  const left = around.left + around.width / 2 - within.left - said.offsetWidth / 2;
  said.style.left = `${Math.max(0, Math.min(left, within.width - said.offsetWidth))}px`;
  said.style.top = `${around.top - within.top - said.offsetHeight - 4}px`;
}

for (const figure of document.querySelectorAll("figure.picture")) {
  const image = figure.querySelector("img");
  image.addEventListener("load", () => place(image));
  if (image.complete && image.naturalWidth) place(image);
  figure.addEventListener("click", (event) => {
    const link = event.target.closest("figcaption a");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    choose(link);
  });
  for (const kind of ["pointerover", "focusin", "pointerout", "focusout"]) {
    figure.addEventListener(kind, (event) => {
      figure.querySelector(".said")?.remove();
      const within = event.target.closest("svg a");
      const mark = within?.querySelector("[aria-label]");
      if (mark && !kind.endsWith("out")) say(mark);
    });
  }
}
