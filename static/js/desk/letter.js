/** The page of a letter: the contact's card beside it, ready texts into the answer, handing it on. */
import { ContactPanel } from "../call/contact.js";
import { one, say } from "../call/dom.js";
import { t } from "../call/i18n.js";
import { Draft } from "./draft.js";

const field = /** @type {HTMLTextAreaElement} */ (one("[data-letter-form] textarea"));
const draft = new Draft(field);

/** @param {string} text goes where one writes, and can still be changed */
function write(text) {
  field.focus();
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  draft.keep();
}

/** @param {HTMLDetailsElement} details */
async function load(details) {
  const place = one(".letter-on__body", details);
  try {
    const answer = await fetch(details.dataset.letterOn ?? "");
    if (!answer.ok) throw new Error(String(answer.status));
    place.innerHTML = await answer.text(); // rendered and escaped by this server
    one("[name=note]", place).focus();
  } catch {
    say("p", t("failed"), place);
  }
}

new ContactPanel(write);
const details = /** @type {HTMLDetailsElement} */ (one("[data-letter-on]"));
// Each time anew: who is at the desk changes.
details.addEventListener("toggle", () => details.open && void load(details));
