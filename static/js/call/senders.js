/** What is sent at which step of the ladder, and how the encoder weighs it. No DOM. */

/** @typedef {import("./ladder.js").Rung} Rung */
/** @typedef {"audio" | "video"} Kind */

/** Bits a second at most: a full picture of 960 by 540, the same small, a shared screen, speech. */
const CAMERA = { full: 1_200_000, small: 160_000 };
const SCREEN = { full: 1_500_000, small: 300_000 };
const SPEECH = { full: 40_000, small: 24_000 };

/**
 * The first picture after a warm wait: small, so that it is encoded and sent at once, and never one
 * that Chromium would throw away for its size ("maintain-resolution"). The next look makes it as
 * large as its step.
 */
const FIRST = { scaleResolutionDownBy: 3 };

/** What a sender was last told. @type {WeakMap<RTCRtpSender, string>} */
const applied = new WeakMap();

/**
 * The encoding of a sender (W3C WebRTC, RTCRtpEncodingParameters) at a step.
 * @param {Kind} kind
 * @param {Rung} rung
 * @param {boolean} isScreen a shared screen: it must stay readable, so it gives up pictures first
 * @returns {RTCRtpEncodingParameters}
 */
export function encodingAt(kind, rung, isScreen) {
  if (kind === "audio") {
    const maxBitrate = rung === "full" ? SPEECH.full : SPEECH.small;
    return { active: rung !== "text", maxBitrate, priority: "high", networkPriority: "high" };
  }
  const active = rung === "full" || rung === "small";
  const isFull = rung === "full";
  const maxBitrate = (isScreen ? SCREEN : CAMERA)[isFull ? "full" : "small"];
  const fps = isScreen ? [15, 5] : [30, 15];
  return {
    active,
    maxBitrate,
    maxFramerate: fps[isFull ? 0 : 1],
    scaleResolutionDownBy: isFull || isScreen ? 1 : 3,
    priority: "medium",
    networkPriority: "medium",
  };
}

/**
 * Tunes what a connection to a person sends; the picture for a recorder has its own, lower limits.
 * @param {RTCPeerConnection} pc
 * @param {Rung} rung
 * @param {{isScreen: boolean, isWarm: boolean}} how `isWarm`: nothing is sent before admission
 */
export async function tune(pc, rung, { isScreen, isWarm }) {
  for (const { sender, receiver } of pc.getTransceivers()) {
    const kind = /** @type {Kind} */ (receiver.track.kind);
    const parameters = sender.getParameters();
    const [first] = parameters.encodings ?? [];
    if (!first) continue; // nothing is negotiated yet: the next look finds it
    const isFirst = isWarm && kind === "video" && !isScreen;
    const wanted = { ...encodingAt(kind, rung, isScreen), ...(isFirst && FIRST) };
    const preference = isScreen || isWarm ? "maintain-resolution" : "balanced";
    const text = JSON.stringify([wanted, preference]);
    if (applied.get(sender) === text) continue;
    applied.set(sender, text);
    Object.assign(first, wanted);
    if (kind === "video") Object.assign(parameters, { degradationPreference: preference });
    try {
      await sender.setParameters(parameters);
    } catch (fault) {
      applied.delete(sender); // negotiated or stopped in this very moment: tried again
      console.warn("sender not tuned", fault);
    }
  }
}
