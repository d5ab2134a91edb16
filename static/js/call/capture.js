/** Asking the browser for devices, and what it means when it says no. */

/** @typedef {import("./devices.js").Kind} Kind */
/** @typedef {"refused" | "missing" | "in_use" | "insecure" | "other"} Fault */
/** @typedef {{tracks: Partial<Record<Kind, MediaStreamTrack>>, faults: Partial<Record<Kind, Fault>>}} Opened */

/** @type {Record<string, Fault>} by the names of W3C Media Capture, section 10.3.1 */
const FAULTS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "in_use",
  AbortError: "in_use",
};

const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const VIDEO = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 24, max: 30 } };

/**
 * Opens the devices together; if that fails, each by itself, so that one does not hide the other.
 * @param {Kind[]} kinds
 * @param {Record<Kind, string>} chosen device ids, "" for any
 * @returns {Promise<Opened>}
 */
export async function open(kinds, chosen) {
  if (!kinds.length) return { tracks: {}, faults: {} };
  if (!navigator.mediaDevices?.getUserMedia) {
    return { tracks: {}, faults: Object.fromEntries(kinds.map((kind) => [kind, "insecure"])) };
  }
  try {
    return { tracks: await ask(kinds, chosen), faults: {} };
  } catch (fault) {
    if (kinds.length === 1) return alone(kinds[0], chosen, fault);
    const each = await Promise.all(kinds.map((kind) => open([kind], chosen)));
    return {
      tracks: Object.assign({}, ...each.map(({ tracks }) => tracks)),
      faults: Object.assign({}, ...each.map(({ faults }) => faults)),
    };
  }
}

/**
 * The devices of a kind, to choose from; without names until the first was allowed.
 * @param {MediaDeviceKind} kind
 * @returns {Promise<MediaDeviceInfo[]>}
 */
export async function list(kind) {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return all.filter((device) => device.kind === kind && device.deviceId !== "");
}

/**
 * @param {Kind} kind
 * @param {Record<Kind, string>} chosen
 * @param {unknown} fault
 * @returns {Promise<Opened>}
 */
async function alone(kind, chosen, fault) {
  const name = fault instanceof Error || fault instanceof DOMException ? fault.name : "";
  // A device that was remembered is not there any more: any other will do.
  if (chosen[kind] && name !== "NotAllowedError") return open([kind], { audio: "", video: "" });
  return { tracks: {}, faults: { [kind]: FAULTS[name] ?? "other" } };
}

/**
 * @param {Kind[]} kinds
 * @param {Record<Kind, string>} chosen
 * @returns {Promise<Partial<Record<Kind, MediaStreamTrack>>>}
 */
async function ask(kinds, chosen) {
  const device = (/** @type {string} */ id) => (id ? { deviceId: { exact: id } } : {});
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: kinds.includes("audio") && { ...AUDIO, ...device(chosen.audio) },
    video: kinds.includes("video") && { ...VIDEO, ...device(chosen.video) },
  });
  const [audio] = stream.getAudioTracks();
  const [video] = stream.getVideoTracks();
  return { ...(audio && { audio }), ...(video && { video }) };
}
