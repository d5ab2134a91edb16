/** This page's part in a call: its socket, the reduced facts, its connections. No DOM. */
import { ServerClock } from "./clock.js";
import { Mesh } from "./mesh.js";
import { CloseCode } from "./messages.js";
import { consents, screenOf } from "./queries.js";
import { Refused, Signaling } from "./signaling.js";
import { EMPTY, reduce } from "./state.js";

/** @typedef {import("./messages.js").Fact} Fact */
/** @typedef {import("./messages.js").ServerMessage} ServerMessage */
/** @typedef {import("./signaling.js").Status} Status */

/** @type {Record<number, string>} */
const CLOSED_AS = {
  [CloseCode.REPLACED]: "replaced",
  [CloseCode.ENDED]: "ended",
  [CloseCode.SIGNED_OUT]: "signed_out",
  [CloseCode.NO_SUCH_CALL]: "forbidden",
  [CloseCode.FORBIDDEN]: "forbidden",
  [CloseCode.MALFORMED]: "fault",
};

export class Session {
  view = EMPTY;
  clock = new ServerClock();
  me = "";
  role = "";
  /** @type {string[]} */
  may = [];
  /** @type {Status} */
  status = "connecting";
  joined;
  /** Set by withdrawing, before the server has heard of it: the recording that it is about. */
  #withdrawn = "";
  #closed = "";
  /** @type {string | null} */
  #leg = null;
  /** @type {string | null} */
  #liveAt = null;
  /** @type {import("./messages.js").Peer[]} */
  #peers = [];
  /** When this page first came in, by the server's clock: older facts are history, not news. */
  #cameAt = Infinity;
  /** Whether a recorder was in this call, for what is said afterwards. */
  wasRecorded = false;
  /** Between a welcome and the first word about peers the facts that were missed come in. */
  isCatchingUp = true;
  #how;

  /**
   * @param {object} how
   * @param {string} how.url
   * @param {boolean} how.joined whether this tab had passed the device check before a reload
   * @param {() => import("./peer.js").Tracks} how.tracks
   * @param {() => {audio: boolean, video: boolean}} how.media
   * @param {() => void} how.onChange
   * @param {(fact: Fact) => void} how.onFact a fact that happened while this page looked on
   * @param {(fault: Refused) => void} how.onRefused
   */
  constructor(how) {
    this.#how = how;
    this.joined = how.joined;
    this.signaling = new Signaling({
      url: how.url,
      hello: () => ({ leg: this.#leg, last_seq: this.view.seq }),
      onMessage: (message, roundTripMs) => this.#receive(message, roundTripMs),
      onStatus: (status, code) => this.#statusChanged(status, code),
    });
    this.mesh = new Mesh({
      transmit: (signal) => this.signaling.signal(signal),
      canSignal: () => this.status === "connected",
      tracks: how.tracks,
      media: how.media,
      onChange: how.onChange,
    });
  }

  get screen() {
    return screenOf(this.view, { me: this.me, joined: this.joined, closed: this.#closed });
  }

  /** Why the server sent this page away. */
  get closed() {
    return this.#closed;
  }

  /** When the visit went live, by the server's clock; null before. */
  get liveAt() {
    return this.#liveAt ?? this.view.liveAt;
  }

  /** Passes the device check, for the first time or to come back. */
  async enter() {
    this.joined = true;
    try {
      await this.signaling.command("enter");
    } catch (fault) {
      this.joined = false;
      this.#refused(fault);
    }
    this.#how.onChange();
  }

  /** I go, the visit stays open. The socket comes back with a leg that has not entered. */
  async leave() {
    await this.command("leave");
    this.joined = false;
    this.#startOver();
  }

  /** This tab again, after a newer one took over. */
  takeOver() {
    this.#closed = "";
    this.#startOver();
  }

  /**
   * @param {string} kind
   * @param {Record<string, unknown>} [fields]
   * @returns {Promise<boolean>} whether the server did it; a refusal is told by `onRefused`
   */
  async command(kind, fields) {
    try {
      await this.signaling.command(kind, fields);
      return true;
    } catch (fault) {
      this.#refused(fault);
      return false;
    }
  }

  /**
   * Agrees, refuses or withdraws. A withdrawal cuts the recorder off before the server answers.
   * @param {boolean} granted
   * @param {string} textVersion
   */
  consent(granted, textVersion) {
    this.#withdrawn = granted ? "" : (this.view.recording.id ?? "");
    this.#connect();
    return this.command("record_consent", { granted, text_version: textVersion });
  }

  #startOver() {
    this.#leg = null;
    this.#peers = [];
    this.mesh.close();
    this.signaling.open();
    this.#how.onChange();
  }

  /** @param {unknown} fault */
  #refused(fault) {
    if (!(fault instanceof Refused)) throw fault;
    if (fault.code !== "closed") this.#how.onRefused(fault);
  }

  /**
   * @param {ServerMessage} message
   * @param {number} roundTripMs
   */
  #receive(message, roundTripMs) {
    switch (message.t) {
      case "welcome":
        return this.#welcome(message);
      case "fact":
        return this.#fact(message);
      case "peers":
        this.#peers = message.peers;
        this.isCatchingUp = false;
        return this.#connect();
      case "pong":
        return this.clock.set(message.now, roundTripMs);
      case "description": case "candidate": case "media": case "ack":
        return this.mesh.receive(message);
    }
  }

  /** @param {import("./messages.js").Welcome} welcome */
  #welcome(welcome) {
    const isNewLeg = welcome.leg !== this.#leg;
    if (isNewLeg) this.mesh.close();
    this.#leg = welcome.leg;
    this.me = welcome.you;
    this.role = welcome.role;
    this.may = welcome.may;
    this.#liveAt = welcome.live_at;
    this.clock.set(welcome.now);
    if (this.#cameAt === Infinity) this.#cameAt = Date.parse(welcome.now);
    this.mesh.iceServers = /** @type {RTCIceServer[]} */ (welcome.ice_servers);
    this.mesh.bitrate = welcome.recording_bitrate;
    if (isNewLeg && this.joined) void this.enter();
  }

  /** @param {Fact} fact */
  #fact(fact) {
    if (fact.seq <= this.view.seq) return;
    this.view = reduce(this.view, fact);
    if (fact.kind === "recording_started") this.wasRecorded = true;
    this.#connect();
    if (Date.parse(fact.at) >= this.#cameAt) this.#how.onFact(fact);
  }

  /** Connects with whom the server allows; with a recorder only by this person's own consent. */
  #connect() {
    const agreed = consents(this.view, this.me) && this.#withdrawn !== this.view.recording.id;
    this.mesh.setPeers(this.#peers.filter(({ role }) => role !== "recorder" || agreed));
  }

  /**
   * @param {Status} status
   * @param {number} code
   */
  #statusChanged(status, code) {
    this.status = status;
    if (status === "connected") this.mesh.resume();
    if (status === "closed") {
      this.isCatchingUp = false;
      this.#closed = CLOSED_AS[code] ?? "fault";
      this.mesh.close();
    }
    this.#how.onChange();
  }
}
