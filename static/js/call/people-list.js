/** Who is in the call and who waits, beside it. */
import { copyOf, initials, one, say, show } from "./dom.js";
import { holdable } from "./held.js";
import { t } from "./i18n.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./state.js").Person} Person */

export class PeopleList {
  #app;
  #shown = "";

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  render() {
    const { session } = this.#app;
    const people = Object.values(session.view.people).filter(
      ({ phase, role, connected }) =>
        (phase !== "removed" && phase !== "away" && role !== "recorder") || (role === "recorder" && connected),
    );
    const text = JSON.stringify([people, session.me, session.may]);
    if (text === this.#shown) return;
    this.#shown = text;
    one("[data-people]").replaceChildren(...people.map((person) => this.#row(person)));
  }

  /** @param {Person} person */
  #row(person) {
    const { session } = this.#app;
    const row = copyOf("[data-person-pattern]");
    const name = person.role === "recorder" ? t("recorder") : person.name;
    say("[data-name]", person.id === session.me ? `${name} (${t("you")})` : name, row);
    say("[data-initials]", initials(name), row);
    say("[data-phase]", t(phaseKey(person)), row);
    const mayAdmit = person.phase === "waiting" && session.may.includes("admit");
    show('[data-action="admit"]', mayAdmit, row);
    const mayHold = session.may.includes("hold") && holdable(session.view).includes(person);
    show('[data-action="hold-person"]', mayHold, row);
    say("[data-hold-word]", t(person.heldSince ? "resume" : "hold"), row);
    for (const action of ["admit", "hold-person"]) one(`[data-action="${action}"]`, row).dataset.participant = person.id;
    return row;
  }
}

/** @param {Person} person */
function phaseKey({ phase, connected, heldSince, role, manner }) {
  if (phase === "waiting") return "is_waiting";
  if (phase === "left") return "has_left";
  if (!connected) return "reconnecting";
  return heldSince ? "on_hold" : role === "supervisor" ? `supervisor_${manner}` : "in_visit";
}
