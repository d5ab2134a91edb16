/** Short messages in a corner: those that the server wrote into the page, and those of scripts. */

const STAY_MS = 7000;

/** @typedef {"info" | "success" | "warning" | "danger"} Tone */

/** @param {HTMLElement} toast */
function connect(toast) {
  toast.querySelector("[data-toast-close]")?.addEventListener("click", () => toast.remove());
  if (toast.dataset.toast === "stays") return;
  let timer = setTimeout(() => toast.remove(), STAY_MS);
  // Nothing goes away while somebody is reading it or has the focus in it (WCAG 2.2.1).
  for (const event of ["pointerenter", "focusin"]) {
    toast.addEventListener(event, () => clearTimeout(timer));
  }
  for (const event of ["pointerleave", "focusout"]) {
    toast.addEventListener(event, () => {
      clearTimeout(timer);
      timer = setTimeout(() => toast.remove(), STAY_MS);
    });
  }
}

/** Connects the toasts that came with the page. */
export function connectToasts() {
  for (const toast of document.querySelectorAll("[data-toast]")) {
    connect(/** @type {HTMLElement} */ (toast));
  }
}

/**
 * Shows a message; warnings and failures stay until they are closed.
 * @param {string} text already in the reader's language
 * @param {Tone} [tone]
 */
export function showToast(text, tone = "info") {
  const place = document.querySelector("[data-toasts]");
  const pattern = /** @type {HTMLTemplateElement | null} */ (
    document.querySelector("template[data-toast-pattern]")
  );
  if (!place || !pattern) return;
  const copy = /** @type {DocumentFragment} */ (pattern.content.cloneNode(true));
  const toast = /** @type {HTMLElement} */ (copy.firstElementChild);
  toast.classList.add(`toast--${tone}`);
  toast.dataset.toast = tone === "warning" || tone === "danger" ? "stays" : "leaves";
  const words = toast.querySelector(".toast__text");
  if (words) words.textContent = text;
  place.append(toast);
  connect(toast);
}
