/**
 * How loud each person is: the common volume, their own, and what evens out their loudness.
 * Kept in the page only: the next visit begins as it was made.
 */

/**
 * @typedef {{setSound(sound: {volume: number, muted: boolean}): void}} Heard
 * @typedef {{seat: Heard, figure: HTMLElement, evened: number}} Part
 */

export class Sound {
  #root;
  #parts;
  #volume;
  #mute;

  /**
   * @param {HTMLElement} root
   * @param {Part[]} parts
   */
  constructor(root, parts) {
    this.#root = root;
    this.#parts = parts;
    this.#volume = /** @type {HTMLInputElement} */ (root.querySelector("[data-volume]"));
    this.#mute = /** @type {HTMLButtonElement} */ (root.querySelector("[data-mute]"));
    root.addEventListener("input", (event) => this.#slid(/** @type {Element} */ (event.target)));
    root.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const button = target.closest("[data-mute], [data-own-mute]");
      if (button) {
        press(button, button.getAttribute("aria-pressed") !== "true");
        this.#apply();
      }
    });
    this.#apply();
  }

  toggleMute() {
    this.#mute.click();
  }

  /**
   * Who moves a slider wants to hear something.
   * @param {Element} slider
   */
  #slid(slider) {
    if (slider === this.#volume) {
      press(this.#mute, false);
    } else if (slider.matches("[data-own-volume]")) {
      const button = slider.closest("figure")?.querySelector("[data-own-mute]");
      if (button) press(button, false);
    } else {
      return;
    }
    this.#apply();
  }

  #apply() {
    const common = Number(this.#volume.value);
    const silent = this.#mute.getAttribute("aria-pressed") === "true";
    for (const { seat, figure, evened } of this.#parts) {
      const own = /** @type {HTMLInputElement} */ (figure.querySelector("[data-own-volume]"));
      const button = figure.querySelector("[data-own-mute]");
      const muted = silent || button?.getAttribute("aria-pressed") === "true";
      say(own);
      seat.setSound({ volume: common * Number(own.value) * evened, muted });
    }
    say(this.#volume);
    this.#root.classList.toggle("player--silent", silent);
  }
}

/** @param {HTMLInputElement} slider */
function say(slider) {
  slider.setAttribute("aria-valuetext", `${Math.round(Number(slider.value) * 100)} %`);
}

/**
 * @param {Element} button
 * @param {boolean} pressed
 */
function press(button, pressed) {
  button.setAttribute("aria-pressed", String(pressed));
}
