/** What a call is, as a reduction of its facts. Pure: no DOM, no clock, no socket. */
import { NO_RECORDING, isAboutRecording, recordingAfter } from "./recording-state.js";

/** @typedef {import("./messages.js").Fact} Fact */
/** @typedef {"waiting" | "admitted" | "away" | "left" | "removed"} Phase */

/**
 * @typedef {object} Person `away` was in the waiting room and gave up the place.
 * @property {string} id
 * @property {string} name
 * @property {string} role
 * @property {Phase} phase
 * @property {string} since when this phase began, ISO 8601
 * @property {boolean} connected
 * @property {string | null} heldSince on hold since then
 * @property {boolean} music whether they may hear music on hold
 * @property {string} manner of a supervisor: "listen", "whisper" or "join"
 * @property {boolean} lost the place ran out while the connection was away: nobody said goodbye
 */

/**
 * @typedef {object} ChatLine
 * @property {number} seq
 * @property {string} at
 * @property {string} by
 * @property {string} name
 * @property {string} text
 * @property {string[]} keptFrom participants who were on hold, and do not read it
 */

/**
 * @typedef {object} CallView
 * @property {number} seq
 * @property {Record<string, Person>} people
 * @property {ChatLine[]} chat
 * @property {import("./recording-state.js").Recording} recording
 * @property {boolean} wasRecorded
 * @property {string | null} liveAt
 * @property {{at: string, reason: string} | null} ended
 * @property {string} goesOn name of the agent who went on with the customer, if one handed them on
 */

/** @type {CallView} */
export const EMPTY = {
  seq: 0, people: {}, chat: [], recording: NO_RECORDING, liveAt: null, wasRecorded: false, ended: null,
  goesOn: "",
};

/**
 * The view after one more fact; facts that were seen already change nothing.
 * @param {CallView} view
 * @param {Fact} fact
 * @returns {CallView}
 */
export function reduce(view, fact) {
  if (fact.seq <= view.seq) return view;
  const next = { ...view, seq: fact.seq };
  if (fact.kind === "chat") {
    const { participant, name, text, kept_from: keptFrom = [] } = fact.data;
    if (text === undefined) return next; // not this person's to read
    next.chat = [...view.chat, { seq: fact.seq, at: fact.at, by: participant, name, text, keptFrom }];
  } else if (fact.kind === "ended") {
    next.ended = { at: fact.at, reason: fact.data.reason };
  } else if (isAboutRecording(fact)) {
    next.recording = recordingAfter(view.recording, fact);
    next.wasRecorded = view.wasRecorded || fact.kind === "recording_started";
  } else {
    next.people = peopleAfter(view.people, fact);
    next.goesOn = fact.data.agent ?? view.goesOn;
    if (fact.kind === "admitted") next.liveAt = view.liveAt ?? fact.at;
  }
  return next;
}

/**
 * @param {Record<string, Person>} people
 * @param {Fact} fact
 * @returns {Record<string, Person>}
 */
function peopleAfter(people, fact) {
  const { participant, name, role } = fact.data;
  if (participant === undefined) return people; // not this person's to know
  /** @type {Person} */
  const before = people[participant] ?? {
    id: participant, name: name ?? "", role: role ?? "", phase: "away", since: fact.at, connected: false, lost: false,
    heldSince: null, music: false, manner: "",
  };
  const change = personChange(before, fact);
  const since = change.phase && change.phase !== before.phase ? fact.at : before.since;
  const names = { name: name ?? before.name, role: role ?? before.role };
  return { ...people, [participant]: { ...before, ...names, since, ...change } };
}

/**
 * @param {Person} person
 * @param {Fact} fact
 * @returns {Partial<Person>}
 */
function personChange(person, fact) {
  switch (fact.kind) {
    case "entered":
    case "joined":
      return { phase: fact.data.waiting ? "waiting" : "admitted", connected: true, lost: false };
    case "admitted":
      return { phase: "admitted" };
    case "dropped":
      return { connected: false };
    case "held":
      return { heldSince: fact.at, music: fact.data.music === true };
    case "resumed":
      return { heldSince: null };
    case "supervised":
      // Who had left and sits in again is about to come.
      return {
        role: "supervisor", manner: fact.data.manner, ...(person.phase === "left" && !person.lost && { phase: "away" }),
      };
    case "removed":
      return { phase: "removed", connected: false, lost: false, heldSince: null };
    case "left":
      return {
        ...phaseAfterLeaving(person, fact.data.reason), connected: false, lost: fact.data.reason === "timeout",
      };
    default:
      return {};
  }
}

/**
 * @param {Person} person
 * @param {string} reason
 * @returns {{phase?: Phase}}
 */
function phaseAfterLeaving(person, reason) {
  // A newer page of the same person takes the place over: nobody went.
  if (reason === "replaced" || person.phase === "removed") return {};
  // On hold or not, they come back as they went.
  return { phase: person.phase === "waiting" ? "away" : "left" };
}
