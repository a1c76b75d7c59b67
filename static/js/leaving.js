// Forms that save by themselves a moment after a change: who leaves before that loses nothing.
// An entry sent twice changes nothing.
(() => {
  const isChanged = (field) => {
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    return field.type !== "hidden" && field.value !== field.defaultValue;
  };
  addEventListener("beforeunload", () => {
    const fields = document.querySelectorAll("input, textarea");
    const changed = [...fields].filter((field) => field.form?.matches("[hx-trigger*='change']") && isChanged(field));
    for (const form of new Set(changed.map((field) => field.form))) {
      fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true, headers: { "HX-Request": "true" } });
    }
  });
})();
