/** What a connection carries. No DOM. */

/** @typedef {{audio: MediaStreamTrack | null, video: MediaStreamTrack | null}} Tracks */

/**
 * Sends these over the transceivers that there are; nothing is negotiated for it.
 * @param {RTCPeerConnection} pc
 * @param {Tracks} tracks
 */
export async function putTracks(pc, tracks) {
  const replaced = pc.getTransceivers().map(async ({ sender, receiver }) => {
    const track = tracks[/** @type {"audio" | "video"} */ (receiver.track.kind)];
    if (pc.signalingState !== "closed" && sender.track !== track) await sender.replaceTrack(track);
  });
  await Promise.all(replaced);
}
