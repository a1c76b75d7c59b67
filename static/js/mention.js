// Somebody to mention: an @ and two letters offer the people who may read what is written here.
(() => {
  const AT = /(?<![\p{L}\p{N}_.@])@([\p{L}\p{N}_][^@\n]{1,60})$/u;
  const PAUSE = 80; // ms without a key before names are asked for
  const fields = "[data-mention]";
  const said = document.body.appendChild(document.createElement("p"));
  let open = null; // while names are shown: { field, list, options, at, from, to }
  let done = null; // { field, from, word } of who was taken, or nobody is: no longer word is asked for
  let asked = null;
  said.className = "vh";
  said.setAttribute("role", "status");

  const dress = (field) => {
    field.autocomplete = "off";
    field.setAttribute("aria-autocomplete", "list");
    if (field.tagName === "INPUT") { field.setAttribute("role", "combobox"); field.setAttribute("aria-expanded", "false"); }
  };
  const close = () => {
    asked?.abort();
    if (!open) return;
    const { field, list } = open;
    open = null;
    list.remove();
    said.textContent = "";
    field.removeAttribute("aria-activedescendant");
    field.removeAttribute("aria-controls");
    if (field.ariaExpanded) field.ariaExpanded = "false";
  };
  const choose = (at) => {
    const { field, options } = open;
    open.at = (at + options.length) % options.length;
    options.forEach((one, n) => (one.ariaSelected = String(n === open.at)));
    field.setAttribute("aria-activedescendant", options[open.at].id);
    options[open.at].scrollIntoView({ block: "nearest" });
  };
  const show = (field, from, markup) => {
    close();
    const place = field.closest(".field") || field.parentElement;
    place.insertAdjacentHTML("beforeend", markup);
    const list = place.lastElementChild;
    const options = [...list.children];
    if (!options.length) return list.remove();
    open = { field, list, options, at: 0, from, to: field.selectionStart };
    field.setAttribute("aria-controls", list.id);
    if (field.ariaExpanded) field.ariaExpanded = "true";
    said.textContent = `${options.length === 1 ? "1 person" : `${options.length} people`}. Arrow keys choose, Enter takes, Escape closes.`;
    choose(0);
    return undefined;
  };
  const take = (option) => {
    const { field, from, to } = open;
    const name = option.textContent;
    done = { field, from, word: name };
    close();
    field.setSelectionRange(from, to);
    // As if it was typed: it can be undone, and leaving the field tells that it changed.
    document.execCommand("insertText", false, `@${name}${/^\s/.test(field.value.slice(to)) ? "" : " "}`);
  };
  const ask = async (field) => {
    if (document.activeElement !== field) return;
    const caret = field.selectionStart;
    const found = caret === field.selectionEnd && AT.exec(field.value.slice(0, caret));
    close();
    if (!found || found[1].endsWith(" ")) return;
    const { index: from, 1: word } = found;
    if (done?.field === field && done.from === from && word.startsWith(done.word)) return;
    const mine = (asked = new AbortController());
    await new Promise((then) => setTimeout(then, PAUSE));
    if (mine.signal.aborted) return;
    const address = new URL(field.closest("[data-people]").dataset.people, location);
    address.searchParams.set("at", word);
    try {
      const answer = await fetch(address, { signal: mine.signal, headers: { "HX-Request": "true" } });
      const markup = answer.ok && !answer.redirected ? await answer.text() : "";
      if (mine !== asked || document.activeElement !== field) return;
      if (markup) show(field, from, markup.trim());
      done = open ? null : { field, from, word };
    } catch { /* names that do not come are no loss */ }
  };

  document.addEventListener("htmx:load", ({ detail: { elt } }) => elt.querySelectorAll(fields).forEach(dress));
  document.addEventListener("input", (e) => e.target.matches(fields) && !e.isComposing && ask(e.target));
  document.addEventListener("focusout", (e) => e.target === open?.field && close());
  // Before the page hears of a key: while names are shown, Enter saves nothing and Escape cancels nothing.
  document.addEventListener("keydown", (e) => {
    if (!open || e.target !== open.field || e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
    const act = {
      ArrowDown: () => choose(open.at + 1),
      ArrowUp: () => choose(open.at - 1),
      Enter: () => take(open.options[open.at]),
      Escape: () => { done = { field: open.field, from: open.from, word: "" }; close(); },
    };
    if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(e.key)) return close();
    if (!Object.hasOwn(act, e.key)) return;
    e.preventDefault();
    e.stopPropagation();
    act[e.key]();
  }, true);
  document.addEventListener("mousedown", (e) => e.target.closest?.("#people") && e.preventDefault());
  document.addEventListener("click", (e) => {
    const option = open && e.target.closest("#people [role=option]");
    if (option) take(option);
  });
})();
