/** What a connection carries, from getStats() (W3C webrtc-stats), and in one of four words. No DOM. */
import { FEWEST_PACKETS, Outgoing } from "./outgoing.js";

/** @typedef {"unknown" | "good" | "fair" | "poor"} Quality */

/**
 * @typedef {object} Counters sums over everything that a connection carries
 * @property {number} received packets
 * @property {number} lost of those sent to us
 * @property {Record<string, import("./outgoing.js").Sent>} sent by stream
 * @property {number} bytesIn
 * @property {number} bytesOut
 * @property {number} roundTripMs
 * @property {number} jitterMs
 * @property {number | null} availableKbps
 * @property {{width: number, height: number, fps: number}} picture that comes in
 * @property {Route} route
 */
/** @typedef {{local?: string, remote?: string, protocol?: string}} Route kinds of candidates, no address */

/**
 * @typedef {object} Measure of the time between two looks; a loss of too few packets is null
 * @property {number | null} lossIn
 * @property {number | null} lossOut
 * @property {number} inKbps
 * @property {number} outKbps
 */

/** ITU-T G.114: 150 ms one way is fine, 400 is not. */
const ROUND_TRIP_MS = { fair: 300, poor: 800 };
/** What Opus and VP8 hide well, and what neither hides. */
const LOSS = { fair: 0.03, poor: 0.1 };
const JITTER_MS = { fair: 50, poor: 120 };

/**
 * The word for one direction.
 * @param {{loss: number | null, roundTripMs: number, jitterMs: number}} measured
 * @returns {Quality}
 */
export function judge({ loss, roundTripMs, jitterMs }) {
  if (loss === null && !roundTripMs) return "unknown";
  const isOver = (/** @type {"fair" | "poor"} */ word) =>
    (loss ?? 0) > LOSS[word] || roundTripMs > ROUND_TRIP_MS[word] || jitterMs > JITTER_MS[word];
  if (isOver("poor")) return "poor";
  return isOver("fair") ? "fair" : "good";
}

/**
 * @param {Iterable<any>} rows RTCStatsReport.values()
 * @returns {Counters}
 */
export function countersOf(rows) {
  const all = new Map([...rows].map((row) => [row.id, row]));
  /** @type {Counters} */
  const sum = {
    received: 0, lost: 0, sent: {}, bytesIn: 0, bytesOut: 0, roundTripMs: 0, jitterMs: 0,
    availableKbps: null, picture: { width: 0, height: 0, fps: 0 }, route: {},
  };
  for (const row of all.values()) {
    if (row.type === "inbound-rtp") addInbound(sum, row);
    else if (row.type === "outbound-rtp") {
      const { packetsLost: missed = 0, timestamp: toldAtMs = 0 } = all.get(row.remoteId) ?? {};
      sum.sent[row.id] = { packets: row.packetsSent ?? 0, atMs: row.timestamp ?? 0, missed, toldAtMs };
      sum.bytesOut += row.bytesSent ?? 0;
    }
  }
  const transport = [...all.values()].find(({ type }) => type === "transport");
  const pairs = [...all.values()].filter(({ type }) => type === "candidate-pair");
  const pair = all.get(transport?.selectedCandidatePairId)
    ?? pairs.find(({ nominated, state }) => nominated && state === "succeeded");
  if (pair) addPath(sum, pair, all);
  return sum;
}

/** @param {Counters} sum @param {any} row */
function addInbound(sum, row) {
  sum.received += row.packetsReceived ?? 0;
  sum.lost += Math.max(0, row.packetsLost ?? 0);
  sum.bytesIn += row.bytesReceived ?? 0;
  sum.jitterMs = Math.max(sum.jitterMs, 1000 * (row.jitter ?? 0));
  if (row.kind !== "video") return;
  const { frameWidth: width = 0, frameHeight: height = 0, framesPerSecond: fps = 0 } = row;
  sum.picture = { width, height, fps };
}

/** @param {Counters} sum @param {any} pair @param {Map<string, any>} all */
function addPath(sum, pair, all) {
  sum.roundTripMs = 1000 * (pair.currentRoundTripTime ?? 0);
  const { availableOutgoingBitrate: bits } = pair;
  sum.availableKbps = bits === undefined ? null : bits / 1000;
  const [local, remote] = [all.get(pair.localCandidateId), all.get(pair.remoteCandidateId)];
  const protocol = local?.relayProtocol ?? local?.protocol;
  sum.route = { local: local?.candidateType, remote: remote?.candidateType, protocol };
}

/** Differences between looks at one connection. */
export class Meter {
  /** @type {{at: number, counters: Counters} | null} */
  #before = null;
  /** From where packets are counted, until there are enough of them. */
  #in = { all: 0, lost: 0 };
  #out = new Outgoing();

  /**
   * @param {Counters} counters
   * @param {number} nowMs
   * @returns {Measure | null} null at the first look
   */
  next(counters, nowMs) {
    const before = this.#before;
    this.#before = { at: nowMs, counters };
    const { received, lost, sent } = counters;
    const incoming = { all: received + lost, lost };
    if (!before || incoming.all < this.#in.all) {
      [this.#in, this.#out] = [incoming, new Outgoing()];
      this.#out.next(sent);
      return null;
    }
    const lossIn = share({ all: incoming.all - this.#in.all, lost: lost - this.#in.lost });
    if (lossIn !== null) this.#in = incoming;
    const perMs = 8 / Math.max(1, nowMs - before.at); // bytes to bits a millisecond: kbit/s
    return {
      lossIn,
      lossOut: this.#out.next(sent),
      inKbps: Math.max(0, counters.bytesIn - before.counters.bytesIn) * perMs,
      outKbps: Math.max(0, counters.bytesOut - before.counters.bytesOut) * perMs,
    };
  }
}

/** @param {{all: number, lost: number}} packets */
function share({ all, lost }) {
  return all < FEWEST_PACKETS ? null : Math.min(1, Math.max(0, lost) / all);
}
