import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { ReliableLink } from "../../static/js/call/reliable.js";

const SIGNALS = 60;
/** Beyond so many frames a signal, and a window for each new socket, resending feeds on itself. */
const STORM = 8;
const WINDOW = 64;
const STEP_MS = 10;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Two ends and a line that loses, doubles, delays and breaks. */
class LossyLine {
  ends = [0, 1].map(() => ({ isUp: true, got: [], frames: 0, resumed: 0, link: null }));
  now = 0;
  due = [];

  constructor(seed, { loss, doubles, delayMs }) {
    this.random = dice(seed);
    Object.assign(this, { loss, doubles, delayMs });
    for (const which of [0, 1]) {
      this.ends[which].link = new ReliableLink(
        "other",
        (signal) => this.transmit(which, signal),
        (signal) => this.ends[which].got.push(signal.n),
      );
    }
  }

  at(ms, action) {
    this.due.push({ ms, action });
  }

  transmit(which, signal) {
    const end = this.ends[which];
    if (!end.isUp) return;
    if (signal.t !== "ack") end.frames += 1;
    for (let copies = this.random() < this.doubles ? 2 : 1; copies > 0; copies -= 1) {
      if (this.random() < this.loss) continue;
      const other = this.ends[1 - which];
      const delayMs = this.delayMs * (0.5 + this.random() / 2);
      this.at(this.now + delayMs, () => other.isUp && other.link.receive({ ...signal }));
    }
  }

  breaks(which, ms) {
    const end = this.ends[which];
    end.isUp = false;
    this.at(this.now + ms, () => {
      end.isUp = true;
      end.resumed += 1;
      end.link.resume();
    });
  }

  /** Lets time pass; acknowledgements may be said in a microtask, so it awaits each step. */
  async run(ms, isDone = () => false) {
    for (const end = this.now + ms; this.now < end && !isDone(); ) {
      this.now += STEP_MS;
      mock.timers.tick(STEP_MS);
      const ready = this.due.filter((one) => one.ms <= this.now).sort((a, b) => a.ms - b.ms);
      this.due = this.due.filter((one) => one.ms > this.now);
      for (const { action } of ready) action();
      await null;
    }
  }
}

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"] }));
test.afterEach(() => mock.timers.reset());

const conditions = [0, 0.1, 0.4].flatMap((loss) =>
  [20, 300, 2000].map((delayMs) => ({ loss, delayMs })));
for (const { loss, delayMs } of conditions) {
  test(`it delivers once, in order, and falls silent: ${loss * 100} % lost, ${delayMs} ms`, async () => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const line = new LossyLine(seed, { loss, delayMs, doubles: seed % 2 ? 0 : 0.3 });
      for (const { link } of line.ends) {
        for (let n = 0; n < SIGNALS; n += 1) {
          line.at(n * 100, () => link.send({ t: "media", audio: true, video: true }));
        }
      }
      for (let n = 1; n < seed; n += 1) {
        line.at(10_000 * line.random(), () => line.breaks(n % 2, 5000 * line.random()));
      }
      await line.run(600_000, () => line.ends.every(({ got }) => got.length === SIGNALS));
      for (const { got } of line.ends) {
        assert.deepEqual(got, Array.from({ length: SIGNALS }, (_, i) => i + 1), `seed ${seed}`);
      }
      await line.run(120_000);
      for (const { frames, resumed } of line.ends) {
        assert.ok(frames <= STORM * SIGNALS + WINDOW * resumed, `${frames} frames, seed ${seed}`);
      }
      const sent = line.ends.map(({ frames }) => frames);
      await line.run(60_000);
      assert.deepEqual(line.ends.map(({ frames }) => frames), sent, `seed ${seed}`);
    }
  });
}
