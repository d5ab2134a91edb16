/**
 * Looks after every connection to a person: measures it, keeps what is sent at the right step of
 * the ladder, asks the other side for the step that can be received, and tells the server. No DOM.
 */
import { sends } from "./flow.js";
import { Restraint } from "./restraint.js";
import { sampleOf } from "./sample.js";
import { tune } from "./senders.js";
import { SideChannel } from "./side-channel.js";
import { countersOf } from "./stats.js";
import { Watched } from "./watched.js";

/** @typedef {import("./ladder.js").Rung} Rung */
/** @typedef {import("./stats.js").Quality} Word */
/** @typedef {(leg: string, watched: Watched, pc: RTCPeerConnection, state: import("./mender.js").PeerState) => Promise<void>} Look */

const [EVERY_MS, SAMPLE_EVERY_MS] = [2000, 5000];

export class Quality {
  #how;
  /** @type {Map<string, Watched>} by leg */
  #watched = new Map();
  restraint = new Restraint();
  #timer;

  /**
   * @param {object} how
   * @param {() => import("./app.js").Remote[]} how.remotes
   * @param {() => boolean} how.isLive nothing is sent to anybody before
   * @param {() => boolean} how.isSharing whether the picture is the screen
   * @param {(sample: import("./messages.js").Sample) => void} how.keep
   * @param {(leg: string, aside: import("./side-channel.js").Aside) => void} how.onAside
   * @param {() => void} how.onRung a step has changed: the others are to be told
   * @param {() => void} how.onLook
   */
  constructor(how) {
    this.#how = how;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  close() { clearInterval(this.#timer); }

  /** @param {string} leg @returns {Rung} what is sent to it */
  rungTo(leg) {
    return this.#watched.get(leg)?.rung ?? "full";
  }

  /** What the two directions to a leg are like. @param {string} leg */
  wordsOf(leg) {
    const { out = "unknown", in: incoming = "unknown" } = this.#watched.get(leg) ?? {};
    return /** @type {{out: Word, in: Word}} */ ({ out, in: incoming });
  }

  /** @param {string} leg */
  connectionTo(leg) {
    return this.#watched.get(leg)?.pc ?? null;
  }

  /** To all; nothing happens where no channel is open. @param {import("./side-channel.js").Aside} aside */
  send(aside) {
    if (!this.#how.isLive()) return;
    const to = this.#how.remotes().filter(({ flow }) => sends(flow));
    for (const { leg } of to) this.#watched.get(leg)?.channel?.send(aside);
  }

  /** @type {NonNullable<import("./connections.js").Hooks["onConnection"]>} */
  onConnection = (pc, { leg, role, polite }) => {
    if (role === "recorder") return;
    const watched = this.#watched.get(leg) ?? new Watched();
    this.#watched.set(leg, watched);
    watched.pc = pc;
    watched.begin();
    watched.channel = new SideChannel(pc, {
      offers: !polite,
      onAside: (aside) => this.#heard(leg, watched, aside),
      onOpen: () => this.#ask(watched),
    });
  };

  /** @type {NonNullable<import("./connections.js").Hooks["onConnectionClosed"]>} */
  onConnectionClosed = (pc) => {
    for (const watched of this.#watched.values()) {
      if (watched.pc === pc) watched.pc = watched.channel = null;
    }
  };

  /** @param {string} leg @param {Watched} watched @param {import("./side-channel.js").Aside} aside */
  #heard(leg, watched, aside) {
    if (aside.k === "want") {
      watched.wanted = aside.rung;
      void this.#send(leg, watched);
    } else if (this.#how.isLive()) this.#how.onAside(leg, aside);
  }

  /** What the step says, to the encoders and the others. @param {string} leg @param {Watched} watched */
  async #send(leg, watched) {
    if (watched.rung !== watched.told) {
      watched.told = watched.rung;
      this.#how.onRung();
    }
    const isWarm = !this.#how.remotes().some((remote) => remote.leg === leg);
    const isScreen = this.#how.isSharing();
    if (watched.pc) await tune(watched.pc, watched.rung, { isScreen, isWarm });
  }

  async #look() {
    const looks = [];
    const remotes = new Map(this.#how.remotes().map((remote) => [remote.leg, remote]));
    for (const [leg, watched] of this.#watched) {
      const remote = remotes.get(leg);
      // Who waits or is on hold has a connection and is not seen: there is nothing to measure.
      if (!remote && !watched.pc) this.#watched.delete(leg);
      else if (remote && remote.flow !== "none" && watched.pc && watched.looking !== watched.pc && this.#how.isLive()) {
        looks.push(this.#lookAt(leg, watched, watched.pc, remote.state));
      }
    }
    await Promise.all(looks);
    if (this.restraint.look(this.#watched.values(), performance.now())) this.#how.onRung();
    this.#how.onLook();
  }

  /** One at a time: a connection that never answers holds up no other, nor the next. @type {Look} */
  async #lookAt(leg, watched, pc, state) {
    watched.looking = pc;
    await this.#measure(leg, watched, pc, state).catch((fault) => {
      if (watched.pc) console.warn("connection not measured", fault);
    });
    if (watched.looking === pc) watched.looking = null;
  }

  /** @type {Look} */
  async #measure(leg, watched, pc, state) {
    const counters = countersOf(/** @type {any} */ (await pc.getStats()).values());
    const now = performance.now();
    const { asked } = watched;
    if (state === "connected") watched.measured(counters, now);
    if (watched.asked !== asked) this.#ask(watched);
    await this.#send(leg, watched);
    if (now - watched.sampledAt < SAMPLE_EVERY_MS) return;
    watched.sampledAt = now;
    const since = watched.sampleMeter.next(counters, now);
    if (since) this.#how.keep(sampleOf({ leg, rung: watched.rung, state, counters, since }));
  }

  /** @param {Watched} watched */
  #ask({ channel, asked }) {
    channel?.send({ k: "want", rung: asked });
  }
}
