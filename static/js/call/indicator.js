/** The state of all connections in one sentence: whose is weak, and what was done about it. Pure. */

/** @typedef {import("./stats.js").Quality} Word */
/** @typedef {import("./ladder.js").Rung} Rung */

/**
 * @typedef {object} Path to one other person
 * @property {string} name
 * @property {Word} out what is sent to them
 * @property {Word} in what comes from them
 * @property {Rung} sending
 * @property {Rung} receiving
 */
/** @typedef {{quality: Word, key: string, name: string}} Verdict `key` names the sentence */

/** @type {Word[]} */
const ORDER = ["unknown", "good", "fair", "poor"];
/** Better than what is left of the picture says, it is not called. @type {Record<Rung, Word>} */
const AT_BEST = { full: "unknown", small: "fair", audio: "poor", text: "poor" };

/**
 * @param {Path[]} paths
 * @returns {Verdict} about the worst of them
 */
export function verdictOf(paths) {
  const each = paths.map(ofOne);
  const worst = each.reduce((one, other) => (rank(other) > rank(one) ? other : one), each[0]);
  if (!worst) return { quality: "unknown", key: "quality_unknown", name: "" };
  // Where all are weak, what they have in common is this page's own connection.
  const isMine = paths.length > 1 && each.every(({ quality }) => rank({ quality }) >= 2);
  return isMine ? { ...worst, key: `quality_you_${worst.quality}`, name: "" } : worst;
}

/**
 * What is left out for now, as the key of a sentence; "" if nothing is.
 * @param {Path[]} paths
 * @returns {{key: string, name: string}}
 */
export function measureOf(paths) {
  const isDown = (/** @type {Rung} */ rung) => rung === "audio" || rung === "text";
  const silent = paths.find(({ sending, receiving }) => sending === "text" || receiving === "text");
  if (silent) return { key: "done_text", name: silent.name };
  const mine = paths.find(({ sending }) => isDown(sending));
  const theirs = paths.find(({ receiving }) => isDown(receiving));
  if (mine && theirs) return { key: "done_both", name: "" };
  if (mine) return { key: "done_mine", name: mine.name };
  return theirs ? { key: "done_theirs", name: theirs.name } : { key: "", name: "" };
}

/** @param {Path} path @returns {Verdict} */
function ofOne({ name, out, in: incoming, sending, receiving }) {
  const mine = worse(out, AT_BEST[sending]);
  const theirs = worse(incoming, AT_BEST[receiving]);
  const quality = worse(mine, theirs);
  if (quality === "unknown" || quality === "good") return { quality, key: `quality_${quality}`, name };
  // Who sends is held weak: an uplink is the narrow end of most lines.
  if (mine === theirs) return { quality, key: `quality_${quality}`, name };
  return { quality, key: `quality_${mine === quality ? "you" : "them"}_${quality}`, name };
}

/** @param {Word} one @param {Word} other */
function worse(one, other) {
  return ORDER[Math.max(ORDER.indexOf(one), ORDER.indexOf(other))];
}

/** @param {{quality: Word}} verdict */
function rank({ quality }) {
  return ORDER.indexOf(quality);
}

/** Says something else only when it has stood for some looks: words that jump help nobody. */
export class Steady {
  #shown;
  /** @type {string} */
  #next = "";
  #count = 0;

  /** @param {Verdict} first */
  constructor(first) {
    this.#shown = first;
  }

  /** @param {Verdict} verdict @returns {Verdict} what to show */
  look(verdict) {
    const text = JSON.stringify(verdict);
    this.#count = text === this.#next ? this.#count + 1 : 1;
    this.#next = text;
    const isWorse = rank(verdict) > rank(this.#shown);
    const isFirst = this.#shown.quality === "unknown";
    if (isFirst || this.#count >= (isWorse ? 2 : 4)) this.#shown = verdict;
    return this.#shown;
  }
}
