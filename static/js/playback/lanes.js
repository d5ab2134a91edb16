/**
 * Draws above the seek bar when each person's picture and sound were recorded, where their line was
 * weak, and where something happened.
 */

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
    const row = (/** @type {string} */ name) => lane?.querySelector(`[data-row="${name}"]`);
    for (const name of /** @type {const} */ (["video", "audio"])) {
      for (const [start, stop] of person[name]) {
        row(name)?.append(piece("lane__piece", start, stop, duration));
      }
    }
    for (const [start, stop, level] of person.quality) {
      row("quality")?.append(piece(`lane__line lane__line--${level}`, start, stop, duration));
    }
    // A lane for what never was would say that it is missing.
    row("video")?.toggleAttribute("hidden", person.video.length === 0);
  }
  const marks = lanes.querySelector(".lanes__marks");
  for (const at of moments.filter((moment) => moment <= duration)) {
    const mark = document.createElement("span");
    mark.className = "lanes__mark";
    mark.style.insetInlineStart = `${(at / duration) * 100}%`;
    marks?.append(mark);
  }
}

/**
 * @param {string} name
 * @param {number} start
 * @param {number} stop
 * @param {number} duration
 */
function piece(name, start, stop, duration) {
  const drawn = document.createElement("span");
  drawn.className = name;
  drawn.style.insetInlineStart = `${(Math.max(0, start) / duration) * 100}%`;
  drawn.style.inlineSize = `${((stop - Math.max(0, start)) / duration) * 100}%`;
  return drawn;
}
