/** What the microphone hears, as a number, and what the speaker says, as a chime. */

export class LevelMeter {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  #frame = 0;
  #onLevel;

  /** @param {(level: number) => void} onLevel gets 0 (silence) to 1, some thirty times a second */
  constructor(onLevel) {
    this.#onLevel = onLevel;
  }

  /** @param {MediaStreamTrack | null} track */
  listen(track) {
    this.#source?.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#source = null;
    if (!track) {
      this.#onLevel(0);
      return;
    }
    this.#context ??= new AudioContext();
    void this.#context.resume();
    const analyser = new AnalyserNode(this.#context, { fftSize: 1024, smoothingTimeConstant: 0.6 });
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const measure = () => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      // From -60 dB to -10 dB: a whisper to loud speech.
      this.#onLevel(Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-9) + 60) / 50)));
      this.#frame = requestAnimationFrame(measure);
    };
    measure();
  }

  close() {
    if (!this.#context) return;
    this.listen(null);
    void this.#context.close();
    this.#context = null;
  }
}

/** Whether this browser lets a page choose the speaker. */
export function canChooseSpeaker() {
  return "setSinkId" in HTMLMediaElement.prototype;
}

/**
 * Plays two soft tones on a speaker.
 * @param {string} speaker device id, "" for the default one
 * @returns {Promise<void>} when they are over
 */
export async function playChime(speaker) {
  const context = new AudioContext();
  try {
    const sink = /** @type {{setSinkId?: (id: string) => Promise<void>}} */ (context);
    if (speaker && sink.setSinkId) await sink.setSinkId(speaker);
    await context.resume();
    await playTones(context);
  } finally {
    await context.close();
  }
}

/** @param {AudioContext} context */
async function playTones(context) {
  const tone = (/** @type {number} */ hertz, /** @type {number} */ at) => {
    const volume = new GainNode(context, { gain: 0 });
    const oscillator = new OscillatorNode(context, { frequency: hertz });
    oscillator.connect(volume).connect(context.destination);
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.25, at + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.7);
    oscillator.start(at);
    oscillator.stop(at + 0.75);
    return oscillator;
  };
  tone(523.25, context.currentTime + 0.05);
  const last = tone(783.99, context.currentTime + 0.35);
  await new Promise((resolve) => (last.onended = resolve));
}
