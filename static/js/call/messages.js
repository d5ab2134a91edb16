/**
 * Every message of the signaling socket, as JSDoc types.
 * Written by `manage.py messages` from calls/protocol.py; change that file instead.
 */

export const MAX_MESSAGE_BYTES = 65536;

export const MAX_SDP_BYTES = 32768;

export const MAX_CANDIDATES_PER_PAIR = 50;

export const MESSAGES_PER_SEC = 20;

export const MESSAGE_BURST = 120;

export const OPENINGS_PER_MINUTE = 60;

export const HELLO_TIMEOUT_SECS = 10;

export const SAMPLE_EVERY_SECS = 5;

/** Why the server closes a socket. */
export const CloseCode = Object.freeze({
  BINARY: 1003,
  TOO_BIG: 1009,
  RESTART: 1012,
  SLOW_READER: 1013,
  MALFORMED: 4400,
  SIGNED_OUT: 4401,
  FORBIDDEN: 4403,
  NO_SUCH_CALL: 4404,
  SILENT: 4408,
  REPLACED: 4409,
  ENDED: 4410,
  TOO_FAST: 4429,
});

/** What `error.code` may be. */
export const ErrorCode = Object.freeze({
  BAD_JSON: "bad_json",
  BAD_SHAPE: "bad_shape",
  BAD_FIELD: "bad_field",
  UNKNOWN_TYPE: "unknown_type",
  BAD_SDP: "bad_sdp",
  BAD_STATE: "bad_state",
  FORBIDDEN: "forbidden",
  NOT_A_PEER: "not_a_peer",
  CONSENT_MISSING: "consent_missing",
  RECORDER_BUSY: "recorder_busy",
  RATE: "rate",
  UNAVAILABLE: "unavailable",
});

/** The kinds of facts. */
export const FactKind = Object.freeze({
  ENTERED: "entered",
  ADMITTED: "admitted",
  JOINED: "joined",
  DROPPED: "dropped",
  LEFT: "left",
  REMOVED: "removed",
  HELD: "held",
  RESUMED: "resumed",
  SUPERVISED: "supervised",
  CHAT: "chat",
  RECORD_ASKED: "record_asked",
  CONSENT_GIVEN: "consent_given",
  CONSENT_REFUSED: "consent_refused",
  CONSENT_WITHDRAWN: "consent_withdrawn",
  RECORDING_QUEUED: "recording_queued",
  RECORDING_DELAYED: "recording_delayed",
  RECORDING_STARTED: "recording_started",
  RECORDING_STOPPED: "recording_stopped",
  RECORDING_FAILED: "recording_failed",
  ENDED: "ended",
});

/** @typedef {"bad_json" | "bad_shape" | "bad_field" | "unknown_type" | "bad_sdp" | "bad_state" | "forbidden" | "not_a_peer" | "consent_missing" | "recorder_busy" | "rate" | "unavailable"} ErrorCodeName */

/** @typedef {"entered" | "admitted" | "joined" | "dropped" | "left" | "removed" | "held" | "resumed" | "supervised" | "chat" | "record_asked" | "consent_given" | "consent_refused" | "consent_withdrawn" | "recording_queued" | "recording_delayed" | "recording_started" | "recording_stopped" | "recording_failed" | "ended"} FactKindName */

/**
 * First message on a socket: the leg to go on with (null: a new one), the last fact seen.
 * 
 * `token` is the page's join token, good once and for a minute; without one, or when it is spent,
 * the session of the request says who it is.
 * @typedef {object} Hello
 * @property {"hello"} t
 * @property {string | null} leg
 * @property {number} last_seq
 * @property {string | null} [token]
 */

/**
 * Answered by `pong`.
 * @typedef {object} Ping
 * @property {"ping"} t
 */

/**
 * What the connection to `leg` is like, for the flight recorder.
 * 
 * At most one for each other leg in SAMPLE_EVERY_SECS; loss is a share of the packets since it was
 * last known, left out while they are too few to say; `in` is what comes from the other leg.
 * @typedef {object} Sample
 * @property {"sample"} t
 * @property {string} leg
 * @property {"audio" | "full" | "small" | "text"} rung
 * @property {"connected" | "connecting" | "reconnecting"} state
 * @property {number | null} [loss_in]
 * @property {number | null} [loss_out]
 * @property {number} [round_trip_ms]
 * @property {number} [jitter_ms]
 * @property {number} [in_kbps]
 * @property {number} [out_kbps]
 * @property {number | null} [available_kbps]
 * @property {number} [in_width]
 * @property {number} [in_height]
 * @property {number} [in_fps]
 * @property {"host" | "prflx" | "relay" | "srflx" | null} [local]
 * @property {"host" | "prflx" | "relay" | "srflx" | null} [remote]
 * @property {"tcp" | "tls" | "udp" | null} [protocol]
 */

/**
 * The device check is passed: wait to be admitted, or come in if nothing is to wait for.
 * @typedef {object} Enter
 * @property {"enter"} t
 * @property {string} ref
 */

/**
 * Let a waiting participant in.
 * @typedef {object} Admit
 * @property {"admit"} t
 * @property {string} ref
 * @property {string} participant
 */

/**
 * Send a participant away for good.
 * @typedef {object} Remove
 * @property {"remove"} t
 * @property {string} ref
 * @property {string} participant
 */

/**
 * Put somebody who was admitted on hold: they and the others are apart until `resume`.
 * @typedef {object} Hold
 * @property {"hold"} t
 * @property {string} ref
 * @property {string} participant
 */

/**
 * Take somebody off hold.
 * @typedef {object} Resume
 * @property {"resume"} t
 * @property {string} ref
 * @property {string} participant
 */

/**
 * As a supervisor: only hear and see, speak with agents alone, or take part.
 * @typedef {object} Supervise
 * @property {"supervise"} t
 * @property {string} ref
 * @property {"join" | "listen" | "whisper"} manner
 */

/**
 * Write to everyone who was admitted and is not on hold; as a supervisor who has not joined, to
 * those who work here.
 * @typedef {object} Chat
 * @property {"chat"} t
 * @property {string} ref
 * @property {string} text
 */

/**
 * I go, the visit stays open.
 * @typedef {object} Leave
 * @property {"leave"} t
 * @property {string} ref
 */

/**
 * The visit is over for all.
 * @typedef {object} End
 * @property {"end"} t
 * @property {string} ref
 */

/**
 * Ask everyone for their consent to a recording; the asker consents by asking.
 * @typedef {object} RecordAsk
 * @property {"record_ask"} t
 * @property {string} ref
 * @property {string} text_version
 */

/**
 * Agree, refuse, or withdraw (`granted` false after it was true).
 * @typedef {object} RecordConsent
 * @property {"record_consent"} t
 * @property {string} ref
 * @property {boolean} granted
 * @property {string} text_version
 */

/**
 * Stop recording; recording again means asking again.
 * @typedef {object} RecordStop
 * @property {"record_stop"} t
 * @property {string} ref
 */

/**
 * An SDP offer or answer (W3C WebRTC, RTCSessionDescription).
 * 
 * `to`, in answers only, is the number of the offer that is answered: one that no longer stands
 * has no use for it.
 * @typedef {object} Description
 * @property {"description"} t
 * @property {string} leg
 * @property {number} n
 * @property {"answer" | "offer"} type
 * @property {string} sdp
 * @property {number | null} [to]
 */

/**
 * An ICE candidate, or an empty one at the end of a generation (RTCIceCandidateInit).
 * @typedef {object} Candidate
 * @property {"candidate"} t
 * @property {string} leg
 * @property {number} n
 * @property {string} candidate
 * @property {string | null} [sdp_mid]
 * @property {number | null} [sdp_mline_index]
 * @property {string | null} [username_fragment]
 */

/**
 * Which own tracks carry something (false: muted, camera off), on which rung of the ladder.
 * @typedef {object} Media
 * @property {"media"} t
 * @property {string} leg
 * @property {number} n
 * @property {boolean} audio
 * @property {boolean} video
 * @property {"audio" | "full" | "small" | "text"} [rung]
 */

/**
 * Nothing comes under this number: what its sender had put there was refused for good.
 * @typedef {object} Blank
 * @property {"blank"} t
 * @property {string} leg
 * @property {number} n
 */

/**
 * Every signal up to `n` from that leg has arrived.
 * @typedef {object} Ack
 * @property {"ack"} t
 * @property {string} leg
 * @property {number} n
 */

/**
 * The answer to `hello`. Times are ISO 8601 in UTC; `now` sets the call timer's clock.
 * @typedef {object} Welcome
 * @property {"welcome"} t
 * @property {string} you
 * @property {string} leg
 * @property {string} role
 * @property {string} name
 * @property {string} now
 * @property {string} state
 * @property {string | null} live_at
 * @property {string[]} may
 * @property {number} recording_bitrate
 */

/**
 * The servers for this leg's connections, from now on; comes again before they lapse.
 * 
 * `policy` is RTCConfiguration's `iceTransportPolicy`: with `relay` no other candidate may leave.
 * @typedef {object} Ice
 * @property {"ice"} t
 * @property {IceServerEntry[]} servers
 * @property {"all" | "relay"} policy
 * @property {string} expires_at
 */

/**
 * One row of the call's history; `by` is the participant who caused it, if a person did.
 * @typedef {object} Fact
 * @property {"fact"} t
 * @property {number} seq
 * @property {string} at
 * @property {FactKindName} kind
 * @property {string | null} by
 * @property {Record<string, any>} data
 */

/**
 * All legs that the receiver may signal with now; sent whenever that changes.
 * @typedef {object} Peers
 * @property {"peers"} t
 * @property {Peer[]} peers
 */

/**
 * Where somebody stands in a queue, told whenever that changes; 1 is next, 0 not in line now.
 * 
 * `rings`: an agent is being asked now; `agents` work for the queue. Half of the people wait no
 * longer than `middle_secs`, eight of ten between `least_secs` and `most_secs`; null where nothing
 * is known.
 * @typedef {object} Place
 * @property {"place"} t
 * @property {number} number
 * @property {boolean} rings
 * @property {number} agents
 * @property {number | null} [least_secs]
 * @property {number | null} [middle_secs]
 * @property {number | null} [most_secs]
 */

/**
 * A command took effect; `seq` is the fact that it became.
 * @typedef {object} Ok
 * @property {"ok"} t
 * @property {string} ref
 * @property {number} seq
 */

/**
 * Something was refused and nothing changed; `ref` names the command, if it was one.
 * 
 * `leg` and `n` name a signal that will never be taken: its sender says `blank` in its place.
 * @typedef {object} Error
 * @property {"error"} t
 * @property {ErrorCodeName} code
 * @property {string} detail
 * @property {string | null} [ref]
 * @property {string | null} [leg]
 * @property {number | null} [n]
 */

/**
 * The server's clock, ISO 8601 in UTC.
 * @typedef {object} Pong
 * @property {"pong"} t
 * @property {string} now
 */

/**
 * A STUN or TURN server as the browser takes it (RTCIceServer).
 * @typedef {object} IceServerEntry
 * @property {string[]} urls
 * @property {string | null} [username]
 * @property {string | null} [credential]
 */

/**
 * A leg that the receiver may exchange signals with; `polite` says how the receiver yields.
 * 
 * `flow`: whether the receiver may send its own sound and picture to that leg, and play what comes
 * from there. With "none" the connection stays, and carries nothing of either person.
 * `warm`: one of the two still waits to be admitted. They connect, and see nothing of each other.
 * `quality`: of a recorder, what it is to be sent: "audio", "small" or "full".
 * @typedef {object} Peer
 * @property {string} leg
 * @property {string} participant
 * @property {string} role
 * @property {string} name
 * @property {boolean} polite
 * @property {boolean} [warm]
 * @property {"both" | "none" | "receive" | "send"} [flow]
 * @property {string} [quality]
 */

/** @typedef {Description | Candidate | Media | Blank | Ack} Signal */

/** @typedef {Enter | Admit | Remove | Hold | Resume | Supervise | Chat | Leave | End | RecordAsk | RecordConsent | RecordStop} Command */

/** @typedef {Welcome | Ice | Fact | Peers | Place | Ok | Error | Pong | Description | Candidate | Media | Blank | Ack} ServerMessage */
