/** What has just happened, told once: as a short message, or to screen readers only. */
import { showToast } from "../ui/toast.js";
import { one } from "./dom.js";
import { handingOn } from "./handing-on.js";
import { isHeld } from "./held.js";
import { t } from "./i18n.js";
import { onlySupervises } from "./supervising.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./messages.js").Fact} Fact */

/**
 * Told to screen readers: what others see happen anyway.
 * @param {string} text
 */
export function announce(text) {
  const place = one("[data-announce]");
  // The same words again are news again.
  place.textContent = "";
  setTimeout(() => (place.textContent = text), 50);
}

/**
 * Tells of a fact that has happened while this page looked on.
 * @param {App} app
 * @param {Fact} fact
 */
export function tell({ session }, fact) {
  if (fact.kind === "supervised") tellSupervised(session, fact);
  const { participant, name: given, text, waiting, role } = fact.data;
  const name = given ?? session.view.people[participant]?.name ?? "";
  const isMine = participant === session.me;
  const inCall = session.screen === "live";
  if (fact.kind === "chat" && !isMine) announce(t("news_chat", { name, text: text ?? "" }));
  if (fact.kind === "admitted" && isMine) announce(t("news_admitted"));
  if (fact.kind === "held" || fact.kind === "resumed") {
    if (isMine) announce(t(`news_${fact.kind}_you`));
    else if (inCall) showToast(t(`news_${fact.kind}`, { name }));
  }
  const handed = inCall ? handingOn(session.view, fact, session.me) : "";
  if (handed) showToast(handed, "info");
  if (fact.kind === "recording_started" && inCall) showToast(t("news_recording_on"), "info");
  if (!inCall || isMine || !name || role === "recorder" || isRecorder(session, participant)) return;
  // Who is on hold is told when it concerns them, and once.
  if (handed || isHeld(session.view, session.me) || (fact.kind === "joined" && name === session.view.goesOn)) return;
  if (fact.kind === "entered" && waiting) announce(t("news_waiting", { name }));
  const isListening = onlySupervises(session.view.people[participant]); // which is shown all the time
  if (fact.kind === "joined" && !waiting && !isListening) showToast(t("news_joined", { name }), "success");
  if (fact.kind === "left" && fact.data.reason !== "replaced") showToast(t("news_left", { name }));
  if (fact.kind === "dropped") announce(t("news_dropped", { name }));
  const isAsker = participant === session.view.recording.askedBy; // who asks, agrees by asking
  if (fact.kind === "consent_given" && !isAsker) showToast(t("news_consent", { name }), "success");
}

/**
 * @param {import("./session.js").Session} session
 * @param {Fact} fact
 */
function tellSupervised(session, { data: { participant, name, manner } }) {
  if (participant === session.me) announce(t(`own_${manner}`, { agents: t("agents") }));
  else if (manner === "join" && session.screen === "live") showToast(t("news_supervisor_joins", { name }), "info");
}

/**
 * Tells why the server refused a command.
 * @param {{code: string}} fault
 */
export function tellRefusal({ code }) {
  const known = ["forbidden", "bad_state", "unavailable", "rate", "recorder_busy"].includes(code);
  showToast(t(`error_${known ? code : "other"}`), "warning");
}

/**
 * @param {import("./session.js").Session} session
 * @param {string} participant
 */
function isRecorder(session, participant) {
  return session.view.people[participant]?.role === "recorder";
}
