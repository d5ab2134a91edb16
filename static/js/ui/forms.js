/** What every form gets: focus on its errors, no second send, a password that can be shown. */

/** Moves the focus to the error summary, so that a screen reader starts there. */
function focusErrors() {
  const summary = /** @type {HTMLElement | null} */ (document.querySelector("[data-error-summary]"));
  summary?.focus();
}

/** @param {SubmitEvent} event */
function refuseSecondSend(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method === "dialog" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
}

/** The page may come back from the history cache with its form still marked as sent. */
function forgetSends() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete (/** @type {HTMLElement} */ (form).dataset.sent);
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
}

/** @param {MouseEvent} event */
function revealPassword(event) {
  const target = /** @type {Element} */ (event.target);
  const button = /** @type {HTMLElement | null} */ (target.closest("[data-reveal]"));
  const input = button && document.getElementById(button.dataset.reveal ?? "");
  if (!button || !(input instanceof HTMLInputElement)) return;
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  for (const icon of button.querySelectorAll("[data-when]")) {
    const when = /** @type {SVGElement} */ (icon).dataset.when;
    icon.toggleAttribute("hidden", when !== (shown ? "shown" : "hidden"));
  }
}

/** Connects all forms of the page. A form with `data-many-sends` may be sent again. */
export function connectForms() {
  focusErrors();
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.matches("[data-many-sends], [hx-post], [hx-get]")) refuseSecondSend(event);
  });
  document.addEventListener("click", revealPassword);
  document.addEventListener("change", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.matches("[data-send-on-change]")) target.closest("form")?.requestSubmit();
  });
  window.addEventListener("pageshow", forgetSends);
}
