import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Refused } from "../../static/js/call/pending.js";
import { Signaling } from "../../static/js/call/signaling.js";
import { FakeSocket } from "./fakes.js";

const WELCOME = { t: "welcome", leg: "leg-1" };

function start() {
  const seen = { statuses: [], messages: [] };
  const signaling = new Signaling({
    url: "ws://x",
    hello: () => ({ leg: seen.leg ?? null, last_seq: seen.seq ?? 0 }),
    onMessage: (message) => seen.messages.push(message),
    onStatus: (status, code) => seen.statuses.push([status, code]),
  });
  signaling.open();
  FakeSocket.last.open();
  return { signaling, seen };
}

test.beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  FakeSocket.all = [];
  globalThis.WebSocket = FakeSocket;
});
test.afterEach(() => mock.timers.reset());

test("it says hello first, with what it has", () => {
  start();
  assert.deepEqual(FakeSocket.last.sent, [{ t: "hello", leg: null, last_seq: 0 }]);
});

test("it comes back after a lost socket with its leg and its last fact", () => {
  const { seen } = start();
  FakeSocket.last.tell(WELCOME);
  Object.assign(seen, { leg: "leg-1", seq: 7 });
  FakeSocket.last.onclose({ code: 1006 });
  mock.timers.tick(400);
  assert.equal(FakeSocket.all.length, 2);
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent, [{ t: "hello", leg: "leg-1", last_seq: 7 }]);
  assert.deepEqual(seen.statuses.map(([status]) => status), ["connected", "reconnecting"]);
});

test("it waits longer after each failure, never more than 12 s", () => {
  start();
  for (let i = 0; i < 10; i += 1) {
    FakeSocket.last.onclose({ code: 1006 });
    mock.timers.tick(12_000);
  }
  assert.equal(FakeSocket.all.length, 11);
});

test("it does not come back by itself when a newer tab took over", () => {
  const { seen } = start();
  FakeSocket.last.tell(WELCOME);
  FakeSocket.last.onclose({ code: 4409 });
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
  assert.deepEqual(seen.statuses.at(-1), ["closed", 4409]);
});

test("it notices a half-open socket within 25 s", () => {
  const { seen } = start();
  FakeSocket.last.tell(WELCOME);
  mock.timers.tick(25_000);
  assert.ok(seen.statuses.some(([status]) => status === "reconnecting"));
});

test("it keeps an idle socket that answers pings", () => {
  const { seen } = start();
  const socket = FakeSocket.last;
  socket.tell(WELCOME);
  for (let secs = 0; secs < 60; secs += 1) {
    mock.timers.tick(1000);
    if (socket.sent.at(-1).t === "ping") socket.tell({ t: "pong", now: "2026-11-22T12:00:00Z" });
  }
  assert.equal(socket.sent.filter(({ t }) => t === "ping").length, 6);
  assert.deepEqual(seen.statuses, [["connected", 0]]);
});

test("it sends a command again, under the same name, until it is answered", async () => {
  const { signaling } = start();
  FakeSocket.last.tell(WELCOME);
  const answer = signaling.command("chat", { text: "Hi" });
  const [first] = FakeSocket.last.sent.filter(({ t }) => t === "chat");
  FakeSocket.last.onclose({ code: 1012 });
  mock.timers.tick(400);
  FakeSocket.last.open();
  FakeSocket.last.tell(WELCOME);
  assert.deepEqual(FakeSocket.last.sent.at(-1), first);
  FakeSocket.last.tell({ t: "ok", ref: first.ref, seq: 9 });
  assert.equal((await answer).seq, 9);
});

test("it rejects a refused command with the reason", async () => {
  const { signaling } = start();
  FakeSocket.last.tell(WELCOME);
  const answer = signaling.command("end");
  const { ref } = FakeSocket.last.sent.at(-1);
  FakeSocket.last.tell({ t: "error", code: "forbidden", detail: "No.", ref });
  await assert.rejects(answer, (fault) => fault instanceof Refused && fault.code === "forbidden");
});

test("it holds commands back until it was welcomed", () => {
  const { signaling } = start();
  void signaling.command("enter");
  assert.equal(FakeSocket.last.sent.length, 1);
  FakeSocket.last.tell(WELCOME);
  assert.equal(FakeSocket.last.sent[1].t, "enter");
});

test("it gives up its commands with a close that is final", async () => {
  const { signaling } = start();
  FakeSocket.last.tell(WELCOME);
  const answer = signaling.command("record_stop");
  FakeSocket.last.onclose({ code: 4409 });
  await assert.rejects(answer, ({ code }) => code === "closed");
  signaling.open();
  FakeSocket.last.open();
  FakeSocket.last.tell(WELCOME);
  assert.deepEqual(FakeSocket.last.sent.map(({ t }) => t), ["hello"]);
});

test("it doubts an open socket when the network may be back, for 3 s", () => {
  const { signaling, seen } = start();
  FakeSocket.last.tell(WELCOME);
  signaling.wake();
  assert.equal(FakeSocket.last.sent.at(-1).t, "ping");
  for (let secs = 0; secs < 5; secs += 1) mock.timers.tick(1000);
  assert.ok(seen.statuses.some(([status]) => status === "reconnecting"));
});

test("it keeps a socket that answers when the network may be back", () => {
  const { signaling, seen } = start();
  FakeSocket.last.tell(WELCOME);
  signaling.wake();
  FakeSocket.last.tell({ t: "pong", now: "2026-11-22T12:00:00Z" });
  for (let secs = 0; secs < 5; secs += 1) mock.timers.tick(1000);
  assert.deepEqual(seen.statuses, [["connected", 0]]);
});
