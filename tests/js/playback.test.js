import assert from "node:assert/strict";
import { test } from "node:test";

import { Clock } from "../../static/js/playback/clock.js";
import {
  clockText,
  commonDrift,
  correction,
  isRecorded,
  lastBefore,
  mediaTime,
  step,
} from "../../static/js/playback/timeline.js";

const mei = { offset: 2, duration: 10, spans: [[2, 5], [8, 12]] };

test("it finds the place in a file that begins later than the recording", () => {
  assert.equal(mediaTime(mei, 7), 5);
});

test("it has no place before a file begins and after it is over", () => {
  assert.equal(mediaTime(mei, 1.9), null);
  assert.equal(mediaTime(mei, 12), null);
});

test("it plays a file that began before the clock from its inside", () => {
  assert.equal(mediaTime({ offset: -0.5, duration: 10, spans: [] }, 0), 0.5);
});

test("it knows the gap inside a file", () => {
  assert.equal(isRecorded(mei, 4.9), true);
  assert.equal(isRecorded(mei, 6), false);
  assert.equal(isRecorded(mei, 8), true);
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
