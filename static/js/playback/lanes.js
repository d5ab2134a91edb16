/** Draws above the seek bar when each person was recorded, and where something happened. */

/**
 * @param {HTMLElement} lanes
 * @param {{duration: number, people: import("./seat.js").Person[]}} recording
 * @param {number[]} moments
 */
export function drawLanes(lanes, { duration, people }, moments) {
  if (duration <= 0) {
    return;
  }
  for (const person of people) {
    const lane = lanes.querySelector(`[data-participant="${person.participant}"]`);
    for (const [start, stop] of person.spans) {
      const piece = document.createElement("span");
      piece.className = "lane__piece";
      piece.style.insetInlineStart = `${(start / duration) * 100}%`;
      piece.style.inlineSize = `${((stop - start) / duration) * 100}%`;
      lane?.append(piece);
    }
  }
  const marks = lanes.querySelector(".lanes__marks");
  for (const at of moments.filter((moment) => moment <= duration)) {
    const mark = document.createElement("span");
    mark.className = "lanes__mark";
    mark.style.insetInlineStart = `${(at / duration) * 100}%`;
    marks?.append(mark);
  }
}
