import assert from "node:assert/strict";
import { test } from "node:test";

import { fingerprintsOf, safetyCode } from "../../static/js/call/safety.js";
import { parseAside, SideChannel } from "../../static/js/call/side-channel.js";

const ADA = "sha-256 AA:01:02";
const MEI = "sha-256 BB:03:04";
const RELAY = "sha-256 CC:05:06";

test("it takes exactly the known messages", () => {
  for (const known of [{ k: "want", rung: "audio" }, { k: "typing", on: true }, { k: "reaction", sign: "applause" }]) {
    assert.deepEqual(parseAside(JSON.stringify(known)), known);
  }
});

test("it takes nothing else", () => {
  const wrong = [
    "", "{", "null", "[]", '"want"', "7", "{}", '{"k":"want"}', '{"k":"want","rung":"huge"}',
    '{"k":"typing","on":"yes"}', '{"k":"typing","on":true,"more":1}', '{"k":"reaction","sign":"<b>"}',
    '{"k":"toString"}', '{"k":"__proto__","rung":"full"}', `{"k":"reaction","sign":"${"x".repeat(300)}"}`,
    '{"k":["want"],"rung":"full"}', new ArrayBuffer(4), undefined,
  ];
  assert.deepEqual(wrong.map(parseAside), wrong.map(() => null));
});

function channelOf(how) {
  const channel = { readyState: "open", sent: [], send: (text) => channel.sent.push(text) };
  const made = [];
  const listeners = [];
  const pc = {
    signalingState: "stable",
    createDataChannel: (name, options) => (made.push(options), channel),
    addEventListener: (name, listener) => listeners.push(listener),
  };
  const heard = [];
  const side = new SideChannel(pc, { onAside: (aside) => heard.push(aside), ...how });
  return { side, channel, pc, made, heard, change: () => listeners.forEach((listener) => listener()) };
}

test("it makes the channel at once where it offers, and with the offer where it answers", () => {
  assert.deepEqual(channelOf({ offers: true }).made, [{ negotiated: true, id: 0 }]);
  const answering = channelOf({ offers: false });
  assert.deepEqual(answering.made, []);
  assert.equal(answering.side.send({ k: "typing", on: true }), false);
  answering.pc.signalingState = "have-remote-offer";
  answering.change();
  answering.change();
  assert.equal(answering.made.length, 1);
});

test("it takes no flood from the other side", () => {
  let now = 0;
  const { channel, heard } = channelOf({ offers: true, now: () => now });
  for (let n = 0; n < 500; n += 1) channel.onmessage({ data: '{"k":"reaction","sign":"applause"}' });
  assert.equal(heard.length, 15);
  now = 1000;
  for (let n = 0; n < 500; n += 1) channel.onmessage({ data: '{"k":"typing","on":true}' });
  assert.equal(heard.length, 20);
});

test("it makes one code of two fingerprints, the same on both sides", async () => {
  const code = await safetyCode(ADA, MEI);
  assert.match(code, /^\d{5}( \d{5}){5}$/);
  assert.equal(await safetyCode(MEI, ADA), code);
  assert.equal(await safetyCode("SHA-256 aa:01:02", MEI), code);
});

test("it makes different codes where a relay shows certificates of its own", async () => {
  assert.notEqual(await safetyCode(ADA, RELAY), await safetyCode(RELAY, MEI));
});

const CERTIFICATES = [
  { id: "t", type: "transport", dtlsState: "connected", localCertificateId: "l", remoteCertificateId: "r" },
  { id: "l", type: "certificate", fingerprintAlgorithm: "sha-256", fingerprint: "AA:01:02" },
  { id: "r", type: "certificate", fingerprintAlgorithm: "sha-256", fingerprint: "BB:03:04" },
];
const described = (mark) => ({ sdp: `v=0\r\na=fingerprint:${mark}\r\n` });
const connection = (rows, connectionState = "connected") => ({
  connectionState,
  getStats: async () => new Map(rows.map((row) => [row.id, row])),
  currentLocalDescription: described(ADA),
  currentRemoteDescription: described(MEI),
});

test("it reads the certificates that the handshake used", async () => {
  assert.deepEqual(await fingerprintsOf(connection(CERTIFICATES)), [ADA, MEI]);
});

test("it falls back to the descriptions that the handshake accepted, and only to those", async () => {
  assert.deepEqual(await fingerprintsOf(connection([])), [ADA, MEI]);
  assert.equal(await fingerprintsOf(connection([], "connecting")), null);
});
