/**
 * Signals between two legs, each delivered once and in order, whatever sockets do in between.
 * Numbered per direction, acknowledged cumulatively, kept and sent again until then. No DOM.
 */

/** @typedef {import("./messages.js").Description | import("./messages.js").Candidate | import("./messages.js").Media | import("./messages.js").Blank} Numbered */
/** @typedef {import("./messages.js").Signal} Signal */

const FIRST_RESEND_MS = 400;
const LAST_RESEND_MS = 5000;
const ACK_WITHIN_MS = 30;
/** What arrives this far ahead of its turn is dropped; it will be sent again. */
const WINDOW = 64;

export class ReliableLink {
  #leg;
  #transmit;
  #deliver;
  #sent = 0;
  #delivered = 0;
  /** @type {Map<number, Numbered>} */
  #unacknowledged = new Map();
  /** @type {Map<number, Numbered>} */
  #early = new Map();
  #resendMs = FIRST_RESEND_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resendTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #ackTimer;

  /**
   * @param {string} leg the other end
   * @param {(signal: Signal) => void} transmit puts a signal on the socket if there is one
   * @param {(signal: Numbered) => void} deliver takes the next signal from the other end
   */
  constructor(leg, transmit, deliver) {
    this.#leg = leg;
    this.#transmit = transmit;
    this.#deliver = deliver;
  }

  /** @param {Record<string, unknown> & {t: Numbered["t"]}} signal without `leg` and `n` */
  send(signal) {
    this.#sent += 1;
    const numbered = /** @type {Numbered} */ ({ ...signal, leg: this.#leg, n: this.#sent });
    this.#unacknowledged.set(this.#sent, numbered);
    this.#transmit(numbered);
    if (this.#unacknowledged.size === 1) this.#startResending(FIRST_RESEND_MS);
  }

  /** @param {Signal} signal from the other end, `ack` included */
  receive(signal) {
    if (signal.t === "ack") {
      this.#acknowledged(signal.n);
      return;
    }
    if (signal.n > this.#delivered + WINDOW) return;
    if (signal.n > this.#delivered) this.#early.set(signal.n, signal);
    this.#acknowledgeSoon();
    for (let next; (next = this.#early.get(this.#delivered + 1)); ) {
      this.#early.delete(next.n);
      this.#delivered = next.n;
      if (next.t !== "blank") this.#deliver(next);
    }
  }

  /** The socket is back: all that the other end may have missed goes out again. */
  resume() {
    for (const signal of this.#unacknowledged.values()) this.#transmit(signal);
    if (this.#delivered) this.#acknowledgeSoon();
    if (this.#unacknowledged.size) this.#startResending(FIRST_RESEND_MS);
  }

  close() {
    clearTimeout(this.#resendTimer);
    clearTimeout(this.#ackTimer);
    this.#unacknowledged.clear();
    this.#early.clear();
  }

  /** @param {number} n */
  #acknowledged(n) {
    for (const number of this.#unacknowledged.keys()) {
      if (number <= n) this.#unacknowledged.delete(number);
    }
    clearTimeout(this.#resendTimer);
    if (!this.#unacknowledged.size) return;
    // After silence the other end is back: it gets the rest now, not one with each turn.
    if (this.#resendMs > FIRST_RESEND_MS) {
      for (const signal of this.#unacknowledged.values()) this.#transmit(signal);
    }
    this.#startResending(FIRST_RESEND_MS);
  }

  #acknowledgeSoon() {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = setTimeout(() => {
      this.#transmit({ t: "ack", leg: this.#leg, n: this.#delivered });
    }, ACK_WITHIN_MS);
  }

  /** @param {number} afterMs */
  #startResending(afterMs) {
    this.#resendMs = afterMs;
    clearTimeout(this.#resendTimer);
    this.#resendTimer = setTimeout(() => {
      const oldest = this.#unacknowledged.values().next().value;
      if (!oldest) return;
      this.#transmit(oldest);
      this.#startResending(Math.min(2 * this.#resendMs, LAST_RESEND_MS));
    }, afterMs);
  }
}
