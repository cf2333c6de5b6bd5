"use strict";
// A filter that is not chosen stays out of the address.
for (const form of document.querySelectorAll("form.narrowing")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) field.disabled = field.name !== "" && field.value === "";
  });
  window.addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
}
