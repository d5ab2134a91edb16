/** The socket to the server: opens, proves alive, comes back, and hands commands their answers. */
import { BackOff } from "./back-off.js";
import { Heartbeat } from "./heartbeat.js";
import { CloseCode } from "./messages.js";
import { PendingCommands } from "./pending.js";

/** @typedef {import("./messages.js").ServerMessage} ServerMessage */
/** @typedef {"connecting" | "connected" | "reconnecting" | "closed"} Status */

/** After these there is nothing to come back to, or somebody has to decide first. */
const FINAL = /** @type {readonly number[]} */ ([
  CloseCode.MALFORMED, CloseCode.SIGNED_OUT, CloseCode.FORBIDDEN, CloseCode.NO_SUCH_CALL,
  CloseCode.REPLACED, CloseCode.ENDED,
]);

export class Signaling {
  #url;
  #hello;
  #onMessage;
  #onStatus;
  /** @type {WebSocket | null} */
  #socket = null;
  #welcomed = false;
  #backOff = new BackOff();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  #heartbeat = new Heartbeat({
    ping: () => this.#put({ t: "ping" }),
    onSilent: () => this.#lost(CloseCode.SILENT),
  });
  #commands = new PendingCommands();

  /**
   * @param {object} how
   * @param {string} how.url
   * @param {() => {leg: string | null, last_seq: number, token: string | null}} how.hello what to go on with
   * @param {(message: ServerMessage, roundTripMs: number) => void} how.onMessage
   * @param {(status: Status, code: number) => void} how.onStatus
   */
  constructor({ url, hello, onMessage, onStatus }) {
    this.#url = url;
    this.#hello = hello;
    this.#onMessage = onMessage;
    this.#onStatus = onStatus;
  }

  /** Opens the socket, or opens it anew: whatever was pending is sent again. */
  open() {
    this.#drop();
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#heartbeat.start();
    socket.onopen = () => this.#put({ t: "hello", ...this.#hello() });
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    socket.onclose = (event) => this.#lost(event.code);
  }

  /** Another network: a socket of the one before would only be found dead. */
  renew() {
    if (!this.#retryTimer && !this.#socket) return; // there is nothing to come back to
    this.#onStatus("reconnecting", 0);
    this.open();
  }

  /** The network may be back: does not wait for the next attempt. */
  wake() {
    if (this.#retryTimer) this.open();
    else this.doubt();
  }

  /** The network may be another one: an open socket has to answer soon. */
  doubt() {
    this.#heartbeat.doubt();
  }

  /** Lost if there is no socket: what must arrive is sent again by its link.
   * @param {import("./messages.js").Signal | import("./messages.js").Sample} signal */
  signal(signal) {
    if (this.#welcomed) this.#put(signal);
  }

  /**
   * Sends a command until it is answered.
   * @param {string} kind
   * @param {Record<string, unknown>} [fields]
   * @returns {Promise<import("./messages.js").Ok>} rejects with Refused
   */
  command(kind, fields = {}) {
    const { frame, answer } = this.#commands.add(kind, fields);
    if (this.#welcomed) this.#put(frame);
    return answer;
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    const { sincePingMs } = this.#heartbeat;
    this.#heartbeat.heard(message.t === "welcome");
    if (message.t === "ok" || message.t === "error") this.#commands.answered(message);
    this.#onMessage(message, message.t === "pong" ? sincePingMs : 0);
    if (message.t === "welcome") {
      this.#welcomed = true;
      this.#backOff.reset();
      this.#onStatus("connected", 0);
      for (const frame of this.#commands.frames) this.#put(frame);
    }
  }

  /** @param {number} code */
  #lost(code) {
    this.#drop();
    if (FINAL.includes(code)) {
      this.#commands.giveUp();
      this.#onStatus("closed", code);
      return;
    }
    this.#onStatus("reconnecting", code);
    this.#retryTimer = setTimeout(() => this.open(), this.#backOff.next(code));
  }

  /** @param {object} frame */
  #put(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #drop() {
    clearTimeout(this.#retryTimer);
    this.#heartbeat.stop();
    this.#retryTimer = undefined;
    this.#welcomed = false;
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }
}
