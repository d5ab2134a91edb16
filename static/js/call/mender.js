/** When and how a broken path is mended: ICE restart first, a new connection when that fails. */
import { Pulse } from "./pulse.js";

/** @typedef {"connecting" | "connected" | "reconnecting"} PeerState */

/** Browsers say `disconnected` after seconds of silence: little is left to wait for. */
const DISCONNECTED_MS = 300;
/** Both sides notice at once: the one that does not begin leaves the other so much of a start. */
const AFTER_YOU_MS = 1500;
/** What an ICE restart gets before a new connection is made. */
const MEND_MS = 8000;
const CAN_SIGNAL_MS = 1000;
const AFTER_YOU_LOOKS = 2;

export class Mender {
  #how;
  #everConnected = false;
  #restarted = false;
  #pulse;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} how
   * @param {() => RTCPeerConnectionState} how.state the connection is in
   * @param {() => Promise<number>} how.received how much has come in; NaN if nobody can tell
   * @param {boolean} how.mayBegin whether this side may make a new connection; the other follows
   * @param {() => boolean} how.canSignal
   * @param {() => void} how.doubt the network may be another one
   * @param {() => void} how.restart
   * @param {() => void} how.begin
   * @param {(state: PeerState) => void} how.onState
   */
  constructor(how) {
    this.#how = how;
    const moreLooks = how.mayBegin ? 0 : AFTER_YOU_LOOKS;
    this.#pulse = new Pulse({ ...how, moreLooks, onBroken: () => this.restart() });
  }

  /** The state has changed. */
  look() {
    const state = this.#how.state();
    if (state === "connected") {
      this.#everConnected = true;
      this.#restarted = false;
      clearTimeout(this.#timer);
    } else if (state === "disconnected" && !this.#restarted) {
      this.#mendIn(this.#how.mayBegin ? DISCONNECTED_MS : AFTER_YOU_MS);
    } else if (state === "failed") this.#mend();
    const other = this.#everConnected ? "reconnecting" : "connecting";
    this.#how.onState(state === "connected" ? "connected" : other);
  }

  /** Looks for a new path at once. */
  restart() {
    this.#restarted = true;
    this.#how.restart();
    this.#mendIn(MEND_MS);
  }

  /** The other side looks for a new path: that gets its time. */
  follow() {
    this.#restarted = true;
    this.#mendIn(MEND_MS);
  }

  close() {
    clearTimeout(this.#timer);
    this.#pulse.close();
  }

  /** @param {number} afterMs */
  #mendIn(afterMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#mend(), afterMs);
  }

  #mend() {
    if (this.#how.state() === "connected") this.#restarted = false;
    else if (!this.#how.canSignal()) {
      this.#restarted = false; // what was tried meanwhile has reached nobody
      this.#mendIn(CAN_SIGNAL_MS);
    } else if (!this.#restarted || !this.#how.mayBegin) this.restart();
    else {
      this.#how.begin();
      this.#mendIn(MEND_MS);
    }
  }
}
