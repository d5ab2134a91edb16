/** The others' pictures and sound, and who is missing. */
import { copyOf, initials, one, say, show } from "./dom.js";
import { t } from "./i18n.js";
import { othersIn, waiting } from "./queries.js";
import { onlySupervises, onStage } from "./supervising.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./app.js").Remote} Remote */
/** @typedef {import("./state.js").Person} Person */

export class Stage {
  #app;
  #speaker;
  /** @type {Map<string, HTMLElement>} by participant */
  #tiles = new Map();

  /**
   * @param {App} app
   * @param {() => string} speaker device id of the chosen speaker
   */
  constructor(app, speaker) {
    this.#app = app;
    this.#speaker = speaker;
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    // Hearing has to follow a touch: a browser that held the sound back allows it now.
    hear: () => {
      show('[data-notice="hear"]', false);
      for (const tile of this.#tiles.values()) this.#play(videoOf(tile), false);
    },
  };

  render() {
    const { session } = this.#app;
    const remotes = new Map(session.mesh.remotes.map((remote) => [remote.participant, remote]));
    const shown = session.screen === "live" ? onStage(session.view, session.me, remotes) : [];
    const present = shown.filter((person) => !onlySupervises(person));
    this.#sweep(new Set(shown.map(({ id }) => id)));
    for (const person of shown) this.#renderTile(person, remotes.get(person.id));
    one("[data-tiles]").dataset.count = String(present.length);
    this.#renderAlone(present.length === 0);
  }

  /** @param {Set<string>} wanted */
  #sweep(wanted) {
    for (const [id, tile] of this.#tiles) {
      if (wanted.has(id)) continue;
      videoOf(tile).srcObject = null;
      tile.remove();
      this.#tiles.delete(id);
    }
  }

  /**
   * @param {Person} person
   * @param {Remote} [remote] none while there is no connection to this person
   */
  #renderTile(person, remote) {
    const tile = this.#tiles.get(person.id) ?? this.#newTile(person);
    const state = remote?.state ?? "connecting";
    const isPaused = remote?.rung === "audio" || remote?.rung === "text";
    const hasPicture = remote?.video === true && !isPaused && state !== "connecting";
    tile.dataset.state = state;
    tile.classList.toggle("tile--aside", onlySupervises(person));
    this.#attach(videoOf(tile), remote?.tracks ?? []);
    tile.classList.toggle("has-picture", hasPicture);
    show("[data-covered]", !hasPicture, tile);
    say("[data-paused]", isPaused ? t("picture_paused") : "", tile);
    show("[data-muted]", remote?.audio === false, tile);
    show("[data-tile-state]", state !== "connected", tile);
    const word = state === "connecting" ? t("connecting") : t("person_reconnecting", { name: person.name });
    say("[data-tile-state]", state === "connected" ? "" : word, tile);
  }

  /** @param {Person} person */
  #newTile(person) {
    const tile = copyOf("[data-tile-pattern]");
    tile.dataset.participant = person.id;
    say("[data-name]", person.name, tile);
    say("[data-initials]", initials(person.name), tile);
    const video = videoOf(tile);
    video.setAttribute("aria-label", person.name);
    // A wide screen beside a phone that is held upright: all of the picture, nothing cut off.
    video.onresize = () => {
      tile.classList.toggle("is-upright", video.videoHeight > video.videoWidth);
    };
    const sink = /** @type {{setSinkId?: (id: string) => Promise<void>}} */ (/** @type {unknown} */ (video));
    if (this.#speaker()) void sink.setSinkId?.(this.#speaker());
    this.#tiles.set(person.id, tile);
    one("[data-tiles]").append(tile);
    return tile;
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {MediaStreamTrack[]} tracks
   */
  #attach(video, tracks) {
    const before = /** @type {MediaStream | null} */ (video.srcObject)?.getTracks() ?? [];
    if (before.length === tracks.length && tracks.every((track) => before.includes(track))) return;
    video.srcObject = tracks.length ? new MediaStream(tracks) : null;
    this.#play(video, false);
  }

  /**
   * Plays; where the browser refuses sound without a touch, the picture alone, and a button.
   * @param {HTMLVideoElement} video
   * @param {boolean} muted
   */
  #play(video, muted) {
    video.muted = muted;
    video.play().catch((/** @type {DOMException} */ fault) => {
      if (fault.name !== "NotAllowedError" || muted) return;
      show('[data-notice="hear"]', true);
      this.#play(video, true);
    });
  }

  /** @param {boolean} isAlone */
  #renderAlone(isAlone) {
    show("[data-alone]", isAlone);
    if (!isAlone) return;
    const { session, setup } = this.#app;
    const people = othersIn(session.view, session.me).filter((person) => !onlySupervises(person));
    const [first] = session.may.includes("admit") ? waiting(session.view) : [];
    if (first) {
      say("[data-alone-title]", t("in_waiting_room", { name: first.name }));
      say("[data-alone-text]", t("in_waiting_room_text"));
      return;
    }
    const gone = Object.values(session.view.people).find(
      ({ phase, role }) => phase === "left" && !["recorder", "supervisor"].includes(role),
    );
    const name = people[0]?.name || gone?.name || setup.other;
    // Who is admitted and was never here, as somebody who is called back, has lost nothing.
    const lost = people.some((person) => person.name);
    const key = gone ? "went" : "not_here";
    say("[data-alone-title]", lost ? t("place_kept", { name }) : t(key, { name }));
    say("[data-alone-text]", lost ? "" : t(`${key}_text`, { name }));
  }
}

/** @param {HTMLElement} tile @returns {HTMLVideoElement} */
function videoOf(tile) {
  return /** @type {HTMLVideoElement} */ (one("video", tile));
}
