// Cells that are copied in Excel and pasted into a cell of the grid fill the cells to the right and
// below. Without this script they are pasted as lines into the field under the grid.
"use strict";

document.querySelector(".grid-of-months")?.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text");
  const first = event.target.closest("td");
  if (first === null || !/[\t\n]/.test(text.trim())) {
    return;
  }
  event.preventDefault();
  let row = first.parentElement;
  for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/)) {
    line.split("\t").forEach((value, number) => {
      const input = row?.children[first.cellIndex + number]?.querySelector("input");
      if (input) {
        input.value = value.trim();
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    row = row?.nextElementSibling;
  }
});
