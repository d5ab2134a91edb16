/** The page's words: the server renders the translated catalogue, modules name its keys. */

/** @type {Record<string, string>} */
let catalogue = {};

/** @param {Record<string, string>} words */
export function setWords(words) {
  addWords(words);
}

/**
 * Some pages have words for two things.
 * @param {Record<string, string>} words
 */
export function addWords(words) {
  catalogue = { ...catalogue, ...words };
}

/**
 * The sentence of `key` with `{name}` places filled; an unknown key shows itself.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const text = catalogue[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/**
 * The sentence for a number: `key_one` or `key_other` by the page's language, `{count}` filled.
 * @param {string} key
 * @param {number} count
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function many(key, count, values = {}) {
  const form = new Intl.PluralRules(document.documentElement.lang || "en").select(count);
  return t(`${key}_${form}` in catalogue ? `${key}_${form}` : `${key}_other`, { ...values, count });
}
