/** The device check: own picture, level, devices, what is wrong with them, and the way in. */
import { asClock } from "./clock.js";
import { helpFor } from "./device-help.js";
import { all, copyOf, one, say, show } from "./dom.js";
import { t } from "./i18n.js";
import { othersIn, waiting } from "./queries.js";
import { LevelMeter } from "./sound.js";

/** @typedef {import("./app.js").App} App */

export class Lobby {
  #app;
  #told = "";
  #asked = false;
  /** @type {MediaStreamTrack | null} */
  #heard = null;
  #meter = new LevelMeter((level) => this.#showLevel(level));

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    join: () => this.#join(),
    "retry-devices": () => this.#app.media.start(),
  };

  /** The browser has answered about the devices, well or not. */
  devicesAsked() {
    this.#asked = true;
  }

  render() {
    const { session, media, setup } = this.#app;
    const isHere = session.screen === "lobby";
    const heard = isHere && media.on.audio ? media.tracks.audio : null;
    if (heard !== this.#heard) this.#meter.listen(heard);
    this.#heard = heard;
    if (!isHere) {
      this.#meter.close();
      return;
    }
    this.#renderFaults();
    this.#renderWho();
    const { audio, video } = media.on;
    const key = audio ? (video ? "join" : "join_audio") : video ? "join_video" : "join_nothing";
    const word = this.#asked && !setup.supervises ? key : "join";
    say("[data-join-label]", t(setup.isInLine && !isAdmitted(session) ? `${word}_line` : word));
    const button = /** @type {HTMLButtonElement} */ (one('[data-action="join"]'));
    // Not held up by a question of the browser that nobody answers: devices may come later.
    button.disabled = session.status !== "connected" || session.joined;
    button.setAttribute("aria-busy", String(session.joined));
  }

  async #join() {
    await this.#app.commands.enter();
    this.#app.render();
  }

  #renderFaults() {
    const found = helpFor(this.#app.media.faults);
    const text = JSON.stringify(found);
    if (text === this.#told) return;
    this.#told = text;
    one("[data-faults]").replaceChildren(
      ...found.map(({ title, help }) => {
        const alert = copyOf("[data-fault-pattern]");
        say("[data-fault-title]", title, alert);
        say("[data-fault-help]", help, alert);
        return alert;
      }),
    );
  }

  #renderWho() {
    const { session, setup } = this.#app;
    const [person] = waiting(session.view);
    const [inside] = othersIn(session.view, session.me).filter(({ connected }) => connected);
    const told = person
      ? t("someone_waits", { name: person.name, time: asClock(person.since, { zone: setup.zone }) })
      : inside && t("someone_is_in", { name: inside.name });
    show("[data-lobby-waits]", Boolean(told));
    say("[data-lobby-waits-text]", told || "");
  }

  /** @param {number} level 0 to 1 */
  #showLevel(level) {
    const bars = all("[data-meter] span");
    bars.forEach((bar, i) => bar.classList.toggle("is-lit", level * bars.length > i + 0.2));
  }
}

/** @param {import("./session.js").Session} session */
function isAdmitted({ view, me }) {
  return view.people[me]?.phase === "admitted";
}
