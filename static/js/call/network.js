/** Says when this device may be on another network than a moment ago, or back on one. */

const BEAT_MS = 1000;
/** A timer that comes so much too late: the device was asleep, and the world has gone on. */
const ASLEEP_MS = 10_000;

/**
 * @param {() => void} onChange
 * @param {object} [around] for tests
 * @param {EventTarget} [around.page]
 * @param {EventTarget & {type?: string} | undefined} [around.connection] Network Information API
 */
export function watchNetwork(
  onChange,
  { page = window, connection = /** @type {any} */ (navigator).connection } = {},
) {
  page.addEventListener("online", onChange);
  // Its event is about estimates too; only another kind of network is another network.
  let kind = connection?.type;
  connection?.addEventListener("change", () => {
    if (connection.type === kind) return;
    kind = connection.type;
    if (kind !== "none") onChange();
  });
  let at = Date.now();
  setInterval(() => {
    const slept = Date.now() - at > ASLEEP_MS;
    at = Date.now();
    if (slept) onChange();
  }, BEAT_MS);
}
