/**
 * When the connection to the recorder is replaced. A recorder knows no ICE restart: a broken path is
 * mended by a new connection. No DOM.
 */
import { Pulse } from "./pulse.js";

const DISCONNECTED_MS = 4000;
/** How long the first tries may take: one that began on an address that was going is soon made anew. */
const SET_UP_MS = [5000, 8000, 12_000];

export class RecorderMender {
  #how;
  #pulse;
  /** Tries since the last connection. */
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} how
   * @param {() => RTCPeerConnectionState} how.state the connection is in
   * @param {() => Promise<number>} how.received how much has come in; NaN if nobody can tell
   * @param {() => boolean} how.canSignal
   * @param {() => void} how.doubt
   * @param {() => void} how.replace
   */
  constructor(how) {
    this.#how = how;
    this.#pulse = new Pulse({ ...how, onBroken: () => how.replace() });
  }

  /** A connection was made. */
  begun() {
    this.#mendIn(this.#setUpMs);
    this.#tries += 1;
  }

  /** The state has changed. */
  look() {
    clearTimeout(this.#timer);
    const state = this.#how.state();
    if (state === "failed") this.#mend();
    else if (state === "connected") this.#tries = 0;
    else this.#mendIn(state === "disconnected" ? DISCONNECTED_MS : this.#setUpMs);
  }

  close() {
    clearTimeout(this.#timer);
    this.#pulse.close();
  }

  get #setUpMs() {
    return SET_UP_MS[Math.min(this.#tries, SET_UP_MS.length - 1)];
  }

  /** @param {number} afterMs */
  #mendIn(afterMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#mend(), afterMs);
  }

  #mend() {
    if (this.#how.state() === "connected") return;
    if (this.#how.canSignal()) this.#how.replace();
    else this.#mendIn(DISCONNECTED_MS);
  }
}
