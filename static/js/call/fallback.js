/** Tells who waits for a booked visit that others are asked as well, as its agent is missing. */
import { say, show } from "./dom.js";
import { t } from "./i18n.js";

export class Fallback {
  #app;
  #told = "";

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.#app = app;
  }

  render() {
    const { session } = this.#app;
    const number = session.screen === "waiting" ? session.place?.number : 0;
    const text = number ? t("fallback_place", { n: number }) : "";
    if (text === this.#told) return;
    this.#told = text;
    say("[data-fallback]", text);
    show("[data-fallback]", Boolean(text));
  }
}
