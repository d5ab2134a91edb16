/** Handing a contact on: the dialog with who is there, and the colleague who is asked in. */
import { post } from "../desk/post.js";
import { showToast } from "../ui/toast.js";
import { dialog, one, say, show } from "./dom.js";
import { isHeld } from "./held.js";
import { t } from "./i18n.js";
import { othersIn } from "./queries.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("../desk/messages.js").Consult} Consult */

export class Transfer {
  #app;
  #dialog = /** @type {HTMLDialogElement} */ (dialog("transfer"));
  /** @type {Consult | null} */
  #consult = null;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
    document.body.addEventListener("desk:told", (event) => {
      const { talks } = /** @type {CustomEvent<import("../desk/messages.js").Desk>} */ (event).detail;
      const talk = talks.find(({ entry }) => entry === this.#dialog.dataset.entry);
      this.#told(talk?.consult ?? null);
    });
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    transfer: () => this.#open(),
    consult: (button) => this.#ask(button),
    "consult-stop": () => this.#send("consultStop"),
    "all-together": () => this.#takeOffHold(),
    "hand-over": () => this.#leave("handOver", { agent: this.#consult?.colleague ?? "" }),
    "send-on": (button) => {
      const { agent = "", queue = "" } = button.dataset;
      return this.#leave("sendOn", { agent, queue, note: this.#note });
    },
  };

  get #note() {
    const field = /** @type {HTMLInputElement | null} */ (this.#dialog.querySelector("[name=note]"));
    return field?.value ?? "";
  }

  async #open() {
    this.#dialog.showModal();
    const place = one("[data-transfer-targets]", this.#dialog);
    try {
      const answer = await fetch(this.#dialog.dataset.transfer ?? "");
      if (!answer.ok) throw new Error(String(answer.status));
      place.innerHTML = await answer.text(); // rendered and escaped by this server
      one("[name=note]", place).focus();
    } catch {
      say("p", t("error_unavailable"), place);
    }
  }

  /** The person hears and sees both of them. */
  async #takeOffHold() {
    const { session, commands } = this.#app;
    for (const person of othersIn(session.view, session.me)) {
      if (isHeld(session.view, person.id)) await commands.send("resume", { participant: person.id });
    }
  }

  /** @param {HTMLElement} button */
  async #ask(button) {
    const fields = { agent: button.dataset.agent ?? "", note: this.#note };
    if (await this.#send("consult", fields)) this.#dialog.close();
  }

  /**
   * Out of the call at once: whoever is handed on must not hear how.
   * @param {string} what
   * @param {Record<string, string>} fields
   */
  async #leave(what, fields) {
    const { session } = this.#app;
    session.stepOut();
    const answer = await this.#send(what, fields);
    if (answer) location.assign((await answer.json()).address);
    else session.stepBack();
  }

  /**
   * @param {string} what
   * @param {Record<string, string>} [fields]
   * @returns {Promise<Response | null>} null if it was refused, which is told
   */
  async #send(what, fields = {}) {
    try {
      const answer = await post(this.#dialog.dataset[what] ?? "", fields);
      if (answer.ok) return answer;
      showToast(answer.status === 409 ? await answer.text() : t("error_other"), "warning");
    } catch {
      showToast(t("error_unavailable"), "danger");
    }
    return null;
  }

  /** @param {Consult | null} consult */
  #told(consult) {
    const before = this.#consult;
    this.#consult = consult;
    const state = consult?.state ?? "";
    show('[data-notice="consult"]', state === "ringing" || state === "accepted");
    show('[data-action="consult-stop"]', state === "ringing");
    show('[data-action="hand-over"], [data-action="all-together"]', state === "accepted");
    if (!consult) return;
    say("[data-consult-text]", t(`consult_${state}`, { name: consult.name }));
    if (before?.state === "ringing" && (state === "declined" || state === "missed")) {
      showToast(t(`consult_${state}`, { name: consult.name }), "warning");
    }
  }
}
