/** The page of somebody's hours: picture and rows show the same week, whichever is changed. */
import { all, one } from "../call/dom.js";
import { Grid } from "./grid.js";
import { addRow, openRow, readRows, requireBoth, writeRows } from "./rows.js";

const grid = new Grid((shifts) => {
  writeRows(shifts);
  markChanged();
}, openRow);
const form = one("[data-week-form]");
const MORNING = 7;

function markChanged() {
  one("[data-unsaved]").hidden = false;
}

form.addEventListener("change", () => {
  requireBoth();
  grid.show(readRows());
  markChanged();
});
form.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("button");
  if (button?.dataset.add) addRow(Number(button.dataset.add));
  if (button && "removeShift" in button.dataset) {
    button.closest("[data-shift]")?.remove();
    grid.show(readRows());
    markChanged();
  }
});

grid.show(readRows());
const view = one("[data-week-view]");
view.scrollTop = (all("[data-column]")[0].offsetHeight / 24) * MORNING;
