// Opens the browser's passkey dialog for the button of a form; allauth's webauthn.js does the rest.
(() => {
  const shown = () => document.getElementById("passkey-error");
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    if (shown()) shown().textContent = shown().dataset.said;
  });
  for (const button of document.querySelectorAll("[data-passkey]")) {
    const kind = button.dataset.passkey;
    const ids = { [kind]: button.id, credential: button.dataset.credential };
    if (kind !== "login") ids.data = "js_data";
    if (button.dataset.passwordless) ids.passwordless = button.dataset.passwordless;
    window.allauth.webauthn.forms[`${kind}Form`]({ ids });
    if (!window.PublicKeyCredential) button.disabled = true;
  }
})();
