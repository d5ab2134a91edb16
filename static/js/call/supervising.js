/** Questions about supervisors in a call, and whose picture is due. Pure. */
import { plays } from "./flow.js";
import { othersIn } from "./queries.js";

/** @typedef {import("./state.js").CallView} CallView */
/** @typedef {import("./state.js").Person} Person */
/** @typedef {import("./app.js").Remote} Remote */

/**
 * Whether somebody is in the call without taking part: heard by agents at most.
 * @param {Person | undefined} person
 */
export function onlySupervises(person) {
  return person?.role === "supervisor" && person.manner !== "join";
}

/**
 * Supervisors beside `me` who are there and do not take part.
 * @param {CallView} view
 * @param {string} me
 * @returns {Person[]}
 */
export function supervisors(view, me) {
  return othersIn(view, me).filter((person) => person.connected && onlySupervises(person));
}

/**
 * Whom the stage shows: those in the call who are there, and who was given up for lost and is seen
 * all the same. A supervisor who does not take part is there for whom they speak with.
 * @param {CallView} view
 * @param {string} me
 * @param {Map<string, Remote>} remotes by participant
 * @returns {Person[]}
 */
export function onStage(view, me, remotes) {
  const lost = Object.values(view.people).filter(({ id, lost: isLost }) => isLost && remotes.has(id));
  return [...othersIn(view, me), ...lost].filter((person) => {
    const remote = remotes.get(person.id);
    if (onlySupervises(person)) return remote !== undefined && plays(remote.flow);
    return person.connected || remote !== undefined;
  });
}
