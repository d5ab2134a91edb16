/** What this page has with one other leg: a reliable link, a connection, what comes over it. No DOM. */
import { Peer } from "./peer.js";
import { RecorderLeg } from "./recorder-leg.js";
import { ReliableLink } from "./reliable.js";

/** @typedef {import("./messages.js").Peer} Entry */
/** @typedef {import("./messages.js").Signal} Signal */
/** @typedef {import("./app.js").Remote} Remote */

/**
 * @typedef {object} Surroundings
 * @property {import("./connections.js").Connections} connections
 * @property {number} bitrate most bits a second of the picture for a recorder
 * @property {(signal: Signal) => void} transmit
 * @property {() => boolean} canSignal
 * @property {() => import("./peer.js").Tracks} tracks
 * @property {import("./app.js").Surroundings["media"]} media
 * @property {() => void} onChange something in `remote` has changed
 */

export class Line {
  #how;
  #leg;
  #link;
  #peer;
  /** @type {Remote | null} what is seen and heard of a person; null for a recorder */
  remote = null;

  /**
   * @param {Entry} entry
   * @param {Surroundings} how
   */
  constructor(entry, how) {
    const { leg, role, polite } = entry;
    const { connections, bitrate, canSignal, tracks } = how;
    this.#how = how;
    this.#leg = leg;
    this.#link = new ReliableLink(leg, how.transmit, (signal) => this.#deliver(signal));
    const send = (/** @type {any} */ signal) => this.#link.send(signal);
    const common = { connections, whose: { leg, role, polite }, canSignal, tracks, send };
    this.#peer = role === "recorder" ? new RecorderLeg({ ...common, bitrate }) : this.#person(entry, common);
    this.#tellMedia();
  }

  get isToRecorder() {
    return this.#peer instanceof RecorderLeg;
  }

  get connection() {
    return this.#peer.connection;
  }

  /** @param {Signal} signal */
  receive(signal) {
    this.#link.receive(signal);
  }

  /** The socket is back. */
  resume() {
    this.#link.resume();
  }

  /** The network has changed. */
  restart() {
    this.#peer.restart();
  }

  /** Tracks or their being on have changed. */
  mediaChanged() {
    this.#tellMedia();
    this.#peer.setTracks().catch((fault) => console.warn("track not replaced", fault));
  }

  close() {
    this.#link.close();
    this.#peer.close();
  }

  /**
   * @param {Entry} entry
   * @param {Omit<ConstructorParameters<typeof Peer>[0], "polite" | "onTrack" | "onState">} common
   */
  #person({ leg, participant, name, polite }, common) {
    /** @type {Remote} */
    const remote = { leg, participant, name, state: "connecting", tracks: [], audio: true, video: true, rung: "full" };
    this.remote = remote;
    return new Peer({
      ...common,
      polite,
      onTrack: (track) => this.#update({
        tracks: [...remote.tracks.filter(({ kind }) => kind !== track.kind), track],
      }),
      onState: (state) => this.#update({ state }),
    });
  }

  /** @param {import("./reliable.js").Numbered} signal */
  #deliver(signal) {
    if (signal.t !== "media") this.#peer.receive(signal);
    else this.#update({ audio: signal.audio, video: signal.video, rung: signal.rung ?? "full" });
  }

  #tellMedia() {
    this.#link.send({ t: "media", ...this.#how.media(this.#leg) });
  }

  /** @param {Partial<Remote>} change */
  #update(change) {
    if (!this.remote) return;
    Object.assign(this.remote, change);
    this.#how.onChange();
  }
}
