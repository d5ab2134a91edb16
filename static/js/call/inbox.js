/** The receiving half of a reliable link: each signal once, in order, and acknowledged. No DOM. */

/** @typedef {import("./reliable.js").Numbered} Numbered */

/** An acknowledgement waits this long for more to acknowledge, or for so many. */
const ACK_WITHIN_MS = 30;
const ACK_EVERY = 8;
/** A sender has so many under way at most; what is further ahead of its turn is dropped. */
export const WINDOW = 64;

export class Inbox {
  #deliver;
  #acknowledge;
  #delivered = 0;
  #toAcknowledge = 0;
  /** @type {Map<number, Numbered>} */
  #early = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {(signal: Numbered) => void} deliver takes the next signal
   * @param {(n: number) => void} acknowledge tells the other end that all up to `n` are here
   */
  constructor(deliver, acknowledge) {
    this.#deliver = deliver;
    this.#acknowledge = acknowledge;
  }

  /** @param {Numbered} signal */
  receive(signal) {
    if (signal.n > this.#delivered + WINDOW) return;
    if (signal.n > this.#delivered) this.#early.set(signal.n, signal);
    this.#acknowledgeSoon();
    for (let next; (next = this.#early.get(this.#delivered + 1)); ) {
      this.#early.delete(next.n);
      this.#delivered = next.n;
      if (next.t !== "blank") this.#deliver(next);
    }
  }

  /** The socket is back: the last acknowledgement may be lost. */
  resume() {
    if (this.#delivered) this.#acknowledgeSoon();
  }

  close() {
    clearTimeout(this.#timer);
    this.#early.clear();
    this.#toAcknowledge = 0;
  }

  #acknowledgeSoon() {
    this.#toAcknowledge += 1;
    if (this.#toAcknowledge === ACK_EVERY) queueMicrotask(() => this.#acknowledgeNow());
    else this.#timer ??= setTimeout(() => this.#acknowledgeNow(), ACK_WITHIN_MS);
  }

  #acknowledgeNow() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#toAcknowledge) this.#acknowledge(this.#delivered);
    this.#toAcknowledge = 0;
  }
}
