import assert from "node:assert/strict";
import { test } from "node:test";

import { asClock, minutesOf, moved, resized, stepped, withShift } from "../../static/js/hours/week.js";

const shift = (day, from, until) => ({ day, from: from * 60, until: until * 60 });

test("a shift that meets others becomes one with them, on its day only", () => {
  const week = [shift(0, 8, 10), shift(0, 12, 14), shift(1, 9, 11)];
  assert.deepEqual(withShift(week, shift(0, 10, 12)), [shift(0, 8, 14), shift(1, 9, 11)]);
  assert.deepEqual(withShift(week, shift(0, 15, 16)), [
    shift(0, 8, 10), shift(0, 12, 14), shift(0, 15, 16), shift(1, 9, 11),
  ]);
});

test("a shift is moved in steps, and not out of the day or the week", () => {
  assert.deepEqual(moved(shift(2, 8, 10), 1, 37), { day: 3, from: 510, until: 630 });
  assert.deepEqual(moved(shift(6, 22, 24), 1, 90), shift(6, 22, 24));
  assert.deepEqual(moved(shift(0, 0, 2), -1, -90), shift(0, 0, 2));
});

test("an end is pulled in steps, and never past the other", () => {
  assert.deepEqual(resized(shift(0, 8, 10), "until", 62), shift(0, 8, 11));
  assert.deepEqual(resized(shift(0, 8, 10), "until", -600), { day: 0, from: 480, until: 510 });
  assert.deepEqual(resized(shift(0, 8, 10), "from", 600), { day: 0, from: 570, until: 600 });
  assert.deepEqual(resized(shift(0, 22, 23), "until", 600), shift(0, 22, 24));
});

test("the end of the day is kept as one minute before it", () => {
  assert.deepEqual([0, 555, 1440].map(asClock), ["00:00", "09:15", "23:59"]);
  assert.deepEqual(["00:00", "09:15", "23:59", "", "rubbish"].map(minutesOf), [0, 555, 1440, null, null]);
});

test("a shift that goes to another day keeps its minutes", () => {
  const odd = { day: 0, from: 550, until: 730 };
  assert.deepEqual(moved(odd, 2, 0), { day: 2, from: 550, until: 730 });
});

test("an end stays within the day, however short the shift was", () => {
  assert.deepEqual(resized({ day: 0, from: 1425, until: 1440 }, "until", -60).until, 1440);
  assert.deepEqual(resized({ day: 0, from: 0, until: 15 }, "from", 60).from, 0);
});

test("by keyboard a shift goes over others, and takes none of them along", () => {
  const mine = shift(0, 9, 12);
  const week = [mine, shift(1, 9, 12), shift(0, 13, 14)];
  assert.deepEqual(stepped(week, mine, 1, 0), shift(2, 9, 12));
  assert.deepEqual(stepped(week, mine, -1, 0), mine);
  assert.deepEqual(stepped(week, mine, 0, 15), { day: 0, from: 555, until: 735 });
});
