/** The few ways in which the views touch the page. */

/**
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement[]}
 */
export function all(selector, root = document) {
  return [...root.querySelectorAll(selector)].map((element) => /** @type {HTMLElement} */ (element));
}

/**
 * The first match; a page without it is broken, and says so.
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement}
 */
export function one(selector, root = document) {
  const found = /** @type {HTMLElement | null} */ (root.querySelector(selector));
  if (!found) throw new Error(`The page has no ${selector}`);
  return found;
}

/**
 * The first match that can be seen.
 * @param {string} selector
 * @returns {HTMLElement | undefined}
 */
export function visible(selector) {
  return all(selector).find((element) => element.checkVisibility?.() ?? !element.hidden);
}

/**
 * Sets the text of all matches; the same text again is not written, so nothing is read out twice.
 * @param {string} selector
 * @param {string} text
 * @param {ParentNode} [root]
 */
export function say(selector, text, root = document) {
  for (const element of all(selector, root)) {
    if (element.textContent !== text) element.textContent = text;
  }
}

/**
 * @param {string} selector
 * @param {boolean} isShown
 * @param {ParentNode} [root]
 */
export function show(selector, isShown, root = document) {
  for (const element of all(selector, root)) element.hidden = !isShown;
}

/**
 * A copy of the first element of `<template>`.
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function copyOf(selector) {
  const pattern = /** @type {HTMLTemplateElement} */ (one(selector));
  const content = /** @type {DocumentFragment} */ (pattern.content.cloneNode(true));
  return /** @type {HTMLElement} */ (content.firstElementChild);
}

/**
 * The data that the server wrote as `<script type="application/json" id="…">`.
 * @param {string} id
 * @returns {any}
 */
export function data(id) {
  return JSON.parse(one(`#${id}`).textContent ?? "null");
}

/**
 * One or two capitals for an avatar, as the portal's own filter makes them.
 * @param {string} name
 * @returns {string}
 */
export function initials(name) {
  const words = name.split(/\s+/).filter((word) => word && !word.endsWith("."));
  const [first, last] = [words[0] ?? name, words.length > 1 ? words[words.length - 1] : ""];
  if (/[^\x00-\x7f]/.test(first[0] ?? "")) return first[0];
  return ((first[0] ?? "?") + (last[0] ?? "")).toUpperCase();
}

/**
 * The named `<dialog>` of the page, or null where it was not rendered.
 * @param {string} name
 * @returns {HTMLDialogElement | null}
 */
export function dialog(name) {
  return document.querySelector(`dialog[data-dialog="${name}"]`);
}
