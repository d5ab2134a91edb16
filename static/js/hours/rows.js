/** The week as rows of two times each: what is sent, and what a keyboard edits. */
import { all, copyOf, one } from "../call/dom.js";
import { asClock, minutesOf } from "./week.js";

/** @typedef {import("./week.js").Shift} Shift */

/** @returns {Shift[]} those that have both times, in the order of the page */
export function readRows() {
  return all("[data-shift]").flatMap((row) => {
    const from = minutesOf(input(row, "starts").value);
    const until = minutesOf(input(row, "ends").value);
    const day = Number(input(row, "weekday").value);
    return from === null || until === null || until <= from ? [] : [{ day, from, until }];
  });
}

/** @param {Shift[]} shifts */
export function writeRows(shifts) {
  for (const list of all("[data-day]")) {
    const day = Number(list.dataset.day);
    const mine = shifts.filter((shift) => shift.day === day);
    one("[data-shifts]", list).replaceChildren(...mine.map((shift) => rowOf(shift.day, shift)));
  }
}

/**
 * Adds an empty row to a day and puts the focus in it.
 * @param {number} day
 */
export function addRow(day) {
  const row = rowOf(day);
  one(`[data-day="${day}"] [data-shifts]`).append(row);
  input(row, "starts").focus();
}

/**
 * Puts the focus into the row of a shift.
 * @param {Shift} shift
 */
export function openRow({ day, from }) {
  const rows = all(`[data-day="${day}"] [data-shift]`);
  const row = rows.find((one) => minutesOf(input(one, "starts").value) === from);
  if (row) input(row, "starts").focus();
}

/** A row with one time needs the other as well. */
export function requireBoth() {
  for (const row of all("[data-shift]")) {
    const times = [input(row, "starts"), input(row, "ends")];
    const isBegun = times.some(({ value }) => value);
    for (const time of times) time.required = isBegun;
  }
}

/** @param {number} day @param {Shift} [shift] */
function rowOf(day, shift) {
  const row = copyOf("[data-shift-pattern]");
  input(row, "weekday").value = String(day);
  if (shift) {
    input(row, "starts").value = asClock(shift.from);
    input(row, "ends").value = asClock(shift.until);
  }
  return row;
}

/** @param {ParentNode} row @param {string} name */
function input(row, name) {
  return /** @type {HTMLInputElement} */ (one(`[name="${name}"]`, row));
}
