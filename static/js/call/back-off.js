/** When a lost socket is opened again: later after each failure, never all pages at once. No DOM. */
import { CloseCode } from "./messages.js";

const FIRST_MS = 250;
/** With its jitter at most 2.7 s: a server that is back has everyone back within three seconds. */
const LAST_MS = 1800;
const TOO_FAST_MS = 3000;
/** A planned restart: the next process is there already, and all pages of the last come to it. */
const SOON_MS = 300;

export class BackOff {
  #failures = 0;

  /**
   * @param {number} code with which the socket was closed
   * @returns {number} milliseconds until the next attempt
   */
  next(code) {
    const isPlanned = code === CloseCode.RESTART && this.#failures === 0;
    const ms = Math.min(FIRST_MS * 2 ** this.#failures, LAST_MS) * (0.5 + Math.random());
    this.#failures += 1;
    if (isPlanned) return Math.random() * SOON_MS;
    return code === CloseCode.TOO_FAST ? TOO_FAST_MS + ms : ms;
  }

  /** The socket is up. */
  reset() {
    this.#failures = 0;
  }
}
