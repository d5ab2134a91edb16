import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { BackOff } from "../../static/js/call/back-off.js";
import { Mender } from "../../static/js/call/mender.js";
import { CloseCode } from "../../static/js/call/messages.js";
import { watchNetwork } from "../../static/js/call/network.js";
import { receivedOver } from "../../static/js/call/pulse.js";

/** A mender of a connection that does what the test says. */
function start({ mayBegin = true } = {}) {
  const path = { state: "new", received: NaN, canSignal: true, done: [], told: [], doubts: 0 };
  const mender = new Mender({
    state: () => path.state,
    received: async () => path.received,
    mayBegin,
    canSignal: () => path.canSignal,
    doubt: () => (path.doubts += 1),
    restart: () => path.done.push("restart"),
    begin: () => path.done.push("begin"),
    onState: (state) => path.told.push(state),
  });
  const becomes = (state) => {
    path.state = state;
    mender.look();
  };
  becomes("connecting");
  becomes("connected");
  return { mender, path, becomes };
}

/** Time goes by in steps in which promises settle. */
async function pass(ms) {
  for (let at = 0; at < ms; at += 100) {
    mock.timers.tick(100);
    for (let i = 0; i < 5; i += 1) await Promise.resolve();
  }
}

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] }));
test.afterEach(() => mock.timers.reset());

test("it restarts as soon as the browser says disconnected, and says reconnecting", async () => {
  const { path, becomes } = start();
  becomes("disconnected");
  await pass(500);
  assert.deepEqual(path.done, ["restart"]);
  assert.deepEqual(path.told, ["connecting", "connected", "reconnecting"]);
});

test("it makes a new connection when the restart leads nowhere", async () => {
  const { path, becomes } = start();
  becomes("disconnected");
  await pass(9000);
  assert.deepEqual(path.done, ["restart", "begin"]);
});

test("it leaves a new connection to the side that may make one", async () => {
  const { path, becomes } = start({ mayBegin: false });
  becomes("disconnected");
  await pass(10_500);
  assert.deepEqual(path.done, ["restart", "restart"]);
});

test("it leaves the first try to the other side, and follows it", async () => {
  const { mender, path, becomes } = start({ mayBegin: false });
  becomes("disconnected");
  await pass(1000);
  mender.follow();
  await pass(5000);
  assert.deepEqual(path.done, []);
});

test("it gives a restart its time when the browser notices late", async () => {
  const { mender, path, becomes } = start();
  mender.restart();
  await pass(3000);
  becomes("disconnected");
  await pass(3000);
  assert.deepEqual(path.done, ["restart"]);
});

test("it tries again, and nothing more, once the other side can be told", async () => {
  const { path, becomes } = start();
  path.canSignal = false;
  becomes("disconnected");
  await pass(120_000);
  assert.deepEqual(path.done, []);
  path.canSignal = true;
  await pass(1000);
  assert.deepEqual(path.done, ["restart"]);
});

test("it hears silence before the browser says so", async () => {
  const { path } = start();
  for (path.received = 1; path.received < 5; path.received += 1) await pass(1000);
  assert.deepEqual(path.done, []);
  await pass(5000);
  assert.deepEqual(path.done, ["restart"]);
});

test("it doubts the socket at once where something came every second, and restarts sooner", async () => {
  const { path } = start();
  for (path.received = 1; path.received < 8; path.received += 1) await pass(1000);
  assert.equal(path.doubts, 0);
  await pass(2000);
  assert.equal(path.doubts, 1);
  assert.deepEqual(path.done, []);
  await pass(2000);
  assert.deepEqual(path.done, ["restart"]);
});

test("it neither doubts nor restarts where only checks come, every 2.5 s", async () => {
  const { path } = start();
  path.received = 1;
  for (let check = 0; check < 12; check += 1) {
    await pass(2500);
    path.received += 1;
  }
  assert.deepEqual([path.doubts, path.done], [0, []]);
});

test("it hears no silence where nobody counts checks", async () => {
  const { path } = start();
  await pass(30_000);
  assert.deepEqual(path.done, []);
  const stats = new Map([["pair", { type: "candidate-pair", bytesReceived: 7 }]]);
  assert.ok(Number.isNaN(await receivedOver({ getStats: async () => stats })));
});

test("it does nothing once it is closed", async () => {
  const { mender, path, becomes } = start();
  path.received = 1;
  becomes("disconnected");
  mender.close();
  await pass(60_000);
  assert.deepEqual(path.done, []);
});

test("it comes back within 300 ms after a planned restart, and slower if that was none", () => {
  const backOff = new BackOff();
  assert.ok(backOff.next(CloseCode.RESTART) <= 300);
  const next = [1, 2, 3, 4, 5, 6].map(() => backOff.next(CloseCode.RESTART));
  assert.ok(next[0] >= 250, `${next}`);
  assert.ok(next.at(-1) >= 900 && next.at(-1) <= 2700, `${next}`);
  backOff.reset();
  assert.ok(backOff.next(CloseCode.RESTART) <= 300);
});

test("it scatters the attempts of many pages", () => {
  const first = Array.from({ length: 50 }, () => new BackOff().next(1006));
  assert.ok(new Set(first.map(Math.round)).size > 10);
  assert.ok(first.every((ms) => ms >= 125 && ms <= 375));
});

test("it sees a network that came back, another one, and a night's sleep", () => {
  const page = new EventTarget();
  const connection = Object.assign(new EventTarget(), { type: "wifi" });
  let changes = 0;
  watchNetwork(() => (changes += 1), { page, connection });
  page.dispatchEvent(new Event("online"));
  assert.equal(changes, 1);
  connection.dispatchEvent(new Event("change")); // only its estimates
  assert.equal(changes, 1);
  connection.type = "cellular";
  connection.dispatchEvent(new Event("change"));
  assert.equal(changes, 2);
  for (let secs = 0; secs < 20; secs += 1) mock.timers.tick(1000);
  assert.equal(changes, 2);
  mock.timers.setTime(Date.now() + 120_000);
  mock.timers.tick(1000);
  assert.equal(changes, 3);
});
