/** What people say beside the talk: reactions over their pictures, and that they are writing. */
import { all, one, say, show } from "./dom.js";
import { plays } from "./flow.js";
import { many, t } from "./i18n.js";
import { announce } from "./news.js";

/** @typedef {import("./app.js").App} App */

const SHOWN_MS = 4000;
/** Who writes on says so again before this; who has stopped is not shown for longer. */
const WRITES_MS = 5000;
const SAY_AGAIN_MS = 2500;

export class Asides {
  #app;
  /** @type {Map<string, ReturnType<typeof setTimeout>>} by leg of those who write */
  #writing = new Map();
  /** @type {WeakMap<HTMLElement, ReturnType<typeof setTimeout>>} */
  #fading = new WeakMap();
  #saidAt = -Infinity;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
    const field = /** @type {HTMLTextAreaElement} */ (one("[data-chat-text]"));
    field.addEventListener("input", () => this.#write(field.value.trim() !== ""));
    field.addEventListener("blur", () => this.#write(false));
    one("[data-chat-form]").addEventListener("submit", () => this.#write(false));
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    react: (button) => {
      const sign = button.dataset.sign ?? "";
      this.#app.quality.send({ k: "reaction", sign });
      this.#show(one("[data-self]"), sign);
      announce(t("react_sent", { what: t(`react_${sign}`) }));
    },
  };

  /**
   * @param {string} leg
   * @param {import("./side-channel.js").Aside} aside
   */
  heard(leg, aside) {
    const remote = this.#app.session.mesh.remotes.find((one) => one.leg === leg);
    if (!remote || !plays(remote.flow)) return;
    if (aside.k === "typing") this.#heardWriting(leg, aside.on);
    if (aside.k !== "reaction") return;
    const [tile] = all("[data-tile]").filter(({ dataset }) => dataset.participant === remote.participant);
    if (tile) this.#show(tile, aside.sign);
    announce(t("react_news", { name: remote.name, what: t(`react_${aside.sign}`) }));
  }

  render() {
    const { remotes } = this.#app.session.mesh;
    const names = remotes.filter(({ leg, flow }) => plays(flow) && this.#writing.has(leg)).map(({ name }) => name);
    show("[data-typing]", names.length > 0);
    const words = many("typing", names.length, { names: names.join(", ") });
    say("[data-typing-words]", names.length ? words : "");
  }

  /** @param {string} leg @param {boolean} isWriting */
  #heardWriting(leg, isWriting) {
    clearTimeout(this.#writing.get(leg));
    this.#writing.delete(leg);
    if (isWriting) this.#writing.set(leg, setTimeout(() => this.#heardWriting(leg, false), WRITES_MS));
    this.render();
  }

  /** @param {boolean} isWriting */
  #write(isWriting) {
    const now = performance.now();
    if (isWriting ? now - this.#saidAt < SAY_AGAIN_MS : this.#saidAt === -Infinity) return;
    this.#saidAt = isWriting ? now : -Infinity;
    this.#app.quality.send({ k: "typing", on: isWriting });
  }

  /**
   * @param {HTMLElement} figure
   * @param {string} sign
   */
  #show(figure, sign) {
    const place = one("[data-reaction]", figure);
    clearTimeout(this.#fading.get(place));
    // The same sign again is a new one: it has to move again.
    place.hidden = true;
    void place.offsetWidth;
    place.replaceChildren(one(`[data-sign="${sign}"] svg`).cloneNode(true));
    place.hidden = false;
    this.#fading.set(place, setTimeout(() => (place.hidden = true), SHOWN_MS));
  }
}
