/** Which screen the page shows; the focus follows, so that a screen reader starts at its title. */
import { all, dialog, one, say, show } from "./dom.js";
import { many, t } from "./i18n.js";

/** @typedef {import("./app.js").App} App */

let shown = "";

/**
 * Shows the screen that is due and tells the page's state to style sheets and tests.
 * @param {App} app
 * @returns {string} the screen
 */
export function showScreen(app) {
  const { session } = app;
  const screen = session.screen;
  const { dataset } = document.documentElement;
  dataset.callState = screen;
  dataset.connection = session.status;
  dataset.recording = session.view.recording.phase;
  dataset.recorderLeg = session.mesh.isFeedingRecorder ? "on" : "off";
  if (screen === "ended") renderEnd(app);
  if (screen === "gone") renderGone(app);
  // While history is still coming in, what it says so far is not shown to somebody who comes back.
  if (screen === shown || (session.isCatchingUp && session.joined)) return screen;
  for (const section of all("[data-screen]")) section.hidden = section.dataset.screen !== screen;
  show("[data-outside]", screen !== "live");
  for (const name of ["end", "ask", "consent", "settings", "safety"]) {
    if (screen !== "live") dialog(name)?.close();
  }
  const isFirst = shown === "";
  shown = screen;
  if (!isFirst) one(`[data-screen="${screen}"] h1`).focus({ preventScroll: true });
  return screen;
}

/** @param {App} app */
function renderEnd({ session }) {
  const { ended, wasRecorded } = session.view;
  if (ended && session.liveAt) {
    const minutes = Math.round((Date.parse(ended.at) - Date.parse(session.liveAt)) / 60_000);
    say("[data-lasted]", many("lasted", Math.max(1, minutes)));
  }
  show("[data-was-recorded]", wasRecorded);
}

/** @param {App} app */
function renderGone({ session }) {
  const known = ["signed_out", "forbidden"].includes(session.closed) ? session.closed : "fault";
  say("[data-gone-title]", t(`gone_${known}`));
  say("[data-gone-text]", t(`gone_${known}_text`));
}
