/** Between W3C's candidate and description and those of the wire. No DOM. */

/** Pictures of 960 by 540 and more begin without loss from 500 kbit/s on. */
const START_KBPS = 700;

/**
 * The session id of the `o=` line: the same for all descriptions of one RTCPeerConnection, another
 * for the next (RFC 9429, section 5.2.1).
 * @param {string} sdp
 * @returns {string} "" if there is none
 */
export function sessionOf(sdp) {
  return /^o=\S+ (\S+)/m.exec(sdp)?.[1] ?? "";
}

/**
 * Without candidates that name an address of one's own; a relay's says whose it is no more.
 * @param {string} text a description or one candidate
 * @returns {string} "" if there was nothing else
 */
export function relayedOnly(text) {
  return text
    .split(/(?<=\n)/)
    .filter((line) => !/^(a=)?candidate:/.test(line) || / typ relay( |\s*$)/.test(line))
    .join("")
    .replace(/ raddr \S+ rport \d+/g, " raddr 0.0.0.0 rport 0");
}

/**
 * A description that asks for speech as RFC 7587 knows it: with forward error correction, which
 * hides single losses, and without packets for silence, which leaves room for the rest.
 * @param {string} sdp
 */
export function forSpeech(sdp) {
  const opus = /^a=rtpmap:(\d+) opus\//im.exec(sdp)?.[1];
  return sdp.replace(new RegExp(`^(a=fmtp:${opus} )(.*)$`, "m"), (_, name, given) => {
    const kept = given.split(";").filter((/** @type {string} */ one) => !/^\s*use(inbandfec|dtx)=/.test(one));
    return name + [...kept, "useinbandfec=1", "usedtx=1"].join(";");
  });
}

/**
 * A description whose reader begins its video at a bitrate that a whole picture fits in. Chromium
 * begins at 300 kbit/s, finds the first pictures too large for that, and throws up to four away.
 * @param {string} sdp
 */
export function forPictures(sdp) {
  return sdp.split(/(?=^m=)/m).map((section) => {
    if (!section.startsWith("m=video")) return section;
    const codecs = [...section.matchAll(/^a=rtpmap:(\d+) (?:VP8|VP9|H264|AV1)\//gm)];
    return codecs.reduce((text, [, type]) => startingAt(text, type), section);
  }).join("");
}

/** @param {string} section @param {string} type the codec's payload type */
function startingAt(section, type) {
  if (new RegExp(`^a=fmtp:${type} .*x-google-start-bitrate`, "m").test(section)) return section;
  const given = new RegExp(`^(a=fmtp:${type} .*?)(\\r?)$`, "m");
  const start = `x-google-start-bitrate=${START_KBPS}`;
  if (given.test(section)) return section.replace(given, `$1;${start}$2`);
  const codec = new RegExp(`^a=rtpmap:${type} .*\r?\n`, "m");
  return section.replace(codec, `$&a=fmtp:${type} ${start}\r\n`);
}

/**
 * @param {RTCIceCandidate} candidate
 * @returns {{t: "candidate", candidate: string} & Record<string, unknown>}
 */
export function candidateSignal(candidate) {
  return {
    t: "candidate",
    candidate: candidate.candidate,
    sdp_mid: candidate.sdpMid,
    sdp_mline_index: candidate.sdpMLineIndex,
    username_fragment: candidate.usernameFragment,
  };
}

/**
 * @param {import("./messages.js").Candidate} signal
 * @returns {RTCIceCandidateInit}
 */
export function candidateInit(signal) {
  return {
    candidate: signal.candidate,
    sdpMid: signal.sdp_mid ?? null,
    sdpMLineIndex: signal.sdp_mline_index ?? null,
    usernameFragment: signal.username_fragment ?? null,
  };
}
