/** The desk's socket: told everything, says only that it is alive. Opens again by itself. No DOM. */
import { BackOff } from "../call/back-off.js";
import { Heartbeat } from "../call/heartbeat.js";

/** Signed out, or no agent any more: another try would end the same. */
const FINAL = new Set([4401, 4403]);

/** @typedef {import("./messages.js").DeskServerMessage} DeskServerMessage */

export class DeskLine {
  #url;
  #onMessage;
  #onStatus;
  #backOff = new BackOff();
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #heartbeat = new Heartbeat({
    ping: () => this.#socket?.send('{"t":"ping"}'),
    onSilent: () => this.#silent(),
  });

  /**
   * @param {string} url
   * @param {(message: DeskServerMessage) => void} onMessage
   * @param {(isConnected: boolean) => void} onStatus
   */
  constructor(url, onMessage, onStatus) {
    this.#url = url;
    this.#onMessage = onMessage;
    this.#onStatus = onStatus;
  }

  open() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#heartbeat.start();
    socket.onopen = () => {
      this.#heartbeat.heard(true);
      this.#backOff.reset();
      this.#onStatus(true);
    };
    socket.onmessage = ({ data }) => {
      this.#heartbeat.heard(true);
      this.#onMessage(JSON.parse(String(data)));
    };
    socket.onclose = ({ code }) => this.#lost(code);
  }

  /** Another network, or none: a socket that is open may be dead. */
  doubt() {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#heartbeat.doubt();
    else this.wake();
  }

  /** The page is seen again, or there is a network: a lost line is opened at once. */
  wake() {
    const state = this.#socket?.readyState ?? WebSocket.CLOSED;
    if (state === WebSocket.CLOSED) this.open();
  }

  close() {
    clearTimeout(this.#timer);
    this.#letGo();
  }

  /** Nothing is heard any more, though nobody has closed it. */
  #silent() {
    this.#letGo();
    this.#lost(1006);
  }

  /** @param {number} code */
  #lost(code) {
    this.#heartbeat.stop();
    this.#onStatus(false);
    if (!FINAL.has(code)) this.#timer = setTimeout(() => this.open(), this.#backOff.next(code));
  }

  /** A socket without a network stays half closed for long: it is not waited for. */
  #letGo() {
    this.#heartbeat.stop();
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }
}
