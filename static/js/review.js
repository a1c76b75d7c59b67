// Two people in one review: entries of others are put in only where nobody is typing here.
(() => {
  const body = document.body;
  const text = "input:not([type=radio], [type=checkbox], [type=hidden]), textarea, select";
  let isBehind = false;

  const isChanged = (field) => {
    if (field.type === "hidden") return false;
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    return field.selectedIndex !== Math.max(0, [...field.options].findIndex((o) => o.defaultSelected));
  };
  const isInUse = (piece) => {
    const at = document.activeElement;
    if (piece.dataset.state === "edit" || piece.querySelector(".htmx-request")) return true;
    if (piece.contains(at) && at.matches(text)) return true;
    return [...piece.querySelectorAll("input, textarea, select")].some(isChanged);
  };
  body.addEventListener("htmx:oobBeforeSwap", (e) => {
    const { target, fragment } = e.detail;
    const fresh = fragment.firstElementChild || fragment;
    if (fresh.dataset?.tag && fresh.dataset.tag === target.dataset.tag) e.detail.shouldSwap = false;
    else if (isInUse(target)) {
      e.detail.shouldSwap = false;
      isBehind = true;
    }
  });
  // A piece that was left alone is asked for again: the next question names no state it knows.
  body.addEventListener("htmx:configRequest", (e) => {
    if (e.detail.elt.id !== "review-pulse") return;
    if (isBehind) delete e.detail.headers["If-None-Match"];
    isBehind = false;
  });
  // A question that got no answer is asked again by itself: no reason to disturb anybody.
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, (e) => e.detail.elt.id === "review-pulse" && e.stopPropagation(), true);
  }
})();
