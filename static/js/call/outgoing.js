/**
 * What share of what is sent the other side misses: from all that its reports have counted, not from
 * the share in the last of them. That one is of a few packets, and sent the sooner the more are lost.
 * No DOM.
 */

/**
 * @typedef {object} Sent one stream: our packets, and what the other side's newest report says
 * @property {number} packets
 * @property {number} atMs when they were counted
 * @property {number} missed packets in all (RFC 3550, cumulative number of packets lost)
 * @property {number} toldAtMs when the report came, 0 before the first
 */
/** @typedef {{packets: number, missed: number, atMs: number}} Told what had been sent when a report came */

/** Of fewer packets a share says nothing: silence is sent as two or three packets a second. */
export const FEWEST_PACKETS = 20;

export class Outgoing {
  /** @type {Record<string, Sent>} at the look before */
  #seen = {};
  /** @type {Record<string, Told>} by the newest report of each stream */
  #told = {};
  /** @type {Record<string, Told>} from where packets are counted, until there are enough of them */
  #from = {};
  /** @type {number | null} */
  #last = null;

  /**
   * @param {Record<string, Sent>} sent by stream
   * @returns {number | null} the share since the look before; the last one where nothing was reported
   *   since (of sound it is every five seconds only), null where that was too little to tell
   */
  next(sent) {
    let isNew = false;
    for (const [stream, now] of Object.entries(sent)) {
      const before = this.#seen[stream];
      if (now.toldAtMs > (this.#told[stream]?.atMs ?? 0)) {
        const told = { packets: packetsAt(now, before), missed: now.missed, atMs: now.toldAtMs };
        // What was lost before anybody looked is none of this.
        if (!before) this.#from[stream] = told;
        this.#told[stream] = told;
        isNew = true;
      }
    }
    this.#seen = sent;
    return isNew ? (this.#last = this.#share()) : this.#last;
  }

  #share() {
    let [all, lost] = [0, 0];
    for (const [stream, { packets, missed }] of Object.entries(this.#told)) {
      const from = this.#from[stream] ?? { packets: 0, missed: 0 };
      all += packets - from.packets;
      lost += missed - from.missed;
    }
    if (all < FEWEST_PACKETS) return null;
    this.#from = { ...this.#told };
    return Math.min(1, Math.max(0, lost) / all);
  }
}

/**
 * How many had been sent when the report came: it lies between two looks.
 * @param {Sent} now
 * @param {Sent | undefined} before
 */
function packetsAt(now, before) {
  if (!before || now.atMs <= before.atMs) return now.packets;
  const share = (now.toldAtMs - before.atMs) / (now.atMs - before.atMs);
  return before.packets + Math.min(1, Math.max(0, share)) * (now.packets - before.packets);
}
