/**
 * What may be lost between two browsers: that somebody writes, reactions, and which step of the
 * ladder the receiver asks for. A negotiated data channel; the server sees nothing of it. No DOM.
 */
import { RUNGS } from "./ladder.js";

export const CHANNEL = { negotiated: true, id: 0 };
export const REACTIONS = ["thumb", "heart", "applause", "smile", "hand"];
const LONGEST = 200;
/** So many messages a second are taken from the other side, and so many at once. */
const PER_SEC = 5;
const BURST = 15;

/** @typedef {{k: "want", rung: import("./ladder.js").Rung}} Want */
/** @typedef {{k: "typing", on: boolean}} Typing */
/** @typedef {{k: "reaction", sign: string}} Reaction */
/** @typedef {Want | Typing | Reaction} Aside */

/** @type {Record<string, [string, (value: unknown) => boolean]>} */
const KINDS = {
  want: ["rung", (value) => RUNGS.includes(/** @type {any} */ (value))],
  typing: ["on", (value) => typeof value === "boolean"],
  reaction: ["sign", (value) => REACTIONS.includes(/** @type {any} */ (value))],
};

/**
 * The message in what the other browser sent; it may have sent anything.
 * @param {unknown} text
 * @returns {Aside | null} null for all that is not exactly one of the known messages
 */
export function parseAside(text) {
  if (typeof text !== "string" || text.length > LONGEST) return null;
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof message !== "object" || message === null || Array.isArray(message)) return null;
  if (typeof message.k !== "string" || !Object.hasOwn(KINDS, message.k)) return null;
  const [field, isValid] = KINDS[message.k];
  const isExact = Object.keys(message).sort().join() === ["k", field].sort().join();
  return isExact && isValid(message[field]) ? message : null;
}

export class SideChannel {
  #pc;
  #onAside;
  #now;
  /** @type {RTCDataChannel | null} */
  #channel = null;
  #tokens = BURST;
  #refilledAt = 0;

  /**
   * @param {RTCPeerConnection} pc
   * @param {object} how
   * @param {boolean} how.offers whether this side offers first; the other takes the channel up then
   * @param {(aside: Aside) => void} how.onAside
   * @param {() => void} [how.onOpen]
   * @param {() => number} [how.now]
   */
  constructor(pc, { offers, onAside, onOpen, now = () => performance.now() }) {
    this.#pc = pc;
    this.#onAside = onAside;
    this.#now = now;
    this.onOpen = onOpen;
    if (offers) this.#create();
    // A channel made before the other's offer came would be an offer of this side's own.
    else pc.addEventListener("signalingstatechange", () => {
      if (pc.signalingState === "have-remote-offer") this.#create();
    });
  }

  /** @param {Aside} aside @returns {boolean} whether it went out; nothing is kept for later */
  send(aside) {
    if (this.#channel?.readyState !== "open") return false;
    this.#channel.send(JSON.stringify(aside));
    return true;
  }

  #create() {
    if (this.#channel) return;
    this.#channel = this.#pc.createDataChannel("aside", CHANNEL);
    this.#channel.onmessage = ({ data }) => this.#receive(data);
    this.#channel.onopen = () => this.onOpen?.();
  }

  /** @param {unknown} data */
  #receive(data) {
    const now = this.#now();
    this.#tokens = Math.min(BURST, this.#tokens + (PER_SEC * (now - this.#refilledAt)) / 1000);
    this.#refilledAt = now;
    if (this.#tokens < 1) return;
    this.#tokens -= 1;
    const aside = parseAside(data);
    if (aside) this.#onAside(aside);
  }
}
