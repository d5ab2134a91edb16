/** What the views share: the session, the person's own devices, and what the server wrote. */

/**
 * @typedef {object} Setup
 * @property {string} socket path of the signaling socket
 * @property {string} call
 * @property {string} person
 * @property {string} other name of the other person, "" if there is none yet
 * @property {string} textVersion of the consent text in the page
 * @property {boolean} mayRecord
 * @property {string} zone the person's IANA time zone
 */

/**
 * @typedef {object} App
 * @property {Setup} setup
 * @property {import("./session.js").Session} session
 * @property {import("./devices.js").LocalMedia} media
 * @property {() => void} render asks for a rendering of what has changed
 */

/** @typedef {(button: HTMLElement) => unknown} Action */
/** @typedef {Record<string, Action>} Actions by `data-action` */

export {};
