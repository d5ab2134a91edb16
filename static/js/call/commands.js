/** What the person does in the visit: commands to the server and what this page does with them. */
import { Refused } from "./pending.js";

/** @typedef {import("./session.js").Session} Session */

export class Commands {
  #session;
  #onRefused;

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
  async enter() {
    this.#session.joined = true;
    if (!(await this.send("enter"))) this.#session.joined = false;
  }

  /** I go, the visit stays open. The socket comes back with a leg that has not entered. */
  async leave() {
    if (!(await this.send("leave"))) return;
    this.#session.joined = false;
    this.#session.startOver();
  }

  /**
   * Agrees, refuses or withdraws. A withdrawal cuts the recorder off before the server answers.
   * @param {boolean} granted
   * @param {string} textVersion
   */
  consent(granted, textVersion) {
    this.#session.allowRecorder(granted);
    return this.send("record_consent", { granted, text_version: textVersion });
  }
}
