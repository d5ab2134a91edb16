/** The player's keys. What has the focus keeps the keys that mean something to it. */

/**
 * @typedef {{
 *   toggle(): void, seek(at: number): void, skip(secs: number): void, mute(): void,
 *   faster(direction: number): void, fact(direction: number): void, full(): void, help(): void,
 *   duration: number,
 * }} Deeds
 */

/**
 * What a key does, or undefined for one that means nothing.
 * @param {string} key as KeyboardEvent has it
 * @param {Deeds} deeds
 * @returns {(() => void) | undefined}
 */
export function deedOf(key, deeds) {
  if (/^[0-9]$/.test(key)) {
    return () => deeds.seek((deeds.duration * Number(key)) / 10);
  }
  /** @type {Record<string, () => void>} */
  const keys = {
    " ": () => deeds.toggle(),
    k: () => deeds.toggle(),
    j: () => deeds.skip(-10),
    l: () => deeds.skip(10),
    ArrowLeft: () => deeds.skip(-5),
    ArrowRight: () => deeds.skip(5),
    Home: () => deeds.seek(0),
    End: () => deeds.seek(deeds.duration),
    n: () => deeds.fact(1),
    p: () => deeds.fact(-1),
    m: () => deeds.mute(),
    f: () => deeds.full(),
    "<": () => deeds.faster(-1),
    ">": () => deeds.faster(1),
    "?": () => deeds.help(),
  };
  const name = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(keys, name) ? keys[name] : undefined;
}

/**
 * Whether the key belongs to what has the focus: text, a list of choices, a pressed button, a
 * slider that the arrows move, an open dialog.
 * @param {KeyboardEvent} event
 */
function isTaken(event) {
  const on = /** @type {Element} */ (event.target);
  const typing = on.matches("input:not([type=range]), textarea, select, [contenteditable]");
  const pressed = event.key === " " && on.closest("button, a, summary");
  const slides = /^(Arrow|Home|End|Page)/.test(event.key);
  const sliding = slides && on.matches("input[type=range], [tabindex]");
  const asked = event.ctrlKey || event.metaKey || event.altKey;
  return asked || typing || Boolean(pressed) || sliding || on.closest("dialog") !== null;
}

/** @param {Deeds} deeds */
export function listenToKeys(deeds) {
  document.addEventListener("keydown", (event) => {
    const deed = isTaken(event) ? undefined : deedOf(event.key, deeds);
    if (deed) {
      event.preventDefault();
      deed();
    }
  });
}
