import assert from "node:assert/strict";
import { test } from "node:test";

import { handingOn, isBetweenAgents } from "../../static/js/call/handing-on.js";
import { setWords } from "../../static/js/call/i18n.js";
import { EMPTY, reduce } from "../../static/js/call/state.js";

setWords({ handed_on: "{by} hands you on.", handed_to: "{by} → {name}", goes_on: "{name} goes on." });

const come = (id, role) => ({ kind: "joined", data: { participant: id, name: id.toUpperCase(), role, waiting: false } });
const IN = [come("ada", "agent"), come("pat", "guest"), { kind: "held", data: { participant: "pat" } }];
const LEFT = { kind: "left", data: { participant: "ada", reason: "handed_on" } };

/** What somebody is told of each of these facts, where it is anything. */
function toldOf(me, ...facts) {
  const said = [];
  let view = EMPTY;
  facts.forEach(({ kind, data }, i) => {
    const fact = { t: "fact", seq: i + 1, at: "2026-11-22T12:00:00Z", by: null, kind, data };
    view = reduce(view, fact);
    said.push(handingOn(view, fact, me));
  });
  return { said: said.filter(Boolean), view };
}

test("a warm transfer is told once, with both names", () => {
  const handed = { kind: "left", data: { ...LEFT.data, agent: "BEN" } };
  const resumed = { kind: "resumed", data: { participant: "pat" } };
  const { said, view } = toldOf("pat", ...IN, come("ben", "agent"), handed, resumed);
  assert.deepEqual(said, ["ADA → BEN"]);
  assert.equal(view.goesOn, "BEN");
  assert.deepEqual(toldOf("ben", ...IN, come("ben", "agent"), handed, resumed).said, []);
});

test("who is sent on is told that somebody comes, and then who", () => {
  const held = toldOf("pat", ...IN, LEFT);
  assert.deepEqual([held.said, isBetweenAgents(held.view)], [["ADA hands you on."], true]);
  const { said } = toldOf("pat", ...IN, LEFT, { kind: "resumed", data: { participant: "pat", agent: "BEN" } });
  assert.deepEqual(said, ["ADA hands you on.", "BEN goes on."]);
});

test("an agent who leaves by themselves hands nobody on", () => {
  assert.deepEqual(toldOf("pat", ...IN, { kind: "left", data: { ...LEFT.data, reason: "left" } }).said, []);
});
