/** A button that copies a text of the page: data-copy="ID". */
import { showToast } from "./toast.js";

/** Connects every such button. */
export function connectCopyButtons() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => void copy(/** @type {HTMLElement} */ (button)));
  }
}

/** @param {HTMLElement} button */
async function copy(button) {
  const source = document.getElementById(button.dataset.copy ?? "");
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent ?? "");
    showToast(button.dataset.copied ?? "", "success");
  } catch {
    // Without the right to write there, the text is marked, to be copied by hand.
    getSelection()?.selectAllChildren(source);
  }
}
