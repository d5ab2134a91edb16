"""What a page really receives: tones in the sound that it decodes, pictures, packets."""

from dataclasses import dataclass

from tests.browser.seat import Seat

# A tone that is heard stands far above this, and silence far below, in dB of full scale.
HEARD_DB, SILENT_DB = -45.0, -70.0
_VOICE = """
navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    const tracks = [];
    if (audio) {
        const context = new AudioContext();
        await context.resume();
        const tone = new OscillatorNode(context, { frequency: HERTZ });
        const out = new MediaStreamAudioDestinationNode(context);
        tone.connect(new GainNode(context, { gain: 0.4 })).connect(out);
        tone.start();
        tracks.push(...out.stream.getTracks());
    }
    if (video) {
        const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
        const picture = canvas.getContext("2d");
        setInterval(() => {
            picture.fillStyle = `hsl(${performance.now() / 10} 80% 50%)`;
            picture.fillRect(0, 0, 640, 360);
        }, 50);
        tracks.push(...canvas.captureStream(20).getTracks());
    }
    return new MediaStream(tracks);
};
"""
_EARS = """
window.ears = new Map();
// How loud a tone is in what comes over all connections, in dB. Listens to the tracks themselves,
// whatever the page plays of them.
window.loudness = (hertz) => {
    window.hearing ??= new AudioContext();
    let most = -Infinity;
    const receivers = window.connections.flatMap((connection) => connection.getReceivers());
    for (const { track } of receivers.filter(({ track }) => track.kind === "audio")) {
        if (!window.ears.has(track)) {
            const stream = new MediaStream([track]);
            const element = Object.assign(new Audio(), { srcObject: stream, muted: true });
            void element.play();
            const analyser = new AnalyserNode(hearing, { fftSize: 4096, smoothingTimeConstant: 0 });
            hearing.createMediaStreamSource(stream).connect(analyser);
            window.ears.set(track, { analyser, element });
        }
        const { analyser } = window.ears.get(track);
        const bins = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(bins);
        const bin = Math.round((hertz * analyser.fftSize) / hearing.sampleRate);
        most = Math.max(most, ...bins.slice(bin - 2, bin + 3));
    }
    return most;
};
window.counted = async () => {
    const sum = { packets: 0, bytes: 0, energy: 0, frames: 0 };
    for (const connection of window.connections) {
        for (const row of (await connection.getStats()).values()) {
            if (row.type === "inbound-rtp") {
                sum.packets += row.packetsReceived;
                sum.bytes += row.bytesReceived;
                sum.energy += row.totalAudioEnergy ?? 0;
                sum.frames += row.framesDecoded ?? 0;
            }
        }
    }
    return sum;
};
"""
# Once the tone has faded from the decoder, over three seconds of the page's own sound.
_MEANWHILE = """async ([hertz, least]) => {
    const next = () => new Promise((resolve) => setTimeout(resolve, 100));
    while (window.loudness(hertz) > least) await next();
    const [before, from] = [await window.counted(), window.hearing.currentTime];
    let loudest = -Infinity;
    while (window.hearing.currentTime < from + 3) {
        loudest = Math.max(loudest, window.loudness(hertz));
        await next();
    }
    const after = await window.counted();
    const came = (name) => after[name] - before[name];
    return [came("packets"), came("bytes"), came("energy"), came("frames"), loudest];
}"""


@dataclass(frozen=True)
class Received:
    """What came over a while; `loudest_db` is of the tone that was listened for."""

    packets: int
    bytes: int
    energy: float
    frames: int
    loudest_db: float


def voice(hertz: int) -> str:
    """A script for a page: its microphone hums one tone, its camera shows changing colours."""
    return _EARS + _VOICE.replace("HERTZ", str(hertz))


def hears(seat: Seat, hertz: int) -> None:
    """Waits until the tone is in what the page receives."""
    seat.page.wait_for_function(
        "([hertz, least]) => window.loudness(hertz) > least", arg=[hertz, HEARD_DB]
    )


def received_meanwhile(seat: Seat, hertz: int) -> Received:
    """What comes over some seconds, from when on the tone is no longer heard."""
    packets, octets, energy, frames, loudest = seat.page.evaluate(_MEANWHILE, [hertz, SILENT_DB])
    return Received(packets, octets, energy, frames, loudest)


def connections(seat: Seat) -> list[str]:
    """The states of all that the page has opened, in their order."""
    states: list[str] = seat.page.evaluate(
        "() => window.connections.map(({ connectionState }) => connectionState)"
    )
    return states
