/**
 * Every message of the desk's socket, as JSDoc types.
 * Written by `manage.py messages` from calls/desk/messages.py; change that file instead.
 */

/**
 * All that the page shows of the desk; comes whole whenever a part of it has changed.
 * 
 * `revision` changes with the list of those who wait, which the page then asks for.
 * @typedef {object} Desk
 * @property {"desk"} t
 * @property {string} now
 * @property {string} state
 * @property {string} wanted
 * @property {string} since
 * @property {Ringing | null} ringing
 * @property {Talk[]} talks
 * @property {Line[]} line
 * @property {string} revision
 */

/**
 * To a wallboard: what it shows has changed since another `mark`; it then asks for it.
 * @typedef {object} Board
 * @property {"board"} t
 * @property {string} now
 * @property {string} mark
 */

/**
 * The answer to `ping`.
 * @typedef {object} Pong
 * @property {"pong"} t
 * @property {string} now
 */

/**
 * An offer that rings at this agent's desk.
 * 
 * `kind` is `routed` or `consult`; `why` names the router's reason; `contact` is `live`,
 * `callback` or `message`; `since` is when the person came.
 * @typedef {object} Ringing
 * @property {string} offer
 * @property {string} entry
 * @property {string} kind
 * @property {string} name
 * @property {string} subject
 * @property {string} queue
 * @property {string} media
 * @property {string} contact
 * @property {string} language
 * @property {string} since
 * @property {string} rings_until
 * @property {string} why
 * @property {string} note
 * @property {string} asked_by
 */

/**
 * A contact that this agent has in hand; `wraps_up_until` once only after-call work is left.
 * 
 * `advises`: this agent was asked in, and another one leads. `consult`: whom this agent asked in.
 * @typedef {object} Talk
 * @property {number} handling
 * @property {string} entry
 * @property {string} call
 * @property {string} name
 * @property {string} queue
 * @property {string} media
 * @property {string} contact
 * @property {string} since
 * @property {string | null} wraps_up_until
 * @property {boolean} [advises]
 * @property {Consult | null} [consult]
 */

/**
 * The colleague who was asked into a talk last: `state` is `ringing`, `accepted`, `declined`,
 * `missed` or `withdrawn`.
 * @typedef {object} Consult
 * @property {string} colleague
 * @property {string} name
 * @property {string} state
 */

/**
 * One of the agent's queues: how many wait, and since when the first of them does.
 * @typedef {object} Line
 * @property {string} queue
 * @property {string} name
 * @property {number} waiting
 * @property {string | null} since
 */

/** @typedef {Desk | Board | Pong} DeskServerMessage */

export {};
