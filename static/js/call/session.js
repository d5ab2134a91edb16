/** This page's part in a call: its socket, the reduced facts, its connections. No DOM. */
import { ServerClock } from "./clock.js";
import { Mesh } from "./mesh.js";
import { OwnConsent } from "./own-consent.js";
import { closedAs, screenOf } from "./queries.js";
import { Roster } from "./roster.js";
import { Signaling } from "./signaling.js";
import { EMPTY, reduce } from "./state.js";

/** @typedef {import("./messages.js").Fact} Fact */
/** @typedef {import("./signaling.js").Status} Status */

export class Session {
  view = EMPTY;
  clock = new ServerClock();
  me = "";
  may = /** @type {string[]} */ ([]);
  status = /** @type {Status} */ ("connecting");
  joined;
  closed = ""; // why the server sent this page away, or "left" while it hears that one goes
  place = /** @type {import("./messages.js").Place | null} */ (null); // where one stands in a queue
  #leg = /** @type {string | null} */ (null);
  #liveAt = /** @type {string | null} */ (null);
  #cameAt = Infinity; // by the server's clock; older facts are history, not news
  isCatchingUp = true; // until the first word about peers, missed facts come in
  #how;
  #roster;

  /** @param {import("./app.js").Surroundings} how */
  constructor(how) {
    this.#how = how;
    this.joined = how.joined;
    this.consent = new OwnConsent(() => this, how.withdrawn, () => this.#roster.apply());
    this.signaling = new Signaling({
      url: how.url,
      hello: () => ({ leg: this.#leg, last_seq: this.view.seq, token: how.token() }),
      onMessage: (message, roundTripMs) => this.#receive(message, roundTripMs),
      onStatus: (status, code) => this.#statusChanged(status, code),
    });
    this.mesh = new Mesh({
      ...how,
      transmit: (signal) => this.signaling.signal(signal),
      canSignal: () => this.status === "connected",
      doubt: () => this.signaling.doubt(),
    });
    this.#roster = new Roster(
      this.mesh,
      (role) => this.joined && (role !== "recorder" || this.consent.stands),
      (participant) => this.view.people[participant]?.lost === true,
    );
  }

  get screen() {
    return screenOf(this.view, this);
  }

  get liveAt() {
    return this.#liveAt ?? this.view.liveAt;
  }

  /** Out of the call at once, whether or not the server can hear of it now. */
  stepOut() {
    this.joined = false;
    this.closed = "left";
    this.#roster.apply();
  }

  /** Back in, for the server did not let this person go. */
  stepBack() {
    if (this.closed !== "left") return;
    this.joined = true;
    this.startOver(); // links to the legs of before were closed and cannot be taken up again
  }

  /** A new leg on a new socket: this page has left, or takes over from a newer tab. */
  startOver() {
    this.closed = "";
    this.#leg = null;
    this.#roster.hangUp();
    this.signaling.open();
    this.#how.onChange();
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
      case "peers": return this.#peersTold(message.peers);
      case "place": this.place = message; return this.#how.onChange();
      case "ice":
        return this.mesh.useRelays(/** @type {RTCIceServer[]} */ (message.servers), message.policy);
      case "error": return this.mesh.refused(message);
      case "ok": return undefined;
      default:
        return this.mesh.receive(message);
    }
  }

  /** @param {import("./messages.js").Welcome} welcome */
  #welcome(welcome) {
    const isNewLeg = welcome.leg !== this.#leg;
    this.#roster.welcomed();
    if (isNewLeg) this.#roster.hangUp();
    if (isNewLeg && this.closed === "left") this.closed = "";
    this.#leg = welcome.leg;
    this.me = welcome.you;
    this.may = welcome.may;
    this.#liveAt = welcome.live_at;
    this.clock.set(welcome.now);
    if (this.#cameAt === Infinity) this.#cameAt = Date.parse(welcome.now);
    this.mesh.bitrate = welcome.recording_bitrate;
    if (isNewLeg && this.joined) this.#how.onMustEnter();
  }

  /** @param {Fact} fact */
  #fact(fact) {
    if (fact.seq <= this.view.seq) return;
    this.view = reduce(this.view, fact);
    this.#roster.apply();
    if (fact.kind === "joined" && fact.data.leg !== this.#leg) this.#roster.cameBack();
    if (Date.parse(fact.at) >= this.#cameAt) this.#how.onFact(fact);
  }

  /** @param {import("./messages.js").Peer[]} peers */
  #peersTold(peers) {
    this.isCatchingUp = false;
    this.#roster.told(peers);
    if (this.joined && this.consent.isWithdrawnHereOnly) this.#how.onMustWithdraw();
  }

  /**
   * @param {Status} status
   * @param {number} code
   */
  #statusChanged(status, code) {
    this.status = status;
    if (status === "closed") {
      this.isCatchingUp = false;
      this.closed = closedAs(code);
      this.#roster.hangUp();
    }
    this.#how.onChange();
  }
}
