/** Buttons, seek bar, speed and full screen: what the person does, told to `main.js`. */
import { clockText, step } from "./timeline.js";

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

/**
 * @typedef {{
 *   toggle(): void, seek(at: number): void, skip(secs: number): void,
 *   setRate(rate: number): void, fact(direction: number): void,
 * }} Deeds
 */

export class Transport {
  #root;
  #deeds;
  #seek;
  #speed;
  #full;
  #dragging = false;

  /**
   * @param {HTMLElement} root
   * @param {Deeds} deeds
   */
  constructor(root, deeds) {
    this.#root = root;
    this.#deeds = deeds;
    this.#seek = /** @type {HTMLInputElement} */ (root.querySelector("[data-seek]"));
    this.#speed = /** @type {HTMLSelectElement} */ (root.querySelector("[data-speed]"));
    this.#full = /** @type {HTMLButtonElement} */ (root.querySelector("[data-full]"));
    // Telephones that show only a video in full screen cannot show the player so.
    this.#full.hidden = !document.fullscreenEnabled;
    root.addEventListener("click", (event) => this.#clicked(event));
    root.addEventListener("fullscreenchange", () => {
      this.#full.setAttribute("aria-pressed", String(document.fullscreenElement !== null));
    });
    this.#seek.addEventListener("input", () => {
      this.#dragging = true;
      deeds.seek(Number(this.#seek.value));
    });
    this.#seek.addEventListener("change", () => (this.#dragging = false));
    this.#speed.addEventListener("change", () => deeds.setRate(Number(this.#speed.value)));
  }

  /** @param {{at: number, duration: number, playing: boolean}} clock */
  show({ at, duration, playing }) {
    if (!this.#dragging) {
      this.#seek.value = String(at);
    }
    const of = this.#root.dataset.of ?? "/";
    this.#seek.setAttribute("aria-valuetext", `${clockText(at)} ${of} ${clockText(duration)}`);
    this.#one("[data-now]").textContent = clockText(at);
    this.#one("[data-lanes-now]").style.insetInlineStart = `${(at / (duration || 1)) * 100}%`;
    this.#root.classList.toggle("player--playing", playing);
    const button = this.#one(".transport__controls [data-toggle]");
    button.setAttribute("aria-label", (playing ? button.dataset.pause : button.dataset.play) ?? "");
    this.#one("[data-icon-play]").hidden = playing;
    this.#one("[data-icon-pause]").hidden = !playing;
  }

  /**
   * The next speed in a direction (1 or -1).
   * @param {number} direction
   */
  changeSpeed(direction) {
    const rate = step(SPEEDS, Number(this.#speed.value), direction);
    this.#speed.value = String(rate);
    this.#deeds.setRate(rate);
  }

  toggleFull() {
    if (document.fullscreenElement) {
      void document.exitFullscreen();
    } else {
      // Refused where the browser does not allow it: then it stays as it is.
      this.#root.requestFullscreen?.().catch(() => undefined);
    }
  }

  help() {
    const dialog = this.#root.querySelector("dialog");
    dialog?.showModal();
  }

  /** @param {Event} event */
  #clicked(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    /** @type {Record<string, () => void>} */
    const deeds = {
      toggle: () => this.#deeds.toggle(),
      back: () => this.#deeds.skip(-10),
      forward: () => this.#deeds.skip(10),
      previous: () => this.#deeds.fact(-1),
      next: () => this.#deeds.fact(1),
      full: () => this.toggleFull(),
    };
    for (const [name, deed] of Object.entries(deeds)) {
      if (button?.hasAttribute(`data-${name}`)) {
        deed();
      }
    }
  }

  /** @param {string} selector */
  #one(selector) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(selector));
  }
}
