/** What the person does in the visit: commands to the server and what this page does with them. */
import { Refused } from "./pending.js";

/** @typedef {import("./session.js").Session} Session */

export class Commands {
  #session;
  #onRefused;
  /** What was begun and not yet answered: a second click of the same adds nothing.
   * @type {Map<string, Promise<boolean>>} */
  #underWay = new Map();

  /**
   * @param {Session} session
   * @param {(fault: Refused) => void} onRefused
   */
  constructor(session, onRefused) {
    this.#session = session;
    this.#onRefused = onRefused;
  }

  /**
   * @param {string} kind
   * @param {Record<string, unknown>} [fields]
   * @returns {Promise<boolean>} whether the server did it; a refusal is told by `onRefused`
   */
  async send(kind, fields) {
    try {
      await this.#session.signaling.command(kind, fields);
      return true;
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
      if (fault.code !== "closed") this.#onRefused(fault);
      return false;
    }
  }

  /** Passes the device check, for the first time or to come back. */
  enter() {
    return this.#once("enter", async () => {
      if (this.left) await this.left;
      this.#session.joined = true;
      const isIn = await this.send("enter");
      if (!isIn && !this.#session.closed) this.#session.joined = false;
      return isIn;
    });
  }

  /**
   * I go, the visit stays open: at once here, and for the server as soon as it can be told. The
   * socket comes back with a leg that has not entered.
   */
  leave() {
    return this.#once("leave", async () => {
      this.#session.stepOut();
      const isOut = await this.send("leave");
      if (isOut) this.#session.startOver();
      else this.#session.stepBack();
      return isOut;
    });
  }

  /** Whether one is out, while the server has not answered to leaving; else undefined. */
  get left() {
    return this.#underWay.get("leave");
  }

  /**
   * Agrees, refuses or withdraws. A withdrawal cuts the recorder off before the server answers.
   * @param {boolean} granted
   * @param {string} textVersion
   */
  consent(granted, textVersion) {
    this.#session.consent.decide(granted);
    const answer = { granted, text_version: textVersion };
    return this.#once(`consent ${granted}`, () => this.send("record_consent", answer));
  }

  /** Ends the recording for all; whoever does it is not recorded from here on. */
  stopRecording() {
    this.#session.consent.decide(false);
    return this.#once("stop", () => this.send("record_stop"));
  }

  /**
   * @param {string} what
   * @param {() => Promise<boolean>} act
   */
  #once(what, act) {
    const running = this.#underWay.get(what);
    if (running) return running;
    const begun = act().finally(() => this.#underWay.delete(what));
    this.#underWay.set(what, begun);
    return begun;
  }
}
