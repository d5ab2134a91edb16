/** Whether the other end of a socket is still there. No DOM, no socket: whoever has one pings. */

const [PING_EVERY_MS, SILENCE_MS, DOUBT_MS] = [10_000, 21_000, 2_000];
/** What opening may take, from the first packet to the server's welcome. */
const OPENING_MS = 8_000;
const BEAT_MS = 1000;

export class Heartbeat {
  #how;
  #isOpening = true;
  #heardAt = 0;
  #pingedAt = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {object} how
   * @param {() => void} how.ping
   * @param {() => void} how.onSilent
   */
  constructor(how) {
    this.#how = how;
  }

  /** A socket is being opened. */
  start() {
    this.#isOpening = true;
    this.#heardAt = Date.now();
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** Something came. @param {boolean} isWelcome from here on pings are answered */
  heard(isWelcome) {
    this.#heardAt = Date.now();
    if (isWelcome) this.#isOpening = false;
  }

  /** How long ago the last ping went. */
  get sincePingMs() {
    return Date.now() - this.#pingedAt;
  }

  /** An open socket has this long to answer; what it said before the network went proves nothing. */
  doubt() {
    if (this.#isOpening) return;
    this.#heardAt = Math.min(this.#heardAt, Date.now() - SILENCE_MS + DOUBT_MS);
    this.#ping();
  }

  #beat() {
    const patience = this.#isOpening ? OPENING_MS : SILENCE_MS;
    if (Date.now() - this.#heardAt > patience) this.#how.onSilent();
    else if (!this.#isOpening && this.sincePingMs >= PING_EVERY_MS) this.#ping();
  }

  #ping() {
    this.#pingedAt = Date.now();
    this.#how.ping();
  }
}
