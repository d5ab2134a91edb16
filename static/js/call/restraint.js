/**
 * The recording yields before the people do. While a live connection is only fair the recorder is
 * sent a little picture, while it is poor, or the people get less than a full one, none; only when
 * all have borne more for a while it gets more again.
 * Pure: whoever measures brings the time.
 */
import { STEPS } from "./recorder-picture.js";

/** @typedef {import("./recorder-picture.js").Step} Step */
/** @typedef {{out: import("./stats.js").Quality, rung: import("./ladder.js").Rung}} Line */

/** So long all must have borne more before one step up; the ladder's own steps come sooner. */
export const UP_MS = 15_000;

export class Restraint {
  /** @type {Step} */
  step = "full";
  /** @type {number | null} */
  #betterSince = null;

  /**
   * @param {Iterable<Line>} lines to people
   * @param {number} nowMs
   * @returns {boolean} whether the step has changed
   */
  look(lines, nowMs) {
    const before = this.step;
    const all = [...lines];
    const isShort = all.some(({ rung }) => rung !== "full");
    const bears = isShort ? "audio" : worst(all);
    const down = STEPS.indexOf(bears) - STEPS.indexOf(before);
    if (down >= 0) this.#betterSince = null;
    if (isShort) this.step = "audio";
    else if (down > 0) this.step = this.#beside(1);
    else if (down < 0) {
      this.#betterSince ??= nowMs;
      if (nowMs - this.#betterSince >= UP_MS) {
        this.step = this.#beside(-1);
        this.#betterSince = nowMs;
      }
    }
    return this.step !== before;
  }

  /** @param {number} offset */
  #beside(offset) {
    return STEPS[STEPS.indexOf(this.step) + offset];
  }
}

/**
 * What all lines bear beside the people: on a fair one a little picture does no harm, and a
 * recording without any would miss what the two go on to see.
 * @param {Line[]} lines
 * @returns {Step}
 */
function worst(lines) {
  if (lines.some(({ out }) => out === "poor")) return "audio";
  return lines.some(({ out }) => out === "fair") ? "small" : "full";
}
