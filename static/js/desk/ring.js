/** An offer that rings: who and why, sound, notice, title, and the two answers. */
import { asTimer } from "../call/clock.js";
import { initials, one, say, show } from "../call/dom.js";
import { t } from "../call/i18n.js";
import { showToast } from "../ui/toast.js";
import { Notices } from "../ui/notices.js";
import { FocusLoan } from "./focus-loan.js";
import { post } from "./post.js";
import { Ringer } from "../ui/ringer.js";

/** @typedef {import("./messages.js").Ringing} Ringing */

export class Ring {
  #root = one("[data-ring]");
  #ringer = new Ringer();
  #notices = new Notices();
  #clock;
  #setup;
  /** @type {Ringing | null} */
  #now = null;
  #focus = new FocusLoan();
  #isConnected = true;

  /**
   * @param {import("../call/clock.js").ServerClock} clock
   * @param {{accept: string, decline: string, anyId: string}} setup
   */
  constructor(clock, setup) {
    this.#clock = clock;
    this.#setup = setup;
    one("[data-ring-accept]").addEventListener("click", () => void this.#accept());
    one("[data-ring-decline]").addEventListener("click", () => void this.#decline());
  }

  /** @param {Ringing | null} ringing */
  show(ringing) {
    const isNew = ringing !== null && ringing.offer !== this.#now?.offer;
    const hasGone = ringing === null && this.#now !== null;
    this.#now = ringing;
    show("[data-ring]", ringing !== null);
    document.documentElement.dataset.ringing = ringing ? "yes" : "no";
    if (!ringing) {
      this.#ringer.stop();
      this.#notices.stop();
      if (!hasGone) return;
      this.#focus.giveBack(this.#root);
      say("[data-ring-announce]", t("ring_gone"));
      return;
    }
    this.#write(ringing);
    if (!isNew) return;
    const news = ringing.kind === "consult"
      ? t("ring_consult", { name: ringing.asked_by, note: ringing.note })
      : t("ring_news", { name: ringing.name, queue: ringing.queue });
    say("[data-ring-announce]", `${news} ${t(`why_${ringing.why}`)}`);
    this.#ringer.start();
    this.#notices.start(news);
    this.#setBusy(false);
    /** @type {HTMLProgressElement} */ (one("[data-ring-time]", this.#root)).max = 1;
    // On the offer itself: a key that was meant for something else accepts nobody.
    this.#focus.take(this.#root);
  }

  /** Nobody says any more when it stops: until the time is up it may ring on.
   * @param {boolean} isConnected */
  connected(isConnected) {
    this.#isConnected = isConnected;
  }

  /** Once a second: how long the person has waited, and how long it rings on. */
  tick() {
    if (!this.#now) return;
    const timer = asTimer(this.#clock.since(this.#now.since));
    say("[data-ring-waited]", t("ring_waited", { timer }), this.#root);
    const left = Math.max(0, (Date.parse(this.#now.rings_until) - this.#clock.now()) / 1000);
    say("[data-ring-left]", t("ring_left", { secs: Math.ceil(left) }), this.#root);
    const bar = /** @type {HTMLProgressElement} */ (one("[data-ring-time]", this.#root));
    bar.max = Math.max(bar.max, left);
    bar.value = left;
    if (!left && !this.#isConnected) this.show(null);
  }

  /** @param {Ringing} ringing */
  #write(ringing) {
    const { name, queue } = ringing;
    say("[data-ring-title]", t("ring_title", { name, queue }), this.#root);
    say(".avatar", initials(name), this.#root);
    const about = ringing.kind === "consult"
      ? t("ring_consult", { name: ringing.asked_by, note: ringing.note })
      : [ringing.subject, ringing.note].filter(Boolean).join(" — ");
    say("[data-ring-subject]", about, this.#root);
    const how = ringing.contact === "live" ? `media_${ringing.media}` : `contact_${ringing.contact}`;
    const language = ringing.language ? ` · ${languageName(ringing.language)}` : "";
    say("[data-ring-how]", t(how) + language, this.#root);
    say("[data-ring-why]", t(`why_${ringing.why}`), this.#root);
    this.tick();
  }

  async #accept() {
    const answer = await this.#answer(this.#setup.accept);
    if (!answer?.ok) return;
    const { address } = await answer.json();
    // A conversation that is under way here stays where it is.
    const isTalking = document.documentElement.dataset.callState === "live";
    if (isTalking) window.open(address, "_blank", "noopener");
    else location.assign(address);
  }

  async #decline() {
    if ((await this.#answer(this.#setup.decline))?.ok) this.show(null);
  }

  /** @param {string} pattern the address with the place of the offer's id in it */
  async #answer(pattern) {
    if (!this.#now || one("[data-ring-accept]").ariaBusy === "true") return null;
    this.#setBusy(true);
    this.#ringer.stop();
    try {
      const answer = await post(pattern.replace(this.#setup.anyId, this.#now.offer));
      if (answer.status === 409) showToast(await answer.text(), "warning");
      else if (!answer.ok) showToast(t("failed"), "danger");
      if (!answer.ok) this.#setBusy(false);
      return answer;
    } catch {
      this.#setBusy(false);
      showToast(t("failed"), "danger");
      return null;
    }
  }

  /** @param {boolean} isBusy */
  #setBusy(isBusy) {
    for (const name of ["accept", "decline"]) {
      const button = one(`[data-ring-${name}]`, this.#root);
      // Not `disabled`, which would lose the focus.
      button.setAttribute("aria-disabled", String(isBusy));
      button.setAttribute("aria-busy", String(isBusy));
    }
  }
}

/** @param {string} code */
function languageName(code) {
  try {
    return new Intl.DisplayNames(document.documentElement.lang, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
