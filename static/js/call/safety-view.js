/** The dialog in which two people compare their safety code. */
import { copyOf, dialog, one, say, show } from "./dom.js";
import { t } from "./i18n.js";
import { fingerprintsOf, safetyCode } from "./safety.js";

/** @typedef {import("./app.js").App} App */

export class SafetyView {
  #app;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    safety: async () => {
      await this.#fill();
      dialog("safety")?.showModal();
    },
  };

  async #fill() {
    const { quality, session } = this.#app;
    const rows = await Promise.all(session.mesh.remotes.map(async ({ leg, name }) => {
      const pc = quality.connectionTo(leg);
      const marks = pc && (await fingerprintsOf(pc));
      const row = copyOf("[data-safety-pattern]");
      say("[data-safety-with]", t("safety_with", { name: name || t("supervisor") }), row);
      say("[data-safety-code]", marks ? await safetyCode(...marks) : t("safety_later"), row);
      return row;
    }));
    one("[data-safety-codes]").replaceChildren(...rows);
    show("[data-safety-nobody]", rows.length === 0);
  }
}
