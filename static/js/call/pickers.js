/** The lists of devices to choose from, in the device check and in the settings. */
import { list } from "./capture.js";
import { all, show } from "./dom.js";
import { t } from "./i18n.js";
import { canChooseSpeaker, playChime } from "./sound.js";

/** @typedef {import("./app.js").App} App */

const NAMES = /** @type {const} */ ({
  videoinput: ["camera_n", "no_camera"],
  audioinput: ["microphone_n", "no_microphone"],
  audiooutput: ["speaker_n", "default_device"],
});

export class Pickers {
  #app;
  /** The chosen speaker's device id, "" for the default one. */
  speaker = "";

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
    navigator.mediaDevices?.addEventListener?.("devicechange", () => void this.fill());
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    "choose-camera": (select) => this.#choose("video", select),
    "choose-microphone": (select) => this.#choose("audio", select),
    "choose-speaker": (select) => {
      this.speaker = /** @type {HTMLSelectElement} */ (select).value;
      for (const audible of all("video.tile__video")) {
        /** @type {any} */ (audible).setSinkId?.(this.speaker);
      }
      void this.fill();
    },
    "test-speaker": async (button) => {
      button.setAttribute("aria-busy", "true");
      try {
        await playChime(this.speaker);
      } finally {
        button.removeAttribute("aria-busy");
      }
    },
  };

  /** Writes what there is now into every list. */
  async fill() {
    for (const kind of /** @type {(keyof typeof NAMES)[]} */ (Object.keys(NAMES))) {
      const devices = kind === "audiooutput" && !canChooseSpeaker() ? [] : await list(kind);
      for (const element of all(`[data-devices="${kind}"]`)) {
        this.#write(/** @type {HTMLSelectElement} */ (element), kind, devices);
      }
    }
    show('[data-action="test-speaker"]', "AudioContext" in window);
  }

  /**
   * @param {"audio" | "video"} kind
   * @param {HTMLElement} select
   */
  async #choose(kind, select) {
    await this.#app.media.choose(kind, /** @type {HTMLSelectElement} */ (select).value);
    await this.fill();
  }

  /**
   * @param {HTMLSelectElement} select
   * @param {keyof typeof NAMES} kind
   * @param {MediaDeviceInfo[]} devices
   */
  #write(select, kind, devices) {
    const [numbered, none] = NAMES[kind];
    const options = devices.map(
      ({ deviceId, label }, i) => new Option(label || t(numbered, { n: i + 1 }), deviceId),
    );
    select.replaceChildren(...(options.length ? options : [new Option(t(none), "")]));
    select.disabled = options.length === 0;
    const current = this.#current(kind);
    if (devices.some(({ deviceId }) => deviceId === current)) select.value = current;
  }

  /** @param {keyof typeof NAMES} kind */
  #current(kind) {
    if (kind === "audiooutput") return this.speaker;
    const { media } = this.#app;
    const track = kind === "audioinput" ? media.tracks.audio : media.camera;
    return track?.getSettings().deviceId ?? "";
  }
}
