import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { asClock, asTimer, ServerClock } from "../../static/js/call/clock.js";
import { browserOf } from "../../static/js/call/device-help.js";
import { initials } from "../../static/js/call/dom.js";
import { setWords, t } from "../../static/js/call/i18n.js";
import { sessionOf } from "../../static/js/call/sdp.js";

test("it writes durations", () => {
  assert.deepEqual([0, 9.9, 247, 3847].map(asTimer), ["0:00", "0:09", "4:07", "1:04:07"]);
});

test("it shows a time even where the browser does not know the zone", () => {
  const noon = "2026-11-22T12:00:00Z";
  assert.equal(asClock(noon, { language: "en", zone: "Asia/Shanghai" }), "20:00");
  assert.match(asClock(noon, { language: "en", zone: "Nowhere/Atlantis" }), /^\d\d:\d\d$/);
});

test("it counts by the server's clock", () => {
  const clock = new ServerClock();
  clock.set(new Date(Date.now() + 3_600_000).toISOString());
  const secs = clock.since(new Date(Date.now() + 3_590_000).toISOString());
  assert.ok(Math.abs(secs - 10) < 0.5);
});

test("it names the browser at hand", () => {
  const names = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0 Safari/537.36 Edg/148.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
    "Something else",
  ].map((agent) => browserOf(agent).help);
  assert.deepEqual(names, ["chrome", "edge", "firefox", "safari", "ios", "other"]);
});

test("it makes initials as the portal does", () => {
  const names = ["Dr. Ada Brandt", "Mei", "王小明", "Sam van Okafor"].map(initials);
  assert.deepEqual(names, ["AB", "M", "王", "SO"]);
});

test("it fills the places of a sentence and shows an unknown key", () => {
  setWords({ hello: "Hello {name}, {left}" });
  assert.equal(t("hello", { name: "Pat" }), "Hello Pat, {left}");
  assert.equal(t("no_such_key"), "no_such_key");
});

test("it reads the session of a description", () => {
  assert.equal(sessionOf("v=0\r\no=- 46117 2 IN IP4 127.0.0.1\r\ns=-\r\n"), "46117");
});

test("it keeps every module of the call within 150 lines, the written ones apart", () => {
  const folder = new URL("../../static/js/call/", import.meta.url);
  const long = readdirSync(folder)
    .filter((name) => name !== "messages.js")
    .filter((name) => readFileSync(new URL(name, folder), "utf8").split("\n").length > 151);
  assert.deepEqual(long, []);
});

test("it touches no page in the modules below the views", () => {
  const folder = new URL("../../static/js/call/", import.meta.url);
  for (const name of ["signaling", "reliable", "peer", "recorder-leg", "mesh", "session", "state",
    "ladder", "senders", "quality", "watched", "side-channel", "safety", "stats"]) {
    const text = readFileSync(new URL(`${name}.js`, folder), "utf8");
    assert.doesNotMatch(text, /\b(document|window)\./, name);
  }
});
