/** The wallboard: asks for itself when the server says that it looks different, and lets times run. */
import { asTimer, ServerClock } from "../call/clock.js";
import { all, one } from "../call/dom.js";
import { DeskLine } from "./line.js";

const AT_MOST_EVERY_MS = 1000;
const clock = new ServerClock();
let timer = 0;
let askedAt = 0;
let isAsking = false;
let isStale = false;

/** Soon, and once more after what is on its way now; htmx drops what is asked meanwhile. */
function look() {
  isStale = true;
  if (timer || isAsking) return;
  timer = window.setTimeout(() => {
    timer = 0;
    isStale = false;
    askedAt = Date.now();
    document.body.dispatchEvent(new CustomEvent("board:changed"));
  }, Math.max(0, askedAt + AT_MOST_EVERY_MS - Date.now()));
}

function tick() {
  for (const element of all("[data-since]")) {
    const text = asTimer(clock.since(element.dataset.since ?? ""));
    if (element.textContent !== text) element.textContent = text;
  }
}

function setClock() {
  clock.set(one("#wallboard").dataset.now ?? "");
  tick();
}

/** @type {Map<string, {top: number, isOpen: boolean}>} lists that were scrolled, tables opened */
const kept = new Map();

/** @returns {HTMLDetailsElement[]} lists among them, which have no use for `open` */
const keepers = () => /** @type {any[]} */ (all("[data-keeps][id]"));

function keep() {
  for (const { id, scrollTop: top, open: isOpen } of keepers()) kept.set(id, { top, isOpen });
}

function putBack() {
  for (const element of keepers()) {
    const was = kept.get(element.id);
    if (!was) continue;
    if (element instanceof HTMLDetailsElement) element.open = was.isOpen;
    element.scrollTop = was.top;
  }
}

/**
 * @param {string} name
 * @param {() => void} then
 */
function on(name, then) {
  document.body.addEventListener(name, (event) => {
    if (/** @type {HTMLElement} */ (event.target).id === "wallboard") then();
  });
}

on("htmx:beforeRequest", () => {
  isAsking = true;
});
on("htmx:beforeSwap", keep);
document.body.addEventListener("htmx:afterSwap", () => {
  putBack();
  setClock();
});
// The element that asked is gone by then: the page is what hears of it.
document.addEventListener("htmx:afterRequest", () => {
  isAsking = false;
  if (isStale) look();
});

const socket = one("[data-board-socket]").dataset.boardSocket ?? "";
const line = new DeskLine(
  location.origin.replace(/^http/, "ws") + socket,
  ({ t, now }) => {
    clock.set(now);
    if (t === "board") look();
  },
  () => {},
);
line.open();
setClock();
setInterval(tick, 1000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) line.wake();
});
