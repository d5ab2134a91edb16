import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Connections } from "../../static/js/call/connections.js";
import { RecorderLeg } from "../../static/js/call/recorder-leg.js";
import { FakeConnection } from "./fakes.js";

let doubts = 0;

function start() {
  const sent = [];
  doubts = 0;
  const leg = new RecorderLeg({
    connections: new Connections({}),
    whose: { leg: "r1", role: "recorder", polite: true },
    tracks: () => ({ audio: null, video: null }),
    canSignal: () => true,
    doubt: () => (doubts += 1),
    send: (signal) => sent.push(signal), // its number, as a link counts
    bitrate: 1,
    quality: "small",
    step: () => "full",
  });
  return { leg, sent };
}

const answer = (to) => ({ t: "description", type: "answer", leg: "r1", n: 1, sdp: "v=0", to });
const settled = async () => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

async function offer() {
  FakeConnection.last.onnegotiationneeded();
  await settled();
}

test.beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  FakeConnection.all = [];
  globalThis.RTCPeerConnection = FakeConnection;
});
test.afterEach(() => mock.timers.reset());

test("it takes the answer to its offer", async () => {
  const { leg } = start();
  await offer();
  leg.receive(answer(1));
  await settled();
  assert.equal(FakeConnection.last.remote.length, 1);
  leg.close();
});

test("it offers anew after an offer that nobody answered, and takes that answer", async () => {
  const { leg, sent } = start();
  await offer();
  mock.timers.tick(12_000);
  assert.equal(FakeConnection.all.length, 2);
  await offer();
  assert.equal(sent.length, 2);
  leg.receive(answer(2));
  await settled();
  assert.equal(FakeConnection.last.remote.length, 1);
  leg.close();
});

test("it waits for the answer to the last of its offers", async () => {
  const { leg } = start();
  await offer();
  leg.restart();
  await offer();
  leg.receive(answer(1));
  await settled();
  assert.equal(FakeConnection.last.remote.length, 0);
  leg.receive(answer(2));
  await settled();
  assert.equal(FakeConnection.last.remote.length, 1);
  leg.close();
});

test("it sends nothing more once it is closed", async () => {
  const { leg, sent } = start();
  leg.close();
  mock.timers.tick(60_000);
  await settled();
  assert.deepEqual([sent.length, FakeConnection.all.length], [0, 1]);
});

test("it replaces a connection that fell silent before the browser says so", async () => {
  const { leg } = start();
  const [connection] = FakeConnection.all;
  Object.assign(connection.pair, { bytesReceived: 0, requestsReceived: 0, responsesReceived: 0 });
  connection.becomes("connected");
  for (let second = 0; second < 10; second += 1) {
    if (second < 7) connection.pair.bytesReceived += 100;
    assert.equal(FakeConnection.all.length, 1, `${second} s`);
    mock.timers.tick(1000);
    await settled();
  }
  assert.equal(doubts, 1);
  assert.ok(connection.isClosed);
  assert.equal(FakeConnection.all.length, 2);
  leg.close();
});
