/** What is known of one other leg, through all the connections that it may have in turn. No DOM. */
import { Ladder, lower } from "./ladder.js";
import { judge, Meter } from "./stats.js";

/** @typedef {import("./ladder.js").Rung} Rung */
/** @typedef {import("./stats.js").Quality} Word */

export class Watched {
  #up = new Ladder(performance.now());
  #down = new Ladder(performance.now());
  #meter = new Meter();
  /** What the other side can receive, as it says. @type {Rung} */
  wanted = "full";
  /** @type {Word} */
  out = "unknown";
  /** @type {Word} */
  in = "unknown";
  /** @type {RTCPeerConnection | null} */
  pc = null;
  /** The connection that is being measured. @type {RTCPeerConnection | null} */
  looking = null;
  /** @type {import("./side-channel.js").SideChannel | null} */
  channel = null;
  sampleMeter = new Meter();
  /** The step that the other side was told of. @type {Rung} */
  told = "full";
  sampledAt = -Infinity;

  /** What is sent: as much as the way out bears and the other side can take. */
  get rung() {
    return lower(this.#up.rung, this.wanted);
  }

  /** What the way in bears: the other side is asked to send no more. */
  get asked() {
    return this.#down.rung;
  }

  /** A new connection begins to count at nothing. */
  begin() {
    [this.#meter, this.sampleMeter] = [new Meter(), new Meter()];
  }

  /**
   * @param {import("./stats.js").Counters} counters of a connection that is up
   * @param {number} nowMs
   */
  measured(counters, nowMs) {
    const measured = this.#meter.next(counters, nowMs);
    if (!measured) return;
    const { roundTripMs, jitterMs, availableKbps } = counters;
    const up = { loss: measured.lossOut, roundTripMs, jitterMs: 0 };
    const down = { loss: measured.lossIn, roundTripMs: 0, jitterMs };
    // A long round trip is one for both: each side does its part about what it sends.
    this.#up.look({ ...up, availableKbps }, nowMs);
    this.#down.look({ ...down, availableKbps: null }, nowMs);
    [this.out, this.in] = [judge(up), judge({ ...down, roundTripMs })];
  }
}
