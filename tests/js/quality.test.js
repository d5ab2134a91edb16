import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { measureOf, Steady, verdictOf } from "../../static/js/call/indicator.js";
import { Quality } from "../../static/js/call/quality.js";
import { sampleOf } from "../../static/js/call/sample.js";
import { forPictures, forSpeech } from "../../static/js/call/sdp.js";
import { encodingAt, tune } from "../../static/js/call/senders.js";
import { Outgoing } from "../../static/js/call/outgoing.js";
import { countersOf, judge, Meter } from "../../static/js/call/stats.js";
import { putTracks } from "../../static/js/call/tracks.js";
import { Watched } from "../../static/js/call/watched.js";

const ROWS = [
  { id: "i1", type: "inbound-rtp", kind: "audio", packetsReceived: 100, packetsLost: 2, jitter: 0.01, bytesReceived: 9000 },
  { id: "i2", type: "inbound-rtp", kind: "video", packetsReceived: 300, packetsLost: 0, jitter: 0.02, bytesReceived: 90_000,
    frameWidth: 960, frameHeight: 540, framesPerSecond: 24 },
  { id: "o1", type: "outbound-rtp", remoteId: "r1", packetsSent: 500, bytesSent: 100_000, timestamp: 7000 },
  { id: "r1", type: "remote-inbound-rtp", packetsLost: 5, fractionLost: 0.4, timestamp: 6500 },
  { id: "t1", type: "transport", selectedCandidatePairId: "p2" },
  { id: "p1", type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 9 },
  { id: "p2", type: "candidate-pair", currentRoundTripTime: 0.05, availableOutgoingBitrate: 800_000,
    localCandidateId: "c1", remoteCandidateId: "c2" },
  { id: "c1", type: "local-candidate", candidateType: "relay", protocol: "udp", relayProtocol: "tls", address: "192.0.2.1" },
  { id: "c2", type: "remote-candidate", candidateType: "host", protocol: "udp", address: "192.0.2.2" },
];

test("it sums what a connection carries, and over which path", () => {
  assert.deepEqual(countersOf(ROWS), {
    received: 400, lost: 2, sent: { o1: { packets: 500, atMs: 7000, missed: 5, toldAtMs: 6500 } }, bytesIn: 99_000, bytesOut: 100_000, roundTripMs: 50,
    jitterMs: 20, availableKbps: 800, picture: { width: 960, height: 540, fps: 24 },
    route: { local: "relay", remote: "host", protocol: "tls" },
  });
});

test("it takes the nominated path where the browser names no selected one", () => {
  const rows = ROWS.filter(({ id }) => id !== "t1");
  assert.equal(countersOf(rows).roundTripMs, 9000);
});

const counters = (change = {}) => ({ ...countersOf([]), ...change });

/** One stream, reported of as it is counted unless it is said when. */
const of = (atMs, packets, missed, toldAtMs = atMs) => ({ atMs, packets, missed, toldAtMs });

test("it measures loss and bitrate between two looks", () => {
  const meter = new Meter();
  assert.equal(meter.next(counters({ sent: { sound: of(0, 0, 0, 1), picture: of(0, 0, 0, 1) } }), 0), null);
  const sent = { sound: of(2000, 100, 1), picture: of(2000, 100, 3) };
  const now = counters({ received: 90, lost: 10, sent, bytesIn: 25_000, bytesOut: 50_000 });
  assert.deepEqual(meter.next(now, 2000), { lossIn: 0.1, lossOut: 0.02, inKbps: 100, outKbps: 200 });
});

test("it makes nothing of a handful of packets, and counts them with the next ones", () => {
  const meter = new Meter();
  meter.next(counters(), 0);
  assert.equal(meter.next(counters({ received: 9, lost: 3 }), 2000).lossIn, null);
  assert.equal(meter.next(counters({ received: 27, lost: 3 }), 4000).lossIn, 0.1);
});

test("it takes what was missed from all reports together, not from the newest alone", () => {
  const outgoing = new Outgoing();
  assert.equal(outgoing.next({ s: of(0, 0, 0, 0) }), null);
  assert.equal(outgoing.next({ s: of(2000, 200, 10) }), 0.05);
  assert.equal(outgoing.next({ s: of(4000, 400, 20) }), 0.05);
});

test("it counts the packets that were sent when the report came", () => {
  const outgoing = new Outgoing();
  outgoing.next({ s: of(1000, 100, 0) });
  assert.equal(outgoing.next({ s: of(3000, 300, 10, 2000) }), 0.1);
  assert.equal(outgoing.next({ s: of(5000, 500, 20, 4000) }), 0.05);
});

test("it keeps to the last word until there is a new one, and makes nothing of a handful", () => {
  const outgoing = new Outgoing();
  outgoing.next({ s: of(0, 0, 0, 0) });
  assert.equal(outgoing.next({ s: of(5000, 100, 20) }), 0.2);
  assert.equal(outgoing.next({ s: of(7000, 140, 20, 5000) }), 0.2);
  assert.equal(outgoing.next({ s: of(10_000, 105, 20) }), null);
  assert.equal(outgoing.next({ s: of(15_000, 150, 20) }), 0);
});

test("it holds nobody to what was lost before the first look", () => {
  const outgoing = new Outgoing();
  assert.equal(outgoing.next({ s: of(9000, 1000, 500) }), null);
  assert.equal(outgoing.next({ s: of(11_000, 1200, 500) }), 0);
});

test("it begins anew when the counters do", () => {
  const meter = new Meter();
  meter.next(counters({ received: 100 }), 0);
  assert.equal(meter.next(counters({ received: 3 }), 2000), null);
});

test("it calls a direction good, fair or poor by loss, delay and jitter", () => {
  const word = (change) => judge({ loss: 0, roundTripMs: 40, jitterMs: 5, ...change });
  assert.equal(word({}), "good");
  assert.equal(word({ loss: 0.06 }), "fair");
  assert.equal(word({ loss: 0.3 }), "poor");
  assert.equal(word({ roundTripMs: 400 }), "fair");
  assert.equal(word({ jitterMs: 200 }), "poor");
  assert.equal(word({ loss: null, roundTripMs: 0 }), "unknown");
});

const path = (change) => ({ name: "Dr. Ada", out: "good", in: "good", sending: "full", receiving: "full", ...change });

test("it says whose connection is weak", () => {
  const said = (...changes) => verdictOf(changes.map(path)).key;
  assert.equal(said({}), "quality_good");
  assert.equal(said({ out: "poor" }), "quality_you_poor");
  assert.equal(said({ in: "fair" }), "quality_them_fair");
  assert.equal(said({ in: "fair", out: "fair" }), "quality_fair");
  assert.equal(said({ in: "poor" }, {}), "quality_them_poor");
  assert.equal(said({ in: "poor" }, { in: "poor" }), "quality_you_poor");
  assert.equal(said(), "quality_unknown");
});

test("it calls no connection good that cannot carry the picture", () => {
  assert.equal(verdictOf([path({ sending: "audio" })]).key, "quality_you_poor");
  assert.equal(verdictOf([path({ receiving: "small" })]).key, "quality_them_fair");
});

test("it says what was left out", () => {
  const said = (change) => measureOf([path(change)]).key;
  assert.equal(said({ sending: "small" }), "");
  assert.equal(said({ sending: "audio" }), "done_mine");
  assert.equal(said({ receiving: "audio" }), "done_theirs");
  assert.equal(said({ sending: "audio", receiving: "audio" }), "done_both");
  assert.equal(said({ receiving: "text" }), "done_text");
});

test("it does not jump from word to word", () => {
  const [good, poor] = [verdictOf([path({})]), verdictOf([path({ out: "poor" })])];
  const steady = new Steady(verdictOf([]));
  const shown = [good, poor, good, poor, poor, good, good, good, good].map((one) => steady.look(one).quality);
  assert.deepEqual(shown, ["good", "good", "good", "good", "poor", "poor", "poor", "poor", "good"]);
});

test("it sends pictures smaller, then none, then no sound", () => {
  const video = ["full", "small", "audio", "text"].map((rung) => encodingAt("video", rung, false));
  assert.deepEqual(video.map(({ active }) => active), [true, true, false, false]);
  assert.deepEqual(video.slice(0, 2).map(({ maxBitrate }) => maxBitrate), [1_200_000, 160_000]);
  assert.deepEqual([video[1].scaleResolutionDownBy, video[1].maxFramerate], [3, 15]);
  const audio = ["full", "small", "audio", "text"].map((rung) => encodingAt("audio", rung, false));
  assert.deepEqual(audio.map(({ active }) => active), [true, true, true, false]);
});

test("it keeps a shared screen readable and gives up pictures of it first", () => {
  const { scaleResolutionDownBy, maxFramerate, active } = encodingAt("video", "small", true);
  assert.deepEqual([scaleResolutionDownBy, maxFramerate, active], [1, 5, true]);
});

test("it tunes a sender once for each step", async () => {
  const set = [];
  const track = { kind: "video" };
  const sender = {
    track,
    getParameters: () => ({ encodings: [{ rid: "a" }] }),
    setParameters: async (parameters) => void set.push(parameters),
  };
  const pc = { getTransceivers: () => [{ sender, receiver: { track: { kind: "video" } } }] };
  const [warm, camera, screen] = [[false, true], [false, false], [true, false]].map(
    ([isScreen, isWarm]) => ({ isScreen, isWarm }),
  );
  for (const what of [warm, camera, camera, screen]) await tune(pc, "full", what);
  const told = set.map(({ degradationPreference, encodings: [{ scaleResolutionDownBy }] }) =>
    [degradationPreference, scaleResolutionDownBy]);
  assert.deepEqual(told, [["maintain-resolution", 3], ["balanced", 1], ["maintain-resolution", 1]]);
  assert.equal(set[0].encodings[0].rid, "a");
});

test("it lets the first picture of each codec be whole, and touches nothing else", () => {
  const sdp = [
    "m=audio 9 X 111", "a=rtpmap:111 opus/48000/2",
    "m=video 9 X 96 97 98", "a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96", "a=rtpmap:98 H264/90000", "a=fmtp:98 packetization-mode=1", "m=application 9 X", "",
  ].join("\r\n");
  const asked = forPictures(sdp);
  const added = asked.split("\r\n").filter((line) => !sdp.includes(`${line}\r\n`));
  assert.deepEqual(added, [
    "a=fmtp:96 x-google-start-bitrate=700", "a=fmtp:98 packetization-mode=1;x-google-start-bitrate=700",
  ]);
  assert.equal(asked.replace("a=fmtp:96 x-google-start-bitrate=700\r\n", "").replace(";x-google-start-bitrate=700", ""), sdp);
  assert.equal(forPictures(asked), asked);
});

test("it begins with sound and picture at once", async () => {
  const begun = [];
  const transceivers = ["audio", "video"].map((kind) => ({
    receiver: { track: { kind } },
    sender: { track: null, replaceTrack: (track) => { begun.push(track.kind); return new Promise(() => {}); } },
  }));
  const [audio, video] = [{ kind: "audio" }, { kind: "video" }];
  void putTracks({ signalingState: "stable", getTransceivers: () => transceivers }, { audio, video });
  assert.deepEqual(begun, ["audio", "video"]);
});

test("it asks for speech with error correction and without packets of silence", () => {
  const sdp = "m=audio 9 X 111 63\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=fmtp:63 111/111\r\n";
  const asked = forSpeech(sdp);
  assert.match(asked, /^a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r$/m);
  assert.match(asked, /^a=fmtp:63 111\/111\r$/m);
  assert.equal(forSpeech(asked), asked);
  assert.equal(forSpeech("m=application 9 X\r\n"), "m=application 9 X\r\n");
});

test("it sends what the worse of both sides bears", () => {
  const watched = new Watched();
  watched.wanted = "small";
  assert.equal(watched.rung, "small");
  for (let look = 0; look < 5; look += 1) {
    watched.measured(counters({ sent: { s: of(2000 * look + 1, 200 * look, 40 * look) }, received: 200 * look }), 2000 * look);
  }
  assert.deepEqual([watched.rung, watched.asked, watched.out, watched.in], ["audio", "full", "poor", "good"]);
});

test("it keeps a sample within the bounds of the protocol, and no address", () => {
  const sample = sampleOf({
    leg: "l1", rung: "full", state: "connected", counters: countersOf(ROWS),
    since: { lossIn: null, lossOut: 0.123456, inKbps: 99.6, outKbps: Infinity },
  });
  assert.deepEqual(sample, {
    t: "sample", leg: "l1", rung: "full", state: "connected", loss_in: undefined, loss_out: 0.1235, round_trip_ms: 50,
    jitter_ms: 20, in_kbps: 100, out_kbps: 10_000_000, available_kbps: 800, in_width: 960, in_height: 540,
    in_fps: 24, local: "relay", remote: "host", protocol: "tls",
  });
});

test("it waits for no connection that never answers, and looks at the one after it", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const asked = [];
  const looks = [];
  const quality = new Quality({
    remotes: () => ["l1", "l2"].map((leg) => ({ leg, state: "connected" })),
    isLive: () => true, isSharing: () => false, keep: () => {},
    onAside: () => {}, onRung: () => {}, onLook: () => looks.push(asked.length),
  });
  const connection = (name, stats) => ({
    createDataChannel: () => ({}), addEventListener: () => {}, getTransceivers: () => [],
    getStats: () => { asked.push(name); return stats; },
  });
  const look = async () => {
    mock.timers.tick(2000);
    await new Promise((done) => setTimeout(done));
  };
  const to = (leg) => ({ leg, role: "patient", polite: true });
  quality.onConnection(connection("stuck", new Promise(() => {})), to("l1"));
  quality.onConnection(connection("fine", Promise.resolve(new Map())), to("l2"));
  await look();
  await look();
  assert.deepEqual(asked, ["stuck", "fine", "fine"]);
  assert.deepEqual(looks, [3]);
  quality.onConnection(connection("new", Promise.resolve(new Map())), to("l1"));
  await look();
  assert.deepEqual(asked.slice(3), ["new", "fine"]);
  quality.close();
  mock.reset();
});
