// Copies the address of a link instead of following it, where the browser lets a page do so.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.copy");
  if (!link || !navigator.clipboard || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  navigator.clipboard.writeText(link.href).then(
    () => {
      const said = link.textContent;
      link.setAttribute("aria-live", "polite");
      link.textContent = link.dataset.done;
      setTimeout(() => { link.textContent = said; }, 2000);
    },
    () => { location.href = link.href; },
  );
});
