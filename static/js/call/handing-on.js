/** What somebody is told who is handed on from one agent to another: once, and in words. Pure. */
import { isHeld } from "./held.js";
import { t } from "./i18n.js";

/** @typedef {import("./state.js").CallView} CallView */

/**
 * The agents who are in the call, whether their connection is up at the moment or not.
 * @param {CallView} view
 */
export function agentsIn(view) {
  return Object.values(view.people).filter(({ role, phase }) => role === "agent" && phase === "admitted");
}

/**
 * Nobody is there for people: an agent has gone, and the next one has not come.
 * @param {CallView} view
 */
export function isBetweenAgents(view) {
  return !agentsIn(view).length;
}

/**
 * The sentence for `me`, a patient or guest, about a fact by which they are handed on, or "".
 * @param {CallView} view with the fact in it
 * @param {import("./messages.js").Fact} fact
 * @param {string} me
 * @returns {string}
 */
export function handingOn(view, { kind, data }, me) {
  if (!["patient", "guest"].includes(view.people[me]?.role)) return "";
  const { participant, reason, agent: name } = data;
  if (kind === "resumed" && participant === me && name) return t("goes_on", { name });
  if (kind !== "left" || reason !== "handed_on") return "";
  const by = view.people[participant]?.name ?? "";
  if (name) return t("handed_to", { by, name });
  return isHeld(view, me) ? t("handed_on", { by }) : "";
}
