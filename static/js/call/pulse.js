/** Whether anything still comes over a connection. No DOM. */

const LOOK_MS = 1000;
/** A path on which something came at each of so many looks carries media or their reports. */
const STEADY_LOOKS = 5;
/** Looks in vain until the socket is doubted, and until the path counts as broken. */
const STEADY = { doubt: 1, broken: 3 };
/** A path without media carries something every 2.5 s, if only a check. */
const IDLE = { doubt: 3, broken: 4 };

/** Hears silence before the browser has a word for it, which takes six seconds and more. */
export class Pulse {
  #how;
  #timer;
  #received = NaN;
  #steadyLooks = 0;
  #silentLooks = 0;
  #patience = IDLE;

  /**
   * @param {object} how
   * @param {() => RTCPeerConnectionState} how.state the connection is in
   * @param {() => Promise<number>} how.received how much has come in; NaN if nobody can tell
   * @param {() => void} how.doubt whatever else goes over this network may be dead too
   * @param {() => void} how.onBroken
   * @param {number} [how.moreLooks] that this side leaves the other one to be the first
   */
  constructor(how) {
    this.#how = how;
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), LOOK_MS);
  }

  close() {
    clearInterval(this.#timer);
  }

  async #look() {
    const { state, received, doubt, onBroken, moreLooks = 0 } = this.#how;
    const now = state() === "connected" ? await received() : NaN;
    if (now !== this.#received) return this.#heard(now);
    if (this.#silentLooks === 0) this.#patience = this.#steadyLooks < STEADY_LOOKS ? IDLE : STEADY;
    this.#steadyLooks = 0;
    this.#silentLooks += 1;
    if (this.#silentLooks === this.#patience.doubt) doubt();
    return this.#silentLooks === this.#patience.broken + moreLooks ? onBroken() : undefined;
  }

  /** @param {number} now */
  #heard(now) {
    this.#steadyLooks = now > this.#received ? this.#steadyLooks + 1 : 0;
    this.#silentLooks = 0;
    this.#received = now;
  }
}

/**
 * How much has come in so far, media and connectivity checks (RFC 7675) alike; only ever grows.
 * @param {RTCPeerConnection} pc
 * @returns {Promise<number>} NaN where the browser does not count checks: silence proves nothing
 */
export async function receivedOver(pc) {
  let sum = 0;
  const stats = /** @type {Map<string, any>} */ (/** @type {unknown} */ (await pc.getStats()));
  for (const row of stats.values()) {
    if (row.type !== "candidate-pair") continue;
    sum += row.bytesReceived + row.requestsReceived + row.responsesReceived;
  }
  return sum || NaN;
}
