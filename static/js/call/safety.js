/**
 * The safety code: short enough to read out, made of both certificates' fingerprints (RFC 8122). A
 * relay that put itself between would have had to show each side a certificate of its own. No DOM.
 */

const GROUPS = 6;
const DIGITS = 5;

/**
 * @param {string} one fingerprint, as "sha-256 AB:CD:…"
 * @param {string} other the same on both sides whatever the order
 * @returns {Promise<string>} "12345 67890 …": 30 digits, close to 100 bits
 */
export async function safetyCode(one, other) {
  const text = [one, other].map((mark) => mark.trim().toLowerCase()).sort().join("\n");
  const bytes = new TextEncoder().encode(`Parlour safety code 1\n${text}`);
  const hash = new DataView(await crypto.subtle.digest("SHA-256", bytes));
  const groups = Array.from({ length: GROUPS }, (_, index) => {
    // 40 bits for each five digits: what the remainder favours is less than one in ten millions.
    const number = hash.getUint8(5 * index) * 2 ** 32 + hash.getUint32(5 * index + 1);
    return String(number % 10 ** DIGITS).padStart(DIGITS, "0");
  });
  return groups.join(" ");
}

/**
 * The fingerprints of the certificates that a live connection really uses: those of its DTLS
 * handshake, not what a description said.
 * @param {RTCPeerConnection} pc
 * @returns {Promise<[string, string] | null>} null while there is no such handshake
 */
export async function fingerprintsOf(pc) {
  const rows = [.../** @type {any} */ (await pc.getStats()).values()];
  const transport = rows.find(({ type, dtlsState }) => type === "transport" && dtlsState === "connected");
  const byId = (/** @type {string} */ id) => rows.find((row) => row.type === "certificate" && row.id === id);
  const [local, remote] = [transport?.localCertificateId, transport?.remoteCertificateId].map(byId);
  if (local && remote) return [mark(local), mark(remote)];
  if (pc.connectionState !== "connected") return null;
  // Firefox tells no certificates: the handshake has accepted only what these descriptions name.
  const named = [pc.currentLocalDescription, pc.currentRemoteDescription].map(
    (description) => /^a=fingerprint:(\S+ \S+)/m.exec(description?.sdp ?? "")?.[1],
  );
  return named[0] && named[1] ? [named[0], named[1]] : null;
}

/** @param {{fingerprintAlgorithm: string, fingerprint: string}} certificate */
function mark({ fingerprintAlgorithm, fingerprint }) {
  return `${fingerprintAlgorithm} ${fingerprint}`;
}
