/** The focus goes to what rings, and back to where it was when that is over. */

export class FocusLoan {
  /** @type {HTMLElement | null} */
  #before = null;

  /** Nobody who is writing, or in a dialog, loses the place.
   * @param {HTMLElement} target */
  take(target) {
    const here = /** @type {HTMLElement | null} */ (document.activeElement);
    if (here?.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (!target.contains(here)) this.#before = here === document.body ? null : here;
    target.focus();
  }

  /** Who has the focus elsewhere meanwhile keeps it.
   * @param {HTMLElement} root what had it */
  giveBack(root) {
    const here = document.activeElement;
    const before = this.#before?.isConnected ? this.#before : document.querySelector("main");
    if (!here || here === document.body || root.contains(here)) before?.focus();
    this.#before = null;
  }
}
