/**
 * Native dialogs: `data-dialog-open="ID"` opens one, `data-dialog-close` inside closes it.
 * The browser keeps the focus inside and gives it back; Escape closes.
 */

/** Connects all openers and closers of the page, also those that htmx brings later. */
export function connectDialogs() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const opener = /** @type {HTMLElement | null} */ (target.closest("[data-dialog-open]"));
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialogOpen ?? "");
      if (dialog instanceof HTMLDialogElement) {
        event.preventDefault();
        dialog.showModal();
      }
      return;
    }
    const closer = target.closest("[data-dialog-close]");
    if (closer) closer.closest("dialog")?.close();
    // A click on the backdrop has the dialog itself as its target.
    if (target instanceof HTMLDialogElement && isOutside(target, event)) target.close();
  });
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {MouseEvent} event
 * @returns {boolean}
 */
function isOutside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return (
    event.clientX < box.left ||
    event.clientX > box.right ||
    event.clientY < box.top ||
    event.clientY > box.bottom
  );
}
