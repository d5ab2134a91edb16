/** Somebody's place in a queue while they wait: said honestly, and called back when it is their turn. */
import { say, show } from "./dom.js";
import { agentsIn } from "./handing-on.js";
import { isHeld } from "./held.js";
import { many, t } from "./i18n.js";
import { Notices } from "../ui/notices.js";
import { Ringer } from "../ui/ringer.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./messages.js").Place} Place */

/** How long it rings when it is somebody's turn. */
const RING_MS = 8000;

export class InLine {
  #app;
  #ringer = new Ringer();
  #notices = new Notices();
  #wasWaiting = false;
  #timer = 0;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
    // Sound may be played only after a click; notices may be asked for only then.
    document.addEventListener("click", () => void Notices.ask(), { once: true });
    document.addEventListener("visibilitychange", () => !document.hidden && this.#quiet());
  }

  render() {
    const { session } = this.#app;
    const isWaiting = session.screen === "waiting";
    if (session.place?.number) this.#write(session.place);
    if (session.screen === "live") this.#nameAgents();
    if (this.#wasWaiting && session.screen === "live") this.#call();
    if (isWaiting || session.screen === "live") this.#wasWaiting = isWaiting;
  }

  /** @param {Place} place */
  #write(place) {
    const first = place.number === 1;
    const kept = place.agents ? null : t("line_kept");
    const title = kept ?? (place.rings ? t("line_rings") : first ? t("line_next") : t("line_place", { n: place.number }));
    say("[data-place-title]", title);
    say("[data-place-wait]", waitWords(place));
    show("[data-place-wait]", !place.rings);
    const isHeld = this.#app.session.screen === "live";
    if (!isHeld && document.hidden) document.title = title;
  }

  /** Who is spoken with was not known when the page was made, and may be somebody else by now. */
  #nameAgents() {
    const { session, setup } = this.#app;
    const agents = agentsIn(session.view);
    if (isHeld(session.view, session.me) && !agents.length) return;
    say("#live-title", agents.map(({ name }) => name).join(", ") || setup.other);
  }

  /** It is their turn. */
  #call() {
    if (!document.hidden) {
      this.#ringer.once();
      return;
    }
    this.#ringer.start();
    this.#notices.start(t("line_turn"));
    this.#timer = window.setTimeout(() => this.#ringer.stop(), RING_MS);
  }

  #quiet() {
    clearTimeout(this.#timer);
    this.#ringer.stop();
    this.#notices.stop();
  }
}

/**
 * The wait with its spread, in words; nothing is invented where nothing is known.
 * @param {Place} place
 */
export function waitWords({ agents, least_secs: least, middle_secs: middle, most_secs: most }) {
  if (!agents) return t("line_nobody_there");
  if (least == null || middle == null || most == null) return t("line_unknown");
  const [from, about, until] = [least, middle, most].map((secs) => Math.round(secs / 60));
  if (until <= 1) return t("line_at_once");
  const spread = t("line_between", { from: Math.max(from, 0), until });
  return `${about < 1 ? t("line_under_a_minute") : many("line_about", about)} ${spread}`;
}
