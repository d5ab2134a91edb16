/** From a button's `data-action` to what it does. */
import { dialog, one } from "./dom.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./app.js").Actions} Actions */

/**
 * What concerns the visit as a whole.
 * @param {App} app
 * @returns {Actions}
 */
export function visitActions(app) {
  const { session, commands, media } = app;
  return {
    admit: async (button) => {
      const { participant } = button.dataset;
      if (!(await commands.send("admit", { participant }))) return;
      // The button goes away; whoever works by keyboard goes on from the title of the visit.
      const isLost = [button, document.body].includes(/** @type {any} */ (document.activeElement));
      if (isLost) one("#live-title").focus({ preventScroll: true });
    },
    leave: () => commands.leave(),
    rejoin: async () => {
      if (commands.left) await commands.left;
      // First in, then the devices: on the way out they are let go of.
      const entered = commands.enter();
      await media.start();
      await entered;
    },
    end: () => dialog("end")?.showModal(),
    "confirm-end": () => {
      dialog("end")?.close();
      return commands.send("end");
    },
    "take-over": async () => {
      session.startOver();
      await media.start();
    },
    settings: () => dialog("settings")?.showModal(),
    reload: () => location.reload(),
  };
}

/**
 * One listener for all buttons and lists, those that come later included.
 * @param {Actions} actions
 */
export function connectActions(actions) {
  const act = (/** @type {Event} */ event, /** @type {"action" | "actionChange"} */ key) => {
    const selector = key === "action" ? "[data-action]" : "[data-action-change]";
    const target = /** @type {HTMLElement | null} */ (
      /** @type {Element} */ (event.target).closest(selector)
    );
    const name = target?.dataset[key];
    if (!target || !name) return;
    /** @type {HTMLElement | null} */ (target.closest("[popover]"))?.hidePopover();
    void actions[name]?.(target);
  };
  document.addEventListener("click", (event) => act(event, "action"));
  document.addEventListener("change", (event) => act(event, "actionChange"));
}
