"""What a video may have at most, and what is said of one that has more. Imports no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vidbench.demo.formats import OPTIONS, is_playlist
from vidbench.errors import UserError
from vidbench.formatting import duration

if TYPE_CHECKING:
    from av.container import InputContainer

MAX_FPS = 240  # frames per second of the longest video: more would take as long as a longer one
MEGABYTE = 1 << 20  # bytes, as gradio counts them
LISTS_OTHERS = "it is a list of other files, which are not shown; send the video itself"
OTHER_FORMAT = "it has no format that is taken here; send an MP4, WebM, MOV, MKV, AVI or MPEG file"


@dataclass(frozen=True)
class Limits:
    """The largest video that is taken."""

    max_megabytes: float = 100
    max_seconds: float = 300

    @property
    def max_bytes(self) -> int:
        """The size of the largest file."""
        return round(self.max_megabytes * MEGABYTE)

    def __str__(self) -> str:
        length = duration(self.max_seconds).replace(" min 0 s", " min")
        return f"{self.max_megabytes:g} MB and {length}"

    def check(self, video: Path) -> None:
        """Raise UserError where a file is empty, too large, too long, or no video whose whole content is in it.

        The header is not believed: it may lie, and a recording of a browser's says nothing of its length.
        """
        size = video.stat().st_size
        if size == 0:
            raise UserError("it is empty: nothing was recorded, or the file has no content")
        if size > self.max_bytes:
            raise UserError(f"it has {size / MEGABYTE:.0f} MB; at most {self} are taken")
        if is_playlist(video):
            raise UserError(LISTS_OTHERS)
        if self._is_too_long(video):
            raise UserError(f"it is too long; at most {self} are taken")

    def _is_too_long(self, video: Path) -> bool:
        """Return whether the packets of a video go on for too long; UserError where it cannot be opened."""
        from av.error import FFmpegError

        with _open(video) as container:
            try:
                return self._goes_on(container)
            except (FFmpegError, OSError, ValueError):
                return False  # the decoder says what is wrong

    def _goes_on(self, container: "InputContainer") -> bool:
        stream = container.streams.best("video")
        if stream is None:
            return False
        begin = None
        for number, packet in enumerate(container.demux(stream)):
            if packet.pts is not None and packet.time_base is not None:
                seconds = float(packet.pts * packet.time_base)
                begin = seconds if begin is None else min(begin, seconds)
                if seconds - begin > self.max_seconds:
                    return True
            if number > self.max_seconds * MAX_FPS:
                return True
        return False


def _open(video: Path) -> "InputContainer":
    """Open a video of one of FORMATS; the decoder gets no other one."""
    import av
    from av.error import ArgumentError, FFmpegError

    try:
        return av.open(f"file:{video}", options=OPTIONS, metadata_errors="replace")
    except ArgumentError as error:  # by ffmpeg's list of formats
        raise UserError(OTHER_FORMAT) from error
    except (FFmpegError, OSError, ValueError) as error:
        raise UserError(f"cannot be opened as a video: {getattr(error, 'strerror', None) or error}") from error
