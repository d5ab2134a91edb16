/** What stands over a person's picture where there is none to see. */

/**
 * @param {HTMLElement} figure
 * @param {"absent" | "fault"} name
 * @param {boolean} shown
 */
export function showNote(figure, name, shown) {
  const note = figure.querySelector(`.seat__note--${name}`);
  if (note instanceof HTMLElement && note.hidden === shown) {
    note.hidden = !shown;
    figure.classList.toggle(`seat--${name}`, shown);
  }
}

/**
 * Says that the person was not recorded, and why.
 * @param {HTMLElement} figure
 * @param {string | null} why null where they were
 */
export function showHole(figure, why) {
  const words = figure.querySelector("[data-why]");
  if (words && why !== null && words.textContent !== why) words.textContent = why;
  showNote(figure, "absent", why !== null);
}
