/** How large a picture a recorder is sent: by the recording's policy, and by what the line bears. No DOM. */

/** @typedef {"full" | "small" | "audio"} Step from the best down: all that the policy wants, little, none */

/** @type {Step[]} */
export const STEPS = ["full", "small", "audio"];

const SMALL = { height: 360, bitrate: 400_000 };
/** On a line that is short of room: enough to see who speaks. */
const LITTLE = { height: 180, bitrate: 120_000, fps: 15 };
const FPS = 30;

/** Whether a recording of this quality has a picture. @param {string} quality */
export function hasPicture(quality) {
  return quality !== "audio";
}

/**
 * @param {string} quality "small" or "full", as the service's policy says
 * @param {Step} step
 * @param {{height: number, bitrate: number}} source the track's own height in pixels, 0 if it is not
 *   known; most bits a second of any picture for a recorder
 * @returns {RTCRtpEncodingParameters}
 */
export function encodingFor(quality, step, { height, bitrate }) {
  const most = quality === "full" ? { height, bitrate, fps: FPS } : { ...SMALL, fps: FPS };
  const chosen = step === "full" ? most : LITTLE;
  return {
    active: step !== "audio",
    maxBitrate: Math.min(chosen.bitrate, bitrate),
    maxFramerate: chosen.fps,
    scaleResolutionDownBy: Math.max(1, height / (chosen.height || height || 1)),
    priority: "very-low",
    networkPriority: "very-low",
  };
}

/**
 * Sends the picture like this from now on; where nothing is negotiated yet it already is to be so.
 * @param {RTCPeerConnection} pc
 * @param {RTCRtpEncodingParameters} wanted
 */
export async function encodePicture(pc, wanted) {
  const found = pc.getTransceivers().find(({ receiver }) => receiver.track.kind === "video");
  const parameters = found?.sender.getParameters();
  const [encoding] = parameters?.encodings ?? [];
  if (!found || !parameters || !encoding || pc.signalingState === "closed") return;
  Object.assign(encoding, wanted);
  await found.sender.setParameters(parameters);
}

/** The recorder stores frames as they come; VP8 is what every browser sends and WebM holds.
 * @param {RTCRtpTransceiver} transceiver */
export function preferVp8(transceiver) {
  const codecs = globalThis.RTCRtpSender?.getCapabilities?.("video")?.codecs;
  if (!codecs || !transceiver.setCodecPreferences) return;
  const isVp8 = (/** @type {{mimeType: string}} */ codec) => /vp8/i.test(codec.mimeType);
  transceiver.setCodecPreferences([
    ...codecs.filter(isVp8),
    ...codecs.filter((codec) => !isVp8(codec)),
  ]);
}
