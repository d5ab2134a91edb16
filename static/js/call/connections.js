/**
 * The RTCPeerConnections of this page: made with the relays of now, and told of newer ones. No DOM.
 */
import { candidateSignal, forPictures, forSpeech, relayedOnly } from "./sdp.js";

/** @typedef {{leg: string, role: string, polite: boolean}} Whose the other end, and how this one yields */

/**
 * @typedef {object} Hooks
 * @property {(pc: RTCPeerConnection, whose: Whose) => void} [onConnection] one was made; nothing is
 *   negotiated yet
 * @property {(pc: RTCPeerConnection) => void} [onConnectionClosed]
 */

export class Connections {
  #hooks;
  /** @type {Set<RTCPeerConnection>} */
  #live = new Set();
  /** @type {Required<Pick<RTCConfiguration, "iceServers" | "iceTransportPolicy">>} */
  #ice = { iceServers: [], iceTransportPolicy: "all" };

  /** @param {Hooks} hooks */
  constructor(hooks) {
    this.#hooks = hooks;
  }

  /**
   * From now on, for the connections that there are too.
   * @param {RTCIceServer[]} iceServers
   * @param {RTCIceTransportPolicy} iceTransportPolicy
   */
  use(iceServers, iceTransportPolicy) {
    this.#ice = { iceServers, iceTransportPolicy };
    for (const pc of this.#live) pc.setConfiguration(this.#configuration);
  }

  /**
   * @param {Whose} whose
   * @param {(signal: any) => void} send takes its candidates
   */
  open(whose, send) {
    const pc = new RTCPeerConnection(this.#configuration);
    this.#live.add(pc);
    pc.onicecandidate = ({ candidate }) => {
      const signal = candidate && candidateSignal(candidate);
      if (signal?.candidate === "" || (signal && this.#permitted(signal.candidate))) {
        send({ ...signal, candidate: this.#permitted(signal.candidate) });
      }
    };
    this.#hooks.onConnection?.(pc, whose);
    return pc;
  }

  /** @param {RTCPeerConnection} pc from here on it says and does nothing more */
  close(pc) {
    if (!this.#live.delete(pc)) return;
    pc.onnegotiationneeded = pc.onicecandidate = pc.ontrack = pc.onconnectionstatechange = null;
    pc.close();
    this.#hooks.onConnectionClosed?.(pc);
  }

  /**
   * The local description as the other side may have it.
   * @param {RTCPeerConnection} pc
   * @returns {{t: "description", type: RTCSdpType, sdp: string} | null}
   */
  description(pc) {
    const local = pc.localDescription;
    if (!local) return null;
    const sdp = forPictures(forSpeech(this.#permitted(local.sdp)));
    return { t: "description", type: local.type, sdp };
  }

  /** With relays only, no address of this page leaves it.
   * @param {string} text a description or a candidate */
  #permitted(text) {
    return this.#ice.iceTransportPolicy === "relay" ? relayedOnly(text) : text;
  }

  get #configuration() {
    return { ...this.#ice, bundlePolicy: /** @type {const} */ ("max-bundle") };
  }
}
