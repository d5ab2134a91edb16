/** The browser's time zone: offered where it differs from the person's profile. */

const DISMISSED = "parlour.zone-dismissed";

/**
 * The IANA name of the browser's zone, such as "Europe/Zurich"; "" when it does not say.
 * @returns {string}
 */
export function browserZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

/**
 * Whether two zones show the same clock now and half a year from now; then nothing is asked.
 * @param {string} one
 * @param {string} other
 * @returns {boolean}
 */
export function sameClock(one, other) {
  const now = Date.now();
  const halfYear = 182 * 24 * 3600 * 1000;
  try {
    return [now, now + halfYear].every((moment) => clock(one, moment) === clock(other, moment));
  } catch {
    return false; // a zone that this browser does not know
  }
}

/**
 * @param {string} zone
 * @param {number} moment
 * @returns {string}
 */
function clock(zone, moment) {
  return new Date(moment).toLocaleString("en", { timeZone: zone });
}

/** Shows `[data-zone-offer="PROFILE ZONE"]` and fills it, when the browser's clock is another. */
export function connectZoneOffer() {
  const offer = /** @type {HTMLElement | null} */ (document.querySelector("[data-zone-offer]"));
  const zone = browserZone();
  if (!offer || !zone || sessionStorage.getItem(DISMISSED) === zone) return;
  if (sameClock(zone, offer.dataset.zoneOffer ?? "UTC")) return;
  for (const place of offer.querySelectorAll("[data-zone-name]")) {
    place.textContent = zone.replaceAll("_", " ");
  }
  const input = /** @type {HTMLInputElement | null} */ (offer.querySelector("[name=time_zone]"));
  if (input) input.value = zone;
  offer.querySelector("[data-zone-keep]")?.addEventListener("click", () => {
    sessionStorage.setItem(DISMISSED, zone);
    offer.hidden = true;
  });
  offer.hidden = false;
}

/** Puts the browser's zone into every empty `<input data-browser-zone>`: sign-up, guests. */
export function fillZones() {
  for (const input of document.querySelectorAll("[data-browser-zone]")) {
    const field = /** @type {HTMLInputElement | HTMLSelectElement} */ (input);
    if (!field.value || field.value === "UTC") field.value = browserZone();
  }
}
