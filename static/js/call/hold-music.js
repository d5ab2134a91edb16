/** Soft music for who is on hold, made by this page: slow chords, one after the other. */

const CHORD_SECS = 5;
const FADE_SECS = 2.5;
const LOUDNESS = 0.045;
/** In hertz: C, A minor, F, G, each with a deep root. */
const CHORDS = [
  [130.81, 261.63, 329.63, 392],
  [110, 261.63, 329.63, 440],
  [87.31, 261.63, 349.23, 440],
  [98, 246.94, 293.66, 392],
];

export class HoldMusic {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #next = 0;
  #onChange;

  /** @param {() => void} onChange it plays, or plays no more */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** False also where the browser holds sound back until somebody touches the page. */
  get isPlaying() {
    return this.#context?.state === "running";
  }

  /** @param {string} speaker device id, "" for the default one */
  start(speaker) {
    const context = this.#context ?? new AudioContext();
    if (context !== this.#context) {
      this.#context = context;
      context.onstatechange = this.#onChange;
      const sink = /** @type {{setSinkId?: (id: string) => Promise<void>}} */ (context);
      if (speaker) sink.setSinkId?.(speaker).catch(() => undefined); // it was pulled out meanwhile
      this.#timer = setInterval(() => this.#play(context), CHORD_SECS * 1000);
      this.#play(context);
    }
    void context.resume();
  }

  stop() {
    clearInterval(this.#timer);
    const context = this.#context;
    this.#context = null;
    if (!context) return;
    context.onstatechange = null;
    void context.close();
    this.#onChange();
  }

  /** @param {AudioContext} context */
  #play(context) {
    const from = context.currentTime;
    const until = from + CHORD_SECS + FADE_SECS;
    const volume = new GainNode(context, { gain: 0 });
    volume.connect(context.destination);
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUDNESS, from + FADE_SECS);
    volume.gain.setValueAtTime(LOUDNESS, from + CHORD_SECS);
    volume.gain.linearRampToValueAtTime(0, until);
    for (const frequency of CHORDS[this.#next]) {
      const tone = new OscillatorNode(context, { type: "triangle", frequency });
      tone.connect(volume);
      tone.start(from);
      tone.stop(until);
    }
    this.#next = (this.#next + 1) % CHORDS.length;
  }
}
