import assert from "node:assert/strict";
import { test } from "node:test";

import { mustAnswer, othersIn, recorded, screenOf, unanswered } from "../../static/js/call/queries.js";
import { EMPTY, reduce } from "../../static/js/call/state.js";
import { onlySupervises, onStage, supervisors } from "../../static/js/call/supervising.js";

const at = (secs) => new Date(Date.UTC(2026, 10, 22, 12, 0, secs)).toISOString();
const person = (id, role) => ({ participant: id, name: id.toUpperCase(), role });
const come = (id, role) => [
  ["entered", { ...person(id, role), waiting: false }, id],
  ["joined", { ...person(id, role), leg: `${id}1`, waiting: false }, id],
];
const supervises = (manner) => ["supervised", { participant: "ines", name: "INES", manner }, "ines"];
const IN = [...come("ada", "agent"), ...come("pat", "patient")];

function view(...facts) {
  return facts.reduce(
    (state, [kind, data, by = null], i) => reduce(state, { t: "fact", seq: i + 1, at: at(i), kind, by, data }),
    EMPTY,
  );
}

const remotes = (flow) => new Map([["ines", { participant: "ines", flow }], ["pat", { participant: "pat", flow: "both" }]]);
const names = (people) => people.map(({ id }) => id);

test("it knows a supervisor before they come, and how they are there", () => {
  const sat = view(...IN, supervises("listen"));
  assert.deepEqual([sat.people.ines.role, sat.people.ines.manner], ["supervisor", "listen"]);
  assert.deepEqual(supervisors(sat, "ada"), []);
  const here = view(...IN, supervises("listen"), ...come("ines", "supervisor"));
  assert.deepEqual(names(supervisors(here, "ada")), ["ines"]);
  assert.deepEqual(names(othersIn(here, "pat")), ["ada", "ines"]);
  const joined = view(...IN, supervises("listen"), ...come("ines", "supervisor"), supervises("join"));
  assert.deepEqual([supervisors(joined, "ada"), onlySupervises(joined.people.ines)], [[], false]);
});

test("it gives a supervisor the device check, whether they come for the first time or again", () => {
  const place = { me: "ines", joined: false, closed: "" };
  const left = ["left", { participant: "ines", leg: "ines1", reason: "left" }, "ines"];
  assert.equal(screenOf(view(...IN, supervises("listen")), place), "lobby");
  const again = view(...IN, supervises("listen"), ...come("ines", "supervisor"), left, supervises("whisper"));
  assert.equal(screenOf(again, place), "lobby");
  assert.equal(screenOf(again, { ...place, joined: true }), "lobby");
});

for (const [manner, flow, isShown] of [
  ["listen", "send", false], ["whisper", "send", false], ["whisper", "both", true], ["join", "both", true],
]) {
  test(`it shows a supervisor to whom they speak: ${manner}, ${flow}`, () => {
    const now = view(...IN, supervises(manner), ...come("ines", "supervisor"));
    assert.deepEqual(names(onStage(now, "ada", remotes(flow))), isShown ? ["pat", "ines"] : ["pat"]);
  });
}

test("it learns nothing from facts that are kept from this person", () => {
  const now = view(...IN, ["supervised", {}, "ines"], ["entered", {}, "ines"], ["joined", {}, "ines"]);
  assert.deepEqual(Object.keys(now.people), ["ada", "pat"]);
});

test("it asks a supervisor about a recording only when they take part", () => {
  const asked = ["record_asked", { recording: "r1", participant: "ada", text_version: "1" }, "ada"];
  const base = [...IN, supervises("listen"), ...come("ines", "supervisor"), asked];
  assert.equal(mustAnswer(view(...base), "ines"), false);
  assert.deepEqual(unanswered(view(...base), "ada"), ["PAT"]);
  assert.deepEqual(recorded(view(...base), "ada").map((one) => one.person?.id ?? null), [null, "pat"]);
  assert.equal(mustAnswer(view(...base, supervises("join")), "ines"), true);
  assert.deepEqual(unanswered(view(...base, supervises("join")), "ada"), ["PAT", "INES"]);
});
