import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Commands } from "../../static/js/call/commands.js";
import { Session } from "../../static/js/call/session.js";
import { FakeConnection, FakeSocket } from "./fakes.js";

const AT = "2026-11-22T12:00:00Z";
const PEERS = [
  { leg: "a1", participant: "ada", role: "agent", name: "Ada", polite: true },
  { leg: "r1", participant: "rec", role: "recorder", name: "", polite: true },
];
const RECORDED = [
  ["joined", { participant: "pat", name: "Pat", role: "patient", leg: "p1", waiting: false }],
  ["joined", { participant: "ada", name: "Ada", role: "agent", leg: "a1", waiting: false }],
  ["record_asked", { recording: "rec-1", participant: "ada", text_version: "1" }],
  ["consent_given", { recording: "rec-1", participant: "pat" }],
  ["recording_started", { recording: "rec-1" }],
];

/** Pat's page in a call that is recorded, as far as its session goes. */
function start({ joined = true, withdrawn = "", token = null } = {}) {
  const seen = { entered: 0 };
  const session = new Session({
    url: "ws://x",
    joined,
    withdrawn,
    token: () => {
      const first = token;
      token = null;
      return first;
    },
    tracks: () => ({ audio: null, video: null }),
    media: () => ({ audio: true, video: true }),
    recorderStep: () => "full",
    onChange: () => {},
    onFact: () => {},
    onMustEnter: () => (seen.entered += 1),
    onMustWithdraw: () => void commands.consent(false, "1"),
  });
  const commands = new Commands(session, () => {});
  session.signaling.open();
  return { session, commands, seen };
}

function come({ leg = "p1" } = {}) {
  const socket = FakeSocket.last;
  socket.open();
  socket.tell({
    t: "welcome", you: "pat", leg, role: "patient", now: AT, may: [], live_at: AT,
    recording_bitrate: 1,
  });
  RECORDED.forEach(([kind, data], i) => {
    socket.tell({ t: "fact", seq: i + 1, at: AT, kind, by: data.participant, data });
  });
  socket.tell({ t: "peers", peers: PEERS });
  return socket;
}

const kinds = (socket) => socket.sent.map(({ t }) => t);

test.beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  FakeSocket.all = [];
  FakeConnection.all = [];
  globalThis.WebSocket = FakeSocket;
  globalThis.RTCPeerConnection = FakeConnection;
});
test.afterEach(() => mock.timers.reset());

test("it is out of the call at once, with no server to say it to", async () => {
  const { session, commands } = start();
  const socket = come();
  socket.onclose({ code: 1006 });
  void commands.leave();
  assert.equal(session.screen, "left");
  assert.equal(session.mesh.isFeedingRecorder, false);
  assert.ok(FakeConnection.all.every(({ isClosed }) => isClosed));
  mock.timers.tick(400);
  const next = come();
  assert.equal(session.mesh.connections.length, 0);
  assert.deepEqual(kinds(next), ["hello", "leave"]);
});

test("it shows the join token of its page once", () => {
  start({ token: "one-time" });
  const socket = come();
  assert.equal(socket.sent[0].token, "one-time");
  socket.onclose({ code: 1006 });
  mock.timers.tick(400);
  FakeSocket.last.open();
  assert.equal(FakeSocket.last.sent[0].token, null);
});

test("it leaves once however often it is told to", () => {
  const { commands } = start();
  const socket = come();
  void commands.leave();
  void commands.leave();
  assert.equal(kinds(socket).filter((kind) => kind === "leave").length, 1);
});

test("it comes back with a new leg where the server does not let go", async () => {
  const { session, commands } = start();
  const socket = come();
  const left = commands.leave();
  socket.tell({ t: "error", ref: socket.sent.at(-1).ref, code: "rate", detail: "" });
  assert.equal(await left, false);
  assert.equal(session.joined, true);
  assert.equal(FakeSocket.all.length, 2);
});

test("it enters once at a time", () => {
  const { commands } = start();
  const socket = come();
  void commands.enter();
  void commands.enter();
  assert.equal(kinds(socket).filter((kind) => kind === "enter").length, 1);
});

test("it withdraws again, after a reload, what the server has not heard of", async () => {
  const { session } = start({ withdrawn: "rec-1" });
  const socket = come();
  assert.equal(session.mesh.isFeedingRecorder, false);
  const { t, granted } = socket.sent.find(({ t: kind }) => kind === "record_consent");
  assert.deepEqual([t, granted], ["record_consent", false]);
});

test("it does not carry a withdrawal over to another recording", () => {
  const { session } = start({ withdrawn: "rec-0" });
  const socket = come();
  assert.equal(session.mesh.isFeedingRecorder, true);
  assert.ok(!kinds(socket).includes("record_consent"));
});

test("it does not feed the recorder of a recording that it stops", () => {
  const { session, commands } = start();
  come();
  assert.equal(session.mesh.isFeedingRecorder, true);
  void commands.stopRecording();
  assert.equal(session.mesh.isFeedingRecorder, false);
  assert.equal(session.mesh.connections.length, 1);
});

test("it sends again what was not acknowledged only when its peers are known", () => {
  start();
  come().onclose({ code: 1006 });
  mock.timers.tick(200);
  mock.timers.tick(200);
  const socket = FakeSocket.last;
  socket.open();
  socket.tell({
    t: "welcome", you: "pat", leg: "p1", role: "patient", now: AT, may: [], live_at: AT,
    recording_bitrate: 1,
  });
  assert.deepEqual(kinds(socket), ["hello"]);
  socket.tell({ t: "peers", peers: PEERS });
  assert.ok(kinds(socket).includes("media"));
});

test("it tells whoever comes back what they have missed", () => {
  start();
  const socket = come();
  const before = kinds(socket).filter((kind) => kind === "media").length;
  const data = { participant: "ada", leg: "a1", waiting: false };
  socket.tell({ t: "fact", seq: 6, at: AT, kind: "joined", by: "ada", data });
  assert.ok(kinds(socket).filter((kind) => kind === "media").length > before);
});
