import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Mesh } from "../../static/js/call/mesh.js";
import { FakeConnection } from "./fakes.js";

const ADA = { leg: "a1", participant: "ada", role: "agent", name: "Ada", polite: false, warm: false, flow: "both" };
const WARM = { ...ADA, warm: true, flow: "none" };
const CAMERA = { kind: "video", getSettings: () => ({}) };

/** A page's mesh, with what it sends and the connections that others are told of. */
function start() {
  const [sent, made, closed] = [[], [], []];
  const mesh = new Mesh({
    tracks: () => ({ audio: null, video: CAMERA }),
    media: () => ({ audio: true, video: true }),
    recorderStep: () => "full",
    onChange: () => {},
    onConnection: (pc, whose) => made.push([pc, whose]),
    onConnectionClosed: (pc) => closed.push(pc),
    transmit: (signal) => sent.push(signal),
    canSignal: () => true,
  });
  return { mesh, sent, made, closed };
}

const settled = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};
const kinds = (sent) => sent.map(({ t }) => t);

test.beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  FakeConnection.all = [];
  globalThis.RTCPeerConnection = FakeConnection;
});
test.afterEach(() => mock.timers.reset());

test("it connects with who waits, without a track and without a word about it", async () => {
  const { mesh, sent } = start();
  mesh.setPeers([WARM]);
  FakeConnection.last.onnegotiationneeded();
  await settled();
  assert.deepEqual(FakeConnection.last.senders.map(({ track }) => track), [null, null]);
  assert.deepEqual(kinds(sent), ["description"]);
  mesh.mediaChanged();
  await settled();
  assert.deepEqual(FakeConnection.last.senders.map(({ track }) => track), [null, null]);
  assert.deepEqual(kinds(sent), ["description"]);
});

test("it shows nothing of who waits", () => {
  const { mesh } = start();
  mesh.setPeers([WARM]);
  FakeConnection.last.ontrack({ track: { kind: "video" } });
  assert.deepEqual(mesh.remotes, []);
});

test("it starts the tracks of the same connection on admission, and shows what comes", async () => {
  const { mesh, sent } = start();
  mesh.setPeers([WARM]);
  const track = { kind: "video" };
  FakeConnection.last.ontrack({ track });
  mesh.setPeers([ADA]);
  await settled();
  assert.equal(FakeConnection.all.length, 1);
  assert.deepEqual(FakeConnection.last.senders.map(({ track: one }) => one), [null, CAMERA]);
  assert.deepEqual(mesh.remotes.map(({ tracks }) => tracks), [[track]]);
  assert.deepEqual(kinds(sent), ["media"]);
});

/** What is sent over the last connection, by kind. */
const sending = () => FakeConnection.last.senders.map(({ track }) => track);

test("it takes its tracks off and shows nothing of somebody on hold, over the same connection", async () => {
  const { mesh, sent } = start();
  mesh.setPeers([ADA]);
  const track = { kind: "video" };
  FakeConnection.last.ontrack({ track });
  mesh.setPeers([{ ...ADA, flow: "none" }]);
  await settled();
  assert.deepEqual(sending(), [null, null]);
  assert.deepEqual(mesh.remotes.map(({ tracks, video, flow }) => [tracks, video, flow]), [[[], false, "none"]]);
  const before = sent.length;
  mesh.mediaChanged();
  await settled();
  assert.deepEqual([sent.length, ...sending()], [before, null, null]);
  mesh.setPeers([ADA]);
  await settled();
  assert.deepEqual(sending(), [null, CAMERA]);
  assert.deepEqual(mesh.remotes[0].tracks, [track]);
  assert.deepEqual(kinds(sent.slice(before)), ["media"]);
  assert.equal(FakeConnection.all.length, 1);
});

for (const [flow, sends, plays] of [
  ["both", true, true], ["send", true, false], ["receive", false, true], ["none", false, false],
]) {
  test(`it sends and plays no more than the server lets it: ${flow}`, async () => {
    const { mesh, sent } = start();
    const peer = { ...ADA, flow };
    mesh.setPeers([peer]);
    const track = { kind: "audio" };
    FakeConnection.last.ontrack({ track });
    await settled();
    assert.deepEqual(sending(), [null, sends ? CAMERA : null]);
    assert.deepEqual(mesh.remotes[0].tracks, plays ? [track] : []);
    assert.equal(kinds(sent).includes("media"), sends);
  });
}

test("it sends nothing to a recorder while somebody is on hold, and keeps the connection", async () => {
  const { mesh } = start();
  const tape = { ...ADA, leg: "r1", participant: "rec", role: "recorder", flow: "send", quality: "full" };
  mesh.setPeers([tape]);
  assert.deepEqual(sending(), [null, CAMERA]);
  mesh.setPeers([{ ...tape, flow: "none" }]);
  await settled();
  assert.deepEqual(sending(), [null, null]);
  mesh.setPeers([tape]);
  await settled();
  assert.deepEqual([sending(), FakeConnection.all.length], [[null, CAMERA], 1]);
});

test("it goes on with somebody whom only the server has lost, until the line breaks", () => {
  const { mesh } = start();
  mesh.setPeers([ADA]);
  const pc = FakeConnection.last;
  pc.becomes("connected");
  mesh.setPeers([], (participant) => participant === "ada");
  assert.equal(mesh.remotes.length, 1);
  pc.becomes("disconnected");
  assert.deepEqual([mesh.remotes.length, pc.isClosed], [0, true]);
});

test("it hangs up on somebody who left, and for somebody's new leg", () => {
  const { mesh } = start();
  mesh.setPeers([ADA]);
  FakeConnection.last.becomes("connected");
  mesh.setPeers([{ ...ADA, leg: "a2" }], () => true);
  assert.deepEqual(FakeConnection.all.map(({ isClosed }) => isClosed), [true, false]);
  FakeConnection.last.becomes("connected");
  mesh.setPeers([], () => false);
  assert.ok(FakeConnection.last.isClosed);
});

test("it ends with the place in the waiting room", () => {
  const { mesh, closed } = start();
  mesh.setPeers([WARM]);
  mesh.setPeers([]);
  assert.deepEqual(closed, [FakeConnection.last]);
});

test("it tells of each connection before anything is negotiated, and of its end", () => {
  const { mesh, made, closed } = start();
  mesh.setPeers([ADA]);
  const [[pc, { leg, role }]] = made;
  assert.deepEqual([pc, leg, role], [FakeConnection.last, "a1", "agent"]);
  mesh.close();
  assert.deepEqual(closed, [pc]);
  assert.ok(pc.isClosed);
});

test("it gives new relays to connections that live and to later ones", () => {
  const { mesh } = start();
  mesh.setPeers([ADA]);
  const servers = [{ urls: ["turn:relay.example"], username: "u", credential: "c" }];
  mesh.useRelays(servers, "relay");
  mesh.setPeers([ADA, { ...ADA, leg: "b1" }]);
  for (const { configuration } of FakeConnection.all) {
    assert.deepEqual(configuration.iceServers, servers);
    assert.equal(configuration.iceTransportPolicy, "relay");
  }
});

test("it lets no address leave but a relay's where only relays are allowed", async () => {
  const { mesh, sent } = start();
  mesh.useRelays([], "relay");
  mesh.setPeers([ADA]);
  const pc = FakeConnection.last;
  const host = "candidate:1 1 udp 1 192.0.2.1 9 typ host";
  const relay = "candidate:2 1 udp 1 198.51.100.1 9 typ relay raddr 192.0.2.1 rport 9";
  for (const candidate of [host, relay, ""]) pc.onicecandidate({ candidate: { candidate } });
  pc.sdp = `v=0\r\na=${host}\r\na=${relay}\r\na=mid:0\r\n`;
  pc.onnegotiationneeded();
  await settled();
  assert.ok(!JSON.stringify(sent).includes("192.0.2.1"));
  const candidates = sent.filter(({ t }) => t === "candidate").map(({ candidate }) => candidate);
  assert.deepEqual(candidates, [relay.replace("192.0.2.1 rport 9", "0.0.0.0 rport 0"), ""]);
  assert.match(sent.at(-1).sdp, /typ relay[^\n]*\r\na=mid:0/);
});

test("it takes an answer only to the offer that stands", async () => {
  const { mesh, sent } = start();
  mesh.setPeers([ADA]);
  const pc = FakeConnection.last;
  pc.onnegotiationneeded();
  await settled();
  const { n } = sent.find(({ t }) => t === "description");
  const answer = { t: "description", leg: "a1", type: "answer", sdp: "v=0\r\no=- 9 1\r\n" };
  mesh.receive({ ...answer, n: 1, to: n + 5 });
  await settled();
  assert.equal(pc.remote.length, 0);
  mesh.receive({ ...answer, n: 2, to: n });
  await settled();
  assert.equal(pc.remote.length, 1);
});

test("it names the offer that it answers", async () => {
  const { mesh, sent } = start();
  mesh.setPeers([{ ...ADA, polite: true }]);
  const offer = { t: "description", leg: "a1", n: 1, type: "offer", sdp: "v=0\r\no=- 9 1\r\n" };
  mesh.receive(offer);
  await settled();
  const { type, to } = sent.findLast(({ t }) => t === "description");
  assert.deepEqual([type, to], ["answer", 1]);
});
