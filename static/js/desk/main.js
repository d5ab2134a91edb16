/** The desk on every page of an agent: puts socket, state and offers together. */
import { ServerClock } from "../call/clock.js";
import { data, one } from "../call/dom.js";
import { addWords, t } from "../call/i18n.js";
import { watchNetwork } from "../call/network.js";
import { showToast } from "../ui/toast.js";
import { Bar } from "./bar.js";
import { forgetDrafts } from "./draft.js";
import { DeskLine } from "./line.js";
import { Notices } from "../ui/notices.js";
import { post } from "./post.js";
import { Ring } from "./ring.js";

/** @typedef {{socket: string, state: string, accept: string, decline: string, anyId: string}} Setup */

/** @param {Setup} setup */
function start(setup) {
  const clock = new ServerClock();
  // A call page has no room for it.
  const bar = document.querySelector("[data-desk-state]") ? new Bar(clock) : null;
  const ring = new Ring(clock, setup);
  const line = new DeskLine(
    location.origin.replace(/^http/, "ws") + setup.socket,
    (message) => {
      clock.set(message.now);
      if (message.t !== "desk") return;
      document.body.dispatchEvent(new CustomEvent("desk:told", { detail: message }));
      bar?.show(message);
      ring.show(message.ringing);
    },
    (isConnected) => {
      bar?.connected(isConnected);
      ring.connected(isConnected);
    },
  );
  line.open();
  watchNetwork(() => line.doubt());
  window.addEventListener("offline", () => line.doubt());
  setInterval(() => {
    bar?.tick();
    ring.tick();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) line.wake();
  });
  one("[data-desk-choose]").addEventListener("submit", (event) => void choose(event, setup.state));
}

/**
 * @param {Event} event
 * @param {string} address
 */
async function choose(event, address) {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (/** @type {SubmitEvent} */ (event).submitter);
  /** @type {HTMLElement | null} */ (button.closest("[popover]"))?.hidePopover?.();
  if (button.value === "available") void Notices.ask();
  try {
    const answer = await post(address, { state: button.value });
    if (!answer.ok) showToast(t("failed"), "danger");
  } catch {
    showToast(t("failed"), "danger");
  }
}

if (document.querySelector("[data-answered]")) forgetDrafts();
addWords(data("desk-words"));
start(data("desk-setup"));
