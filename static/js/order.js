// Objectives in a new order by dragging; the buttons beside them do the same without a pointer.
(() => {
  const form = document.querySelector("form[data-sort]");
  if (!form) return;
  let dragged = null;
  const cards = () => [...document.querySelectorAll("[draggable][data-id]")];
  const save = () => {
    form.querySelectorAll("[name=id]").forEach((field) => field.remove());
    for (const card of cards()) {
      const field = form.appendChild(document.createElement("input"));
      Object.assign(field, { type: "hidden", name: "id", value: card.dataset.id });
    }
    htmx.ajax("POST", form.action, { source: form, swap: "none" });
  };
  document.addEventListener("dragstart", (e) => {
    dragged = e.target.closest?.("[draggable][data-id]") || null;
    if (dragged) e.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (e) => {
    const over = dragged && e.target.closest?.("[draggable][data-id]");
    if (!over) return;
    e.preventDefault();
    if (over === dragged) return;
    const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
    over.parentNode.insertBefore(dragged, e.clientY < middle ? over : over.nextSibling);
  });
  document.addEventListener("drop", (e) => dragged && e.preventDefault());
  document.addEventListener("dragend", () => { if (dragged) save(); dragged = null; });
})();
