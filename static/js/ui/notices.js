/** Calls the agent back to a page that is hidden: a notice of the browser, and the page's title. */

const FLASH_MS = 1200;

export class Notices {
  #title = document.title;
  #timer = 0;
  /** @type {Notification | null} */
  #notice = null;

  /** May be asked only after a click. */
  static async ask() {
    if (globalThis.Notification?.permission === "default") await Notification.requestPermission();
  }

  /** @param {string} text */
  start(text) {
    this.stop();
    this.#title = document.title;
    let isOn = false;
    const flash = () => {
      isOn = !isOn;
      document.title = isOn ? `☎ ${text}` : this.#title;
    };
    flash();
    this.#timer = window.setInterval(flash, FLASH_MS);
    if (!document.hidden || globalThis.Notification?.permission !== "granted") return;
    // All tabs of the portal show the same one.
    this.#notice = new Notification(text, { tag: "parlour-desk", requireInteraction: true });
    this.#notice.onclick = () => {
      window.focus();
      this.#notice?.close();
    };
  }

  stop() {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = 0;
    document.title = this.#title;
    this.#notice?.close();
    this.#notice = null;
  }
}
