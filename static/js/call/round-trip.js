/** How long signals take to be acknowledged, and so when one counts as lost (RFC 6298). No DOM. */

/** Before anything was measured. */
const FIRST_RESEND_MS = 400;
const SHORTEST_RESEND_MS = 200;
const LAST_RESEND_MS = 5000;

export class RoundTrip {
  #smoothedMs = 0;
  #variationMs = 0;
  #backOffs = 0;

  /** After how long the next signal is sent again. */
  get resendMs() {
    return Math.min(this.patienceMs * 2 ** this.#backOffs, LAST_RESEND_MS);
  }

  /** How long an acknowledgement may take before its signal counts as lost. */
  get patienceMs() {
    if (!this.#smoothedMs) return FIRST_RESEND_MS;
    return Math.max(SHORTEST_RESEND_MS, this.#smoothedMs + 4 * this.#variationMs);
  }

  /** Whether the last that was sent again is not acknowledged yet. */
  get isBackingOff() {
    return this.#backOffs > 0;
  }

  /**
   * @param {number} ms of a signal that was sent only once: of another, nobody knows which of its
   *   copies was acknowledged (Karn)
   */
  measured(ms) {
    this.#variationMs = this.#smoothedMs
      ? 0.75 * this.#variationMs + 0.25 * Math.abs(this.#smoothedMs - ms)
      : ms / 2;
    this.#smoothedMs = this.#smoothedMs ? 0.875 * this.#smoothedMs + 0.125 * ms : Math.max(ms, 1);
    this.#backOffs = 0;
  }

  /** A signal is sent again: the next one waits twice as long. */
  backOff() {
    if (this.resendMs < LAST_RESEND_MS) this.#backOffs += 1;
  }

  /** There is a new socket: what was waited for before says nothing. */
  startOver() {
    this.#backOffs = 0;
  }
}
