/** What a recording is, as a reduction of the facts about it. Pure. */

/** @typedef {import("./messages.js").Fact} Fact */
/** @typedef {"off" | "asked" | "queued" | "delayed" | "on" | "stopped" | "refused" | "failed"} RecordingPhase */
/** @typedef {"asked" | "given" | "refused" | "withdrawn"} ConsentState */

/**
 * @typedef {object} Recording
 * @property {string | null} id
 * @property {RecordingPhase} phase
 * @property {string | null} since
 * @property {string} reason
 * @property {string | null} askedBy
 * @property {Record<string, ConsentState>} consents by participant
 * @property {Record<string, string>} agreedAt by participant who agreed, when last
 */

/** @type {Recording} */
export const NO_RECORDING = {
  id: null, phase: "off", since: null, reason: "", askedBy: null, consents: {}, agreedAt: {},
};

/** @type {Record<string, RecordingPhase>} */
const RECORDING_PHASES = {
  recording_queued: "queued",
  recording_delayed: "delayed",
  recording_started: "on",
  recording_stopped: "stopped",
  recording_failed: "failed",
};

/** @type {Record<string, ConsentState>} */
const CONSENTS = {
  consent_given: "given",
  consent_refused: "refused",
  consent_withdrawn: "withdrawn",
};

/**
 * @param {Fact} fact
 * @returns {boolean}
 */
export function isAboutRecording({ kind }) {
  return kind === "record_asked" || kind in RECORDING_PHASES || kind in CONSENTS;
}

/**
 * The recording after one more fact about it.
 * @param {Recording} recording
 * @param {Fact} fact
 * @returns {Recording}
 */
export function recordingAfter(recording, fact) {
  const { recording: id, participant } = fact.data;
  if (fact.kind === "record_asked") {
    if (recording.id === id && recording.phase !== "off") return recording;
    const consents = /** @type {Record<string, ConsentState>} */ (fact.by ? { [fact.by]: "given" } : {});
    const agreedAt = /** @type {Record<string, string>} */ (fact.by ? { [fact.by]: fact.at } : {});
    return { id, phase: "asked", since: fact.at, reason: "", askedBy: fact.by, consents, agreedAt };
  }
  if (recording.id !== null && recording.id !== id) return recording;
  const consent = CONSENTS[fact.kind];
  if (consent) {
    const consents = { ...recording.consents, [participant]: consent };
    const agreedAt = { ...recording.agreedAt };
    if (consent === "given") agreedAt[participant] = fact.at;
    return { ...recording, id, consents, agreedAt };
  }
  // What was stopped by decision, before anything was captured, is no failure to tell people of.
  const isOver = recording.phase === "stopped" || recording.phase === "refused";
  if (fact.kind === "recording_failed" && isOver) return recording;
  const reason = fact.data.reason ?? "";
  const phase = reason === "refused" ? "refused" : (RECORDING_PHASES[fact.kind] ?? recording.phase);
  return { ...recording, id, phase, since: fact.at, reason };
}
