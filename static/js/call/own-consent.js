/** Whether this person may be recorded, as this page knows it: a withdrawal counts at once. */
import { consents } from "./queries.js";

export class OwnConsent {
  /** The recording that a withdrawal is about: the server may not have heard of it yet. */
  withdrawn;
  #place;
  #onDecided;

  /**
   * @param {() => {view: import("./state.js").CallView, me: string}} place
   * @param {string} withdrawn what this tab remembers over a reload, "" for nothing
   * @param {() => void} onDecided
   */
  constructor(place, withdrawn, onDecided) {
    this.#place = place;
    this.#onDecided = onDecided;
    this.withdrawn = withdrawn;
  }

  /**
   * Cuts the recorder off at once, whatever the server says later; or lets it in.
   * @param {boolean} granted
   */
  decide(granted) {
    this.withdrawn = granted ? "" : (this.#place().view.recording.id ?? "");
    this.#onDecided();
  }

  /** Whether this person is to be recorded. */
  get stands() {
    return this.#isKnown && this.withdrawn !== this.#place().view.recording.id;
  }

  /** Whether the server still goes by a consent that was withdrawn here. */
  get isWithdrawnHereOnly() {
    return this.#isKnown && !this.stands;
  }

  get #isKnown() {
    const { view, me } = this.#place();
    return consents(view, me);
  }
}
