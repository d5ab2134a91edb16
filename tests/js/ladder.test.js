import assert from "node:assert/strict";
import { test } from "node:test";

import { Ladder, lower } from "../../static/js/call/ladder.js";

const EVERY_MS = 2000;

/** Feeds the same measure every two seconds; returns the steps that it was on. */
function climb(ladder, clock, secs, measured) {
  const seen = [];
  for (let end = clock.ms + 1000 * secs; clock.ms < end; ) {
    clock.ms += EVERY_MS;
    const measure = { loss: 0, roundTripMs: 50, jitterMs: 5, availableKbps: 2000, ...measured };
    const rung = ladder.look(measure, clock.ms);
    if (seen.at(-1) !== rung) seen.push(rung);
  }
  return seen;
}

function start() {
  const clock = { ms: 0 };
  return { clock, ladder: new Ladder(0) };
}

for (const [loss, steps] of [[0.05, ["full"]], [0.1, ["full", "small"]],
  [0.2, ["full", "small", "audio"]], [0.5, ["full", "small", "audio", "text"]]]) {
  test(`it goes no lower than ${steps.at(-1)} at ${100 * loss} % loss and 300 ms`, () => {
    const { ladder, clock } = start();
    assert.deepEqual(climb(ladder, clock, 60, { loss, roundTripMs: 300 }), steps);
  });
}

test("it does not mind one bad sample", () => {
  const { ladder, clock } = start();
  climb(ladder, clock, 2, { loss: 0.5 });
  climb(ladder, clock, 2, {});
  climb(ladder, clock, 2, { loss: 0.5 });
  assert.equal(ladder.rung, "full");
});

test("it goes down within four seconds and up only after ten good ones", () => {
  const { ladder, clock } = start();
  climb(ladder, clock, 4, { loss: 0.12 });
  assert.equal(ladder.rung, "small");
  climb(ladder, clock, 10, {});
  assert.equal(ladder.rung, "small");
  climb(ladder, clock, 2, {});
  assert.equal(ladder.rung, "full");
});

test("it waits twice as long after each try in vain", () => {
  const { ladder, clock } = start();
  climb(ladder, clock, 4, { loss: 0.12 });
  const waits = [];
  for (let round = 0; round < 6; round += 1) {
    const since = clock.ms;
    while (ladder.rung !== "full") climb(ladder, clock, 2, {});
    waits.push(clock.ms - since);
    climb(ladder, clock, 4, { loss: 0.12 });
  }
  assert.deepEqual(waits.map((ms) => ms / 1000), [12, 22, 42, 82, 122, 122]);
});

test("it forgets tries in vain once a step up has held", () => {
  const { ladder, clock } = start();
  climb(ladder, clock, 4, { loss: 0.12 });
  climb(ladder, clock, 12, {});
  climb(ladder, clock, 4, { loss: 0.12 });
  climb(ladder, clock, 60, {});
  climb(ladder, clock, 4, { loss: 0.12 });
  climb(ladder, clock, 12, {});
  assert.equal(ladder.rung, "full");
});

test("it stays where the next step would only just be borne", () => {
  const { ladder, clock } = start();
  climb(ladder, clock, 4, { loss: 0.12 });
  assert.deepEqual(climb(ladder, clock, 120, { loss: 0.06 }), ["small"]);
});

test("it goes down for want of bitrate, but not while a new step finds its own", () => {
  const { ladder, clock } = start();
  assert.deepEqual(climb(ladder, clock, 8, { availableKbps: 100 }), ["full"]);
  assert.deepEqual(climb(ladder, clock, 4, { availableKbps: 100 }), ["small"]);
  assert.deepEqual(climb(ladder, clock, 8, { availableKbps: 100 }), ["small"]);
});

test("it tries to come back from text though nothing can be measured there", () => {
  const { ladder, clock } = start();
  climb(ladder, clock, 12, { loss: 0.5 });
  assert.equal(ladder.rung, "text");
  const unknown = { loss: null, jitterMs: 0, availableKbps: null };
  assert.deepEqual(climb(ladder, clock, 36, unknown), ["text", "audio", "small", "full"]);
});

test("it takes the lower of two steps", () => {
  assert.equal(lower("small", "audio"), "audio");
  assert.equal(lower("text", "full"), "text");
});
