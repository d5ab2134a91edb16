/** One connection to one other browser, by perfect negotiation (W3C WebRTC, 10.7). No DOM. */
import { Mender } from "./mender.js";
import { receivedOver } from "./pulse.js";
import { candidateInit, sessionOf } from "./sdp.js";
import { putTracks } from "./tracks.js";

/** @typedef {import("./reliable.js").Numbered} Numbered */
/** @typedef {import("./tracks.js").Tracks} Tracks */

export class Peer {
  #how;
  #pc;
  #makingOffer = false;
  #ignoringOffer = false;
  #answering = false;
  #closed = false;
  /** The number of the last offer; only an answer to it counts. */
  #offered = 0;
  /** The `o=` session of the other side's connection, and the one that it had before. */
  #session = "";
  #staleSession = "";
  #mender;
  #queue = Promise.resolve();

  /**
   * @param {object} how
   * @param {boolean} how.polite
   * @param {import("./connections.js").Connections} how.connections
   * @param {import("./connections.js").Whose} how.whose
   * @param {() => Tracks} how.tracks
   * @param {() => boolean} how.canSignal
   * @param {() => void} how.doubt the network may be another one
   * @param {(signal: any) => number} how.send returns the signal's number
   * @param {(track: MediaStreamTrack) => void} how.onTrack
   * @param {(state: import("./mender.js").PeerState) => void} how.onState
   */
  constructor(how) {
    this.#how = how;
    this.#mender = new Mender({
      ...how,
      mayBegin: !how.polite,
      state: () => this.#pc.connectionState,
      received: () => receivedOver(this.#pc),
      restart: () => this.#pc.restartIce(),
      begin: () => this.#begin(),
    });
    this.#pc = this.#connection();
    if (!how.polite) this.#addTransceivers();
  }

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
  setTracks() {
    return putTracks(this.#pc, this.#how.tracks());
  }

  /** The network has changed. */
  restart() {
    this.#mender.restart();
  }

  close() {
    this.#closed = true;
    this.#mender.close();
    this.#how.connections.close(this.#pc);
  }

  #connection() {
    const { connections, whose, send, onTrack } = this.#how;
    const pc = connections.open(whose, send);
    pc.onnegotiationneeded = () => void this.#offer(pc).catch(() => undefined); // closed meanwhile
    pc.ontrack = ({ track }) => onTrack(track);
    pc.onconnectionstatechange = () => this.#mender.look();
    return pc;
  }

  /** Only the impolite side adds them; the polite one takes those of the offer, so none double. */
  #addTransceivers() {
    const { audio, video } = this.#how.tracks();
    for (const source of [audio ?? "audio", video ?? "video"]) this.#pc.addTransceiver(source);
  }

  /** @param {RTCPeerConnection} pc */
  async #offer(pc) {
    this.#makingOffer = true;
    try {
      await pc.setLocalDescription();
      const offer = this.#how.connections.description(pc);
      if (pc === this.#pc && offer?.type === "offer") this.#offered = this.#how.send(offer);
    } finally {
      this.#makingOffer = false;
    }
  }

  /** @param {Numbered} signal */
  async #handle(signal) {
    if (signal.t === "candidate" && !this.#closed) await this.#pc.addIceCandidate(candidateInit(signal));
    if (signal.t === "description" && !this.#closed) await this.#described(signal);
  }

  /** @param {import("./messages.js").Description} description */
  async #described({ type, sdp, n, to }) {
    if (type === "answer" && to !== this.#offered) return;
    const session = sessionOf(sdp);
    const ready = !this.#makingOffer && (this.#pc.signalingState === "stable" || this.#answering);
    const collides = type === "offer" && !ready;
    const wasUp = Boolean(this.#pc.currentRemoteDescription);
    const isNew = this.#session !== "" && session !== this.#session;
    this.#ignoringOffer = collides && !this.#how.polite && !(isNew && wasUp);
    if (this.#ignoringOffer || session === this.#staleSession) return;
    if (type === "offer") this.#offered = 0; // the other's offer comes before this side's own
    // Chromium shows nothing any more on a connection that was up and is rolled back.
    if (collides && wasUp && !isNew) return void this.#begin();
    if (type === "offer" && isNew) this.#replace();
    this.#session = session;
    this.#answering = type === "answer";
    await this.#pc.setRemoteDescription({ type, sdp }).finally(() => (this.#answering = false));
    if (type === "answer") return;
    this.#mender.follow();
    for (const transceiver of this.#pc.getTransceivers()) transceiver.direction = "sendrecv";
    await this.setTracks();
    await this.#pc.setLocalDescription();
    this.#how.send({ ...this.#how.connections.description(this.#pc), to: n });
  }

  /** This side starts over; the other one follows when it sees the new session. */
  #begin() {
    this.#staleSession = this.#session || this.#staleSession; // begun twice: none came in between
    this.#replace();
    this.#addTransceivers();
  }

  #replace() {
    this.#how.connections.close(this.#pc);
    this.#pc = this.#connection();
    this.#session = "";
    this.#offered = 0;
  }
}
