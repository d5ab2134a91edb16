/** A week of shifts as numbers: a day (Monday = 0), from and until in minutes. No DOM. */

/** @typedef {{day: number, from: number, until: number}} Shift */

export const DAY_MINUTES = 24 * 60;
export const STEP = 15;
/** A shift is no shorter when it is drawn. */
export const SHORTEST = 30;

/** @param {number} minutes */
export function snapped(minutes) {
  return Math.min(DAY_MINUTES, Math.max(0, Math.round(minutes / STEP) * STEP));
}

/**
 * The week with one more shift; what touches or overlaps it on its day becomes one with it.
 * @param {Shift[]} shifts
 * @param {Shift} added
 * @returns {Shift[]}
 */
export function withShift(shifts, added) {
  const meets = (/** @type {Shift} */ one) =>
    one.day === added.day && one.from <= added.until && added.from <= one.until;
  const joined = shifts.filter(meets).reduce(
    (all, one) => ({
      day: all.day,
      from: Math.min(all.from, one.from),
      until: Math.max(all.until, one.until),
    }),
    added,
  );
  const rest = shifts.filter((one) => !meets(one));
  return [...rest, joined].sort((a, b) => a.day - b.day || a.from - b.from);
}

/**
 * The same shift on another day or at another time, within the week and the day.
 * @param {Shift} shift
 * @param {number} days
 * @param {number} minutes
 * @returns {Shift}
 */
export function moved({ day, from, until }, days, minutes) {
  const wanted = minutes ? snapped(from + minutes) : from;
  const start = Math.min(DAY_MINUTES - (until - from), Math.max(0, wanted));
  return { day: Math.min(6, Math.max(0, day + days)), from: start, until: start + until - from };
}

/**
 * The shift with another beginning or end.
 * @param {Shift} shift
 * @param {"from" | "until"} edge
 * @param {number} minutes
 * @returns {Shift}
 */
export function resized(shift, edge, minutes) {
  const at = snapped(shift[edge] + minutes);
  if (edge === "from") return { ...shift, from: Math.max(0, Math.min(at, shift.until - SHORTEST)) };
  return { ...shift, until: Math.min(DAY_MINUTES, Math.max(at, shift.from + SHORTEST)) };
}

/**
 * The shift one step further by keyboard: over others to the next free place, or where it was if
 * there is none. It becomes one with another only where it is put on purpose, by pointer.
 * @param {Shift[]} shifts
 * @param {Shift} shift
 * @param {number} days
 * @param {number} minutes
 * @returns {Shift}
 */
export function stepped(shifts, shift, days, minutes) {
  const others = shifts.filter((one) => one !== shift);
  for (let step = 1; step <= DAY_MINUTES / STEP; step += 1) {
    const there = moved(shift, days * step, minutes * step);
    const isTaken = others.some((one) =>
      one.day === there.day && one.from <= there.until && there.from <= one.until);
    if (!isTaken) return there;
  }
  return shift;
}

/** "09:15"; the end of the day is written as 23:59, which is how it is kept.
 * @param {number} minutes */
export function asClock(minutes) {
  if (minutes >= DAY_MINUTES) return "23:59";
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** @param {string} clock "09:15" @returns {number | null} null if it is none */
export function minutesOf(clock) {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(clock) ?? [];
  if (hours === undefined) return null;
  const total = Number(hours) * 60 + Number(minutes);
  return total === DAY_MINUTES - 1 ? DAY_MINUTES : total;
}
