"""A camera, a microphone and a screen that flash and beep with each second of the wall clock.

The upper half of the picture is bright for the first fifth of each second; below it something
moves, so that the encoder has work; the lowest quarter shows the number of the second, as a row of
black and white blocks and once more inverted. The beep has a frequency of the person.
"""

BITS = 12
CUE_SECS = 0.2
WIDTH, HEIGHT = 640, 360
MEI_HERTZ, ADA_HERTZ = 600, 1000

_SCRIPT = """
(() => {
  const [BITS, CUE_MS, HERTZ] = [%(bits)d, %(cue_ms)d, %(hertz)d];
  const pictures = new Set();
  const draw = ({ canvas, picture }, now) => {
    const { width, height } = canvas;
    const second = Math.floor(now / 1000);
    picture.fillStyle = now %% 1000 < CUE_MS ? "white" : "black";
    picture.fillRect(0, 0, width, height / 2);
    for (let n = 0; n < 24; n += 1) {
      picture.fillStyle = `hsl(${(n * 47 + now / 20) %% 360} 70%% ${30 + (n * 13) %% 40}%%)`;
      const x = (n * width / 12 + now / (3 + n)) %% width;
      picture.fillRect(x, height / 2 + (n %% 4) * height / 16, width / 14, height / 16);
    }
    for (let bit = 0; bit < BITS; bit += 1) {
      const isSet = (second >> bit) & 1;
      picture.fillStyle = isSet ? "white" : "black";
      picture.fillRect(bit * width / BITS, height * 6 / 8, width / BITS, height / 8);
      picture.fillStyle = isSet ? "black" : "white";
      picture.fillRect(bit * width / BITS, height * 7 / 8, width / BITS, height / 8);
    }
  };
  const filmed = (width, height, rate) => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const shown = { canvas, picture: canvas.getContext("2d"), rate };
    draw(shown, Date.now());
    const [track] = canvas.captureStream(rate).getVideoTracks();
    pictures.add(Object.assign(shown, { track }));
    return track;
  };
  let hall;
  const microphone = async () => {
    hall ??= await openHall();
    const out = new MediaStreamAudioDestinationNode(hall.audio);
    hall.level.connect(out);
    return out.stream.getAudioTracks()[0];
  };
  const openHall = async () => {
    const audio = new AudioContext({ latencyHint: "interactive" });
    await audio.resume();
    const level = new GainNode(audio, { gain: 0 });
    const tone = new OscillatorNode(audio, { frequency: HERTZ });
    tone.connect(level);
    tone.start();
    // The sound clock stands still between its blocks: it was never behind by less than this.
    let behind = [];
    let beeped = 0;
    setInterval(() => {
      const now = Date.now() / 1000;
      behind.push([now, now - audio.currentTime]);
      behind = behind.filter(([at]) => at > now - 3);
      const due = Math.ceil(now);
      if (due === beeped || due - now > 0.5) return;
      beeped = due;
      const at = due - Math.min(...behind.map(([, secs]) => secs));
      level.gain.setValueAtTime(0.5, at);
      level.gain.setValueAtTime(0, at + CUE_MS / 1000);
    }, 10);
    return { audio, level };
  };
  setInterval(() => {
    const now = Date.now();
    for (const shown of pictures) {
      if (shown.track.readyState === "ended") pictures.delete(shown);
      else draw(shown, now);
    }
  }, 15);
  const devices = navigator.mediaDevices;
  if (!devices) return;
  devices.getUserMedia = async ({ audio, video }) => new MediaStream([
    ...(audio ? [await microphone()] : []),
    ...(video ? [filmed(%(width)d, %(height)d, 25)] : []),
  ]);
  devices.getDisplayMedia = async () => new MediaStream([filmed(1280, 720, 15)]);
  window.resizePictures = (width, height) => {
    for (const { canvas } of pictures) Object.assign(canvas, { width, height });
  };
})();
"""


def clapper(hertz: int) -> str:
    """The page's script; `resizePictures(width, height)` changes the camera's picture."""
    return _SCRIPT % {
        "bits": BITS,
        "cue_ms": CUE_SECS * 1000,
        "hertz": hertz,
        "width": WIDTH,
        "height": HEIGHT,
    }
