/** A supervisor's own page, and what everybody's page says of supervisors. */
import { all, one, say, show } from "./dom.js";
import { t } from "./i18n.js";
import { othersIn } from "./queries.js";
import { supervisors } from "./supervising.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./state.js").Person} Person */

export class SupervisionView {
  #app;
  /** The manner that the devices were last opened or let go for. */
  #applied = "";

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    manner: ({ dataset }) => this.#app.commands.send("supervise", { manner: dataset.manner }),
  };

  render() {
    this.#renderOwn();
    this.#renderOthers();
  }

  #renderOwn() {
    const { session } = this.#app;
    const me = session.view.people[session.me];
    const isHere = session.screen === "live" && me?.role === "supervisor";
    const manner = isHere ? me.manner : "";
    one('[data-screen="live"]').dataset.manner = manner;
    say("[data-manner-text]", manner ? t(`own_${manner}`, { agents: this.#agents() }) : "");
    for (const button of all('[data-action="manner"]')) {
      button.setAttribute("aria-pressed", String(button.dataset.manner === manner));
    }
    if (manner === this.#applied) return;
    this.#applied = manner;
    if (manner) void this.#openDevices(manner);
  }

  /** Devices are asked for only once somebody is to hear or see this person.
   * @param {string} manner */
  async #openDevices(manner) {
    const { media } = this.#app;
    media.wanted = { audio: manner !== "listen", video: manner === "join" };
    if (manner === "listen") media.stop();
    else if (manner === "whisper") await media.setCamera(false);
    await media.start();
  }

  #renderOthers() {
    const { session } = this.#app;
    const there = session.screen === "live" ? supervisors(session.view, session.me) : [];
    show("[data-supervised]", there.length > 0);
    say("[data-supervised-text]", there.map((person) => this.#told(person)).join(" "));
  }

  /** @param {Person} person */
  #told({ name, manner }) {
    const { view, me } = this.#app.session;
    const role = view.people[me]?.role ?? "";
    // To patients and guests it is the same: they are heard, and hear nothing.
    if (manner === "listen" || ["patient", "guest"].includes(role)) return t("supervisor_is_listening", { name });
    if (role === "agent") return t("supervisor_speaks_with_you", { name });
    return t("supervisor_speaks_with", { name, agents: this.#agents() });
  }

  #agents() {
    const { view, me } = this.#app.session;
    const agents = othersIn(view, me).filter(({ role }) => role === "agent");
    return agents.map(({ name }) => name).join(", ") || t("agents");
  }
}
