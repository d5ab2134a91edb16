import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { ReliableLink } from "../../static/js/call/reliable.js";

/** Two ends of one line; `lose` decides which frames never arrive. */
function pair({ lose = () => false } = {}) {
  const got = { a: [], b: [] };
  const sent = { a: [], b: [] };
  const put = (from, to) => (signal) => {
    sent[from].push(signal);
    if (!lose(signal, sent[from].length)) links[to].receive({ ...signal, leg: from });
  };
  const links = {
    a: new ReliableLink("b", put("a", "b"), (signal) => got.a.push(signal)),
    b: new ReliableLink("a", put("b", "a"), (signal) => got.b.push(signal)),
  };
  return { ...links, got, sent };
}

const media = (audio) => ({ t: "media", audio, video: true });
const names = (signals) => signals.map(({ n }) => n);

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] }));
test.afterEach(() => mock.timers.reset());

test("it numbers signals and delivers them in order", () => {
  const { a, got } = pair();
  a.send(media(true));
  a.send(media(false));
  assert.deepEqual(got.b.map(({ n, audio }) => [n, audio]), [[1, true], [2, false]]);
});

test("it acknowledges within 50 ms, once for several", () => {
  const { a, sent } = pair();
  a.send(media(true));
  a.send(media(false));
  mock.timers.tick(50);
  assert.deepEqual(sent.b, [{ t: "ack", leg: "a", n: 2 }]);
});

test("it sends a lost signal again, later each time, until it is acknowledged", () => {
  const { a, got, sent } = pair({ lose: ({ t }, count) => t === "media" && count <= 2 });
  a.send(media(true));
  mock.timers.tick(400);
  assert.equal(sent.a.length, 2);
  mock.timers.tick(799);
  assert.equal(sent.a.length, 2);
  mock.timers.tick(1);
  assert.deepEqual(names(got.b), [1]);
  mock.timers.tick(20_000);
  assert.equal(sent.a.length, 3);
});

test("it holds back what came early and drops what came twice", () => {
  const got = [];
  const link = new ReliableLink("b", () => {}, (signal) => got.push(signal));
  for (const n of [2, 1, 2, 3, 1]) link.receive({ ...media(true), leg: "b", n });
  assert.deepEqual(names(got), [1, 2, 3]);
});

test("it sends everything unacknowledged again when the socket is back", () => {
  let isUp = false;
  const { a, got } = pair({ lose: () => !isUp });
  for (const audio of [true, false, true]) a.send(media(audio));
  assert.deepEqual(got.b, []);
  isUp = true;
  a.resume();
  assert.deepEqual(names(got.b), [1, 2, 3]);
});

test("it delivers all of a hundred once and in order over a line that loses every third", () => {
  const { a, b, got } = pair({ lose: (signal, count) => count % 3 === 0 });
  for (let i = 0; i < 100; i += 1) a.send(media(true));
  for (let i = 0; i < 300; i += 1) {
    mock.timers.tick(400);
    if (i % 10 === 0) {
      a.resume();
      b.resume();
    }
  }
  assert.deepEqual(names(got.b), Array.from({ length: 100 }, (_, i) => i + 1));
});

test("it sends all the rest at once when an other end that was silent is back", () => {
  let isUp = false;
  const { a, got } = pair({ lose: () => !isUp });
  for (let i = 0; i < 20; i += 1) a.send(media(true));
  for (let ms = 0; ms < 2000; ms += 10) mock.timers.tick(10);
  isUp = true;
  for (let ms = 0; ms < 1000; ms += 10) mock.timers.tick(10);
  assert.equal(got.b.length, 20);
});

/** A line on which each frame takes `ms` each way. */
function far(ms) {
  const sent = { a: [], b: [] };
  const got = [];
  const put = (from, to) => (signal) => {
    sent[from].push(signal);
    setTimeout(() => links[to].receive({ ...signal, leg: from }), ms);
  };
  const links = {
    a: new ReliableLink("b", put("a", "b"), (signal) => got.push(signal)),
    b: new ReliableLink("a", put("b", "a"), () => {}),
  };
  return { ...links, sent, got };
}

function pass(ms) {
  for (let at = 0; at < ms; at += 10) mock.timers.tick(10);
}

test("it sends nothing twice on a slow line that it has come to know", () => {
  const { a, sent } = far(600);
  for (let i = 0; i < 4; i += 1) {
    a.send(media(true));
    pass(3000);
  }
  const before = sent.a.length;
  a.send(media(false));
  pass(3000);
  assert.equal(sent.a.length, before + 1);
});

test("it sends again soon on a fast line", () => {
  let isUp = true;
  const { a, sent } = pair({ lose: () => !isUp });
  for (let i = 0; i < 5; i += 1) {
    a.send(media(true));
    pass(100);
  }
  isUp = false;
  a.send(media(true));
  const before = sent.a.length;
  pass(250);
  assert.equal(sent.a.length, before + 1);
});

test("it waits ever longer for an other end that is silent, up to five seconds", () => {
  const { a, sent } = pair({ lose: () => true });
  a.send(media(true));
  const at = [];
  for (let ms = 0, seen = 1; ms < 25_000; ms += 10) {
    mock.timers.tick(10);
    if (sent.a.length > seen) at.push(ms + 10);
    seen = sent.a.length;
  }
  assert.deepEqual(at, [400, 1200, 2800, 6000, 11_000, 16_000, 21_000]);
});

test("it has a bounded number under way", async () => {
  let isUp = false;
  const { a, got, sent } = pair({ lose: () => !isUp });
  for (let i = 0; i < 200; i += 1) a.send(media(true));
  assert.equal(sent.a.length, 64);
  isUp = true;
  a.resume();
  for (let i = 0; i < 20; i += 1) {
    await Promise.resolve();
    pass(100);
  }
  assert.deepEqual(names(got.b), Array.from({ length: 200 }, (_, i) => i + 1));
});

test("it says nothing in the place of a signal that is refused for good", () => {
  const { a, got, sent } = pair({ lose: ({ t, n }) => t === "media" && n === 1 });
  a.send(media(true));
  a.send(media(false));
  assert.deepEqual(names(got.b), []);
  a.refused(1);
  assert.deepEqual(sent.a.at(-1), { t: "blank", leg: "b", n: 1 });
  assert.deepEqual(names(got.b), [2]);
  a.refused(1);
  a.refused(7);
  assert.equal(sent.a.length, 3);
});

test("it is silent once it is closed", () => {
  const { a, sent } = pair({ lose: () => true });
  a.send(media(true));
  a.close();
  mock.timers.tick(20_000);
  assert.equal(sent.a.length, 1);
});
