// A team under another one by dragging its “Move”; the same link, pressed, opens the form instead.
(() => {
  const FAR = 6; // px after which a press is a drag
  const EDGE = 56; // px from the edge of the window in which it scrolls
  let held = null;
  const top = () => document.getElementById("tree-top");
  const depth = (row) => Number(row.querySelector("[data-steps]")?.dataset.steps);
  // A team and those below it, which follow it: it cannot stand under any of them.
  const branch = (row) => {
    const found = new Set([row]);
    for (let next = row.nextElementSibling; next && depth(next) > depth(row); next = next.nextElementSibling) found.add(next);
    return found;
  };
  const REFUSED = "A team cannot stand under itself or under one below it.";
  const name = (row) => row.querySelector("th a").textContent;
  const mark = (place) => {
    const below = Boolean(place && place !== held.row && held.branch.has(place));
    if (below || place === held.row) place = null;
    if (held.over === place && held.below === below) return;
    held.below = below;
    if (held.over) delete held.over.dataset.drop;
    held.over = place;
    if (place) place.dataset.drop = "";
    held.note.textContent = held.below ? REFUSED : !place ? held.name : place === top() ? `${held.name} at the top` : `${held.name} under ${name(place)}`;
  };
  const look = () => {
    const place = document.elementFromPoint(held.x, held.y)?.closest("#tree-top, #tree tbody tr");
    mark(place || null);
    const most = innerWidth - held.note.offsetWidth;
    held.note.style.translate = `${Math.max(0, Math.min(held.x + 12, most))}px ${Math.max(0, held.y - 56)}px`;
  };
  const scroll = () => {
    if (!held?.note) return;
    const step = held.over === top() ? 0 : held.y < EDGE ? -12 : held.y > innerHeight - EDGE ? 12 : 0;
    if (step) { scrollBy(0, step); look(); }
    requestAnimationFrame(scroll);
  };
  const begin = () => {
    held.branch = branch(held.row);
    held.name = name(held.row);
    held.note = document.body.appendChild(document.createElement("p"));
    held.note.className = "toast treenote";
    held.link.setPointerCapture(held.id);
    held.row.dataset.drag = "";
    top().hidden = depth(held.row) === 0;
    requestAnimationFrame(scroll);
  };
  const end = (place) => {
    if (held?.note) {
      const { link, row, note, over, below } = held;
      const parent = over === top() ? "" : over?.id.slice("team-".length);
      mark(null);
      note.remove();
      delete row.dataset.drag;
      top().hidden = true;
      // The press that ends a drag is no click on the link.
      const swallow = (e) => { e.preventDefault(); e.stopPropagation(); };
      addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", swallow, { capture: true }));
      if (place && over) htmx.ajax("POST", link.href, { source: link, target: "#tree", swap: "outerHTML", values: { parent } });
      else if (place && below) document.body.dispatchEvent(new CustomEvent("toast", { detail: { text: REFUSED, tone: "off" } }));
    }
    held = null;
  };
  document.addEventListener("pointerdown", (e) => {
    const link = e.isPrimary && e.button === 0 && e.target.closest("a[data-move]");
    if (link) held = { link, row: link.closest("tr"), id: e.pointerId, from: [e.clientX, e.clientY], over: null };
  });
  document.addEventListener("pointermove", (e) => {
    if (!held || e.pointerId !== held.id) return;
    [held.x, held.y] = [e.clientX, e.clientY];
    if (!held.note && Math.hypot(held.x - held.from[0], held.y - held.from[1]) > FAR) begin();
    if (held.note) look();
  });
  document.addEventListener("pointerup", (e) => e.pointerId === held?.id && end(true));
  document.addEventListener("pointercancel", () => end(false));
  document.addEventListener("keydown", (e) => e.key === "Escape" && end(false));
  document.addEventListener("dragstart", (e) => e.target.closest?.("a[data-move]") && e.preventDefault());
})();
