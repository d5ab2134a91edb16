import assert from "node:assert/strict";
import { test } from "node:test";

import { holdable, isHeld } from "../../static/js/call/held.js";
import {
  consents, mustAnswer, othersIn, screenOf, unanswered, waiting,
} from "../../static/js/call/queries.js";
import { EMPTY, reduce } from "../../static/js/call/state.js";

/** A view from `[kind, data, by]`, a second apart from 12:00:00. */
function view(...facts) {
  return facts.reduce(
    (state, [kind, data, by = null], i) =>
      reduce(state, { t: "fact", seq: i + 1, at: at(i), kind, by, data }),
    EMPTY,
  );
}

const at = (secs) => new Date(Date.UTC(2026, 10, 22, 12, 0, secs)).toISOString();
const PAT = { participant: "pat", name: "Pat", role: "patient" };
const ADA = { participant: "ada", name: "Ada", role: "agent" };
const IN = [
  ["entered", { ...ADA, waiting: false }, "ada"],
  ["joined", { ...ADA, leg: "a1", waiting: false }, "ada"],
  ["entered", { ...PAT, waiting: true }, "pat"],
  ["admitted", { participant: "pat" }, "ada"],
  ["joined", { ...PAT, leg: "p1", waiting: false }, "pat"],
];
const ASKED = ["record_asked", { recording: "r1", participant: "ada", text_version: "1" }, "ada"];
const here = (changes) => ({ me: "pat", joined: true, closed: "", ...changes });

test("it knows who waits and since when", () => {
  const [pat] = waiting(view(...IN.slice(0, 3)));
  assert.deepEqual([pat.name, pat.since], ["Pat", at(2)]);
});

test("it puts admitted people into the call, and the call is live since then", () => {
  const now = view(...IN);
  assert.deepEqual(othersIn(now, "ada").map(({ name }) => name), ["Pat"]);
  assert.deepEqual(waiting(now), []);
  assert.equal(now.liveAt, at(3));
});

test("it drops facts that it has seen", () => {
  const now = view(...IN);
  assert.equal(reduce(now, { seq: 2, kind: "removed", data: { participant: "pat" } }), now);
});

test("it keeps the place of somebody who lost the connection", () => {
  const now = view(...IN, ["dropped", { participant: "pat", leg: "p1" }, "pat"]);
  const [pat] = othersIn(now, "ada");
  assert.deepEqual([pat.phase, pat.connected], ["admitted", false]);
});

test("it does not take a reload for leaving", () => {
  const left = ["left", { participant: "pat", leg: "p1", reason: "replaced" }, "pat"];
  assert.equal(othersIn(view(...IN, left), "ada").length, 1);
});

test("it keeps the waiting time over a reload in the waiting room", () => {
  const now = view(
    ...IN.slice(0, 3),
    ["left", { participant: "pat", leg: "p1", reason: "replaced" }, "pat"],
    ["entered", { ...PAT, waiting: true }, "pat"],
  );
  assert.equal(waiting(now)[0].since, at(2));
});

test("it leaves out what was written before one was admitted", () => {
  const now = view(["chat", {}, "ada"], ["chat", { participant: "ada", name: "Ada", text: "Hi" }, "ada"]);
  assert.deepEqual(now.chat.map(({ text }) => text), ["Hi"]);
});

test("it asks everybody but the asker", () => {
  const now = view(...IN, ASKED);
  assert.equal(mustAnswer(now, "pat"), true);
  assert.equal(mustAnswer(now, "ada"), false);
  assert.deepEqual(unanswered(now, "ada"), ["Pat"]);
});

test("it lets nobody be recorded before the own consent stands and all have agreed", () => {
  const given = ["consent_given", { recording: "r1", participant: "pat" }, "pat"];
  assert.equal(consents(view(...IN, ASKED), "ada"), false);
  assert.equal(consents(view(...IN, ASKED, given), "pat"), false);
  const queued = ["recording_queued", { recording: "r1" }];
  assert.equal(consents(view(...IN, ASKED, given, queued), "pat"), true);
  assert.equal(consents(view(...IN, ASKED, queued), "pat"), false);
});

test("it ends consent with the withdrawal and with the recording", () => {
  const given = ["consent_given", { recording: "r1", participant: "pat" }, "pat"];
  const started = ["recording_started", { recording: "r1" }];
  const withdrawn = ["consent_withdrawn", { recording: "r1", participant: "pat" }, "pat"];
  const stopped = ["recording_stopped", { recording: "r1", reason: "stopped" }];
  assert.equal(consents(view(...IN, ASKED, given, started), "pat"), true);
  assert.equal(consents(view(...IN, ASKED, given, started, withdrawn), "pat"), false);
  assert.equal(consents(view(...IN, ASKED, given, started, stopped), "pat"), false);
});

test("it does not carry a consent over to the next recording", () => {
  const given = ["consent_given", { recording: "r1", participant: "pat" }, "pat"];
  const stopped = ["recording_stopped", { recording: "r1", reason: "stopped" }];
  const again = ["record_asked", { recording: "r2", text_version: "1" }, "ada"];
  assert.equal(mustAnswer(view(...IN, ASKED, given, stopped, again), "pat"), true);
});

test("it tells a refusal from a stop", () => {
  const refused = ["consent_refused", { recording: "r1", participant: "pat" }, "pat"];
  const stopped = ["recording_stopped", { recording: "r1", reason: "refused" }];
  assert.equal(view(...IN, ASKED, refused, stopped).recording.phase, "refused");
});

test("it does not call a recording failed that somebody stopped", () => {
  const stopped = ["recording_stopped", { recording: "r1", reason: "withdrawn" }];
  const failed = ["recording_failed", { recording: "r1", reason: "nothing_captured" }];
  assert.equal(view(...IN, ASKED, stopped, failed).recording.phase, "stopped");
  assert.equal(view(...IN, ASKED, failed).recording.phase, "failed");
});

test("it shows the device check until one has joined", () => {
  assert.equal(screenOf(EMPTY, here({ joined: false })), "lobby");
  assert.equal(screenOf(view(...IN), here({ joined: false })), "lobby");
});

test("it shows waiting room, call, and the way back", () => {
  assert.equal(screenOf(view(...IN.slice(0, 3)), here()), "waiting");
  assert.equal(screenOf(view(...IN), here()), "live");
  const left = view(...IN, ["left", { participant: "pat", leg: "p1", reason: "left" }, "pat"]);
  assert.equal(screenOf(left, here({ joined: false })), "left");
  assert.equal(screenOf(left, here()), "live");
});

test("it shows the end whatever else is true", () => {
  const ended = view(...IN, ["ended", { reason: "agent" }, "ada"]);
  assert.equal(screenOf(ended, here({ closed: "ended" })), "ended");
  assert.equal(screenOf(ended, here({ joined: false })), "ended");
});

test("it says why the server sent the page away", () => {
  assert.equal(screenOf(view(...IN), here({ closed: "replaced" })), "replaced");
  assert.equal(screenOf(view(...IN), here({ closed: "signed_out" })), "gone");
  const removed = view(...IN, ["removed", { participant: "pat" }, "ada"]);
  assert.equal(screenOf(removed, here({ closed: "forbidden" })), "removed");
});

const HELD = ["held", { participant: "pat", music: true }, "ada"];

test("it knows who is on hold and since when, until they resume", () => {
  const held = view(...IN, HELD);
  assert.deepEqual([held.people.pat.heldSince, held.people.pat.music], [at(5), true]);
  assert.deepEqual(othersIn(held, "ada").map(({ name }) => name), ["Pat"]);
  assert.ok(!isHeld(view(...IN, HELD, ["resumed", { participant: "pat" }, "ada"]), "pat"));
});

for (const [kind, data, stays] of [
  ["dropped", { leg: "p1" }, true],
  ["left", { leg: "p1", reason: "replaced" }, true],
  ["left", { leg: "p1", reason: "timeout" }, true],
  ["joined", { leg: "p2", waiting: false }, true],
  ["left", { leg: "p1", reason: "left" }, true],
  ["removed", {}, false],
]) {
  test(`it ${stays ? "keeps" : "ends"} the hold of somebody who is ${kind} (${data.reason ?? ""})`, () => {
    const now = view(...IN, HELD, [kind, { participant: "pat", ...data }, "pat"]);
    assert.equal(isHeld(now, "pat"), stays);
  });
}

test("it has who left on hold back on hold, and lets them be resumed before", () => {
  const left = [...IN, HELD, ["left", { participant: "pat", leg: "p1", reason: "left" }, "pat"]];
  assert.deepEqual(holdable(view(...left)).map(({ name }) => name), ["Pat"]);
  const back = ["entered", { ...PAT, leg: "p2", waiting: false }, "pat"];
  assert.equal(view(...left, back).people.pat.heldSince, at(5));
  const resumed = [...left, ["resumed", { participant: "pat" }, "ada"]];
  assert.deepEqual(holdable(view(...resumed)), []);
  assert.ok(!isHeld(view(...resumed, back), "pat"));
});

test("it holds patients and guests who are in the call, and nobody else", () => {
  const kim = { participant: "kim", name: "Kim", role: "guest" };
  const now = view(
    ...IN, ["entered", { ...kim, waiting: true }, "kim"], ["admitted", { participant: "kim" }, "ada"],
    ["entered", { participant: "sam", name: "Sam", role: "patient", waiting: true }, "sam"],
  );
  assert.deepEqual(holdable(now).map(({ name }) => name), ["Pat", "Kim"]);
});

test("it reads nothing that is kept from this person, and who does not read what others may", () => {
  const said = { participant: "ada", name: "Ada", text: "Odd.", kept_from: ["pat"] };
  assert.deepEqual(view(...IN, ["chat", {}, "ada"]).chat, []);
  assert.deepEqual(view(...IN, ["chat", said, "ada"]).chat[0].keptFrom, ["pat"]);
});
