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
 * @property {import("./commands.js").Commands} commands
 * @property {import("./devices.js").LocalMedia} media
 * @property {() => void} render asks for a rendering of what has changed
 */

/**
 * @typedef {object} Remote what comes from one other person
 * @property {string} leg
 * @property {string} participant
 * @property {string} name
 * @property {import("./mender.js").PeerState} state
 * @property {MediaStreamTrack[]} tracks
 * @property {boolean} audio false: muted
 * @property {boolean} video false: camera off
 */

/** @typedef {(button: HTMLElement) => unknown} Action */
/** @typedef {Record<string, Action>} Actions by `data-action` */

export {};
