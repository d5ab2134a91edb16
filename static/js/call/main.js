/** The call page: puts session, devices and views together. */
import { Bar } from "./bar.js";
import { LocalMedia } from "./devices.js";
import { data, dialog, show } from "./dom.js";
import { setWords } from "./i18n.js";
import { Lobby } from "./lobby.js";
import { tell, tellRefusal } from "./news.js";
import { Panels } from "./panels.js";
import { Pickers } from "./pickers.js";
import { RecordingView } from "./recording.js";
import { showScreen } from "./screens.js";
import { SelfView } from "./self-view.js";
import { Session } from "./session.js";
import { connectShortcuts } from "./shortcuts.js";
import { Stage } from "./stage.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./app.js").Actions} Actions */

/** What this tab remembers over a reload: that the device check was passed, and what was off. */
class Memory {
  #key;

  /** @param {string} key */
  constructor(key) {
    this.#key = key;
  }

  /** @returns {{joined: boolean, audio: boolean, video: boolean}} */
  read() {
    const stored = JSON.parse(sessionStorage.getItem(this.#key) ?? "null");
    return stored ?? { joined: false, audio: true, video: true };
  }

  /** @param {App} app */
  write({ session, media }) {
    const { joined } = session;
    sessionStorage.setItem(this.#key, JSON.stringify({ joined, ...media.wanted }));
  }
}

/** @param {import("./app.js").Setup} setup */
function start(setup) {
  const memory = new Memory(`parlour.call.${setup.call}.${setup.person}`);
  const { joined, audio, video } = memory.read();
  const media = new LocalMedia(() => {
    session.mesh.mediaChanged();
    render();
  });
  media.wanted = { audio, video };
  const session = new Session({
    url: location.origin.replace(/^http/, "ws") + setup.socket,
    joined,
    tracks: () => media.tracks,
    media: () => media.on,
    onChange: () => render(),
    onFact: (fact) => tell(app, fact),
    onRefused: tellRefusal,
  });

  let isDue = false;
  /** One rendering for everything that changed in this turn of the event loop. */
  const render = () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      for (const view of views) view.render();
      memory.write(app);
      afterScreen(app, showScreen(app));
    });
  };

  /** @type {App} */
  const app = { setup, session, media, render };
  const pickers = new Pickers(app);
  const lobby = new Lobby(app);
  const recording = new RecordingView(app);
  const stage = new Stage(app, () => pickers.speaker);
  const [panels, self, bar] = [new Panels(app), new SelfView(app), new Bar(app)];
  const views = [lobby, self, stage, bar, panels, recording];

  connectActions({
    ...lobby.actions, ...pickers.actions, ...self.actions, ...stage.actions, ...panels.actions,
    ...recording.actions, ...ownActions(app),
  });
  connectShortcuts(app);
  window.addEventListener("online", () => {
    session.signaling.wake();
    session.mesh.restart();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) session.signaling.wake();
  });

  session.signaling.open();
  render();
  void media.start().finally(async () => {
    lobby.devicesAsked();
    await pickers.fill();
    render();
  });
}

/** What concerns the visit as a whole. @param {App} app @returns {Actions} */
function ownActions(app) {
  const { session, media } = app;
  return {
    admit: ({ dataset }) => session.command("admit", { participant: dataset.participant }),
    leave: () => session.leave(),
    rejoin: async () => {
      await media.start();
      await session.enter();
    },
    end: () => dialog("end")?.showModal(),
    "confirm-end": () => {
      dialog("end")?.close();
      return session.command("end");
    },
    "take-over": async () => {
      session.takeOver();
      await media.start();
    },
    settings: () => dialog("settings")?.showModal(),
    reload: () => location.reload(),
  };
}

/** Lets go of the devices where nobody is seen or heard any more.
 * @param {App} app
 * @param {string} screen */
function afterScreen({ media }, screen) {
  const isOver = ["left", "ended", "replaced", "removed", "gone"].includes(screen);
  if (isOver && (media.tracks.audio || media.tracks.video)) media.stop();
}

/** @param {Actions} actions */
function connectActions(actions) {
  const act = (/** @type {Event} */ event, /** @type {"action" | "actionChange"} */ key) => {
    const selector = key === "action" ? "[data-action]" : "[data-action-change]";
    const target = /** @type {Element} */ (event.target).closest(selector);
    const name = target instanceof HTMLElement && target.dataset[key];
    if (name) void actions[name]?.(target);
  };
  document.addEventListener("click", (event) => act(event, "action"));
  document.addEventListener("change", (event) => act(event, "actionChange"));
}

setWords(data("call-words"));
if (LocalMedia.isSupported()) {
  start(data("call-setup"));
} else {
  show('[data-screen="opening"]', false);
  show('[data-screen="unsupported"]', true);
  document.documentElement.dataset.callState = "unsupported";
}
