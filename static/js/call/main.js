/** The call page: puts session, devices and views together. */
import { connectActions, visitActions } from "./actions.js";
import { Asides } from "./asides.js";
import { connectDesk } from "./at-desk.js";
import { Bar } from "./bar.js";
import { Commands } from "./commands.js";
import { LocalMedia } from "./devices.js";
import { data, show } from "./dom.js";
import { HoldView } from "./hold.js";
import { setWords } from "./i18n.js";
import { Late } from "./late.js";
import { Lobby } from "./lobby.js";
import { Memory } from "./memory.js";
import { watchNetwork } from "./network.js";
import { tell, tellRefusal } from "./news.js";
import { Panels } from "./panels.js";
import { Pickers } from "./pickers.js";
import { Quality } from "./quality.js";
import { RecordingView } from "./recording.js";
import { SafetyView } from "./safety-view.js";
import { showScreen } from "./screens.js";
import { SelfView } from "./self-view.js";
import { Session } from "./session.js";
import { connectShortcuts } from "./shortcuts.js";
import { Stage } from "./stage.js";
import { SupervisionView } from "./supervision.js";

/** @typedef {import("./app.js").App} App */

/** Nobody sees a page change more often than this. */
const FRAME_MS = 16;

/** @param {import("./app.js").Setup} setup */
function start(setup) {
  const memory = new Memory(`parlour.call.${setup.call}.${setup.person}`);
  const { joined, withdrawn, audio, video } = memory.read({
    joined: setup.isInLine && setup.media === "text",
    audio: setup.media !== "text",
    video: setup.media === "video",
  });
  const media = new LocalMedia(() => {
    session.mesh.mediaChanged();
    render();
  });
  media.wanted = setup.supervises ? { audio: false, video: false } : { audio, video };
  /** @type {Quality} */
  const quality = new Quality({
    remotes: () => session.mesh.remotes,
    isLive: () => session.screen === "live",
    isSharing: () => media.isSharing,
    keep: (sample) => session.signaling.signal(sample),
    onAside: (leg, aside) => asides.heard(leg, aside),
    onRung: () => session.mesh.mediaChanged(),
    onLook: () => bar.looked(),
  });
  /** @type {Session} */
  const session = new Session({
    url: location.origin.replace(/^http/, "ws") + setup.socket,
    token: () => spendToken(setup),
    joined: joined || setup.entersAtOnce, // also where this tab had handed the contact on before
    withdrawn,
    tracks: () => media.tracks,
    media: (leg) => ({ ...media.on, rung: quality.rungTo(leg) }),
    recorderStep: () => quality.restraint.step,
    onChange: () => render(),
    onConnection: quality.onConnection,
    onConnectionClosed: quality.onConnectionClosed,
    onFact: (fact) => tell(app, fact),
    onMustEnter: () => void commands.enter().finally(render),
    onMustWithdraw: () => void commands.consent(false, setup.textVersion),
  });
  const commands = new Commands(session, tellRefusal);

  let isDue = false;
  /** One rendering for all that came together: a picture must not wait for the page around it. */
  const render = () => {
    if (isDue) return;
    isDue = true;
    // A hidden page's timers may stand still for a second, and nothing is drawn there.
    if (document.hidden) queueMicrotask(draw);
    else setTimeout(draw, FRAME_MS);
  };
  const draw = () => {
    isDue = false;
    for (const view of views) view.render();
    memory.write(app);
    const screen = showScreen(app);
    late.render(screen === "waiting");
    afterScreen(app, screen);
  };

  /** @type {App} */
  const app = { setup, session, commands, media, quality, render };
  const pickers = new Pickers(app);
  const lobby = new Lobby(app);
  const late = new Late(`/calls/${setup.call}/late/`);
  const recording = new RecordingView(app);
  const stage = new Stage(app, () => pickers.speaker);
  const [panels, self, bar] = [new Panels(app), new SelfView(app), new Bar(app)];
  const [asides, safety] = [new Asides(app), new SafetyView(app)];
  const hold = new HoldView(app, { speaker: () => pickers.speaker, openPeople: () => panels.openPeople() });
  const [supervision, desk] = [new SupervisionView(app), connectDesk(app, panels)];
  const views = [lobby, self, stage, bar, panels, recording, asides, hold, supervision, ...desk.views];

  connectActions({
    ...lobby.actions, ...pickers.actions, ...self.actions, ...stage.actions, ...panels.actions,
    ...recording.actions, ...asides.actions, ...safety.actions, ...hold.actions, ...supervision.actions,
    ...visitActions(app), ...desk.actions,
  });
  connectShortcuts(app);
  watchNetwork(() => {
    session.signaling.renew();
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

/** @param {import("./app.js").Setup} setup */
function spendToken(setup) {
  const { token } = setup;
  setup.token = "";
  return token || null;
}

/** Lets go of the devices where nobody is seen or heard any more.
 * @param {App} app
 * @param {string} screen */
function afterScreen({ media }, screen) {
  const isOver = ["left", "ended", "replaced", "removed", "gone"].includes(screen);
  if (isOver && (media.tracks.audio || media.tracks.video)) media.stop();
}

setWords(data("call-words"));
if (LocalMedia.isSupported()) {
  start(data("call-setup"));
} else {
  show('[data-screen="opening"]', false);
  show('[data-screen="unsupported"]', true);
  document.documentElement.dataset.callState = "unsupported";
}
