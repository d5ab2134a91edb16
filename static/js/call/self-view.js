/** The person's own picture and the switches below it, wherever they are shown. */
import { showToast } from "../ui/toast.js";
import { explained } from "./device-help.js";
import { all, say, show } from "./dom.js";
import { isHeld } from "./held.js";
import { t } from "./i18n.js";
import { announce } from "./news.js";

/** @typedef {import("./app.js").App} App */

export class SelfView {
  #app;
  #stream = new MediaStream();

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
    show('[data-action="share"]', "getDisplayMedia" in (navigator.mediaDevices ?? {}));
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    microphone: () => this.#switchMicrophone(),
    camera: () => this.#switchCamera(),
    share: () => this.#share(),
  };

  render() {
    const { media, session } = this.#app;
    const { audio } = media.on;
    const isPaused = isHeld(session.view, session.me); // nothing of it leaves
    const video = media.on.video && !isPaused;
    this.#showPicture(isPaused ? null : media.tracks.video);
    for (const element of all("[data-self-video]")) {
      element.classList.toggle("is-mirrored", !media.isSharing);
    }
    show("[data-self-covered]", !video);
    show("[data-self-muted]", !audio);
    const asking = media.wanted.video && !media.faults.video;
    say("[data-self-covered-text]", video ? "" : t(asking ? "asking_devices" : "camera_is_off"));
    this.#label("microphone", audio, audio ? "mute" : "unmute", "M");
    this.#label("camera", media.camera !== null, media.camera ? "camera_off" : "camera_on", "V");
    this.#label("share", !media.isSharing, media.isSharing ? "share_stop" : "share", "");
  }

  /** @param {MediaStreamTrack | null} track */
  #showPicture(track) {
    for (const old of this.#stream.getTracks()) if (old !== track) this.#stream.removeTrack(old);
    if (track && !this.#stream.getTracks().length) this.#stream.addTrack(track);
    for (const element of all("video[data-self-video]")) {
      const video = /** @type {HTMLVideoElement} */ (element);
      // An empty stream would hold back the page's load event for ever.
      const source = track ? this.#stream : null;
      if (video.srcObject !== source) video.srcObject = source;
      if (track && video.paused) video.play().catch(() => undefined);
    }
  }

  async #switchMicrophone() {
    const { media } = this.#app;
    await media.setMicrophone(!media.on.audio);
    this.#tellFault("audio");
    announce(t(media.on.audio ? "unmuted_now" : "muted_now"));
  }

  async #switchCamera() {
    const { media } = this.#app;
    await media.setCamera(media.camera === null);
    this.#tellFault("video");
    announce(t(media.camera ? "camera_on_now" : "camera_off_now"));
  }

  /** The device check explains it in its own place; in the call a message does.
   * @param {import("./devices.js").Kind} kind */
  #tellFault(kind) {
    const { media, session } = this.#app;
    const fault = media.wanted[kind] ? media.faults[kind] : null;
    if (!fault || session.screen === "lobby") return;
    const { title, help } = explained(fault, kind);
    showToast(`${title}. ${help}`, "warning");
  }

  async #share() {
    try {
      await this.#app.media.toggleScreen();
    } catch {
      announce(t("share_refused")); // closing the browser's own dialog is an answer, not a fault
    }
  }

  /**
   * @param {string} action
   * @param {boolean} isOn
   * @param {string} word
   * @param {string} key
   */
  #label(action, isOn, word, key) {
    say(`[data-label="${action}"]`, t(word));
    for (const button of all(`[data-action="${action}"]`)) {
      button.classList.toggle("is-off", !isOn);
      button.title = key ? t("with_key", { action: t(word), key }) : t(word);
    }
  }
}
