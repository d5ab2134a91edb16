/** This page's part in a call: its socket, the reduced facts, its connections. No DOM. */
import { ServerClock } from "./clock.js";
import { Mesh } from "./mesh.js";
import { closedAs, consents, screenOf } from "./queries.js";
import { Signaling } from "./signaling.js";
import { EMPTY, reduce } from "./state.js";

/** @typedef {import("./messages.js").Fact} Fact */
/** @typedef {import("./signaling.js").Status} Status */

export class Session {
  view = EMPTY;
  clock = new ServerClock();
  me = "";
  /** @type {string[]} */
  may = [];
  /** @type {Status} */
  status = "connecting";
  joined;
  #withdrawn = ""; // the recording that a withdrawal is about, before the server has heard of it
  closed = ""; // why the server sent this page away
  #leg = /** @type {string | null} */ (null);
  #liveAt = /** @type {string | null} */ (null);
  /** @type {import("./messages.js").Peer[]} */
  #peers = [];
  #cameAt = Infinity; // by the server's clock; older facts are history, not news
  isCatchingUp = true; // until the first word about peers, missed facts come in
  #how;

  /**
   * @param {object} how
   * @param {string} how.url
   * @param {boolean} how.joined whether this tab had passed the device check before a reload
   * @param {() => import("./peer.js").Tracks} how.tracks
   * @param {() => {audio: boolean, video: boolean}} how.media
   * @param {() => void} how.onChange
   * @param {(fact: Fact) => void} how.onFact a fact that happened while this page looked on
   * @param {() => void} how.onMustEnter this leg is new, and the device check was passed before
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
      ...how,
      transmit: (signal) => this.signaling.signal(signal),
      canSignal: () => this.status === "connected",
    });
  }

  get screen() {
    return screenOf(this.view, this);
  }

  get liveAt() {
    return this.#liveAt ?? this.view.liveAt;
  }

  /**
   * Cuts the recorder off at once, whatever the server says later; or lets it in again.
   * @param {boolean} granted
   */
  allowRecorder(granted) {
    this.#withdrawn = granted ? "" : (this.view.recording.id ?? "");
    this.#connect();
  }

  /** A new leg on a new socket: this page has left, or takes over from a newer tab. */
  startOver() {
    this.closed = "";
    this.#leg = null;
    this.#hangUp();
    this.signaling.open();
    this.#how.onChange();
  }

  #hangUp() {
    this.#peers = [];
    this.mesh.close();
  }

  /**
   * @param {import("./messages.js").ServerMessage} message
   * @param {number} roundTripMs
   */
  #receive(message, roundTripMs) {
    switch (message.t) {
      case "welcome": return this.#welcome(message);
      case "fact": return this.#fact(message);
      case "pong": return this.clock.set(message.now, roundTripMs);
      case "peers":
        this.#peers = message.peers;
        this.isCatchingUp = false;
        return this.#connect();
      case "ok": case "error":
        return undefined;
      default:
        return this.mesh.receive(message);
    }
  }

  /** @param {import("./messages.js").Welcome} welcome */
  #welcome(welcome) {
    const isNewLeg = welcome.leg !== this.#leg;
    if (isNewLeg) this.#hangUp();
    this.#leg = welcome.leg;
    this.me = welcome.you;
    this.may = welcome.may;
    this.#liveAt = welcome.live_at;
    this.clock.set(welcome.now);
    if (this.#cameAt === Infinity) this.#cameAt = Date.parse(welcome.now);
    this.mesh.iceServers = /** @type {RTCIceServer[]} */ (welcome.ice_servers);
    this.mesh.bitrate = welcome.recording_bitrate;
    if (isNewLeg && this.joined) this.#how.onMustEnter();
  }

  /** @param {Fact} fact */
  #fact(fact) {
    if (fact.seq <= this.view.seq) return;
    this.view = reduce(this.view, fact);
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
      this.closed = closedAs(code);
      this.#hangUp();
    }
    this.#how.onChange();
  }
}
