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

/** What a warm connection carries (W3C WebRTC: a sender without a track sends nothing).
 * @type {import("./peer.js").Tracks} */
const NOTHING = { audio: null, video: null };

export class Line {
  #how;
  #leg;
  #link;
  #peer;
  #warm;
  /** @type {Remote | null} what comes from a person; none for a recorder */
  #remote = null;

  /**
   * @param {Entry} entry
   * @param {Surroundings} how
   */
  constructor(entry, how) {
    const { leg, role, polite } = entry;
    const { connections, bitrate, canSignal } = how;
    this.#how = how;
    this.#leg = leg;
    this.#warm = entry.warm;
    this.#link = new ReliableLink(leg, how.transmit, (signal) => this.#deliver(signal));
    const send = (/** @type {any} */ signal) => this.#link.send(signal);
    const tracks = () => (this.#warm ? NOTHING : how.tracks());
    const common = { connections, whose: { leg, role, polite }, canSignal, tracks, send };
    this.#peer = role === "recorder" ? new RecorderLeg({ ...common, bitrate }) : this.#person(entry, common);
    this.#tellMedia();
  }

  /** What is seen and heard of a person; null for a recorder, and of nobody before admission. */
  get remote() {
    return this.#warm ? null : this.#remote;
  }

  get isToRecorder() {
    return this.#peer instanceof RecorderLeg;
  }

  get connection() {
    return this.#peer.connection;
  }

  /** @param {Entry} entry the same leg, perhaps admitted by now: nothing is negotiated for that */
  update({ warm }) {
    if (warm === this.#warm) return;
    this.#warm = warm;
    this.mediaChanged();
  }

  /** @param {Signal} signal */
  receive(signal) {
    this.#link.receive(signal);
  }

  /** @param {number} n of the signal that the server will not take */
  refused(n) {
    this.#link.refused(n);
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
    this.#remote = remote;
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
    if (!this.#warm) this.#link.send({ t: "media", ...this.#how.media(this.#leg) });
  }

  /** @param {Partial<Remote>} change */
  #update(change) {
    if (!this.#remote) return;
    Object.assign(this.#remote, change);
    this.#how.onChange();
  }
}
