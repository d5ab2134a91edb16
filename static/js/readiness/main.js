/** The test of devices and network before a visit: what it finds is shown, and kept for the staff. */
import { open } from "../call/capture.js";
import { explained } from "../call/device-help.js";
import { LocalMedia } from "../call/devices.js";
import { all, data, one, say, show } from "../call/dom.js";
import { setWords, t } from "../call/i18n.js";
import { playChime } from "../call/sound.js";
import { listenTo } from "./hearing.js";
import { findNetwork } from "./network.js";

/** @typedef {"browser" | "camera" | "microphone" | "speaker" | "network"} Part */
/** @typedef {import("../call/capture.js").Fault} Fault */

const KIND = /** @type {const} */ ({ camera: "video", microphone: "audio" });

/** @type {{parts: Part[], ice: import("./network.js").Ice}} */
const setup = data("test-setup");
setWords(data("test-words"));

/** @type {Partial<Record<Part, string>>} */
let found = {};
/** @type {MediaStreamTrack[]} */
let tracks = [];

/** @param {Part} part */
const isNeeded = (part) => setup.parts.includes(part);

/**
 * @param {Part} part
 * @param {string} state "waits", "runs", "ask" or a finding
 * @param {string} text
 * @param {string} [help]
 */
function tell(part, state, text, help = "") {
  const row = one(`[data-check="${part}"]`);
  row.dataset.state = ["waits", "runs", "ask", "ok"].includes(state) ? state : "wrong";
  say("[data-check-text]", text, row);
  say("[data-check-help]", help, row);
}

/**
 * @param {Part} part
 * @param {string} finding
 */
function settle(part, finding) {
  found[part] = finding;
  const key = `test_${part}_${finding}`;
  if (part in KIND && finding !== "ok" && finding !== "silent") {
    const told = explained(/** @type {Fault} */ (finding), KIND[/** @type {"camera"} */ (part)]);
    tell(part, finding, told.title, told.help);
  } else {
    tell(part, finding, t(key));
  }
}

async function run() {
  stop();
  found = {};
  show("[data-verdict]", false);
  for (const part of setup.parts) tell(part, "waits", t("test_waits"));
  start.setAttribute("aria-busy", "true");
  settle("browser", LocalMedia.isSupported() ? "ok" : "old");
  if (isNeeded("speaker")) askSpeaker();
  if (found.browser === "ok") await Promise.all([tryNetwork(), tryDevices()]);
  start.removeAttribute("aria-busy");
  say("[data-start-label]", start.dataset.again ?? "");
  await keep();
}

function askSpeaker() {
  found.speaker = "skipped";
  tell("speaker", "ask", t("test_speaker_ask"));
  show("[data-speaker]", true);
  show("[data-heard-question]", false);
}

async function tryNetwork() {
  tell("network", "runs", t("test_runs"));
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  settle("network", await findNetwork(`${scheme}://${location.host}/ws/echo/`, setup.ice));
}

async function tryDevices() {
  const parts = /** @type {const} */ (["camera", "microphone"]).filter(isNeeded);
  if (!parts.length) return;
  for (const part of parts) tell(part, "runs", t("asking_devices"));
  const opened = await open(parts.map((part) => KIND[part]), { audio: "", video: "" });
  tracks = Object.values(opened.tracks);
  const { audio, video } = opened.tracks;
  const view = /** @type {HTMLVideoElement} */ (one("[data-preview]"));
  view.srcObject = video ? new MediaStream([video]) : null;
  show("[data-preview-box]", Boolean(video));
  if (isNeeded("camera")) settle("camera", opened.faults.video ?? "ok");
  if (isNeeded("microphone") && !audio) settle("microphone", opened.faults.audio ?? "other");
  if (!audio) return;
  tell("microphone", "ask", t("test_microphone_speak"));
  show("[data-meter]", true);
  settle("microphone", await listenTo(audio, showLevel));
}

/** @param {number} level */
function showLevel(level) {
  const bars = all("[data-meter] span");
  bars.forEach((bar, i) => bar.classList.toggle("is-lit", level * bars.length > i + 0.2));
}

/** Keeps what was found, once everything but the speaker is known, and says what it comes to. */
async function keep() {
  if (!setup.parts.every((part) => found[part]) && found.browser === "ok") return;
  const form = /** @type {HTMLFormElement} */ (one("[data-result]"));
  const body = new FormData(form);
  for (const [part, finding] of Object.entries(found)) body.set(part, finding);
  let outcome = "";
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    if (answer.ok) ({ outcome } = await answer.json());
  } catch {
    // Told below, like every other way in which it was not kept.
  }
  tellVerdict(outcome);
}

/** @param {string} outcome "ready", "problem", or "" if it could not be kept */
function tellVerdict(outcome) {
  const isReady = outcome === "ready";
  const wrong = setup.parts.filter((part) => found[part] !== "ok");
  // Only the question about the speaker is still open: that is no problem yet.
  const isOpen = wrong.length === 1 && found.speaker === "skipped" && outcome;
  show("[data-verdict]", !isOpen);
  one("[data-verdict]").className = `alert alert--${isReady ? "success" : "warning"}`;
  say("[data-verdict-title]", t(isReady ? "test_ready" : "test_problem"));
  say("[data-verdict-text]", isReady ? "" : t(outcome ? "test_problem_text" : "test_saving_failed"));
  show("[data-when-ready]", isReady);
  if (!isOpen) one("[data-verdict]").scrollIntoView({ block: "center" });
}

function stop() {
  for (const track of tracks) track.stop();
  tracks = [];
}

/** @param {string} finding */
async function heard(finding) {
  settle("speaker", finding);
  await keep();
}

const start = /** @type {HTMLButtonElement} */ (one('[data-action="start"]'));
start.addEventListener("click", () => void run());
start.disabled = false;
for (const button of all("[data-heard]")) {
  button.addEventListener("click", () => void heard(button.dataset.heard ?? ""));
}
for (const button of all('[data-action="play"]')) {
  button.addEventListener("click", async () => {
    button.setAttribute("aria-busy", "true");
    await playChime("").catch(() => undefined);
    button.removeAttribute("aria-busy");
    show("[data-heard-question]", true);
  });
}
addEventListener("pagehide", stop);
