/** One person's player: follows the clock, and says so where they were not recorded. */
import { showHole, showNote } from "./notes.js";
import { DRIFT_MOST_SECS, correction, mediaTime, missingSince } from "./timeline.js";

/**
 * @typedef {import("./timeline.js").Part & {
 *   participant: string, source: string, poster: string, volume: number,
 *   audio: number[][], video: number[][], quality: [number, number, string][],
 * }} Person
 */

/** Players that load for longer than this hold up the others. */
const PATIENCE_MS = 250;

export class Seat {
  #figure;
  #video;
  #person;
  #broken = false;
  /** @type {number | null} */
  #starving = null;

  /**
   * @param {HTMLElement} figure
   * @param {Person} person
   */
  constructor(figure, person) {
    this.#figure = figure;
    this.#person = person;
    this.#video = /** @type {HTMLVideoElement} */ (figure.querySelector("video"));
    this.#video.addEventListener("error", () => this.#fail());
    this.#video.addEventListener("resize", () => this.#showPicture());
    this.#video.addEventListener("loadedmetadata", () => this.#showPicture());
    if (person.poster) this.#video.poster = person.poster;
    this.#video.preservesPitch = true;
    this.#video.src = person.source;
  }

  /** Whether the clock should wait: this player ought to play and has nothing to play. */
  get starved() {
    const since = this.#broken ? null : this.#starving;
    return since !== null && performance.now() - since > PATIENCE_MS;
  }

  /**
   * How far ahead of the clock (seconds) this player is; null while it does not play along.
   * @param {number} at
   * @returns {number | null}
   */
  drift(at) {
    const wanted = mediaTime(this.#person, at);
    const still = this.#video.paused || this.#video.seeking || this.#video.ended;
    if (this.#broken || wanted === null || still) {
      return null;
    }
    const drift = this.#video.currentTime - wanted;
    return Math.abs(drift) > DRIFT_MOST_SECS ? null : drift;
  }

  /** @param {{volume: number, muted: boolean}} sound */
  setSound({ volume, muted }) {
    this.#video.volume = volume;
    this.#video.muted = muted;
  }

  /**
   * Called a few times a second, and at once after every change.
   * @param {{at: number, rate: number, running: boolean}} clock
   */
  follow({ at, rate, running }) {
    if (this.#broken) {
      return;
    }
    const wanted = mediaTime(this.#person, at);
    showHole(this.#figure, missingSince(this.#person, at));
    if (wanted === null) {
      this.#starving = null;
      this.#video.pause();
      this.#rest(at);
      return;
    }
    this.#watchLoading();
    const drift = this.#video.currentTime - wanted;
    // For whoever wants to measure it from outside.
    this.#figure.dataset.drift = drift.toFixed(3);
    if (!running) {
      this.#video.pause();
      this.#jump(wanted, 0.05, drift);
      return;
    }
    const { jump, rate: bent } = correction(drift, rate);
    this.#video.playbackRate = bent;
    if (jump) this.#jump(wanted, 0, drift);
    if (this.#video.paused && !this.#video.ended) {
      // A player that may not start yet is tried again at the next beat.
      this.#video.play().catch(() => undefined);
    }
  }

  close() {
    this.#video.pause();
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  /**
   * Waits at its first or last picture.
   * @param {number} at
   */
  #rest(at) {
    delete this.#figure.dataset.drift;
    const edge = at < this.#person.offset ? 0 : this.#person.duration;
    this.#jump(edge, 0.5, this.#video.currentTime - edge);
  }

  /**
   * @param {number} wanted
   * @param {number} least smaller differences stay
   * @param {number} drift
   */
  #jump(wanted, least, drift) {
    if (!this.#video.seeking && Math.abs(drift) > least && this.#video.readyState > 0) {
      this.#video.currentTime = wanted;
    }
  }

  #watchLoading() {
    const full = this.#video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA || this.#video.ended;
    this.#starving = full ? null : (this.#starving ?? performance.now());
  }

  #showPicture() {
    this.#figure.classList.toggle("seat--pictured", this.#video.videoWidth > 0);
  }

  #fail() {
    this.#broken = true;
    showHole(this.#figure, null);
    showNote(this.#figure, "fault", true);
  }
}
