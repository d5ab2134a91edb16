/** What people write to each other in the call. */
import { asClock } from "./clock.js";
import { copyOf, one, say, show } from "./dom.js";
import { many, t } from "./i18n.js";

/** @typedef {import("./app.js").App} App */

export class Chat {
  #app;
  #isOpen;
  #shownLines = 0;
  #readLines = 0;

  /**
   * @param {App} app
   * @param {() => boolean} isOpen whether its panel is
   */
  constructor(app, isOpen) {
    this.#app = app;
    this.#isOpen = isOpen;
    one("[data-chat-form]").addEventListener("submit", (event) => this.#send(event));
    one("[data-chat-text]").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      /** @type {HTMLFormElement} */ (one("[data-chat-form]")).requestSubmit();
    });
  }

  /** Into the field, after what is there.
   * @param {string} text */
  write(text) {
    const field = /** @type {HTMLTextAreaElement} */ (one("[data-chat-text]"));
    field.value = field.value ? `${field.value.trimEnd()} ${text}` : text;
  }

  render() {
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
    if (chat.length > this.#shownLines) this.toEnd();
    this.#shownLines = chat.length;
    show("[data-chat-empty]", chat.length === 0);
    // What was said before this page was opened counts as read, and so does what one says oneself.
    const isRead = this.#isOpen() || session.isCatchingUp;
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

  toEnd() {
    const list = one("[data-chat]");
    list.scrollTop = list.scrollHeight;
  }
}
