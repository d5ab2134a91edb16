/** The agent's state, since when, what they have in hand and how many wait. */
import { asTimer } from "../call/clock.js";
import { all, one, say } from "../call/dom.js";
import { many, t } from "../call/i18n.js";

/** @typedef {import("./messages.js").Desk} Desk */

export class Bar {
  #root = one("[data-desk]");
  /** @type {Desk | null} */
  #desk = null;
  #clock;
  #wasLost = false;
  #wentOffline = false;

  /** @param {import("../call/clock.js").ServerClock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /** @param {boolean} isConnected */
  connected(isConnected) {
    this.#root.dataset.connected = isConnected ? "yes" : "no";
    this.#wasLost ||= !isConnected;
    say("[data-desk-note]", isConnected ? "" : t("away"), this.#root);
  }

  /** @param {Desk} desk */
  show(desk) {
    const before = this.#desk;
    this.#desk = desk;
    this.#root.dataset.state = desk.state;
    const isLater = desk.state === "busy" && desk.wanted !== "available";
    const later = t("after_this", { state: t(`state_${desk.wanted}`) });
    say("[data-desk-state]", t(`state_${desk.state}`), this.#root);
    this.#noteReturn(before, desk);
    say("[data-desk-note]", this.#wentOffline ? t("went_offline") : isLater ? later : "", this.#root);
    for (const button of all("[data-desk-choose] button", this.#root)) {
      const chosen = /** @type {HTMLButtonElement} */ (button).value === desk.wanted;
      button.setAttribute("aria-pressed", String(chosen));
    }
    const waiting = desk.line.reduce((sum, { waiting: count }) => sum + count, 0);
    say("[data-desk-line]", waiting ? many("in_line", waiting) : t("in_line_none"), this.#root);
    const { length } = desk.talks;
    say("[data-desk-talks]", length ? `${many("talks", length)} ·` : "", this.#root);
    if (before && before.revision + before.talks.length !== desk.revision + length) changed();
    this.tick();
  }

  /**
   * Who was away for long does not ring any more, which nobody chose.
   * @param {Desk | null} before
   * @param {Desk} desk
   */
  #noteReturn(before, desk) {
    if (desk.wanted !== "offline") this.#wentOffline = false;
    else if (this.#wasLost && before && before.wanted !== "offline") this.#wentOffline = true;
    this.#wasLost = false;
  }

  /** Once a second. */
  tick() {
    if (!this.#desk) return;
    const work = this.#desk.talks.find((talk) => talk.wraps_up_until);
    const left = work?.wraps_up_until
      ? Math.max(0, (Date.parse(work.wraps_up_until) - this.#clock.now()) / 1000)
      : null;
    const text = left === null
      ? asTimer(this.#clock.since(this.#desk.since))
      : t("wraps_up", { timer: asTimer(left) });
    say("[data-desk-since]", text, this.#root);
  }
}

/** Lists of the page look different now. */
function changed() {
  document.body.dispatchEvent(new CustomEvent("desk:changed"));
}
