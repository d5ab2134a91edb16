/**
 * The recording yields before the people do. While a live connection is less than good the recorder
 * is sent a little picture, while people get none, none; only when all have borne more for a while
 * it gets more again.
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
    const bears = borne([...lines]);
    const up = STEPS.indexOf(before) - STEPS.indexOf(bears);
    if (up <= 0) {
      this.#betterSince = null;
      this.step = bears;
      return up < 0;
    }
    this.#betterSince ??= nowMs;
    if (nowMs - this.#betterSince < UP_MS) return false;
    this.step = STEPS[STEPS.indexOf(before) - 1];
    this.#betterSince = nowMs;
    return true;
  }
}

/**
 * What all lines bear beside the people. A recording has a picture as long as they see each other:
 * packets that are lost by chance are no want of room, and less for the recorder heals none.
 * @param {Line[]} lines
 * @returns {Step}
 */
function borne(lines) {
  if (lines.some(({ rung }) => rung === "audio" || rung === "text")) return "audio";
  const isGood = lines.every(({ out, rung }) => rung === "full" && out !== "fair" && out !== "poor");
  return isGood ? "full" : "small";
}
