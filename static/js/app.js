// Focus after a swap, toasts, lost connections and the keyboard. Everything works without it.
(() => {
  const body = document.body;
  const fields = "input, textarea, select, [contenteditable]";
  const opener = ".row-act a, .row-act button, [data-opener]";
  const region = document.getElementById("toasts");
  let trouble = null;

  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    const use = svg.appendChild(document.createElementNS(svg.namespaceURI, "use"));
    use.setAttribute("href", `${body.dataset.icons}#${name}`);
    return svg;
  };
  // One message in the status region. `stay` keeps it until clear() removes it.
  const toast = ({ text, tone, href, label, act }, stay = false) => {
    const note = document.createElement("p");
    note.className = "toast";
    if (tone) note.dataset.tone = tone;
    note.append(icon(tone === "off" ? "plug-connected-x" : "s-check"));
    note.appendChild(document.createElement("span")).textContent = text;
    if (href || act) {
      const go = note.appendChild(document.createElement(href ? "a" : "button"));
      go.textContent = label || "Undo";
      if (href) go.href = href;
      else go.addEventListener("click", act);
    }
    region.append(note);
    if (!stay) setTimeout(() => note.remove(), 6000);
    return note;
  };
  const clear = () => trouble?.remove();

  body.addEventListener("toast", (e) => toast(e.detail.text ? e.detail : { text: e.detail.value }));

  // A writing hint that does not come is no loss: nothing was to be saved.
  const isHint = (e) => e.detail.target?.matches(".hints, .row-foot p");
  // A request that did not arrive leaves the form as it is and offers to send it again.
  const lost = (e, why) => {
    const { elt, requestConfig } = e.detail;
    if (isHint(e)) return;
    const saving = requestConfig?.verb !== "get";
    const text = saving ? `Not saved: ${why} Your entry is kept here.` : `Not loaded: ${why}`;
    const act = () => { clear(); elt.requestSubmit ? elt.requestSubmit() : elt.click(); };
    clear();
    trouble = toast({ text, tone: "off", label: "Try again", act }, true);
  };
  body.addEventListener("htmx:sendError", (e) => lost(e, "no connection."));
  body.addEventListener("htmx:timeout", (e) => lost(e, "no answer."));
  body.addEventListener("htmx:responseError", (e) => {
    const code = e.detail.xhr.status;
    if (isHint(e)) return;
    if (code >= 500) lost(e, "something went wrong on our side.");
    else if (code === 403) toast({ text: "You can read this, but not change it.", tone: "off" });
    else if (code === 404) toast({ text: "Nothing here, or it is private.", tone: "off" });
    else lost(e, "the answer was not understood.");
  });
  body.addEventListener("htmx:afterRequest", (e) => e.detail.successful && clear());

  // Focus: the first invalid field, the field that asks for it, or the button that opened the row.
  body.addEventListener("htmx:afterSettle", (e) => {
    const root = e.target;
    const field = root.querySelector?.("[aria-invalid='true']") || root.querySelector?.("[autofocus]");
    if (field) {
      // One that has the focus may have been typed in already: selecting again would lose a digit.
      if (document.activeElement !== field) { field.focus(); field.select?.(); }
    } else if (document.activeElement === body) root.querySelector?.(opener)?.focus();
  });
  // A browser may focus it before htmx has settled: what is typed then must replace the value too.
  body.addEventListener("focusin", (e) => e.target.matches("[autofocus]") && e.target.select?.());
  body.addEventListener("row:saved", (e) => {
    const { id, next } = e.detail;
    const then = () => {
      const from = (name) => name && document.getElementById(name)?.querySelector(opener);
      from(next) ? from(next).click() : from(id)?.focus();
    };
    body.addEventListener("htmx:afterSettle", then, { once: true });
  });

  // A browser prints by its menu too; without JavaScript the button stays away.
  document.querySelectorAll("[data-print]").forEach((button) => (button.hidden = false));
  body.addEventListener("click", (e) => e.target.closest("[data-print]") && window.print());

  // Keys. Single letters are off inside fields and when the profile says so (WCAG 2.1.4).
  let leader = 0;
  const move = (step) => {
    const rows = [...document.querySelectorAll("main .row, main tbody tr[id]")];
    const at = rows.indexOf(document.activeElement.closest?.(".row, tr[id]"));
    const row = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))];
    if (!row) return;
    row.tabIndex = -1;
    row.focus();
  };
  const open = (row) => (row?.querySelector(opener) || row?.querySelector("th a, .row-what a"))?.click();
  const single = {
    j: () => move(1), k: () => move(-1), g: () => (leader = Date.now()),
    u: () => open(document.activeElement.closest(".row, tr[id]")),
    "/": () => document.querySelector(".find input")?.focus(),
    "?": () => document.getElementById("keys")?.togglePopover(),
  };
  document.addEventListener("keydown", (e) => {
    const at = e.target;
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) return at.form?.requestSubmit();
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return undefined;
    if (e.key === "Escape") return at.closest(".row[data-state='edit'], tr[data-state='edit'], form.row-edit")?.querySelector(".row-foot a, [data-cancel]")?.click();
    if (e.key === "Enter" && at.matches(".row, tr[id]")) return open(at);
    if (at.closest(fields) || body.dataset.keys === "off") return undefined;
    const key = e.key.toLowerCase();
    const go = Date.now() - leader < 1500 && document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    leader = 0;
    const act = go ? () => go.click() : Object.hasOwn(single, key) && single[key];
    if (!act) return undefined;
    e.preventDefault();
    return act();
  });
})();
