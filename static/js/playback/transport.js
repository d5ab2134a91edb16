/** Buttons, seek bar, speed, volume and keys: what the person does, told to `main.js`. */
import { clockText, step } from "./timeline.js";

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

/**
 * @typedef {{
 *   toggle(): void, seek(at: number): void, skip(secs: number): void,
 *   setRate(rate: number): void, setSound(sound: {volume: number, muted: boolean}): void,
 * }} Deeds
 */

export class Transport {
  #root;
  #deeds;
  #seek;
  #speed;
  #volume;
  #mute;
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
    this.#volume = /** @type {HTMLInputElement} */ (root.querySelector("[data-volume]"));
    this.#mute = /** @type {HTMLButtonElement} */ (root.querySelector("[data-mute]"));
    root.addEventListener("click", (event) => this.#clicked(event));
    this.#seek.addEventListener("input", () => {
      this.#dragging = true;
      deeds.seek(Number(this.#seek.value));
    });
    this.#seek.addEventListener("change", () => (this.#dragging = false));
    this.#speed.addEventListener("change", () => deeds.setRate(Number(this.#speed.value)));
    this.#volume.addEventListener("input", () => this.#soundChanged(false));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {{at: number, duration: number, playing: boolean}} clock */
  show({ at, duration, playing }) {
    if (!this.#dragging) {
      this.#seek.value = String(at);
    }
    const of = this.#root.dataset.of ?? "/";
    this.#seek.setAttribute("aria-valuetext", `${clockText(at)} ${of} ${clockText(duration)}`);
    this.#one("[data-now]").textContent = clockText(at);
    this.#root.classList.toggle("player--playing", playing);
    const button = this.#one(".transport__controls [data-toggle]");
    button.setAttribute("aria-label", (playing ? button.dataset.pause : button.dataset.play) ?? "");
    this.#one("[data-icon-play]").hidden = playing;
    this.#one("[data-icon-pause]").hidden = !playing;
  }

  /** @param {Event} event */
  #clicked(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button?.hasAttribute("data-toggle")) {
      this.#deeds.toggle();
    } else if (button?.hasAttribute("data-back")) {
      this.#deeds.skip(-10);
    } else if (button?.hasAttribute("data-forward")) {
      this.#deeds.skip(10);
    } else if (button === this.#mute) {
      this.#soundChanged(this.#mute.getAttribute("aria-pressed") !== "true");
    }
  }

  /** @param {boolean} muted */
  #soundChanged(muted) {
    this.#mute.setAttribute("aria-pressed", String(muted));
    this.#deeds.setSound({ volume: Number(this.#volume.value), muted });
  }

  /** @param {number} direction */
  #changeSpeed(direction) {
    const rate = step(SPEEDS, Number(this.#speed.value), direction);
    this.#speed.value = String(rate);
    this.#deeds.setRate(rate);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const on = /** @type {Element} */ (event.target);
    const typing = on.matches("input:not([type=range]), textarea, select");
    // What has the focus keeps the keys that mean something to it.
    const pressed = event.key === " " && on.closest("button, a, summary");
    const sliding = event.key.startsWith("Arrow") && on.matches("input[type=range], [tabindex]");
    if (event.ctrlKey || event.metaKey || event.altKey || typing || pressed || sliding) {
      return;
    }
    /** @type {Record<string, () => void>} */
    const keys = {
      " ": () => this.#deeds.toggle(),
      k: () => this.#deeds.toggle(),
      j: () => this.#deeds.skip(-10),
      l: () => this.#deeds.skip(10),
      ArrowLeft: () => this.#deeds.skip(-5),
      ArrowRight: () => this.#deeds.skip(5),
      Home: () => this.#deeds.seek(0),
      m: () => this.#mute.click(),
      "<": () => this.#changeSpeed(-1),
      ">": () => this.#changeSpeed(1),
    };
    const deed = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (deed) {
      event.preventDefault();
      deed();
    }
  }

  /** @param {string} selector */
  #one(selector) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(selector));
  }
}
