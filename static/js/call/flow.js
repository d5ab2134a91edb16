/** What may go over a connection, by the word of the server: each end holds it for itself. No DOM. */

/** @typedef {NonNullable<import("./messages.js").Peer["flow"]>} Flow */
/** @typedef {import("./app.js").Remote} Remote */

/** What a connection carries over which nothing may be sent. @type {import("./tracks.js").Tracks} */
export const NOTHING = { audio: null, video: null };

/** Whether this page sends. @param {Flow} flow */
export function sends(flow) {
  return flow === "both" || flow === "send";
}

/** Whether this page plays what comes. @param {Flow} flow */
export function plays(flow) {
  return flow === "both" || flow === "receive";
}

/**
 * Somebody as they may be shown: without sound and picture, whatever comes, where nothing is played.
 * @param {Remote} remote
 * @returns {Remote}
 */
export function shownOf(remote) {
  return plays(remote.flow) ? remote : { ...remote, tracks: [], audio: true, video: false };
}
