/** The person's own camera, microphone and screen. Knows no page: who listens gets `onChange`. */
import { open } from "./capture.js";

/** @typedef {"audio" | "video"} Kind */
/** @typedef {import("./capture.js").Fault} Fault */

export class LocalMedia {
  /** @type {Record<Kind, MediaStreamTrack | null>} */
  #tracks = { audio: null, video: null };
  /** @type {Record<Kind, Fault | null>} why there is none */
  faults = { audio: null, video: null };
  /** @type {Record<Kind, boolean>} what the person wants on */
  wanted = { audio: true, video: true };
  /** @type {Record<Kind, string>} chosen devices; "" for the browser's own choice */
  chosen = { audio: "", video: "" };
  /** @type {MediaStreamTrack | null} */
  #screen = null;
  #onChange;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** Whether this browser can hold a call at all; a page that is not secure is told so instead. */
  static isSupported() {
    const hasDevices = !isSecureContext || "mediaDevices" in navigator;
    return hasDevices && "RTCPeerConnection" in globalThis && "WebSocket" in globalThis;
  }

  /** What is sent: the screen stands in for the camera while it is shared. */
  get tracks() {
    return { audio: this.#tracks.audio, video: this.#screen ?? this.#tracks.video };
  }

  /** What others are told about it. */
  get on() {
    const { audio, video } = this.tracks;
    return { audio: audio !== null && this.wanted.audio, video: video !== null };
  }

  get camera() {
    return this.#tracks.video;
  }

  get isSharing() {
    return this.#screen !== null;
  }

  /** Opens what is wanted, as much of it as there is: both, else each by itself. */
  async start() {
    const kinds = /** @type {Kind[]} */ (["audio", "video"]);
    await this.#acquire(kinds.filter((kind) => this.wanted[kind] && !this.#tracks[kind]));
  }

  /** @param {boolean} on false keeps the microphone and sends silence */
  setMicrophone(on) {
    this.wanted.audio = on;
    if (on && !this.#tracks.audio) return this.#acquire(["audio"]);
    if (this.#tracks.audio) this.#tracks.audio.enabled = on;
    this.#onChange();
    return Promise.resolve();
  }

  /** @param {boolean} on false lets go of the camera, so that its light goes out */
  setCamera(on) {
    this.wanted.video = on;
    if (on && !this.#tracks.video) return this.#acquire(["video"]);
    if (!on) this.#release("video");
    this.#onChange();
    return Promise.resolve();
  }

  /**
   * @param {Kind} kind
   * @param {string} deviceId
   */
  async choose(kind, deviceId) {
    this.chosen[kind] = deviceId;
    if (!this.wanted[kind]) return;
    this.#release(kind);
    await this.#acquire([kind]);
  }

  /** Shares the screen, or stops. */
  async toggleScreen() {
    if (this.#screen) {
      this.#screen.onended = null;
      this.#screen.stop();
      this.#screen = null;
    } else {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 } });
      const [track] = stream.getVideoTracks();
      track.contentHint = "detail";
      track.onended = () => void this.toggleScreen();
      this.#screen = track;
    }
    this.#onChange();
  }

  /** Lets go of everything. */
  stop() {
    if (this.#screen) void this.toggleScreen();
    this.#release("audio");
    this.#release("video");
    this.#onChange();
  }

  /** @param {Kind[]} kinds */
  async #acquire(kinds) {
    const { tracks, faults } = await open(kinds, this.chosen);
    for (const kind of kinds) {
      this.faults[kind] = faults[kind] ?? null;
      const track = tracks[kind];
      if (!track) continue;
      // Switched off, or opened twice, while the browser was asking: the later wish counts.
      if (this.#tracks[kind] || (kind === "video" && !this.wanted.video)) {
        track.stop();
        continue;
      }
      track.enabled = this.wanted[kind];
      track.contentHint = kind === "audio" ? "speech" : "motion"; // W3C mst-content-hint
      track.onended = () => this.#lost(kind);
      this.#tracks[kind] = track;
    }
    this.#onChange();
  }

  /** The device was pulled out or taken away: another one, if there is one.
   * @param {Kind} kind */
  #lost(kind) {
    this.#release(kind);
    this.chosen[kind] = "";
    void this.#acquire([kind]);
  }

  /** @param {Kind} kind */
  #release(kind) {
    const track = this.#tracks[kind];
    this.#tracks[kind] = null;
    if (!track) return;
    track.onended = null;
    track.stop();
  }
}
