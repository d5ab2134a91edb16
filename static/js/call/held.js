/** Questions about who is on hold, or may be. Pure. */

/** @typedef {import("./state.js").CallView} CallView */
/** @typedef {import("./state.js").Person} Person */

/**
 * Those in the call who can be put on hold, or are: they are not there to work.
 * @param {CallView} view
 * @returns {Person[]}
 */
export function holdable(view) {
  const guests = ["patient", "guest"];
  return Object.values(view.people).filter(
    ({ phase, role, lost }) => guests.includes(role) && (phase === "admitted" || lost),
  );
}

/**
 * @param {CallView} view
 * @param {string} participant
 */
export function isHeld(view, participant) {
  return Boolean(view.people[participant]?.heldSince);
}
