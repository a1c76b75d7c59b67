// An answer to a form was made from what stood in it when it was asked: what was typed since stays.
// Requests of a draft's part that an answer replaces end with it: their answers had no place any more.
(() => {
  const body = document.body;
  const asked = new Map(); // a request under way -> who sent it, and what the fields said then
  let typed = [];

  const says = (field) => (field.type === "checkbox" ? field.checked : field.value);
  const fields = (root) => root.querySelectorAll("input[id], textarea[id], select[id]");
  body.addEventListener("htmx:beforeSend", ({ detail: { xhr, elt } }) => {
    const form = elt.closest("form");
    if (!form) return;
    asked.set(xhr, { elt, said: new Map(Array.from(fields(form), (one) => [one.id, says(one)])) });
    xhr.addEventListener("loadend", () => asked.delete(xhr));
  });
  body.addEventListener("htmx:beforeSwap", ({ detail: { xhr, target } }) => {
    const said = asked.get(xhr)?.said;
    if (!said) return;
    for (const [other, { elt }] of asked) {
      if (other !== xhr && target.contains(elt) && elt.closest("form:has(#writing-check)")) other.abort();
    }
    typed = Array.from(fields(target))
      .filter((one) => said.has(one.id) && said.get(one.id) !== says(one))
      .map((one) => ({ id: one.id, now: says(one), at: [one.selectionStart, one.selectionEnd] }));
  });
  // Not before it has settled: until then nobody listens to the new fields.
  body.addEventListener("htmx:afterSettle", () => {
    for (const { id, now, at } of typed.splice(0)) {
      const field = document.getElementById(id);
      if (!field) continue;
      field[field.type === "checkbox" ? "checked" : "value"] = now;
      if (field === document.activeElement && at[0] !== null) field.setSelectionRange?.(...at);
      // The hints, and the fields of another kind, are asked for again.
      for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
    }
  });
})();
