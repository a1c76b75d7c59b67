// A list is chosen from by typing how a name begins. The page hears of the choice when the typing
// pauses or goes on elsewhere: an answer that brings the list anew would end it in the middle.
(() => {
  const PAUSE = 700; // ms; browsers take letters within a second for one word
  let held = null;
  let timer = 0;
  let typedAt = 0;

  const tell = () => {
    const list = held;
    held = null;
    clearTimeout(timer);
    list?.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(tell, PAUSE);
  };
  document.addEventListener("keydown", (e) => {
    if (!e.target.matches("select") || e.key.length !== 1 || e.ctrlKey || e.metaKey || e.altKey) return;
    typedAt = Date.now();
    if (held) wait();
  }, true);
  document.addEventListener("change", (e) => {
    if (!e.isTrusted || !e.target.matches("select") || Date.now() - typedAt > PAUSE) return;
    e.stopImmediatePropagation();
    held = e.target;
    wait();
  }, true);
  document.addEventListener("focusout", tell, true);
})();
