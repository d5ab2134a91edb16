/** The page of one recording: everybody's picture in step, one transport, what happened beside. */
import { Clock } from "./clock.js";
import { Happenings } from "./happenings.js";
import { listenToKeys } from "./keys.js";
import { drawLanes } from "./lanes.js";
import { Seat } from "./seat.js";
import { Sound } from "./sound.js";
import { commonDrift } from "./timeline.js";
import { Transport } from "./transport.js";

const BEAT_MS = 100;

/** @typedef {{duration: number, people: import("./seat.js").Person[]}} RecordingData */

/** @returns {RecordingData} */
function readData() {
  return JSON.parse(document.getElementById("recording-data")?.textContent ?? "{}");
}

/**
 * Begins at the first picture, or where the page was before it was loaded again: one that was open
 * for hours holds links that have expired.
 * @param {HTMLElement} root
 * @param {Clock} clock
 * @param {import("./seat.js").Person[]} people
 */
function startWhere(root, clock, people) {
  root.addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest("[data-reload]")) {
      location.hash = `t=${Math.floor(clock.at)}`;
      location.reload();
    }
  });
  const asked = /^#t=(\d+)$/.exec(location.hash);
  const first = Math.min(...people.flatMap((person) => person.spans.map(([begin]) => begin)));
  clock.seek(asked ? Number(asked[1]) : Number.isFinite(first) ? first : 0);
}

/** @param {HTMLElement} root */
function start(root) {
  const data = readData();
  const clock = new Clock(data.duration);
  const parts = data.people.map((person) => {
    const found = root.querySelector(`figure[data-participant="${person.participant}"]`);
    const figure = /** @type {HTMLElement} */ (found);
    return { seat: new Seat(figure, person), figure, evened: person.volume };
  });
  const seats = parts.map((part) => part.seat);
  const sound = new Sound(root, parts);
  const said = /** @type {HTMLElement} */ (root.querySelector("[data-said]"));
  const busy = /** @type {HTMLElement} */ (root.querySelector(".player__busy"));
  const beat = () => {
    const waits = clock.playing && seats.some((seat) => seat.starved);
    clock.hold(waits);
    busy.hidden = !waits;
    if (clock.ended) {
      clock.pause();
    }
    if (clock.playing && !waits) {
      const drifts = seats.map((seat) => seat.drift(clock.at)).filter((drift) => drift !== null);
      clock.shift(commonDrift(drifts));
    }
    const { at, rate } = clock;
    // While one loads, the others stand still with the clock.
    const running = clock.playing && !waits;
    seats.forEach((seat) => seat.follow({ at, rate, running }));
    transport.show({ at, duration: clock.duration, playing: clock.playing });
    happenings.show(at);
  };
  /** @param {() => void} deed */
  const then = (deed) => {
    deed();
    beat();
  };
  const deeds = {
    toggle: () => then(() => (clock.playing ? clock.pause() : clock.play())),
    seek: (/** @type {number} */ at) => then(() => clock.seek(at)),
    skip: (/** @type {number} */ secs) => then(() => clock.seek(clock.at + secs)),
    setRate: (/** @type {number} */ rate) => then(() => clock.setRate(rate)),
    fact: (/** @type {number} */ direction) => {
      const at = happenings.next(clock.at, direction);
      if (at !== null) {
        then(() => clock.seek(at));
        said.textContent = happenings.words(at);
      }
    },
  };
  const transport = new Transport(root, deeds);
  listenToKeys({
    ...deeds,
    duration: clock.duration,
    mute: () => sound.toggleMute(),
    faster: (direction) => transport.changeSpeed(direction),
    full: () => transport.toggleFull(),
    help: () => transport.help(),
  });
  const list = /** @type {HTMLElement} */ (document.getElementById("events"));
  const happenings = new Happenings(list, (at) => then(() => clock.seek(at)));
  drawLanes(/** @type {HTMLElement} */ (root.querySelector(".lanes")), data, happenings.times);
  startWhere(root, clock, data.people);
  beat();
  const timer = setInterval(beat, BEAT_MS);
  addEventListener("pagehide", (event) => {
    if (event.persisted) {
      then(() => clock.pause());
    } else {
      clearInterval(timer);
      seats.forEach((seat) => seat.close());
    }
  });
}

const player = document.getElementById("player");
if (player) {
  start(player);
}
