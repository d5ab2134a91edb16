import assert from "node:assert/strict";
import { test } from "node:test";

import { OpenPanels } from "../../static/js/call/open-panels.js";

test("it keeps the contact's card beside the chat where it is wide", () => {
  const panels = new OpenPanels();
  panels.open("contact", true);
  panels.open("chat", true);
  assert.equal(panels.name, "both");
  panels.open("people", true);
  assert.deepEqual([panels.has("contact"), panels.has("chat"), panels.has("people")], [true, false, true]);
});

test("it shows one at a time where it is not", () => {
  const panels = new OpenPanels();
  panels.open("contact", false);
  panels.open("chat", false);
  assert.equal(panels.name, "chat");
});

test("it keeps the one opened last where the window becomes narrower", () => {
  const panels = new OpenPanels();
  panels.open("chat", true);
  panels.open("contact", true);
  panels.narrow();
  assert.equal(panels.name, "contact");
});

test("it leaves the other one where one is closed", () => {
  const panels = new OpenPanels();
  panels.open("contact", true);
  panels.open("chat", true);
  panels.close("chat");
  assert.deepEqual([panels.name, panels.last], ["contact", "contact"]);
});
