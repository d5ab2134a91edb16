/** Being on hold, holding, and who is held: the page over the call, the button, the tiles. */
import { asTimer } from "./clock.js";
import { all, one, say, show } from "./dom.js";
import { isBetweenAgents } from "./handing-on.js";
import { holdable, isHeld } from "./held.js";
import { HoldMusic } from "./hold-music.js";
import { t } from "./i18n.js";

/** @typedef {import("./app.js").App} App */

export class HoldView {
  #app;
  #speaker;
  #openPeople;
  #ticking;
  #music = new HoldMusic(() => this.render());
  #wantsMusic = true;
  #wasHeld = false;

  /**
   * @param {App} app
   * @param {object} how
   * @param {() => string} how.speaker device id of the chosen speaker
   * @param {() => void} how.openPeople where each of several people is held for themselves
   */
  constructor(app, { speaker, openPeople }) {
    this.#app = app;
    this.#speaker = speaker;
    this.#openPeople = openPeople;
    this.#ticking = setInterval(() => this.#renderTimes(), 1000);
  }

  close() {
    clearInterval(this.#ticking);
    this.#music.stop();
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    hold: () => this.#holdOnlyOne(),
    "hold-person": ({ dataset }) => this.#toggle(dataset.participant ?? ""),
    "hold-music": () => {
      this.#wantsMusic = !this.#music.isPlaying;
      this.render();
    },
  };

  render() {
    this.#renderOwn();
    this.#renderButton();
    this.#renderTimes();
  }

  /** The page of who is on hold. */
  #renderOwn() {
    const { session, setup } = this.#app;
    const { view, me } = session;
    const held = session.screen === "live" && isHeld(view, me);
    const isFirst = held && !this.#wasHeld;
    this.#wasHeld = held;
    show("[data-hold]", held);
    one('[data-screen="live"]').toggleAttribute("data-held", held);
    say("[data-hold-text]", t(setup.isInLine && isBetweenAgents(view) ? "hold_between" : "hold_text"));
    const mayPlay = held && view.people[me].music;
    if (mayPlay && this.#wantsMusic) this.#music.start(this.#speaker());
    else this.#music.stop();
    show('[data-action="hold-music"]', mayPlay);
    say('[data-label="hold-music"]', t(this.#music.isPlaying ? "music_off" : "music_on"));
    // Whoever is writing goes on writing.
    const isBusy = document.activeElement?.closest("dialog, [data-panel-body]");
    if (isFirst && !isBusy) one("#hold-title").focus({ preventScroll: true });
  }

  #renderButton() {
    const { session } = this.#app;
    const some = session.may.includes("hold") ? holdable(session.view) : [];
    const [only] = some.length === 1 ? some : [];
    const word = only?.heldSince ? "resume" : "hold";
    say('[data-label="hold"]', t(some.length > 1 ? "hold_several" : word));
    for (const button of all('[data-action="hold"]')) {
      button.hidden = !some.length;
      button.classList.toggle("is-off", word === "resume");
      button.title = t("with_key", { action: t(word), key: "H" });
    }
  }

  /** What changes second by second. */
  #renderTimes() {
    const { view, me, clock } = this.#app.session;
    const mine = view.people[me]?.heldSince;
    say("[data-hold-timer]", mine ? asTimer(clock.since(mine)) : "");
    for (const tile of all("[data-tile]")) {
      const since = view.people[tile.dataset.participant ?? ""]?.heldSince;
      show("[data-tile-held]", Boolean(since), tile);
      say("[data-tile-held-timer]", since ? asTimer(clock.since(since)) : "", tile);
    }
  }

  #holdOnlyOne() {
    const some = holdable(this.#app.session.view);
    if (some.length > 1) return this.#openPeople();
    return some.length ? this.#toggle(some[0].id) : undefined;
  }

  /** @param {string} participant */
  #toggle(participant) {
    const { session, commands } = this.#app;
    return commands.send(isHeld(session.view, participant) ? "resume" : "hold", { participant });
  }
}
