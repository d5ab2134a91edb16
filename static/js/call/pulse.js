/** Whether anything still comes over a connection. No DOM. */

/**
 * How much has come in so far, media and connectivity checks (RFC 7675) alike; only ever grows.
 * @param {RTCPeerConnection} pc
 * @returns {Promise<number>} NaN where the browser does not count checks: silence proves nothing
 */
export async function receivedOver(pc) {
  let sum = 0;
  const stats = /** @type {Map<string, any>} */ (/** @type {unknown} */ (await pc.getStats()));
  for (const row of stats.values()) {
    if (row.type !== "candidate-pair") continue;
    sum += row.bytesReceived + row.requestsReceived + row.responsesReceived;
  }
  return sum || NaN;
}
