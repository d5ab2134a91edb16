/**
 * The send-only connection to the recorder. It exists only while its own person's consent stands;
 * the browser offers, the recorder answers, and a broken one is replaced. No DOM.
 */
import { receivedOver } from "./pulse.js";
import { RecorderMender } from "./recorder-mender.js";
import { encodePicture, encodingFor, hasPicture, preferVp8 } from "./recorder-picture.js";
import { candidateInit } from "./sdp.js";
import { putTracks } from "./tracks.js";

/** @typedef {import("./peer.js").Tracks} Tracks */
/** @typedef {import("./reliable.js").Numbered} Numbered */

export class RecorderLeg {
  #how;
  #pc;
  #closed = false;
  #mender;
  /** The number of the last offer; only an answer to it counts. */
  #offered = 0;
  /** @type {Promise<void>} */
  #queue = Promise.resolve();

  /**
   * @param {object} how
   * @param {import("./connections.js").Connections} how.connections
   * @param {import("./connections.js").Whose} how.whose
   * @param {() => Tracks} how.tracks
   * @param {() => boolean} how.canSignal
   * @param {() => void} how.doubt the network may be another one
   * @param {(signal: any) => number} how.send returns the signal's number
   * @param {number} how.bitrate most bits a second of the picture
   * @param {string} how.quality what the recording is to hold: "audio", "small" or "full"
   * @param {() => import("./recorder-picture.js").Step} how.step how much the line to people leaves
   */
  constructor(how) {
    this.#how = how;
    this.#mender = new RecorderMender({
      ...how,
      state: () => this.#pc.connectionState,
      received: () => receivedOver(this.#pc),
      replace: () => this.restart(),
    });
    this.#pc = this.#connect();
  }

  get connection() {
    return this.#pc;
  }

  /** @param {Numbered} signal */
  receive(signal) {
    this.#queue = this.#queue.then(() => this.#handle(signal)).catch((fault) => {
      if (!this.#closed) console.warn("signal of the recorder not applied", signal.t, fault);
    });
  }

  /** The tracks, and how much is sent of them. */
  async setTracks() {
    const pc = this.#pc;
    await putTracks(pc, this.#how.tracks());
    await encodePicture(pc, this.#encoding());
  }

  /** What the recorder is told of what is on. @template {{video: boolean}} M @param {M} media */
  told(media) {
    const rung = /** @type {import("./ladder.js").Rung} */ (this.#how.step());
    return { ...media, video: media.video && hasPicture(this.#how.quality) && rung !== "audio", rung };
  }

  /** The network has changed: a recorder knows no ICE restart, so a new connection it is. */
  restart() {
    if (this.#closed) return;
    this.#how.connections.close(this.#pc);
    this.#offered = 0;
    this.#pc = this.#connect();
  }

  /** From here on not one packet of this person leaves for the recorder. */
  close() {
    this.#closed = true;
    this.#mender.close();
    this.#how.connections.close(this.#pc);
  }

  #connect() {
    const { connections, whose, tracks, quality, send } = this.#how;
    const pc = connections.open(whose, send);
    const { audio, video } = tracks();
    pc.addTransceiver(audio ?? "audio", { direction: "sendonly" });
    if (hasPicture(quality)) {
      const sendEncodings = [this.#encoding()];
      preferVp8(pc.addTransceiver(video ?? "video", { direction: "sendonly", sendEncodings }));
    }
    pc.onnegotiationneeded = () => void this.#offer(pc).catch(() => undefined); // closed meanwhile
    pc.onconnectionstatechange = () => this.#mender.look();
    this.#mender.begun();
    return pc;
  }

  #encoding() {
    const { quality, step, bitrate, tracks } = this.#how;
    const height = tracks().video?.getSettings().height ?? 0;
    return encodingFor(quality, step(), { height, bitrate });
  }

  /** @param {RTCPeerConnection} pc */
  async #offer(pc) {
    if (pc !== this.#pc || pc.signalingState !== "stable") return;
    await pc.setLocalDescription();
    const local = this.#how.connections.description(pc);
    if (pc !== this.#pc || this.#closed || !local) return;
    this.#offered = this.#how.send(local);
  }

  /** @param {Numbered} signal */
  async #handle(signal) {
    if (this.#closed) return;
    if (signal.t === "candidate") {
      if (this.#pc.remoteDescription) await this.#pc.addIceCandidate(candidateInit(signal));
    } else if (signal.t === "description" && signal.type === "answer") {
      if (signal.to !== this.#offered || this.#pc.signalingState !== "have-local-offer") return;
      await this.#pc.setRemoteDescription({ type: "answer", sdp: signal.sdp });
    }
  }
}
