/** What a call page has besides where the call came from a queue: for who waits, and who answers. */
import { ContactPanel } from "./contact.js";
import { Fallback } from "./fallback.js";
import { InLine } from "./in-line.js";
import { Transfer } from "./transfer.js";

/**
 * @param {import("./app.js").App} app
 * @param {import("./panels.js").Panels} panels
 * @returns {{views: {render: () => void}[], actions: import("./app.js").Actions}}
 */
export function connectDesk(app, panels) {
  const { isInLine, hasContact } = app.setup;
  const views = [isInLine ? new InLine(app) : new Fallback(app)];
  if (!hasContact) return { views, actions: {} };
  new ContactPanel((text) => panels.write(text));
  return { views, actions: new Transfer(app).actions };
}
