/** What this page has with one other leg: a reliable link, a connection, what comes over it. No DOM. */
import { NOTHING, sends, shownOf } from "./flow.js";
import { Peer } from "./peer.js";
import { RecorderLeg } from "./recorder-leg.js";
import { ReliableLink } from "./reliable.js";

/** @typedef {import("./messages.js").Peer} Entry */
/** @typedef {import("./messages.js").Signal} Signal */
/** @typedef {import("./app.js").Remote} Remote */

/**
 * @typedef {Pick<import("./app.js").Surroundings, "tracks" | "media" | "onChange"> & {
 *   connections: import("./connections.js").Connections,
 *   bitrate: number, recorderStep: () => import("./recorder-picture.js").Step,
 *   transmit: (signal: Signal) => void, canSignal: () => boolean, doubt: () => void,
 * }} Surroundings `bitrate`: most bits a second of the picture for a recorder
 */

export class Line {
  #how;
  #leg;
  #link;
  #peer;
  #warm;
  #flow;
  /** @type {(() => void) | null} */
  #onBroken = null;
  /** @type {Remote | null} what comes from a person; none for a recorder */
  #remote = null;

  /** @param {Entry} entry @param {Surroundings} how */
  constructor(entry, how) {
    const { leg, role, polite } = entry;
    this.#how = how;
    this.#leg = leg;
    this.#warm = entry.warm;
    this.#flow = entry.flow ?? "both";
    const transmit = (/** @type {Signal} */ signal) => this.#onBroken || how.transmit(signal);
    this.#link = new ReliableLink(leg, transmit, (signal) => this.#deliver(signal));
    const send = (/** @type {any} */ signal) => this.#link.send(signal);
    // Offers to somebody who is away would only pile up until they are back.
    const canSignal = () => how.canSignal() && this.#link.isHeard;
    const tracks = () => (sends(this.#flow) ? how.tracks() : NOTHING);
    const { connections, bitrate, recorderStep: step, doubt } = how;
    const common = { connections, doubt, whose: { leg, role, polite }, canSignal, tracks, send };
    const limits = { bitrate, step, quality: entry.quality || "full" };
    this.#peer = role === "recorder" ? new RecorderLeg({ ...common, ...limits }) : this.#person(entry, common);
    this.#tellMedia();
  }

  /** What is seen and heard of a person; null for a recorder, and of nobody before admission. */
  get remote() {
    return this.#warm || !this.#remote ? null : shownOf(this.#remote);
  }

  get isToRecorder() { return this.#peer instanceof RecorderLeg; }

  get connection() { return this.#peer.connection; }

  /** @param {Entry} entry the same leg, perhaps admitted or on hold by now: nothing is negotiated for that */
  update({ warm, flow = "both" }) {
    if (warm === this.#warm && flow === this.#flow) return;
    this.#warm = warm;
    this.#flow = flow;
    if (this.#remote) this.#remote.flow = flow;
    this.mediaChanged();
  }

  /**
   * The server has given the other end up, and nobody said goodbye: as long as it is seen and
   * heard it stays.
   * @param {() => void} onBroken
   * @returns {boolean} whether it is
   */
  drift(onBroken) {
    this.#onBroken = this.remote?.state === "connected" ? onBroken : null;
    return this.#onBroken !== null;
  }

  /** @param {Signal} signal */
  receive(signal) {
    this.#link.receive(signal);
  }

  /** @param {number} n */
  refused(n) {
    this.#link.refused(n);
  }

  resume() {
    this.#link.resume();
  }

  restart() {
    this.#peer.restart();
  }

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
    const remote = {
      leg, participant, name, flow: this.#flow, state: "connecting", tracks: [], audio: true, video: true, rung: "full",
    };
    this.#remote = remote;
    return new Peer({
      ...common,
      polite,
      onTrack: (track) => this.#update({
        tracks: [...remote.tracks.filter(({ kind }) => kind !== track.kind), track],
      }),
      onState: (state) => {
        this.#update({ state });
        if (state !== "connected") this.#onBroken?.();
      },
    });
  }

  /** @param {import("./reliable.js").Numbered} signal */
  #deliver(signal) {
    if (signal.t !== "media") this.#peer.receive(signal);
    else this.#update({ audio: signal.audio, video: signal.video, rung: signal.rung ?? "full" });
  }

  #tellMedia() {
    const media = this.#how.media(this.#leg);
    const told = this.#peer instanceof RecorderLeg ? this.#peer.told(media) : media;
    if (sends(this.#flow)) this.#link.send({ t: "media", ...told });
  }

  /** @param {Partial<Remote>} change */
  #update(change) {
    if (!this.#remote) return;
    Object.assign(this.#remote, change);
    this.#how.onChange();
  }
}
