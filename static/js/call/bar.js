/** Clocks and the connection in words: the parts that change by themselves, second by second. */
import { asClock, asTimer } from "./clock.js";
import { one, say, show } from "./dom.js";
import { t } from "./i18n.js";
import { measureOf, Steady, verdictOf } from "./indicator.js";
import { waiting } from "./queries.js";

/** @typedef {import("./app.js").App} App */

export class Bar {
  #app;
  #verdict = verdictOf([]);
  #steady = new Steady(this.#verdict);
  #ticking;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
    this.#ticking = setInterval(() => this.render(), 1000);
  }

  close() {
    clearInterval(this.#ticking);
  }

  /** The connections were looked at. */
  looked() {
    this.#verdict = this.#steady.look(verdictOf(this.#paths));
    this.render();
  }

  render() {
    const { session } = this.#app;
    const { liveAt, clock, view } = session;
    say("[data-timer]", liveAt ? asTimer(clock.since(liveAt)) : "");
    const { phase, since } = view.recording;
    say("[data-rec-timer]", phase === "on" && since ? asTimer(clock.since(since)) : "");
    this.#renderWaiting();
    this.#renderConnection();
  }

  #renderWaiting() {
    const { session } = this.#app;
    const me = session.view.people[session.me];
    if (session.screen === "waiting" && me) {
      say("[data-waiting-since]", t("waiting_since", this.#times(me.since)));
    }
    const [first] = waiting(session.view);
    const mayAdmit = session.may.includes("admit");
    show('[data-notice="waits"]', mayAdmit && first !== undefined);
    if (!mayAdmit || !first) return;
    one('[data-notice="waits"] [data-action="admit"]').dataset.participant = first.id;
    say("[data-waits-title]", t("waits_title", { name: first.name }));
    say("[data-waits-since]", t("waits_since", this.#times(first.since)));
  }

  /** @param {string} since */
  #times(since) {
    const { session, setup } = this.#app;
    return {
      time: asClock(since, { zone: setup.zone, language: document.documentElement.lang }),
      timer: asTimer(session.clock.since(since)),
    };
  }

  /** What comes and goes between this page and those that it is connected with. */
  get #paths() {
    const { quality, session } = this.#app;
    const connected = session.mesh.remotes.filter(({ state, flow, name }) => state === "connected" && flow !== "none" && name);
    return connected.map(({ leg, name, rung }) => (
      { ...quality.wordsOf(leg), name, sending: quality.rungTo(leg), receiving: rung }
    ));
  }

  #renderConnection() {
    const { session } = this.#app;
    const states = session.mesh.remotes.map(({ state }) => state);
    let { quality } = this.#verdict;
    let words = t(this.#verdict.key, { name: this.#verdict.name });
    if (session.status !== "connected") {
      // Without the server people go on talking: the bars are about what they see and hear.
      const isTalking = session.screen === "live" && states.includes("connected");
      if (!isTalking) quality = "poor";
      const wasHere = session.status === "reconnecting";
      words = t(isTalking ? "server_away" : wasHere ? "reconnecting" : "connecting");
    } else if (states.includes("reconnecting")) {
      words = t("reconnecting");
      quality = "poor";
    } else if (!states.includes("connected")) {
      words = session.screen === "live" && states.length ? t("connecting") : "";
      quality = "unknown";
    }
    say("[data-connection-words]", words);
    one("[data-quality]").dataset.quality = quality;
    show("[data-quality]", words !== "");
    this.#renderMeasure();
  }

  /** What is left out for now, and that it comes back by itself. */
  #renderMeasure() {
    const { key, name } = measureOf(this.#app.session.screen === "live" ? this.#paths : []);
    document.documentElement.dataset.paused = key.replace("done_", "") || "nothing";
    show('[data-notice="quality"]', key !== "");
    say("[data-quality-text]", key ? t(key, { name }) : "");
  }
}
