/** The desk's socket: told everything, says only that it is alive. Opens again by itself. No DOM. */
import { BackOff } from "../call/back-off.js";

const PING_MS = 15_000;
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
  #timer = 0;
  #pings = 0;

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
    socket.onopen = () => {
      this.#backOff.reset();
      this.#onStatus(true);
      this.#pings = window.setInterval(() => socket.send('{"t":"ping"}'), PING_MS);
    };
    socket.onmessage = ({ data }) => this.#onMessage(JSON.parse(String(data)));
    socket.onclose = ({ code }) => {
      clearInterval(this.#pings);
      this.#onStatus(false);
      if (!FINAL.has(code)) this.#timer = window.setTimeout(() => this.open(), this.#backOff.next(code));
    };
  }

  /** The page is seen again: a lost line is opened at once. */
  wake() {
    if (this.#socket?.readyState === WebSocket.CLOSED) this.open();
  }

  close() {
    clearTimeout(this.#timer);
    clearInterval(this.#pings);
    if (this.#socket) this.#socket.onclose = null;
    this.#socket?.close();
  }
}
