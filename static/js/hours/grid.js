/** The week as a picture: shifts are drawn, dragged and pulled longer with a pointer, or moved with
 * the arrow keys. Who listens gets the whole week after each change. */
import { all, one } from "../call/dom.js";
import { asClock, DAY_MINUTES, moved, resized, SHORTEST, snapped, stepped, withShift } from "./week.js";

/** @typedef {import("./week.js").Shift} Shift */
/** @typedef {(shift: Shift, days: number, minutes: number) => Shift} Change */

export class Grid {
  /** @type {Shift[]} */
  #shifts = [];
  #onChange;
  #onOpen;

  /**
   * @param {(shifts: Shift[]) => void} onChange
   * @param {(shift: Shift) => void} onOpen when somebody wants to write a shift's times
   */
  constructor(onChange, onOpen) {
    this.#onChange = onChange;
    this.#onOpen = onOpen;
    for (const column of all("[data-column]")) {
      column.addEventListener("pointerdown", (event) => this.#draw(column, event));
    }
  }

  /** @param {Shift[]} shifts */
  show(shifts) {
    this.#shifts = shifts;
    for (const column of all("[data-column]")) {
      const mine = shifts.filter(({ day }) => day === Number(column.dataset.column));
      column.replaceChildren(...mine.map((shift) => this.#block(shift, column)));
    }
  }

  /** @param {Shift} shift @param {HTMLElement} column */
  #block(shift, column) {
    const block = document.createElement("div");
    block.className = "week__block";
    block.tabIndex = 0;
    block.role = "button";
    place(block, shift, column);
    for (const edge of /** @type {const} */ (["from", "until"])) {
      const handle = document.createElement("span");
      handle.className = `week__edge week__edge--${edge}`;
      handle.addEventListener("pointerdown", (event) => {
        this.#drag(block, column, shift, event, (one, _days, minutes) => resized(one, edge, minutes));
      });
      block.append(handle);
    }
    block.addEventListener("pointerdown", (event) => {
      this.#drag(block, column, shift, event, moved);
    });
    block.addEventListener("keydown", (event) => this.#key(shift, event));
    return block;
  }

  /** A new shift, from where the pointer went down to where it goes up.
   * @param {HTMLElement} column @param {PointerEvent} event */
  #draw(column, event) {
    if (event.target !== column || event.button) return;
    const at = Math.min(DAY_MINUTES - SHORTEST, snapped(minutesAt(column, event.clientY)));
    const shift = { day: Number(column.dataset.column), from: at, until: at + SHORTEST };
    const block = this.#block(shift, column);
    column.append(block);
    this.#drag(block, column, shift, event, (one, _days, minutes) =>
      resized(one, "until", Math.max(0, minutes - SHORTEST)), true);
  }

  /**
   * Follows the pointer until it goes up; nothing has changed if it did not move.
   * @param {HTMLElement} block @param {HTMLElement} column @param {Shift} shift
   * @param {PointerEvent} down @param {Change} change @param {boolean} [isNew]
   */
  #drag(block, column, shift, down, change, isNew = false) {
    if (down.button) return;
    down.stopPropagation();
    block.setPointerCapture(down.pointerId);
    block.classList.add("is-dragged");
    let current = shift;
    const width = column.getBoundingClientRect().width;
    const minuteHeight = column.getBoundingClientRect().height / DAY_MINUTES;
    const follow = (/** @type {PointerEvent} */ event) => {
      const days = Math.round((event.clientX - down.clientX) / width);
      current = change(shift, days, (event.clientY - down.clientY) / minuteHeight);
      place(block, current, column);
      block.style.translate = `${(current.day - shift.day) * width}px 0`;
    };
    const end = (/** @type {PointerEvent} */ event) => {
      block.removeEventListener("pointermove", follow);
      block.removeEventListener("pointerup", end);
      block.removeEventListener("pointercancel", end);
      const isKept = event.type === "pointerup" && (isNew || current !== shift);
      if (isKept) this.#replace(shift, current);
      else this.show(this.#shifts);
    };
    block.addEventListener("pointermove", follow);
    block.addEventListener("pointerup", end);
    block.addEventListener("pointercancel", end);
  }

  /** @param {Shift} shift @param {KeyboardEvent} event */
  #key(shift, event) {
    const steps = /** @type {Record<string, [number, number]>} */ ({
      ArrowUp: [0, -15], ArrowDown: [0, 15], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
    });
    const step = steps[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Delete" || event.key === "Backspace") this.#replace(shift, null);
    else if (event.key === "Enter" || event.key === " ") this.#onOpen(shift);
    else if (step?.[1] && event.shiftKey) this.#replace(shift, resized(shift, "until", step[1]));
    else if (step && !event.shiftKey) this.#replace(shift, stepped(this.#shifts, shift, ...step));
    else return;
    event.preventDefault();
  }

  /** @param {Shift} before @param {Shift | null} after */
  #replace(before, after) {
    const rest = this.#shifts.filter((one) => one !== before);
    const week = after ? withShift(rest, after) : rest;
    this.show(week);
    this.#onChange(week);
    const column = one(`[data-column="${(after ?? before).day}"]`);
    if (!after) {
      const next = column.querySelector(".week__block") ?? one(`[data-add="${before.day}"]`);
      /** @type {HTMLElement} */ (next).focus({ preventScroll: true });
      return;
    }
    const mine = week.filter(({ day }) => day === after.day);
    const at = mine.findIndex(({ from, until }) => from <= after.from && after.until <= until);
    /** @type {HTMLElement | undefined} */ (column.children[at])?.focus({ preventScroll: true });
  }
}

/** @param {HTMLElement} block @param {Shift} shift @param {HTMLElement} column */
function place(block, shift, column) {
  const words = `${asClock(shift.from)}–${asClock(shift.until)}`;
  block.style.insetBlockStart = `${(shift.from / DAY_MINUTES) * 100}%`;
  block.style.blockSize = `${((shift.until - shift.from) / DAY_MINUTES) * 100}%`;
  block.dataset.words = words;
  block.ariaLabel = `${column.ariaLabel ?? ""} ${words}`;
}

/** @param {HTMLElement} column @param {number} y */
function minutesAt(column, y) {
  const box = column.getBoundingClientRect();
  return ((y - box.top) / box.height) * DAY_MINUTES;
}
