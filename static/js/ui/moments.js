/** Times of a visitor, whose zone only the browser knows: `<time datetime data-own-time="no">`. */

const DAY_MS = 24 * 3600 * 1000;

/**
 * Day and time on the reader's own clock: "tomorrow 08:00", "Tuesday 08:00", "3 December 08:00".
 * @param {Date} moment
 * @param {string} language
 * @param {Date} now
 * @returns {string}
 */
export function ownMoment(moment, language, now) {
  /** @type {Intl.DateTimeFormatOptions} */
  const hours = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const clock = new Intl.DateTimeFormat(language, hours).format(moment);
  const days = Math.round((midnight(moment) - midnight(now)) / DAY_MS);
  if (days === 0 || days === 1) {
    const near = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
    return `${near} ${clock}`;
  }
  /** @type {Intl.DateTimeFormatOptions} */
  const day = days < 7 ? { weekday: "long" } : { day: "numeric", month: "long" };
  return `${new Intl.DateTimeFormat(language, day).format(moment)} ${clock}`;
}

/** @param {Date} moment @returns {number} */
function midnight(moment) {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
}

/** Rewrites those of the page that are still on somebody else's clock. */
export function showOwnMoments() {
  const language = document.documentElement.lang || "en";
  for (const element of document.querySelectorAll('time[data-own-time="no"]')) {
    const time = /** @type {HTMLTimeElement} */ (element);
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.textContent = ownMoment(moment, language, new Date());
    time.dataset.ownTime = "yes";
    const zone = /** @type {HTMLElement | null} */ (
      time.parentElement?.querySelector("[data-own-zone]") ?? null
    );
    if (zone) zone.textContent = `(${zone.dataset.ownZone})`;
  }
}
