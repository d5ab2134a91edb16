/** Single keys: M microphone, V camera, C chat, H hold. They can be switched off (WCAG 2.1.4). */
import { all, one } from "./dom.js";

const STORED = "parlour.shortcuts";
/** @type {Record<string, string>} */
const KEYS = { m: "microphone", v: "camera", c: "chat", h: "hold" };

/** @param {import("./app.js").App} app */
export function connectShortcuts({ session }) {
  const box = /** @type {HTMLInputElement} */ (one("[data-shortcuts]"));
  box.checked = localStorage.getItem(STORED) !== "off";
  box.addEventListener("change", () => localStorage.setItem(STORED, box.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    const action = KEYS[event.key.toLowerCase()];
    if (!action || !box.checked || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const [button] = all(`[data-screen="${session.screen}"] [data-action="${action}"]`);
    if (!button || button.hidden) return;
    event.preventDefault(); // C opens the chat and must not be written into it
    button.click();
  });
}
