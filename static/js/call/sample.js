/** A message `sample` within the bounds of the protocol. Pure. */

const TYPES = ["host", "srflx", "prflx", "relay"];
const PROTOCOLS = ["udp", "tcp", "tls"];

/**
 * @param {object} of
 * @param {string} of.leg
 * @param {import("./ladder.js").Rung} of.rung
 * @param {import("./mender.js").PeerState} of.state
 * @param {import("./stats.js").Counters} of.counters
 * @param {import("./stats.js").Measure} of.since
 * @returns {import("./messages.js").Sample}
 */
export function sampleOf({ leg, rung, state, counters, since }) {
  const { picture, route } = counters;
  const one = (/** @type {string[]} */ known, /** @type {string | undefined} */ value) =>
    /** @type {any} */ (value && known.includes(value) ? value : null);
  return {
    t: "sample",
    leg,
    rung,
    state,
    loss_in: share(since.lossIn),
    loss_out: share(since.lossOut),
    round_trip_ms: whole(counters.roundTripMs, 600_000),
    jitter_ms: whole(counters.jitterMs, 600_000),
    in_kbps: whole(since.inKbps, 10_000_000),
    out_kbps: whole(since.outKbps, 10_000_000),
    available_kbps: counters.availableKbps === null ? null : whole(counters.availableKbps, 10_000_000),
    in_width: whole(picture.width, 16_384),
    in_height: whole(picture.height, 16_384),
    in_fps: whole(picture.fps, 240),
    local: one(TYPES, route.local),
    remote: one(TYPES, route.remote),
    protocol: one(PROTOCOLS, route.protocol),
  };
}

/** @param {number} value @param {number} most */
function whole(value, most) {
  return Math.min(most, Math.max(0, Math.round(value) || 0));
}

/** @param {number | null} value what is not known is left out */
function share(value) {
  if (value === null) return undefined;
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}
