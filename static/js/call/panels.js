/** Chat, people and the contact's card beside the call: one of them is open, or none. */
import { asClock } from "./clock.js";
import { all, copyOf, one, say, show, visible } from "./dom.js";
import { many, t } from "./i18n.js";
import { PeopleList } from "./people-list.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {"chat" | "people" | "contact" | "none"} Panel */

export class Panels {
  #app;
  /** @type {Panel} */
  #open = "none";
  #shownLines = 0;
  #readLines = 0;
  #people;
  #wasOpened = false; // who came to write begins with the chat

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
    this.#people = new PeopleList(app);
    one("[data-chat-form]").addEventListener("submit", (event) => this.#send(event));
    one("[data-chat-text]").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      /** @type {HTMLFormElement} */ (one("[data-chat-form]")).requestSubmit();
    });
    one('[data-screen="live"]').addEventListener("keydown", (event) => {
      const isInside = /** @type {Element} */ (event.target).closest("dialog, [popover]");
      if (event.key === "Escape" && !isInside && this.#open !== "none") this.#show("none");
    });
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    chat: () => this.#show(this.#open === "chat" ? "none" : "chat"),
    people: () => this.#show(this.#open === "people" ? "none" : "people"),
    contact: () => this.#show(this.#open === "contact" ? "none" : "contact"),
    "close-panel": () => this.#show("none"),
  };

  /** A ready text goes into the field, where it can still be changed.
   * @param {string} text */
  write(text) {
    const field = /** @type {HTMLTextAreaElement} */ (one("[data-chat-text]"));
    field.value = field.value ? `${field.value.trimEnd()} ${text}` : text;
    this.#show("chat");
  }

  render() {
    const { setup, session } = this.#app;
    if (setup.media === "text" && session.screen === "live" && !this.#wasOpened) {
      this.#wasOpened = true;
      this.#show("chat");
    }
    this.#renderChat();
    this.#people.render();
  }

  openPeople() {
    if (this.#open !== "people") this.#show("people");
  }

  /** @param {Panel} panel */
  #show(panel) {
    const before = this.#open;
    this.#open = panel;
    one('[data-screen="live"]').dataset.panel = panel;
    for (const body of all("[data-panel-body]")) body.hidden = body.dataset.panelBody !== panel;
    for (const name of ["chat", "people", "contact"]) {
      for (const button of all(`[data-action="${name}"]`)) {
        button.setAttribute("aria-expanded", String(panel === name));
      }
    }
    this.render();
    if (panel === "chat") one("[data-chat-text]").focus();
    else if (panel !== "none") one(`#${panel}-title`).focus();
    else if (before !== "none") visible(`[data-action="${before}"]`)?.focus();
    this.#toEnd();
  }

  #renderChat() {
    const { session, setup } = this.#app;
    const { chat } = session.view;
    const language = document.documentElement.lang;
    for (const line of chat.slice(this.#shownLines)) {
      const row = copyOf("[data-chat-pattern]");
      const isMine = line.by === session.me;
      row.classList.toggle("chat__line--mine", isMine);
      say("[data-by]", isMine ? t("you") : line.name, row);
      say("[data-at]", asClock(line.at, { zone: setup.zone, language }), row);
      say("[data-text]", line.text, row);
      const kept = line.keptFrom.map((id) => session.view.people[id]?.name ?? "").join(", ");
      show("[data-kept-from]", kept !== "", row);
      say("[data-kept-from]", kept && t("kept_from", { names: kept }), row);
      one("[data-chat]").append(row);
    }
    if (chat.length > this.#shownLines) this.#toEnd();
    this.#shownLines = chat.length;
    show("[data-chat-empty]", chat.length === 0);
    // What was said before this page was opened counts as read, and so does what one says oneself.
    const isRead = this.#open === "chat" || session.isCatchingUp;
    if (isRead) this.#readLines = chat.length;
    const unread = chat.slice(this.#readLines).filter(({ by }) => by !== session.me).length;
    show("[data-unread]", unread > 0);
    say("[data-unread]", String(unread));
    one('[data-action="chat"]').title = t("with_key", {
      action: unread ? many("chat_unread", unread) : t("chat_open"), key: "C",
    });
    say('[data-label="chat"]', t("chat_open"));
  }

  /** @param {SubmitEvent} event */
  async #send(event) {
    event.preventDefault();
    const field = /** @type {HTMLTextAreaElement} */ (one("[data-chat-text]"));
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    const isSent = await this.#app.commands.send("chat", { text });
    if (!isSent && !field.value) field.value = text;
  }

  #toEnd() {
    const list = one("[data-chat]");
    list.scrollTop = list.scrollHeight;
  }
}
