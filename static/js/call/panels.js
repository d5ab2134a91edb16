/** Chat, people and the contact's card beside the call. */
import { Chat } from "./chat.js";
import { all, one, show, visible } from "./dom.js";
import { OpenPanels } from "./open-panels.js";
import { PeopleList } from "./people-list.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./open-panels.js").Panel} Panel */

/** As in call-panel.css: a panel stands beside the call and not above it; and two of them do. */
const BESIDE = matchMedia("(min-width: 60rem)");
const WIDE = matchMedia("(min-width: 75rem)");

export class Panels {
  #app;
  #open = new OpenPanels();
  #chat;
  #people;
  #hasBegun = false;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
    this.#chat = new Chat(app, () => this.#open.has("chat"));
    this.#people = new PeopleList(app);
    one('[data-screen="live"]').addEventListener("keydown", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (event.key === "Escape" && !target.closest("dialog, [popover]")) this.#close(target);
    });
    WIDE.addEventListener("change", () => {
      if (!WIDE.matches) this.#open.narrow();
      this.#show();
    });
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    chat: () => this.#toggle("chat"),
    people: () => this.#toggle("people"),
    contact: () => this.#toggle("contact"),
    "close-panel": (button) => this.#close(button),
  };

  /** A ready text goes into the field, where it can still be changed.
   * @param {string} text */
  write(text) {
    this.#chat.write(text);
    this.#enter("chat");
  }

  render() {
    if (this.#app.session.screen === "live" && !this.#hasBegun) this.#begin();
    this.#chat.render();
    this.#people.render();
  }

  openPeople() {
    if (!this.#open.has("people")) this.#enter("people");
  }

  /** The agent begins with the contact's card, where there is room, and who came to write with the chat. */
  #begin() {
    const { setup } = this.#app;
    this.#hasBegun = true;
    if (setup.hasContact && BESIDE.matches) this.#open.open("contact", WIDE.matches);
    if (setup.media === "text") this.#enter("chat");
    else this.#show();
  }

  /** @param {Panel} panel */
  #toggle(panel) {
    if (this.#open.has(panel)) this.#shut(panel);
    else this.#enter(panel);
  }

  /** The panel that this stands in, or else the one opened last.
   * @param {Element} element */
  #close(element) {
    const place = /** @type {HTMLElement | null} */ (element.closest("[data-panel-body]"));
    const panel = /** @type {Panel | undefined} */ (place?.dataset.panelBody) ?? this.#open.last;
    if (panel) this.#shut(panel);
  }

  /** @param {Panel} panel */
  #enter(panel) {
    this.#open.open(panel, WIDE.matches);
    this.#show();
    one(panel === "chat" ? "[data-chat-text]" : `#${panel}-title`).focus();
  }

  /** @param {Panel} panel */
  #shut(panel) {
    this.#open.close(panel);
    this.#show();
    (visible(`[data-action="${panel}"]`) ?? visible(".control--narrow"))?.focus();
  }

  #show() {
    one('[data-screen="live"]').dataset.panel = this.#open.name;
    for (const name of /** @type {Panel[]} */ (["chat", "people", "contact"])) {
      const isOpen = this.#open.has(name);
      show(`[data-panel-body="${name}"]`, isOpen);
      for (const button of all(`[data-action="${name}"]`)) button.setAttribute("aria-expanded", String(isOpen));
    }
    this.render();
    this.#chat.toEnd();
  }
}
