/** What this tab remembers over a reload: the device check, a withdrawal, and what was off. */
export class Memory {
  #key;

  /** @param {string} key */
  constructor(key) {
    this.#key = key;
  }

  /**
   * @param {{joined: boolean, audio: boolean, video: boolean}} first how the page begins in a new tab
   * @returns {{joined: boolean, withdrawn: string, audio: boolean, video: boolean}}
   */
  read(first) {
    const stored = JSON.parse(sessionStorage.getItem(this.#key) ?? "{}");
    return { withdrawn: "", ...first, ...stored };
  }

  /** @param {import("./app.js").App} app */
  write({ session, media }) {
    const { joined, consent } = session;
    const kept = { joined, withdrawn: consent.withdrawn, ...media.wanted };
    sessionStorage.setItem(this.#key, JSON.stringify(kept));
  }
}
