/**
 * One connection to one other browser, by perfect negotiation (W3C WebRTC, section 10.7), that
 * mends itself: ICE restart first, a new RTCPeerConnection when that fails. No DOM.
 */
import { candidateInit, candidateSignal, sessionOf } from "./sdp.js";

/** @typedef {import("./reliable.js").Numbered} Numbered */
/** @typedef {{audio: MediaStreamTrack | null, video: MediaStreamTrack | null}} Tracks */
/** @typedef {"connecting" | "connected" | "reconnecting"} PeerState */

const DISCONNECTED_MS = 2000;
const MEND_MS = 8000;

export class Peer {
  #how;
  #pc;
  #makingOffer = false;
  #ignoringOffer = false;
  #answering = false;
  #everConnected = false;
  #restarted = false;
  #closed = false;
  /** The `o=` session of the other side's connection, and the one that it had before. */
  #session = "";
  #staleSession = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #mendTimer;
  /** @type {Promise<void>} */
  #queue = Promise.resolve();

  /**
   * @param {object} how
   * @param {boolean} how.polite
   * @param {RTCIceServer[]} how.iceServers
   * @param {() => Tracks} how.tracks
   * @param {() => boolean} how.canSignal
   * @param {(signal: any) => void} how.send
   * @param {(track: MediaStreamTrack) => void} how.onTrack
   * @param {(state: PeerState) => void} how.onState
   */
  constructor(how) {
    this.#how = how;
    this.#pc = this.#connection();
    if (!how.polite) this.#addTransceivers();
  }

  /** The connection of this moment, for its statistics. */
  get connection() {
    return this.#pc;
  }

  /** @param {Numbered} signal the next one from the other side */
  receive(signal) {
    this.#queue = this.#queue.then(() => this.#handle(signal)).catch((fault) => {
      if (!this.#closed && !this.#ignoringOffer) console.warn("signal not applied", signal.t, fault);
    });
  }

  /** Sends what the microphone and camera give now; nothing is negotiated for it. */
  async setTracks() {
    const tracks = this.#how.tracks();
    for (const { sender, receiver } of this.#pc.getTransceivers()) {
      const kind = /** @type {"audio" | "video"} */ (receiver.track.kind);
      if (sender.track !== tracks[kind]) await sender.replaceTrack(tracks[kind]);
    }
  }

  /** The network has changed: looks for a new path at once. */
  restart() {
    if (this.#closed || this.#pc.signalingState === "closed") return;
    this.#restarted = true;
    this.#pc.restartIce();
    this.#mendIn(MEND_MS);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#mendTimer);
    this.#retire();
  }

  #connection() {
    const { iceServers, send, onTrack } = this.#how;
    const pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    pc.onnegotiationneeded = () => this.#offer();
    pc.onicecandidate = ({ candidate }) => candidate && send(candidateSignal(candidate));
    pc.ontrack = ({ track }) => onTrack(track);
    pc.onconnectionstatechange = () => this.#stateChanged();
    return pc;
  }

  /** Only the impolite side adds them; the polite one takes those of the offer, so none double. */
  #addTransceivers() {
    const { audio, video } = this.#how.tracks();
    this.#pc.addTransceiver(audio ?? "audio", { direction: "sendrecv" });
    this.#pc.addTransceiver(video ?? "video", { direction: "sendrecv" });
  }

  async #offer() {
    const pc = this.#pc;
    try {
      this.#makingOffer = true;
      await pc.setLocalDescription();
      this.#describe();
    } catch (fault) {
      if (!this.#closed && pc === this.#pc) console.warn("no offer", fault);
    } finally {
      this.#makingOffer = false;
    }
  }

  #describe() {
    const local = this.#pc.localDescription;
    if (local) this.#how.send({ t: "description", type: local.type, sdp: local.sdp });
  }

  /** @param {Numbered} signal */
  async #handle(signal) {
    if (this.#closed) return;
    if (signal.t === "candidate") await this.#pc.addIceCandidate(candidateInit(signal));
    else if (signal.t === "description") await this.#described(signal);
  }

  /** @param {import("./messages.js").Description} description */
  async #described({ type, sdp }) {
    const session = sessionOf(sdp);
    if (session === this.#staleSession) return;
    const ready = !this.#makingOffer && (this.#pc.signalingState === "stable" || this.#answering);
    this.#ignoringOffer = type === "offer" && !ready && !this.#how.polite;
    if (this.#ignoringOffer) return;
    if (type === "offer" && this.#session && session !== this.#session) this.#replace();
    this.#session = session;
    this.#answering = type === "answer";
    await this.#pc.setRemoteDescription({ type, sdp });
    this.#answering = false;
    if (type === "answer") return;
    for (const transceiver of this.#pc.getTransceivers()) transceiver.direction = "sendrecv";
    await this.setTracks();
    await this.#pc.setLocalDescription();
    this.#describe();
  }

  #stateChanged() {
    const state = this.#pc.connectionState;
    if (state === "connected") {
      this.#everConnected = true;
      this.#restarted = false;
      clearTimeout(this.#mendTimer);
    } else if (state === "disconnected") this.#mendIn(DISCONNECTED_MS);
    else if (state === "failed") this.#mend();
    const other = this.#everConnected ? "reconnecting" : "connecting";
    this.#how.onState(state === "connected" ? "connected" : other);
  }

  /** @param {number} afterMs */
  #mendIn(afterMs) {
    clearTimeout(this.#mendTimer);
    this.#mendTimer = setTimeout(() => this.#mend(), afterMs);
  }

  #mend() {
    if (this.#closed || this.#pc.connectionState === "connected") return;
    if (!this.#how.canSignal()) this.#mendIn(DISCONNECTED_MS);
    else if (!this.#restarted || this.#how.polite) this.restart();
    else this.#begin();
  }

  /** The impolite side starts over; the other one follows when it sees the new session. */
  #begin() {
    this.#staleSession = this.#session;
    this.#replace();
    this.#addTransceivers();
    this.#mendIn(MEND_MS);
  }

  #replace() {
    this.#retire();
    this.#session = "";
    this.#pc = this.#connection();
  }

  #retire() {
    const pc = this.#pc;
    pc.onnegotiationneeded = pc.onicecandidate = pc.ontrack = pc.onconnectionstatechange = null;
    pc.close();
  }
}
