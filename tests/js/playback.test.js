import assert from "node:assert/strict";
import { test } from "node:test";

import { Clock } from "../../static/js/playback/clock.js";
import { deedOf } from "../../static/js/playback/keys.js";
import {
  clockText,
  commonDrift,
  correction,
  lastBefore,
  mediaTime,
  missingSince,
  neighbour,
  step,
} from "../../static/js/playback/timeline.js";

/** @type {import("../../static/js/playback/timeline.js").Part} */
const mei = {
  offset: 2,
  duration: 10,
  spans: [[2, 5], [8, 12]],
  holes: [[5, 8, "connection lost"]],
};

test("it finds the place in a file that begins later than the recording", () => {
  assert.equal(mediaTime(mei, 7), 5);
});

test("it has no place before a file begins and after it is over", () => {
  assert.equal(mediaTime(mei, 1.9), null);
  assert.equal(mediaTime(mei, 12), null);
});

test("it plays a file that began before the clock from its inside", () => {
  assert.equal(mediaTime({ offset: -0.5, duration: 10, spans: [], holes: [] }, 0), 0.5);
});

test("it knows the gap inside a file, and why it is there", () => {
  assert.equal(missingSince(mei, 4.9), null);
  assert.equal(missingSince(mei, 6), "connection lost");
  assert.equal(missingSince(mei, 8), null);
});

test("it calls no gap what lies between two beginnings", () => {
  assert.equal(missingSince(mei, 1.5), null);
});

test("it goes from fact to fact", () => {
  assert.equal(neighbour([3, 5, 8], 3, 1), 5);
  assert.equal(neighbour([3, 5, 8], 8, 1), null);
  assert.equal(neighbour([3, 5, 8], 5.2, -1), 3);
  assert.equal(neighbour([3, 5, 8], 7, -1), 5);
  assert.equal(neighbour([3, 5, 8], 3, -1), null);
});

test("it knows its keys and leaves the others alone", () => {
  /** @type {unknown[]} */
  const done = [];
  const note = (/** @type {unknown[]} */ ...what) => void done.push(what.join(" "));
  const deeds = {
    toggle: () => note("toggle"),
    seek: (/** @type {number} */ at) => note("seek", at),
    skip: (/** @type {number} */ secs) => note("skip", secs),
    mute: () => note("mute"),
    faster: (/** @type {number} */ by) => note("faster", by),
    fact: (/** @type {number} */ by) => note("fact", by),
    full: () => note("full"),
    help: () => note("help"),
    duration: 60,
  };
  for (const key of [" ", "K", "j", "ArrowRight", "5", "End", "n", "?", ">", "x", "constructor"]) {
    deedOf(key, deeds)?.();
  }
  assert.deepEqual(done, [
    "toggle", "toggle", "skip -10", "skip 5", "seek 30", "seek 60", "fact 1", "help", "faster 1",
  ]);
});

test("it leaves a player alone that is in step", () => {
  assert.deepEqual(correction(0.02, 1.5), { jump: false, rate: 1.5 });
});

test("it slows down a player that is ahead and speeds up one that is behind", () => {
  assert.deepEqual(correction(0.05, 1), { jump: false, rate: 0.9 });
  assert.deepEqual(correction(-0.05, 2), { jump: false, rate: 2.2 });
});

test("it never bends the rate by more than 15 percent", () => {
  assert.deepEqual(correction(0.3, 1), { jump: false, rate: 0.85 });
});

test("it jumps when a player is far off", () => {
  assert.deepEqual(correction(-4, 1), { jump: true, rate: 1 });
});

test("it finds what all players are behind or ahead in common", () => {
  assert.equal(commonDrift([-0.2, -0.05]), -0.05);
  assert.equal(commonDrift([0.1, 0.3]), 0.1);
  assert.equal(commonDrift([-0.1, 0.2]), 0);
  assert.equal(commonDrift([]), 0);
});

test("it writes seconds as a clock does", () => {
  assert.equal(clockText(0), "0:00");
  assert.equal(clockText(65.9), "1:05");
  assert.equal(clockText(3661), "1:01:01");
  assert.equal(clockText(-1), "0:00");
});

test("it finds the last thing that happened", () => {
  assert.equal(lastBefore([1, 4, 4, 9], 0.5), -1);
  assert.equal(lastBefore([1, 4, 4, 9], 4), 2);
  assert.equal(lastBefore([1, 4, 4, 9], 100), 3);
  assert.equal(lastBefore([], 1), -1);
});

test("it steps through the speeds and stops at the last", () => {
  assert.equal(step([0.5, 1, 2], 1, 1), 2);
  assert.equal(step([0.5, 1, 2], 2, 1), 2);
  assert.equal(step([0.5, 1, 2], 0.5, -1), 0.5);
});

/** A clock whose time the test moves on: `after(1500)` lets 1.5 s pass. */
function clockOf(duration) {
  let now = 0;
  const clock = new Clock(duration, () => now);
  return { clock, after: (ms) => (now += ms) };
}

test("it stands still until it is played", () => {
  const { clock, after } = clockOf(10);
  after(3000);
  assert.equal(clock.at, 0);
  clock.play();
  after(1500);
  assert.equal(clock.at, 1.5);
});

test("it keeps its place when the speed changes", () => {
  const { clock, after } = clockOf(10);
  clock.play();
  after(2000);
  clock.setRate(2);
  after(1000);
  assert.equal(clock.at, 4);
});

test("it waits while it is held and goes on afterwards", () => {
  const { clock, after } = clockOf(10);
  clock.play();
  after(1000);
  clock.hold(true);
  after(5000);
  assert.equal(clock.at, 1);
  assert.equal(clock.playing, true);
  clock.hold(false);
  after(1000);
  assert.equal(clock.at, 2);
});

test("it ends at the end and begins again from there", () => {
  const { clock, after } = clockOf(10);
  clock.play();
  after(60000);
  assert.equal(clock.at, 10);
  assert.equal(clock.ended, true);
  clock.pause();
  clock.play();
  assert.equal(clock.at, 0);
});

test("it seeks inside its bounds only", () => {
  const { clock } = clockOf(10);
  clock.seek(99);
  assert.equal(clock.at, 10);
  clock.seek(-5);
  assert.equal(clock.at, 0);
});
