// Comfort for the admin: all of it works without this script, too. Fields that complete get names,
// Ctrl+S saves, leaving an unsaved page is asked about, and what was typed outlives a session.
"use strict";

(() => {
  const form = document.querySelector("#content-main form[id$=_form]");

  // --- Names for those who do not see the page ---

  function nameSelections() {
    for (const selection of document.querySelectorAll(".select2-selection")) {
      const select = selection.closest(".select2-container").previousElementSibling;
      const label = select?.labels?.[0]?.textContent.trim() ?? select?.getAttribute("aria-label");
      const shown = selection.querySelector(".select2-selection__rendered");
      if (label === undefined || label === null || shown === null) {
        continue;
      }
      shown.removeAttribute("role");
      shown.removeAttribute("aria-readonly");
      shown.removeAttribute("title");
      selection.removeAttribute("aria-labelledby");
      const chosen = [...(select.selectedOptions ?? [])].map((option) => option.textContent.trim());
      selection.setAttribute("aria-label", [label, ...chosen].join(" ").trim());
      selection.querySelector(".select2-search__field")?.setAttribute("aria-label", label);
    }
    for (const icon of document.querySelectorAll("span.help-tooltip[aria-label]")) {
      icon.setAttribute("role", "img");
    }
  }

  function nameSoon() {
    window.setTimeout(nameSelections);
  }

  window.addEventListener("load", nameSoon);
  document.addEventListener("formset:added", nameSoon);
  window.django?.jQuery?.(document).on("select2:select select2:unselect select2:close", nameSoon);
  window.django?.jQuery?.(document).on("select2:open", (event) => {
    const search = document.querySelector(".select2-container--open .select2-search__field");
    search?.setAttribute("aria-label", event.target.labels?.[0]?.textContent.trim() ?? "");
    search?.focus();
  });

  if (!form) {
    forget();
    return;
  }

  // --- Saving by keys ---

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      const button = form.querySelector("[name=_continue], [name=_save], [type=submit]");
      if (button) {
        event.preventDefault();
        form.requestSubmit(button);
      }
    }
  });

  // --- Mistakes are shown, wherever they stand ---

  for (const list of form.querySelectorAll("details .errorlist")) {
    for (let folded = list.closest("details"); folded; folded = folded.parentElement.closest("details")) {
      folded.open = true;
    }
  }
  document.querySelector(".mistakes")?.focus();

  // --- Leaving without saving ---

  let isTyped = false;
  let isSent = false;
  form.addEventListener("input", () => { isTyped = true; });
  form.addEventListener("change", () => { isTyped = true; });
  window.django?.jQuery?.(form).on("change", () => { isTyped = true; });
  window.addEventListener("beforeunload", (event) => {
    if (isTyped && !isSent) {
      event.preventDefault();
    }
  });

  // --- What was typed is kept until it was saved, for when the session has ended meanwhile ---

  function keep() {
    const typed = [...form.elements]
      .filter((field) => field.name && !["file", "submit", "password"].includes(field.type))
      .filter((field) => !["csrfmiddlewaretoken", "seen_version"].includes(field.name))
      .map((field) => ({
        name: field.name,
        value: field.value,
        checked: field.checked ?? false,
        shown: field.selectedOptions?.[0]?.textContent ?? "",
      }));
    window.sessionStorage.setItem("typed", JSON.stringify({ at: location.href, typed }));
  }

  function forget() {
    // The page to sign in stands between what was typed and the page that it is for
    if (!document.body.classList.contains("login")) {
      window.sessionStorage.removeItem("typed");
    }
  }

  function addRows(typed) {
    for (const { name, value } of typed.filter((each) => each.name.endsWith("-TOTAL_FORMS"))) {
      const total = form.elements[name];
      const more = document.querySelector(`#${name.replace("-TOTAL_FORMS", "-group")} .add-row a`);
      while (total && more && Number(total.value) < Number(value)) {
        more.click();
      }
    }
  }

  function bringBack(typed) {
    addRows(typed);
    for (const { name, value, checked, shown } of typed) {
      const field = form.elements[name];
      if (!(field instanceof Element) || field.type === "hidden") {
        continue;
      }
      if (field.type === "checkbox") {
        field.checked = checked;
      } else if (field.tagName === "SELECT" && value && ![...field.options].some((each) => each.value === value)) {
        field.add(new Option(shown, value, true, true));
      } else {
        field.value = value;
      }
      window.django?.jQuery?.(field).trigger("change");
    }
  }

  form.addEventListener("submit", () => {
    isSent = true;
    keep();
  });
  const kept = JSON.parse(window.sessionStorage.getItem("typed") ?? "null");
  const isAnswered = form.querySelector(".errornote, .mistakes, [data-answered]") !== null;
  forget();
  const wasSaved = document.querySelector(".messagelist .success") !== null;
  if (kept && kept.at === location.href && !isAnswered && !wasSaved) {
    window.addEventListener("load", () => {
      bringBack(kept.typed);
      isTyped = true;
      const told = document.querySelector("[data-kept]");
      if (told) {
        told.hidden = false;
      }
    });
  }
})();
