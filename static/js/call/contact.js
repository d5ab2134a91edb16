/** What the agent sees of the person: their card, a note that saves itself, ready texts. */
import { all, one, say } from "./dom.js";
import { t } from "./i18n.js";

/** A note is kept this long after the last key. */
const SAVE_AFTER_MS = 800;
const AGAIN_AFTER_MS = 5000;

export class ContactPanel {
  #timer = 0;
  #onReply;
  /** @type {HTMLElement | null} */
  #place = document.querySelector("[data-contact-card]");

  /** @param {(text: string) => void} onReply a ready text was chosen */
  constructor(onReply) {
    this.#onReply = onReply;
    void this.#load();
    // What is not kept yet goes along when the page does.
    window.addEventListener("pagehide", () => this.#timer && void this.#save({ keepalive: true }));
  }

  async #load() {
    const place = this.#place;
    if (!place) return;
    try {
      const answer = await fetch(place.dataset.contactCard ?? "");
      if (!answer.ok) throw new Error(String(answer.status));
      place.innerHTML = await answer.text(); // rendered and escaped by this server
    } catch {
      say("p", t("failed"), place);
      setTimeout(() => void this.#load(), AGAIN_AFTER_MS);
      return;
    }
    for (const button of all("[data-reply]", place)) {
      button.addEventListener("click", () => this.#choose(button));
    }
    const field = place.querySelector("[data-note] textarea");
    field?.addEventListener("input", () => this.#later());
    // Whoever goes on to another page finds the note there as it was left.
    field?.addEventListener("blur", () => this.#timer && void this.#save());
  }

  /** @param {HTMLElement} button one of the ready texts */
  #choose(button) {
    this.#onReply(button.dataset.reply ?? "");
    const { used = "" } = button.dataset;
    const token = one("[data-contact]").dataset.token ?? "";
    // Only counted: the agent need not know whether that worked.
    fetch(used, { method: "POST", headers: { "x-csrftoken": token } }).catch(() => undefined);
  }

  #later(ms = SAVE_AFTER_MS) {
    clearTimeout(this.#timer);
    say("[data-note-state]", t("note_unsaved"));
    this.#timer = window.setTimeout(() => void this.#save(), ms);
  }

  /** @param {RequestInit} [how] */
  async #save(how) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const form = /** @type {HTMLFormElement} */ (one("[data-note]"));
    const said = new FormData(form);
    const note = String(said.get("note"));
    const body = new URLSearchParams({
      note,
      version: String(said.get("version")),
      csrfmiddlewaretoken: String(said.get("csrfmiddlewaretoken")),
    });
    try {
      const answer = await fetch(form.action, { ...how, method: "POST", body });
      const told = await answer.json();
      if (answer.ok) {
        /** @type {HTMLInputElement} */ (one("[name=version]", form)).value = told.version;
        // Somebody may have gone on writing meanwhile.
        if (!this.#timer) say("[data-note-state]", t("note_saved"));
      } else {
        say("[data-note-state]", told.errors?.note?.[0] ?? t("failed"));
      }
    } catch {
      this.#later(AGAIN_AFTER_MS);
      say("[data-note-state]", t("note_again"));
    }
  }
}
