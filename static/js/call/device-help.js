/** Why a device cannot be used and what to click, for the browser at hand. */
import { t } from "./i18n.js";

/** @typedef {import("./capture.js").Fault} Fault */
/** @typedef {import("./devices.js").Kind} Kind */

/**
 * The browser by its own name, and the key of its help.
 * @param {string} agent navigator.userAgent
 * @param {number} [touchPoints] an iPad calls itself a Macintosh, but can be touched
 * @returns {{name: string, help: string}} name "" if it is not one of those that we know
 */
export function browserOf(agent, touchPoints = 0) {
  const isTouchMac = /Macintosh/.test(agent) && touchPoints > 1;
  if (/iPhone|iPad|iPod/.test(agent) || isTouchMac) return { name: "Safari", help: "ios" };
  if (/Firefox\//.test(agent)) return { name: "Firefox", help: "firefox" };
  if (/Edg\//.test(agent)) return { name: "Edge", help: "edge" };
  if (/Chrome\/|Chromium\//.test(agent)) return { name: "Chrome", help: "chrome" };
  if (/Safari\//.test(agent)) return { name: "Safari", help: "safari" };
  return { name: "", help: "other" };
}

/**
 * One explanation per different fault; the same fault of both devices is one.
 * @param {Record<Kind, Fault | null>} faults
 * @returns {{title: string, help: string}[]}
 */
export function helpFor(faults) {
  const { audio, video } = faults;
  if (audio && audio === video) return [explained(audio, "both")];
  return [audio && explained(audio, "audio"), video && explained(video, "video")].filter(
    (told) => told !== null,
  );
}

/**
 * What is wrong, and what to do about it.
 * @param {Fault} fault
 * @param {Kind | "both"} which
 */
export function explained(fault, which) {
  const browser = browserOf(navigator.userAgent, navigator.maxTouchPoints);
  return {
    title: t(`${fault}_${which}`, { browser: browser.name || t("this_browser") }),
    help: t(fault === "refused" ? `refused_help_${browser.help}` : `${fault}_help`),
  };
}
