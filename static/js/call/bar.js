/** Clocks and the connection in words: the parts that change by themselves, second by second. */
import { asClock, asTimer } from "./clock.js";
import { one, say, show } from "./dom.js";
import { t } from "./i18n.js";
import { waiting } from "./queries.js";
import { QualityWatch } from "./stats.js";

/** @typedef {import("./app.js").App} App */

export class Bar {
  #app;
  /** @type {import("./stats.js").Quality} */
  #quality = "unknown";
  #watch;
  #ticking;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
    this.#watch = new QualityWatch(() => app.session.mesh.connections, (quality) => {
      this.#quality = quality;
      this.#renderConnection();
    });
    this.#ticking = setInterval(() => this.render(), 1000);
  }

  close() {
    this.#watch.close();
    clearInterval(this.#ticking);
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

  #renderConnection() {
    const { session } = this.#app;
    const states = session.mesh.remotes.map(({ state }) => state);
    let quality = this.#quality;
    let words = t(`quality_${quality}`);
    if (session.status !== "connected") {
      words = t(session.status === "reconnecting" ? "reconnecting" : "connecting");
    } else if (states.includes("reconnecting")) {
      words = t("reconnecting");
      quality = "poor";
    } else if (!states.includes("connected")) {
      words = session.screen === "live" && states.length ? t("connecting") : "";
      quality = "unknown";
    }
    say("[data-connection-words]", words);
    one("[data-quality]").dataset.quality = session.status === "connected" ? quality : "poor";
    show("[data-quality]", words !== "");
  }
}
