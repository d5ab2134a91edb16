/** The way to the server and through the relay, tried as a visit would use it. No DOM. */

/** @typedef {"ok" | "slow" | "no_relay" | "no_socket"} Finding */
/** @typedef {{servers: RTCIceServer[]}} Ice */

const PATIENCE_MS = 10_000;
const TIMES = 5;
/** A round trip above this makes people talk over each other. */
const SLOW_MS = 400;

/**
 * @param {string} address of the socket that says back what it hears
 * @param {Ice} ice
 * @returns {Promise<Finding>}
 */
export async function findNetwork(address, ice) {
  const [trip, isRelayed] = await Promise.all([roundTrip(address), passesRelay(ice.servers)]);
  if (trip === null) return "no_socket";
  if (!isRelayed) return "no_relay";
  return trip > SLOW_MS ? "slow" : "ok";
}

/**
 * The middle one of some round trips.
 * @param {string} address
 * @returns {Promise<number | null>} milliseconds; null if the socket does not get through
 */
async function roundTrip(address) {
  const socket = new WebSocket(address);
  const trips = /** @type {number[]} */ ([]);
  let sentAt = 0;
  const say = () => {
    sentAt = performance.now();
    socket.send("ping");
  };
  const heard = new Promise((resolve) => {
    socket.onopen = say;
    socket.onclose = () => resolve(null);
    socket.onmessage = () => {
      trips.push(performance.now() - sentAt);
      if (trips.length === TIMES) resolve(trips.sort((a, b) => a - b)[Math.floor(TIMES / 2)]);
      else say();
    };
  });
  try {
    return /** @type {number | null} */ (await withPatience(heard, null));
  } finally {
    socket.close();
  }
}

/**
 * Whether two ends in this page reach each other through the relay; true where there is none.
 * @param {RTCIceServer[]} servers
 * @returns {Promise<boolean>}
 */
async function passesRelay(servers) {
  const relays = servers.filter(({ urls }) => [urls].flat().some((url) => url.startsWith("turn")));
  if (!relays.length) return true;
  const how = /** @type {RTCConfiguration} */ ({ iceServers: relays, iceTransportPolicy: "relay" });
  const near = new RTCPeerConnection(how);
  const far = new RTCPeerConnection(how);
  try {
    near.onicecandidate = ({ candidate }) => void far.addIceCandidate(candidate ?? undefined);
    far.onicecandidate = ({ candidate }) => void near.addIceCandidate(candidate ?? undefined);
    const channel = near.createDataChannel("test");
    const opened = new Promise((resolve) => (channel.onopen = () => resolve(true)));
    await near.setLocalDescription();
    await far.setRemoteDescription(/** @type {RTCSessionDescription} */ (near.localDescription));
    await far.setLocalDescription();
    await near.setRemoteDescription(/** @type {RTCSessionDescription} */ (far.localDescription));
    return /** @type {boolean} */ (await withPatience(opened, false));
  } catch {
    return false;
  } finally {
    near.close();
    far.close();
  }
}

/**
 * @template T
 * @param {Promise<T>} answer
 * @param {T} otherwise after the patience is over
 * @returns {Promise<T>}
 */
function withPatience(answer, otherwise) {
  const late = new Promise((resolve) => setTimeout(() => resolve(otherwise), PATIENCE_MS));
  return Promise.race([answer, /** @type {Promise<T>} */ (late)]);
}
