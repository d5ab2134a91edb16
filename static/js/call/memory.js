/** What this tab remembers over a reload: the device check, a withdrawal, and what was off. */
export class Memory {
  #key;

  /** @param {string} key */
  constructor(key) {
    this.#key = key;
  }

  /** @returns {{joined: boolean, withdrawn: string, audio: boolean, video: boolean}} */
  read() {
    const stored = JSON.parse(sessionStorage.getItem(this.#key) ?? "{}");
    return { joined: false, withdrawn: "", audio: true, video: true, ...stored };
  }

  /** @param {import("./app.js").App} app */
  write({ session, media }) {
    const { joined, consent } = session;
    const kept = { joined, withdrawn: consent.withdrawn, ...media.wanted };
    sessionStorage.setItem(this.#key, JSON.stringify(kept));
  }
}
