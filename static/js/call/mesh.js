/** All connections of this page: one per leg that the server allows signals with. No DOM. */
import { Connections } from "./connections.js";
import { Line } from "./line.js";

/** @typedef {import("./messages.js").Signal} Signal */

/** Signals that come before the server has told about their sender wait here, at most so many. */
const MAX_EARLY = 100;

export class Mesh {
  #how;
  /** @type {Map<string, Line>} by leg */
  #lines = new Map();
  /** @type {Signal[]} */
  #early = [];
  #connections;
  bitrate = 0;

  /**
   * @param {Pick<import("./app.js").Surroundings, "tracks" | "media" | "onChange" | "recorderStep">
   *   & import("./connections.js").Hooks
   *   & {transmit: (signal: Signal) => void, canSignal: () => boolean, doubt: () => void}} how
   */
  constructor(how) {
    this.#how = how;
    this.#connections = new Connections(how);
  }

  /**
   * The relays of all connections, from now on.
   * @param {RTCIceServer[]} servers
   * @param {RTCIceTransportPolicy} policy
   */
  useRelays(servers, policy) {
    this.#connections.use(servers, policy);
  }

  /** @returns {import("./app.js").Remote[]} */
  get remotes() {
    return [...this.#lines.values()].flatMap(({ remote }) => remote ?? []);
  }

  /** Live connections to people, for statistics. @returns {RTCPeerConnection[]} */
  get connections() {
    return [...this.#lines.values()].flatMap((line) => (line.isToRecorder ? [] : line.connection));
  }

  /** Whether this person is being sent to a recorder now. */
  get isFeedingRecorder() {
    return [...this.#lines.values()].some((line) => line.isToRecorder);
  }

  /**
   * @param {import("./messages.js").Peer[]} peers all with whom there shall be a connection; others
   *   are closed
   * @param {(participant: string) => boolean} [isLost] whether somebody is only out of the server's
   *   sight: a connection that works outlasts that
   */
  setPeers(peers, isLost = () => false) {
    const wanted = new Set(peers.map(({ leg }) => leg));
    const here = new Set(peers.map(({ participant }) => participant));
    for (const [leg, line] of this.#lines) {
      if (wanted.has(leg)) continue;
      const participant = line.remote?.participant ?? "";
      const mayStay = isLost(participant) && !here.has(participant);
      const hangUp = () => {
        this.#hangUp(leg);
        this.#how.onChange();
      };
      if (!mayStay || !line.drift(hangUp)) this.#hangUp(leg);
    }
    for (const peer of peers) {
      const line = this.#lines.get(peer.leg);
      if (line) line.update(peer);
      else this.#call(peer);
    }
    const early = this.#early.splice(0);
    for (const signal of early) this.receive(signal);
    this.#how.onChange();
  }

  /** @param {Signal} signal */
  receive(signal) {
    const line = this.#lines.get(signal.leg);
    if (line) line.receive(signal);
    else if (this.#early.push(signal) > MAX_EARLY) this.#early.shift(); // it will be sent again
  }

  /** The server will never take a signal.
   * @param {import("./messages.js").Error} error */
  refused({ leg, n }) {
    if (leg && n) this.#lines.get(leg)?.refused(n);
  }

  /** The socket is back. */
  resume() {
    for (const line of this.#lines.values()) line.resume();
  }

  /** The network has changed. */
  restart() {
    for (const line of this.#lines.values()) line.restart();
  }

  /** Tracks or their being on have changed. */
  mediaChanged() {
    for (const line of this.#lines.values()) line.mediaChanged();
  }

  close() {
    for (const leg of this.#lines.keys()) this.#hangUp(leg);
    this.#early = [];
    this.#how.onChange();
  }

  /** @param {import("./messages.js").Peer} entry */
  #call(entry) {
    const how = { ...this.#how, connections: this.#connections, bitrate: this.bitrate };
    this.#lines.set(entry.leg, new Line(entry, how));
  }

  /** @param {string} leg */
  #hangUp(leg) {
    const line = this.#lines.get(leg);
    this.#lines.delete(leg);
    line?.close();
  }
}
