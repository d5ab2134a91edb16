/** What this tab remembers over a reload: that the device check was passed, and what was off. */
export class Memory {
  #key;

  /** @param {string} key */
  constructor(key) {
    this.#key = key;
  }

  /** @returns {{joined: boolean, audio: boolean, video: boolean}} */
  read() {
    const stored = JSON.parse(sessionStorage.getItem(this.#key) ?? "null");
    return stored ?? { joined: false, audio: true, video: true };
  }

  /** @param {import("./app.js").App} app */
  write({ session, media }) {
    const { joined } = session;
    sessionStorage.setItem(this.#key, JSON.stringify({ joined, ...media.wanted }));
  }
}
