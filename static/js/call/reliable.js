/**
 * Signals between two legs, each delivered once and in order, whatever sockets do in between.
 * Numbered per direction, acknowledged cumulatively, kept and sent again until then. No DOM.
 */
import { Inbox, WINDOW } from "./inbox.js";
import { RoundTrip } from "./round-trip.js";

/** @typedef {import("./messages.js").Signal} Signal */
/** @typedef {Exclude<Signal, import("./messages.js").Ack>} Numbered */
/** @typedef {{signal: Numbered, since: number, times: number, at: number}} Kept how often and when last it was sent */

/** Whoever has taken nothing for so long is away. */
const UNHEARD_MS = 3000;

export class ReliableLink {
  #leg;
  #transmit;
  #inbox;
  #sent = 0;
  /** @type {Map<number, Kept>} */
  #unacknowledged = new Map();
  #roundTrip = new RoundTrip();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} leg the other end
   * @param {(signal: Signal) => void} transmit puts a signal on the socket if there is one
   * @param {(signal: Numbered) => void} deliver takes the next signal from the other end
   */
  constructor(leg, transmit, deliver) {
    this.#leg = leg;
    this.#transmit = transmit;
    this.#inbox = new Inbox(deliver, (n) => transmit({ t: "ack", leg, n }));
  }

  /**
   * @param {Record<string, unknown> & {t: Numbered["t"]}} signal without `leg` and `n`
   * @returns {number} its `n`
   */
  send(signal) {
    this.#sent += 1;
    const numbered = /** @type {Numbered} */ ({ ...signal, leg: this.#leg, n: this.#sent });
    const kept = { signal: numbered, since: Date.now(), times: 0, at: 0 };
    this.#unacknowledged.set(this.#sent, kept);
    if (this.#unacknowledged.size <= WINDOW) this.#put(kept);
    if (this.#unacknowledged.size === 1) this.#startTimer();
    return numbered.n;
  }

  /** @param {Signal} signal from the other end, `ack` included */
  receive(signal) {
    if (signal.t === "ack") this.#acknowledged(signal.n);
    else this.#inbox.receive(signal);
  }

  /** Whether the other end has lately taken what was sent. */
  get isHeard() {
    const oldest = this.#unacknowledged.values().next().value;
    return !oldest || Date.now() - oldest.since < UNHEARD_MS;
  }

  /**
   * The server will never take that signal: nothing goes in its place, so that the rest can go on.
   * @param {number} n
   */
  refused(n) {
    const kept = this.#unacknowledged.get(n);
    if (!kept || kept.signal.t === "blank") return;
    kept.signal = { t: "blank", leg: this.#leg, n };
    this.#put(kept);
  }

  /** The socket is back: all that the other end may have missed goes out again. */
  resume() {
    this.#roundTrip.startOver();
    this.#fill(() => true);
    this.#inbox.resume();
    this.#startTimer();
  }

  close() {
    clearTimeout(this.#timer);
    this.#unacknowledged.clear();
    this.#inbox.close();
  }

  /** @param {number} n */
  #acknowledged(n) {
    const done = [...this.#unacknowledged.values()].filter(({ signal }) => signal.n <= n);
    for (const { signal } of done) this.#unacknowledged.delete(signal.n);
    const last = done.at(-1);
    if (!last) return;
    if (done.every(({ times }) => times === 1)) this.#roundTrip.measured(Date.now() - last.at);
    // After silence the other end is back: it gets now what was lost too, not one with each turn.
    const lostBefore = Date.now() - this.#roundTrip.patienceMs;
    const wasSilent = this.#roundTrip.isBackingOff;
    this.#fill(({ times, at }) => times === 0 || (wasSilent && at <= lostBefore));
    this.#startTimer();
  }

  /** @param {(kept: Kept) => boolean} isDue */
  #fill(isDue) {
    for (const kept of [...this.#unacknowledged.values()].slice(0, WINDOW)) {
      if (isDue(kept)) this.#put(kept);
    }
  }

  /** @param {Kept} kept */
  #put(kept) {
    kept.times += 1;
    kept.at = Date.now();
    this.#transmit(kept.signal);
  }

  #startTimer() {
    clearTimeout(this.#timer);
    if (!this.#unacknowledged.size) return;
    this.#timer = setTimeout(() => {
      const oldest = this.#unacknowledged.values().next().value;
      if (!oldest) return;
      this.#roundTrip.backOff();
      this.#put(oldest);
      this.#startTimer();
    }, this.#roundTrip.resendMs);
  }
}
