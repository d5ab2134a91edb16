/** Tells who waits that the other person is behind. Asked for now and then: it is said for many
 * visits at once, and nobody's place depends on it. */
import { say, show } from "./dom.js";

const EVERY_MS = 20_000;

export class Late {
  #address;
  #timer = 0;

  /** @param {string} address answers `{"text": ""}`, or what those who wait are told */
  constructor(address) {
    this.#address = address;
  }

  /** @param {boolean} isWaiting whether the waiting room is shown */
  render(isWaiting) {
    if (isWaiting === Boolean(this.#timer)) return;
    clearInterval(this.#timer);
    this.#timer = isWaiting ? setInterval(() => void this.#ask(), EVERY_MS) : 0;
    if (isWaiting) void this.#ask();
  }

  async #ask() {
    try {
      const answer = await fetch(this.#address, { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      const { text } = await answer.json();
      show("[data-late]", Boolean(text));
      say("[data-late]", text);
    } catch {
      // The line is down; what was told stands.
    }
  }
}
