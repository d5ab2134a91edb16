/** The sound of somebody's turn: two soft notes, again and again, made here without a file. */

const NOTES = [587.33, 783.99]; // D5, G5
const EVERY_MS = 2500;

export class Ringer {
  /** @type {AudioContext | null} */
  #audio = null;
  #timer = 0;

  /** Rings until `stop`. A browser that plays nothing before a click stays silent. */
  start() {
    if (this.#timer) return;
    this.once();
    this.#timer = window.setInterval(() => this.#ring(), EVERY_MS);
  }

  once() {
    this.#audio ??= new AudioContext();
    void this.#audio.resume().then(() => this.#ring());
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  #ring() {
    const audio = this.#audio;
    if (!audio || audio.state !== "running") return;
    NOTES.forEach((frequency, index) => {
      const at = audio.currentTime + index * 0.22;
      const note = new OscillatorNode(audio, { type: "sine", frequency });
      const level = new GainNode(audio, { gain: 0 });
      level.gain.setValueAtTime(0, at);
      level.gain.linearRampToValueAtTime(0.2, at + 0.02);
      level.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
      note.connect(level).connect(audio.destination);
      note.start(at);
      note.stop(at + 0.65);
    });
  }
}
