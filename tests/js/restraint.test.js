import assert from "node:assert/strict";
import { test } from "node:test";

import { encodingFor } from "../../static/js/call/recorder-picture.js";
import { Restraint, UP_MS } from "../../static/js/call/restraint.js";

const good = { out: "good", rung: "full" };
const fair = { out: "fair", rung: "full" };
const small = { out: "good", rung: "small" };
const audio = { out: "good", rung: "audio" };

test("it sends all that the policy wants while the lines are good, or nothing is known", () => {
  const restraint = new Restraint();
  assert.equal(restraint.look([good, { out: "unknown", rung: "full" }], 0), false);
  assert.equal(restraint.look([], 1), false);
  assert.equal(restraint.step, "full");
});

test("it yields at the first sign, before the ladder to people takes a step", () => {
  for (const out of ["fair", "poor"]) {
    const restraint = new Restraint();
    assert.equal(restraint.look([good, { out, rung: "full" }], 0), true);
    assert.equal(restraint.step, "small");
    assert.equal(restraint.look([fair], 2000), false);
  }
});

test("it sends a little picture as long as people get any, and sound alone when they get none", () => {
  const restraint = new Restraint();
  restraint.look([small], 0);
  assert.equal(restraint.step, "small");
  assert.equal(restraint.look([{ out: "poor", rung: "small" }], 2000), false);
  assert.equal(restraint.look([good, audio], 4000), true);
  assert.equal(restraint.step, "audio");
});

test("it comes back last, a step at a time", () => {
  const restraint = new Restraint();
  restraint.look([audio], 0);
  assert.equal(restraint.look([good], 1000), false);
  assert.equal(restraint.look([good], 1000 + UP_MS - 1), false);
  assert.equal(restraint.look([good], 1000 + UP_MS), true);
  assert.equal(restraint.step, "small");
  assert.equal(restraint.look([fair], 1000 + UP_MS + 2000), false);
  restraint.look([good], 60_000);
  assert.equal(restraint.look([good], 60_000 + 2 * UP_MS), true);
  assert.equal(restraint.step, "full");
});

test("it shows a little again on a line that stays less than good", () => {
  const restraint = new Restraint();
  restraint.look([audio], 0);
  assert.equal(restraint.look([small], 4000), false);
  assert.equal(restraint.look([fair], 4000 + UP_MS), true);
  assert.equal(restraint.step, "small");
  assert.equal(restraint.look([fair], 4000 + 3 * UP_MS), false);
});

test("it makes pictures as small as the policy says, never larger than they are", () => {
  const source = { height: 720, bitrate: 600_000 };
  const small360 = encodingFor("small", "full", source);
  assert.equal(small360.scaleResolutionDownBy, 2);
  assert.equal(small360.maxBitrate, 400_000);
  assert.equal(encodingFor("small", "full", { height: 240, bitrate: 600_000 }).scaleResolutionDownBy, 1);
  const full = encodingFor("full", "full", source);
  assert.deepEqual([full.scaleResolutionDownBy, full.maxBitrate], [1, 600_000]);
  const little = encodingFor("full", "small", source);
  assert.deepEqual([little.scaleResolutionDownBy, little.maxFramerate], [4, 15]);
  assert.equal(encodingFor("full", "audio", source).active, false);
  assert.equal(encodingFor("full", "full", { height: 0, bitrate: 5 }).scaleResolutionDownBy, 1);
  assert.equal(encodingFor("full", "full", { height: 0, bitrate: 5 }).maxBitrate, 5);
});
