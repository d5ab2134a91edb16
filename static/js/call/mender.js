/** When and how a broken path is mended: ICE restart first, a new connection when that fails. */

/** @typedef {"connecting" | "connected" | "reconnecting"} PeerState */

/** Short losses heal by themselves; after this long they are helped. */
const DISCONNECTED_MS = 2000;
/** What an ICE restart gets before a new connection is made. */
const MEND_MS = 8000;

export class Mender {
  #how;
  #everConnected = false;
  #restarted = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} how
   * @param {() => RTCPeerConnectionState} how.state the connection is in
   * @param {boolean} how.mayBegin whether this side may make a new connection; the other follows
   * @param {() => boolean} how.canSignal
   * @param {() => void} how.restart
   * @param {() => void} how.begin
   * @param {(state: PeerState) => void} how.onState
   */
  constructor(how) {
    this.#how = how;
  }

  /** The state has changed. */
  look() {
    const state = this.#how.state();
    if (state === "connected") {
      this.#everConnected = true;
      this.#restarted = false;
      clearTimeout(this.#timer);
    } else if (state === "disconnected") this.#mendIn(DISCONNECTED_MS);
    else if (state === "failed") this.#mend();
    const other = this.#everConnected ? "reconnecting" : "connecting";
    this.#how.onState(state === "connected" ? "connected" : other);
  }

  /** Looks for a new path at once. */
  restart() {
    this.#restarted = true;
    this.#how.restart();
    this.#mendIn(MEND_MS);
  }

  close() {
    clearTimeout(this.#timer);
  }

  /** @param {number} afterMs */
  #mendIn(afterMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#mend(), afterMs);
  }

  #mend() {
    if (this.#how.state() === "connected") this.#restarted = false;
    else if (!this.#how.canSignal()) this.#mendIn(DISCONNECTED_MS);
    else if (!this.#restarted || !this.#how.mayBegin) this.restart();
    else {
      this.#how.begin();
      this.#mendIn(MEND_MS);
    }
  }
}
