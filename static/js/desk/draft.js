/** What somebody writes stays in this tab until it is sent: leaving the page costs no word. */

export class Draft {
  #field;
  #key = `draft:${location.pathname}`;

  /** @param {HTMLTextAreaElement} field in its form */
  constructor(field) {
    this.#field = field;
    // After a refusal the server gives back what was sent.
    field.value ||= sessionStorage.getItem(this.#key) ?? "";
    field.addEventListener("input", () => this.keep());
    field.form?.addEventListener("submit", () => sessionStorage.removeItem(this.#key));
  }

  keep() {
    sessionStorage.setItem(this.#key, this.#field.value);
  }
}
