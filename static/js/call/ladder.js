/**
 * The steps from a full picture down to text, for one direction of one connection. Pure: whoever
 * measures brings the time. docs/quality.md says where the limits come from.
 */

/** @typedef {"full" | "small" | "audio" | "text"} Rung */
/** @typedef {{loss: number | null, roundTripMs: number, jitterMs: number, availableKbps: number | null}} Measure */
/** @typedef {{loss: number, roundTripMs: number, jitterMs: number, availableKbps: number}} Limits */

/** @type {Rung[]} from the best down */
export const RUNGS = ["full", "small", "audio", "text"];

const NONE = { loss: Infinity, roundTripMs: Infinity, jitterMs: Infinity, availableKbps: 0 };
/** What each step bears; text bears everything. @type {Record<Rung, Limits>} */
export const LIMITS = {
  full: { loss: 0.08, roundTripMs: 800, jitterMs: 150, availableKbps: 180 },
  small: { loss: 0.15, roundTripMs: 1500, jitterMs: Infinity, availableKbps: 60 },
  audio: { loss: 0.4, roundTripMs: 4000, jitterMs: Infinity, availableKbps: 12 },
  text: NONE,
};
/** A step up is tried where this share of its limits is kept. */
const MARGIN = 0.5;
const BAD_SAMPLES = 2;
export const UP_MS = 10_000;
const LONGEST_UP_MS = 120_000;
/** Down again so soon after a step up: it was tried in vain, and the next try waits twice as long. */
const TRIAL_MS = 20_000;
/** So long a new step has to find its bitrate, before the estimate of the browser counts. */
const GRACE_MS = 8000;

/**
 * @param {Rung} one
 * @param {Rung} other
 * @returns {Rung} the lower step
 */
export function lower(one, other) {
  return RUNGS[Math.max(RUNGS.indexOf(one), RUNGS.indexOf(other))];
}

export class Ladder {
  /** @type {Rung} */
  rung = "full";
  #bad = 0;
  #upMs = UP_MS;
  #changedAt = -Infinity;
  #roseAt = -Infinity;
  /** @type {number | null} */
  #goodSince = null;

  /** @param {number} nowMs */
  constructor(nowMs) {
    this.#changedAt = nowMs;
  }

  /**
   * @param {Measure} measure of the last seconds; what is not known is null and speaks for nothing
   * @param {number} nowMs
   * @returns {Rung}
   */
  look(measure, nowMs) {
    const young = nowMs - this.#changedAt < GRACE_MS;
    const judged = young ? { ...measure, availableKbps: null } : measure;
    if (this.#roseAt > -Infinity && nowMs - this.#roseAt > TRIAL_MS) this.#proved();
    if (exceeds(judged, LIMITS[this.rung], 1)) this.#gotBad(nowMs);
    else this.#gotGood(judged, nowMs);
    return this.rung;
  }

  #proved() {
    this.#roseAt = -Infinity;
    this.#upMs = UP_MS;
  }

  /** @param {number} nowMs */
  #gotBad(nowMs) {
    this.#goodSince = null;
    this.#bad += 1;
    if (this.#bad < BAD_SAMPLES) return;
    if (this.#roseAt > -Infinity) this.#upMs = Math.min(2 * this.#upMs, LONGEST_UP_MS);
    this.#roseAt = -Infinity;
    this.#step(1, nowMs);
  }

  /**
   * @param {Measure} measure
   * @param {number} nowMs
   */
  #gotGood(measure, nowMs) {
    this.#bad = 0;
    const above = RUNGS[RUNGS.indexOf(this.rung) - 1];
    // How much there is for the step above cannot be known before it is tried.
    const known = { ...measure, availableKbps: null };
    if (!above || exceeds(known, LIMITS[above], MARGIN)) {
      this.#goodSince = null;
      return;
    }
    this.#goodSince ??= nowMs;
    if (nowMs - this.#goodSince < this.#upMs) return;
    this.#roseAt = nowMs;
    this.#step(-1, nowMs);
  }

  /**
   * @param {1 | -1} by
   * @param {number} nowMs
   */
  #step(by, nowMs) {
    this.rung = RUNGS[RUNGS.indexOf(this.rung) + by] ?? this.rung;
    this.#changedAt = nowMs;
    this.#bad = 0;
    this.#goodSince = null;
  }
}

/**
 * @param {Measure} measure
 * @param {Limits} limits
 * @param {number} share of the limits that may be used up
 */
function exceeds({ loss, roundTripMs, jitterMs, availableKbps }, limits, share) {
  return (
    (loss !== null && loss > share * limits.loss) ||
    roundTripMs > limits.roundTripMs ||
    jitterMs > limits.jitterMs ||
    (availableKbps !== null && availableKbps < limits.availableKbps)
  );
}
