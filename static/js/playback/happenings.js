/** The list beside the player: goes to a moment on a click, and keeps the present line in sight. */
import { lastBefore, neighbour } from "./timeline.js";

export class Happenings {
  #list;
  /** @type {HTMLElement[]} */
  #lines;
  #times;
  #current = -1;

  /**
   * @param {HTMLElement} list
   * @param {(at: number) => void} seek
   */
  constructor(list, seek) {
    this.#list = list;
    this.#lines = [...list.querySelectorAll("[data-at]")].map(
      (line) => /** @type {HTMLElement} */ (line),
    );
    this.#times = this.#lines.map((line) => Number(line.dataset.at));
    // Gaps below the player name moments too.
    document.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target).closest("[data-seek-to]");
      if (target instanceof HTMLElement) {
        seek(Number(target.dataset.seekTo));
      }
    });
  }

  /** When something happened, in seconds, ascending. */
  get times() {
    return this.#times;
  }

  /**
   * The moment of the next line in a direction (1 or -1), null at the end of the list.
   * @param {number} at
   * @param {number} direction
   */
  next(at, direction) {
    return neighbour(this.#times, at, direction);
  }

  /**
   * The line of a moment as a screen reader should say it.
   * @param {number} at
   */
  words(at) {
    const line = this.#lines[lastBefore(this.#times, at + 0.05)];
    return line?.textContent?.replace(/\s+/g, " ").trim() ?? "";
  }

  /** @param {number} at */
  show(at) {
    const now = lastBefore(this.#times, at + 0.05);
    if (now === this.#current) {
      return;
    }
    this.#lines[this.#current]?.removeAttribute("aria-current");
    this.#current = now;
    const line = this.#lines[now];
    if (line) {
      line.setAttribute("aria-current", "true");
      this.#reveal(line);
    }
  }

  /**
   * Scrolls the list only, never the page.
   * @param {HTMLElement} line
   */
  #reveal(line) {
    const top = line.offsetTop - this.#list.offsetTop;
    const inSight =
      top >= this.#list.scrollTop &&
      top + line.offsetHeight <= this.#list.scrollTop + this.#list.clientHeight;
    if (!inSight) {
      this.#list.scrollTo({ top: top - this.#list.clientHeight / 3 });
    }
  }
}
