/**
 * Arithmetic of the recording's timeline; all times are seconds, `at` counts from its beginning.
 * Knows no DOM, so that `node --test` can hold it to its word.
 */

/**
 * One person's file: where it begins on the timeline, how long it is, when it really holds them,
 * and the holes of a second or more with their causes.
 * @typedef {{
 *   offset: number, duration: number, spans: number[][], holes: [number, number, string][],
 * }} Part
 */

/** Below this nobody notices; above it the rate bends until it is made good. */
export const DRIFT_LEAST_SECS = 0.03;
/** Above this bending would take too long: jump. */
export const DRIFT_MOST_SECS = 0.35;
const BEND_MOST = 0.15;
const BEND_PER_SEC = 2;

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
export function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}

/**
 * The place in a person's own file, or null where the file has not begun or is over.
 * @param {Part} part
 * @param {number} at
 * @returns {number | null}
 */
export function mediaTime(part, at) {
  const time = at - part.offset;
  return time >= 0 && time < part.duration ? time : null;
}

/**
 * Why nothing of the person was recorded at that moment; null if it was, or the hole is shorter
 * than a second: those are the time that a connection takes.
 * @param {Part} part
 * @param {number} at
 * @returns {string | null}
 */
export function missingSince(part, at) {
  const hole = part.holes.find(([start, stop]) => at >= start && at < stop);
  return hole ? hole[2] : null;
}

/**
 * What to do about a player that is `drift` seconds ahead (negative: behind): jump, or play a
 * little slower or faster than `rate` until it is in step again.
 * @param {number} drift
 * @param {number} rate
 * @returns {{jump: boolean, rate: number}}
 */
export function correction(drift, rate) {
  if (Math.abs(drift) > DRIFT_MOST_SECS) {
    return { jump: true, rate };
  }
  if (Math.abs(drift) < DRIFT_LEAST_SECS) {
    return { jump: false, rate };
  }
  return { jump: false, rate: rate * (1 - clamp(drift * BEND_PER_SEC, -BEND_MOST, BEND_MOST)) };
}

/**
 * What all players have in common: then the clock is wrong, and moving it costs nobody a bent
 * rate. 0 if one of them is in step, or they lie on both sides of it.
 * @param {number[]} drifts
 */
export function commonDrift(drifts) {
  if (drifts.length === 0) {
    return 0;
  }
  const least = Math.min(...drifts);
  const most = Math.max(...drifts);
  return least > 0 ? least : Math.min(most, 0);
}

/**
 * As on a clock: 65 gives "1:05", 3661 gives "1:01:01".
 * @param {number} secs
 */
export function clockText(secs) {
  const whole = Math.floor(Math.max(0, secs));
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/**
 * The index of the last of the ascending `times` that is not after `at`, or -1.
 * @param {number[]} times
 * @param {number} at
 */
export function lastBefore(times, at) {
  let found = -1;
  for (let index = 0; index < times.length && times[index] <= at; index += 1) {
    found = index;
  }
  return found;
}

/**
 * The next value of an ascending list in a direction (1 or -1), the same one at its end.
 * @param {number[]} values
 * @param {number} current
 * @param {number} direction
 */
export function step(values, current, direction) {
  const index = values.indexOf(current);
  return values[clamp(index + direction, 0, values.length - 1)] ?? current;
}

/**
 * The next of the ascending `times` in a direction (1 or -1), null if there is none. Just after one,
 * backward goes to the one before it.
 * @param {number[]} times
 * @param {number} at
 * @param {number} direction
 * @returns {number | null}
 */
export function neighbour(times, at, direction) {
  const found =
    direction > 0
      ? times.find((time) => time > at + 0.05)
      : times.filter((time) => time < at - 1).at(-1);
  return found ?? null;
}
