/** What somebody writes stays in this tab until it is sent: leaving the page costs no word. */

const PREFIX = "draft:";

export class Draft {
  #field;
  #key = PREFIX + location.pathname;

  /** @param {HTMLTextAreaElement} field */
  constructor(field) {
    this.#field = field;
    // After a refusal the server gives back what was sent.
    field.value ||= sessionStorage.getItem(this.#key) ?? "";
    if (field.value) this.keep();
    field.addEventListener("input", () => this.keep());
  }

  keep() {
    sessionStorage.setItem(this.#key, this.#field.value);
  }
}

/** The server has what was written. */
export function forgetDrafts() {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  }
}
