/** Which panels stand beside the call: one; where it is wide, the contact's card and another. No DOM. */

/** @typedef {"chat" | "people" | "contact"} Panel */

export class OpenPanels {
  /** @type {Panel[]} the one opened last comes last */
  #open = [];

  /** @returns {Panel | "both" | "none"} */
  get name() {
    return this.#open.length > 1 ? "both" : (this.#open[0] ?? "none");
  }

  /** @returns {Panel | undefined} */
  get last() {
    return this.#open.at(-1);
  }

  /** @param {Panel} panel */
  has(panel) {
    return this.#open.includes(panel);
  }

  /**
   * @param {Panel} panel
   * @param {boolean} isWide there is room for the contact's card and another one
   */
  open(panel, isWide) {
    const stays = this.#open.filter((one) => one !== panel && isWide && (one === "contact" || panel === "contact"));
    this.#open = [...stays, panel];
  }

  /** @param {Panel} panel */
  close(panel) {
    this.#open = this.#open.filter((one) => one !== panel);
  }

  /** There is room for one only: the one opened last. */
  narrow() {
    this.#open = this.#open.slice(-1);
  }
}
