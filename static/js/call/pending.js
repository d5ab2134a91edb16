/** Commands that have no answer yet. Their `ref` makes it safe to send them again. */

/** @typedef {import("./messages.js").Ok} Ok */

export class Refused extends Error {
  /**
   * @param {string} code
   * @param {string} detail
   */
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
}

export class PendingCommands {
  /** @type {Map<string, {frame: object, resolve: (ok: Ok) => void, reject: (fault: Refused) => void}>} */
  #pending = new Map();

  /** What has to be sent again on a new socket, in the order in which it was meant. */
  get frames() {
    return [...this.#pending.values()].map(({ frame }) => frame);
  }

  /**
   * @param {string} kind
   * @param {Record<string, unknown>} fields
   * @returns {{frame: object, answer: Promise<Ok>}} `answer` rejects with Refused
   */
  add(kind, fields) {
    const ref = newRef();
    const frame = { t: kind, ref, ...fields };
    const answer = /** @type {Promise<Ok>} */ (
      new Promise((resolve, reject) => this.#pending.set(ref, { frame, resolve, reject }))
    );
    return { frame, answer };
  }

  /** @param {Ok | import("./messages.js").Error} message */
  answered(message) {
    const command = this.#pending.get(message.ref ?? "");
    if (!command) return;
    this.#pending.delete(message.ref ?? "");
    if (message.t === "ok") command.resolve(message);
    else command.reject(new Refused(message.code, message.detail));
  }

  /** Nothing will be answered any more. */
  giveUp() {
    for (const { reject } of this.#pending.values()) reject(new Refused("closed", ""));
    this.#pending.clear();
  }
}

/** 128 random bits; crypto.randomUUID exists on secure pages only. */
function newRef() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
