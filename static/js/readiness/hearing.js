/** Whether the microphone hears somebody: its level above a whisper for a moment. */
import { LevelMeter } from "../call/sound.js";

const LOUD = 0.3;
const FRAMES = 6;
const PATIENCE_MS = 12_000;

/**
 * @param {MediaStreamTrack} track
 * @param {(level: number) => void} onLevel gets 0 to 1 as long as the track lives
 * @returns {Promise<"ok" | "silent">}
 */
export function listenTo(track, onLevel) {
  return new Promise((resolve) => {
    let loud = 0;
    const meter = new LevelMeter((level) => {
      onLevel(level);
      if (level > LOUD) loud += 1;
      if (loud >= FRAMES) resolve("ok");
      if (track.readyState === "ended") meter.close();
    });
    meter.listen(track);
    setTimeout(() => resolve("silent"), PATIENCE_MS);
  });
}
