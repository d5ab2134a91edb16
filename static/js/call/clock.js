/** The server's clock and how times are shown. No DOM. */

export class ServerClock {
  #offsetMs = 0;

  /**
   * Sets the clock by a time that the server has just told.
   * @param {string} now ISO 8601
   * @param {number} [roundTripMs] how long its message took to ask for and get
   */
  set(now, roundTripMs = 0) {
    this.#offsetMs = Date.parse(now) + roundTripMs / 2 - Date.now();
  }

  /** Milliseconds since 1970 by the server. */
  now() {
    return Date.now() + this.#offsetMs;
  }

  /**
   * Seconds since a moment, never negative.
   * @param {string} moment ISO 8601
   */
  since(moment) {
    return Math.max(0, (this.now() - Date.parse(moment)) / 1000);
  }
}

/**
 * "4:07" or "1:04:07".
 * @param {number} secs
 */
export function asTimer(secs) {
  const whole = Math.floor(secs);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((n) => String(n).padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${parts.join(":")}` : `${Number(parts[0])}:${parts[1]}`;
}

/**
 * The time of day on 24 hours, as the whole portal writes it: "14:03".
 * @param {string} moment ISO 8601
 * @param {{language?: string, zone?: string}} [how]
 */
export function asClock(moment, { language, zone } = {}) {
  const how = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const at = new Date(moment);
  try {
    return new Intl.DateTimeFormat(language, { ...how, timeZone: zone }).format(at);
  } catch {
    return new Intl.DateTimeFormat(language, how).format(at); // a zone that this browser lacks
  }
}
