/** The one clock that all players follow. Knows no DOM. */
import { clamp } from "./timeline.js";

export class Clock {
  #duration;
  #now;
  #at = 0;
  #since = 0;
  #rate = 1;
  #playing = false;
  #held = false;

  /**
   * @param {number} duration in seconds
   * @param {() => number} now milliseconds that only grow
   */
  constructor(duration, now = () => performance.now()) {
    this.#duration = duration;
    this.#now = now;
  }

  /** Seconds from the beginning, never past the end. */
  get at() {
    if (!this.#playing || this.#held) {
      return this.#at;
    }
    const run = ((this.#now() - this.#since) / 1000) * this.#rate;
    return Math.min(this.#duration, this.#at + run);
  }

  get duration() {
    return this.#duration;
  }

  /** What the person asked for, also while the clock is held. */
  get playing() {
    return this.#playing;
  }

  get rate() {
    return this.#rate;
  }

  get ended() {
    return this.at >= this.#duration;
  }

  play() {
    this.#mark(this.ended ? 0 : this.at);
    this.#playing = true;
  }

  pause() {
    this.#mark(this.at);
    this.#playing = false;
  }

  /** @param {number} at */
  seek(at) {
    this.#mark(clamp(at, 0, this.#duration));
  }

  /**
   * Moves the clock to where the players are, which start a moment after they are told to.
   * @param {number} secs
   */
  shift(secs) {
    if (secs !== 0) {
      this.seek(this.at + secs);
    }
  }

  /** @param {number} rate */
  setRate(rate) {
    this.#mark(this.at);
    this.#rate = rate;
  }

  /**
   * Stands still while a player loads, so that the others wait for it.
   * @param {boolean} held
   */
  hold(held) {
    if (held !== this.#held) {
      this.#mark(this.at);
      this.#held = held;
    }
  }

  /** @param {number} at */
  #mark(at) {
    this.#at = at;
    this.#since = this.#now();
  }
}
