/** Questions that the page asks of a call's view. Pure. */
import { CloseCode } from "./messages.js";

/** @typedef {import("./state.js").CallView} CallView */
/** @typedef {import("./state.js").Person} Person */

/**
 * People who wait to be admitted and are there, the longest first.
 * @param {CallView} view
 * @returns {Person[]}
 */
export function waiting(view) {
  return Object.values(view.people)
    .filter((person) => person.phase === "waiting" && person.connected)
    .sort((one, other) => one.since.localeCompare(other.since));
}

/**
 * People in the call beside `me`, recorders left out.
 * @param {CallView} view
 * @param {string} me
 * @returns {Person[]}
 */
export function othersIn(view, me) {
  return Object.values(view.people).filter(
    (person) => person.id !== me && person.role !== "recorder" && person.phase === "admitted",
  );
}

/**
 * Whether a recording is wanted or under way.
 * @param {CallView} view
 */
export function isRecordingOpen(view) {
  return ["asked", "queued", "delayed", "on"].includes(view.recording.phase);
}

/**
 * Whether `me` agreed to what is being, or about to be, recorded.
 * @param {CallView} view
 * @param {string} me
 */
export function consents(view, me) {
  return (
    ["queued", "delayed", "on"].includes(view.recording.phase) &&
    view.recording.consents[me] === "given"
  );
}

/** Of a supervisor who does not take part nothing is recorded. @param {Person | undefined} person */
function takesPart(person) {
  return person?.role !== "supervisor" || person.manner === "join";
}

/**
 * Whether `me` still has to answer.
 * @param {CallView} view
 * @param {string} me
 */
export function mustAnswer(view, me) {
  return isRecordingOpen(view) && takesPart(view.people[me]) && (view.recording.consents[me] ?? "asked") === "asked";
}

/**
 * Names of the people in the call who have not answered yet.
 * @param {CallView} view
 * @param {string} me
 * @returns {string[]}
 */
export function unanswered(view, me) {
  return othersIn(view, me)
    .filter((person) => takesPart(person) && (view.recording.consents[person.id] ?? "asked") === "asked")
    .map((person) => person.name);
}

/**
 * Who is recorded while a recording is under way, since when, and who is not: of those in the call.
 * @param {CallView} view
 * @param {string} me
 * @returns {{person: Person | null, since: string | null}[]} `person` is null for oneself, who comes
 *   first; `since` is null for whoever did not agree
 */
export function recorded({ recording, ...view }, me) {
  const here = othersIn({ ...view, recording }, me).filter((person) => person.connected && takesPart(person));
  return [...(takesPart(view.people[me]) ? [null] : []), ...here].map((person) => {
    const id = person?.id ?? me;
    const [began, agreed] = [recording.since ?? "", recording.agreedAt[id] ?? ""];
    const since = Date.parse(agreed) > Date.parse(began) ? agreed : began;
    return { person, since: recording.consents[id] === "given" ? since : null };
  });
}

/**
 * @typedef {object} Place where this tab is, beside the facts
 * @property {string} me the own participant, "" before the first welcome
 * @property {boolean} joined the device check was passed in this tab
 * @property {string} closed why the server sent this page away, "left" while it hears of leaving, or ""
 */

/**
 * Which of the page's screens is due.
 * @param {CallView} view
 * @param {Place} place
 * @returns {"lobby" | "waiting" | "live" | "left" | "ended" | "replaced" | "removed" | "gone"}
 */
export function screenOf(view, place) {
  const phase = view.people[place.me]?.phase;
  if (view.ended || place.closed === "ended") return "ended";
  if (phase === "removed") return "removed";
  if (place.closed === "replaced") return "replaced";
  if (place.closed && place.closed !== "left") return "gone";
  // Who goes is out before the server says so; who only waited is back at the device check.
  if (place.closed === "left" && phase === "admitted") return "left";
  if (!place.joined) return phase === "left" ? "left" : "lobby";
  // A supervisor was admitted before they came.
  if (phase === undefined || (phase === "away" && view.people[place.me].role === "supervisor")) return "lobby";
  // Who was given up while the connection was away comes back by itself: no other screen between.
  return phase === "waiting" || phase === "away" ? "waiting" : "live";
}

/**
 * Why the server sent this page away, as the page knows it.
 * @param {number} code of the closed socket
 * @returns {"replaced" | "ended" | "signed_out" | "forbidden" | "fault"}
 */
export function closedAs(code) {
  if (code === CloseCode.REPLACED) return "replaced";
  if (code === CloseCode.ENDED) return "ended";
  if (code === CloseCode.SIGNED_OUT) return "signed_out";
  return code === CloseCode.NO_SUCH_CALL || code === CloseCode.FORBIDDEN ? "forbidden" : "fault";
}
