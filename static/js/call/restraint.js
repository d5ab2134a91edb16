/**
 * The recording yields before the people do. While any live connection is less than good the
 * recorder is sent less at each look; only when all have been good for a while it gets more again.
 * Pure: whoever measures brings the time.
 */
import { STEPS } from "./recorder-picture.js";

/** @typedef {import("./recorder-picture.js").Step} Step */
/** @typedef {{out: import("./stats.js").Quality, rung: import("./ladder.js").Rung}} Line */

/** So long all must have been good before one step up; the ladder's own steps come sooner. */
export const UP_MS = 15_000;

export class Restraint {
  /** @type {Step} */
  step = "full";
  /** @type {number | null} */
  #goodSince = null;

  /**
   * @param {Iterable<Line>} lines to people
   * @param {number} nowMs
   * @returns {boolean} whether the step has changed
   */
  look(lines, nowMs) {
    const before = this.step;
    const all = [...lines];
    const isShort = all.some(({ rung }) => rung !== "full");
    if (isShort || all.some(({ out }) => out === "fair" || out === "poor")) {
      this.#goodSince = null;
      this.step = isShort ? "audio" : this.#beside(1);
    } else if (this.step !== "full") {
      this.#goodSince ??= nowMs;
      if (nowMs - this.#goodSince >= UP_MS) {
        this.step = this.#beside(-1);
        this.#goodSince = nowMs;
      }
    }
    return this.step !== before;
  }

  /** @param {number} offset */
  #beside(offset) {
    const place = STEPS.indexOf(this.step) + offset;
    return STEPS[Math.min(Math.max(place, 0), STEPS.length - 1)];
  }
}
