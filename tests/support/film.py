"""What a recorded file really holds, by decoding all of it."""

import io
from dataclasses import dataclass, field

import av
import numpy as np

LOUD = 0.1
BRIGHT = 128


@dataclass
class Film:
    """One decoded file: codecs, frames, seconds, bytes, and when it flashed and beeped."""

    video_codec: str = ""
    audio_codec: str = ""
    video_frames: int = 0
    first_secs: float = 0.0
    last_secs: float = 0.0
    loudest: float = 0.0
    encoded_bytes: int = 0
    flashes: list[float] = field(default_factory=list)
    beeps: list[float] = field(default_factory=list)

    @property
    def duration_secs(self) -> float:
        return self.last_secs - self.first_secs

    def lags(self) -> list[float]:
        """For each beep with a flash in the same half second the seconds from one to the other.

        Positive where the sound is late. A beep alone is none: the picture begins with a keyframe.
        """
        nearest = [
            min((beep - flash for flash in self.flashes), key=abs)
            for beep in self.beeps
            if self.flashes
        ]
        return [lag for lag in nearest if abs(lag) < 0.5]


def develop(content: bytes) -> Film:
    """Decode every frame of a recording; raises av.error.FFmpegError if one does not decode."""
    film = Film()
    times: list[float] = []
    with av.open(io.BytesIO(content), mode="r") as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        film.video_codec, film.audio_codec = video.codec_context.name, audio.codec_context.name
        was_bright = was_loud = False
        quiet_since = 0.0
        for frame in file.decode(video, audio):
            if isinstance(frame, av.VideoFrame):
                film.video_frames += 1
                times.append(float(frame.time or 0))
                bright = frame.to_ndarray(format="gray").mean() > BRIGHT
                if bright and not was_bright:
                    film.flashes.append(times[-1])
                was_bright = bright
            elif isinstance(frame, av.AudioFrame):
                start = float(frame.time or 0)
                samples = _mono(frame)
                times.append(start + len(samples) / frame.sample_rate)
                film.loudest = max(film.loudest, float(np.abs(samples).max(initial=0)))
                loud = np.flatnonzero(np.abs(samples) > LOUD)
                if loud.size:
                    at = start + loud[0] / frame.sample_rate
                    if not was_loud and at - quiet_since > 0.5:
                        film.beeps.append(at)
                    quiet_since = start + loud[-1] / frame.sample_rate
                was_loud = bool(loud.size)
    film.first_secs, film.last_secs = min(times), max(times)
    film.encoded_bytes = packet_bytes(content)
    return film


def packet_bytes(content: bytes) -> int:
    """The sizes of all packets as they lie in the file, without its own headers."""
    with av.open(io.BytesIO(content), mode="r") as file:
        return sum(packet.size for packet in file.demux())


def _mono(frame: av.AudioFrame) -> np.ndarray:
    """The samples of one channel, as fractions of full scale."""
    samples = frame.to_ndarray()[0].astype(float)
    if frame.format.is_packed:
        samples = samples[:: frame.layout.nb_channels]
    scale = 32768.0 if frame.format.name.startswith("s16") else 1.0
    fractions: np.ndarray = samples / scale
    return fractions
