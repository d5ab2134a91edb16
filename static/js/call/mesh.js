/** All connections of this page: one per leg that the server allows signals with. No DOM. */
import { Peer } from "./peer.js";
import { RecorderLeg } from "./recorder-leg.js";
import { ReliableLink } from "./reliable.js";

/** @typedef {import("./messages.js").Peer} PeerEntry */
/** @typedef {import("./messages.js").Signal} Signal */
/** @typedef {import("./app.js").Remote} Remote */

/** @typedef {{link: ReliableLink, peer: Peer | RecorderLeg, remote: Remote | null}} Line */

/** Signals that come before the server has told about their sender wait here, at most so many. */
const MAX_EARLY = 100;

export class Mesh {
  #how;
  /** @type {Map<string, Line>} */
  #lines = new Map();
  /** @type {Signal[]} */
  #early = [];
  /** @type {RTCIceServer[]} */
  iceServers = [];
  bitrate = 0;

  /**
   * @param {object} how
   * @param {(signal: Signal) => void} how.transmit
   * @param {() => boolean} how.canSignal
   * @param {() => import("./peer.js").Tracks} how.tracks
   * @param {() => {audio: boolean, video: boolean}} how.media what is on now
   * @param {() => void} how.onChange something in `remotes` has changed
   */
  constructor(how) {
    this.#how = how;
  }

  /** @returns {Remote[]} */
  get remotes() {
    return [...this.#lines.values()].flatMap(({ remote }) => remote ?? []);
  }

  /** Live connections for statistics. @returns {RTCPeerConnection[]} */
  get connections() {
    return [...this.#lines.values()].flatMap(({ peer }) => (peer instanceof Peer ? peer.connection : []));
  }

  /** Whether this person is being sent to a recorder now. */
  get isFeedingRecorder() {
    return [...this.#lines.values()].some(({ peer }) => peer instanceof RecorderLeg);
  }

  /** @param {PeerEntry[]} peers all with whom there shall be a connection; others are closed */
  setPeers(peers) {
    const wanted = new Set(peers.map(({ leg }) => leg));
    for (const leg of this.#lines.keys()) if (!wanted.has(leg)) this.#hangUp(leg);
    for (const peer of peers) if (!this.#lines.has(peer.leg)) this.#call(peer);
    const early = this.#early.splice(0);
    for (const signal of early) this.receive(signal);
    this.#how.onChange();
  }

  /** @param {Signal} signal */
  receive(signal) {
    const line = this.#lines.get(signal.leg);
    if (line) line.link.receive(signal);
    else if (this.#early.push(signal) > MAX_EARLY) this.#early.shift(); // it will be sent again
  }

  /** The socket is back. */
  resume() {
    for (const { link } of this.#lines.values()) link.resume();
  }

  /** The network has changed. */
  restart() {
    for (const { peer } of this.#lines.values()) peer.restart();
  }

  /** Tracks or their being on have changed. */
  mediaChanged() {
    for (const { link, peer } of this.#lines.values()) {
      link.send({ t: "media", ...this.#how.media() });
      peer.setTracks().catch((fault) => console.warn("track not replaced", fault));
    }
  }

  close() {
    for (const leg of this.#lines.keys()) this.#hangUp(leg);
    this.#early = [];
    this.#how.onChange();
  }

  /** @param {PeerEntry} entry */
  #call(entry) {
    const { leg, participant, name, polite } = entry;
    const { transmit, canSignal, tracks, media } = this.#how;
    const link = new ReliableLink(leg, transmit, (signal) => this.#deliver(leg, signal));
    const send = (/** @type {any} */ signal) => link.send(signal);
    const how = { iceServers: this.iceServers, canSignal, tracks, send };
    if (entry.role === "recorder") {
      const peer = new RecorderLeg({ ...how, bitrate: this.bitrate });
      this.#lines.set(leg, { link, peer, remote: null });
    } else {
      /** @type {Remote} */
      const remote = { leg, participant, name, state: "connecting", tracks: [], audio: true, video: true };
      const peer = new Peer({
        ...how,
        polite,
        onTrack: (track) => this.#update(remote, {
          tracks: [...remote.tracks.filter(({ kind }) => kind !== track.kind), track],
        }),
        onState: (state) => this.#update(remote, { state }),
      });
      this.#lines.set(leg, { link, peer, remote });
    }
    link.send({ t: "media", ...media() });
  }

  /**
   * @param {string} leg
   * @param {import("./reliable.js").Numbered} signal
   */
  #deliver(leg, signal) {
    const line = this.#lines.get(leg);
    if (!line) return;
    if (signal.t !== "media") line.peer.receive(signal);
    else if (line.remote) this.#update(line.remote, { audio: signal.audio, video: signal.video });
  }

  /**
   * @param {Remote} remote
   * @param {Partial<Remote>} change
   */
  #update(remote, change) {
    Object.assign(remote, change);
    this.#how.onChange();
  }

  /** @param {string} leg */
  #hangUp(leg) {
    const line = this.#lines.get(leg);
    this.#lines.delete(leg);
    line?.link.close();
    line?.peer.close();
  }
}
