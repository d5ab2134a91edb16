/** Questions about who is on hold, or may be. Pure. */

/** @typedef {import("./state.js").CallView} CallView */
/** @typedef {import("./state.js").Person} Person */

/**
 * Those in the call who can be put on hold, and all who are, there or not: they are not there to work.
 * @param {CallView} view
 * @returns {Person[]}
 */
export function holdable(view) {
  const guests = ["patient", "guest"];
  return Object.values(view.people).filter(
    ({ phase, role, lost, heldSince }) =>
      guests.includes(role) && (phase === "admitted" || lost || (phase === "left" && heldSince)),
  );
}

/**
 * @param {CallView} view
 * @param {string} participant
 */
export function isHeld(view, participant) {
  return Boolean(view.people[participant]?.heldSince);
}
