/** With whom this page is connected: with whom the server allows and this person wants. No DOM. */

/** @typedef {import("./messages.js").Peer} Peer */

export class Roster {
  #mesh;
  #isWanted;
  #isLost;
  /** @type {Peer[]} */
  #peers = [];
  #isResuming = false; // from a welcome until the server has told the peers of this leg

  /**
   * @param {import("./mesh.js").Mesh} mesh
   * @param {(role: string) => boolean} isWanted whether to be connected with peers of that role now
   * @param {(participant: string) => boolean} isLost whether a person was given up by the server
   *   and did not go
   */
  constructor(mesh, isWanted, isLost) {
    this.#mesh = mesh;
    this.#isLost = isLost;
    this.#isWanted = isWanted;
  }

  /** A new socket: what was not acknowledged goes out again, once the server takes it. */
  welcomed() {
    this.#isResuming = true;
  }

  /** @param {Peer[]} peers all that the server allows now */
  told(peers) {
    this.#peers = peers;
    this.apply();
    if (this.#isResuming) this.#mesh.resume();
    this.#isResuming = false;
  }

  /** Somebody else has a new socket and may have missed what was sent to the one before. */
  cameBack() {
    if (!this.#isResuming) this.#mesh.resume();
  }

  /** Connects and hangs up as it is wanted now. */
  apply() {
    const isLost = (/** @type {string} */ participant) =>
      this.#isWanted("person") && this.#isLost(participant);
    this.#mesh.setPeers(this.#peers.filter(({ role }) => this.#isWanted(role)), isLost);
  }

  hangUp() {
    this.#peers = [];
    this.#mesh.close();
  }
}
