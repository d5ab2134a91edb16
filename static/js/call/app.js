/** What the views share: the session, the person's own devices, and what the server wrote. */

/**
 * @typedef {object} Setup
 * @property {string} socket path of the signaling socket
 * @property {string} token opens this page's first socket
 * @property {string} call
 * @property {string} person
 * @property {string} other name of the other person, "" if there is none yet
 * @property {string} textVersion of the consent text in the page
 * @property {boolean} mayRecord
 * @property {boolean} supervises it is a supervisor's page, which asks for no device before they speak
 * @property {string} zone the person's IANA time zone
 * @property {string} media how the people mean to meet: "video", "audio" or "text"
 * @property {boolean} entersAtOnce an agent who has accepted a contact, and has not left, needs no device check
 * @property {boolean} isInLine the person has come into a queue
 * @property {boolean} hasContact the agent has the person's card beside the call
 */

/**
 * @typedef {object} App
 * @property {Setup} setup
 * @property {import("./session.js").Session} session
 * @property {import("./commands.js").Commands} commands
 * @property {import("./devices.js").LocalMedia} media
 * @property {import("./quality.js").Quality} quality
 * @property {() => void} render asks for a rendering of what has changed
 */

/**
 * @typedef {object} Surroundings what a session gets from its page
 * @property {string} url of the signaling socket
 * @property {() => string | null} token the page's join token the first time, it is good for once
 * @property {boolean} joined whether this tab had passed the device check before a reload
 * @property {string} withdrawn the recording that this tab had withdrawn from, or ""
 * @property {() => import("./peer.js").Tracks} tracks
 * @property {(leg: string) => {audio: boolean, video: boolean, rung?: import("./ladder.js").Rung}} media
 *   what is on, and the step of the quality ladder towards that leg
 * @property {() => import("./recorder-picture.js").Step} recorderStep how much a recorder is sent
 * @property {() => void} onChange
 * @property {(fact: import("./messages.js").Fact) => void} onFact what happened while it looked on
 * @property {() => void} onMustEnter this leg is new, and the device check was passed before
 * @property {() => void} onMustWithdraw the server does not know of a withdrawal
 * @property {import("./connections.js").Hooks["onConnection"]} [onConnection] one was made, to a
 *   person or a recorder, and nothing is negotiated yet
 * @property {import("./connections.js").Hooks["onConnectionClosed"]} [onConnectionClosed]
 */

/**
 * @typedef {object} Remote what comes from one other person
 * @property {string} leg
 * @property {string} participant
 * @property {string} name
 * @property {import("./flow.js").Flow} flow what may go to them and be played of them
 * @property {import("./mender.js").PeerState} state
 * @property {MediaStreamTrack[]} tracks
 * @property {boolean} audio false: muted
 * @property {boolean} video false: camera off
 * @property {import("./ladder.js").Rung} rung the step of the quality ladder that it comes on
 */

/** @typedef {(button: HTMLElement) => unknown} Action */
/** @typedef {Record<string, Action>} Actions by `data-action` */

export {};
