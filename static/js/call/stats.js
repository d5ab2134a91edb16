/** How good the connection is, in one of four words, from getStats(). No DOM. */

/** @typedef {"unknown" | "good" | "fair" | "poor"} Quality */
/** @typedef {{received: number, lost: number, roundTripMs: number, jitterMs: number}} Sample */

const EVERY_MS = 2000;

/**
 * The word for what happened between two samples. Limits: ITU-T G.114 (150 ms one way is fine, 400
 * is not) and the loss that Opus and VP8 hide (3 %) or do not (10 %).
 * @param {Sample | null} before
 * @param {Sample} now
 * @returns {Quality}
 */
export function judge(before, now) {
  if (!before) return "unknown";
  const received = now.received - before.received;
  const lost = Math.max(0, now.lost - before.lost);
  if (received <= 0) return lost > 0 ? "poor" : "unknown";
  const loss = lost / (received + lost);
  if (loss > 0.1 || now.roundTripMs > 800 || now.jitterMs > 120) return "poor";
  if (loss > 0.03 || now.roundTripMs > 300 || now.jitterMs > 50) return "fair";
  return "good";
}

/**
 * The sums over everything that a connection receives.
 * @param {Iterable<any>} reports of RTCStatsReport.values()
 * @returns {Sample}
 */
export function sampleOf(reports) {
  const sample = { received: 0, lost: 0, roundTripMs: 0, jitterMs: 0 };
  for (const report of reports) {
    if (report.type === "inbound-rtp") {
      sample.received += report.packetsReceived ?? 0;
      sample.lost += report.packetsLost ?? 0;
      sample.jitterMs = Math.max(sample.jitterMs, 1000 * (report.jitter ?? 0));
    } else if (report.type === "candidate-pair" && report.nominated) {
      sample.roundTripMs = Math.max(sample.roundTripMs, 1000 * (report.currentRoundTripTime ?? 0));
    }
  }
  return sample;
}

export class QualityWatch {
  #connections;
  #onQuality;
  /** @type {WeakMap<RTCPeerConnection, Sample>} */
  #before = new WeakMap();
  #timer;

  /**
   * @param {() => RTCPeerConnection[]} connections
   * @param {(quality: Quality) => void} onQuality the worst of all connections, every two seconds
   */
  constructor(connections, onQuality) {
    this.#connections = connections;
    this.#onQuality = onQuality;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  close() {
    clearInterval(this.#timer);
  }

  async #look() {
    const words = await Promise.all(this.#connections().map((connection) => this.#ask(connection)));
    const order = /** @type {Quality[]} */ (["poor", "fair", "good"]);
    this.#onQuality(order.find((word) => words.includes(word)) ?? "unknown");
  }

  /** @param {RTCPeerConnection} connection @returns {Promise<Quality>} */
  async #ask(connection) {
    const stats = await connection.getStats();
    const now = sampleOf(/** @type {any} */ (stats).values());
    const word = judge(this.#before.get(connection) ?? null, now);
    this.#before.set(connection, now);
    return word;
  }
}
