"""The formats that an upload may have: those whose whole content is in the file. Imports no torch.

A playlist, of whatever name, would make ffmpeg open the files and addresses that it lists: other files of this machine.
"""

import re
from pathlib import Path

# Demuxers of ffmpeg that open no other file; of what is not here, nothing is decoded.
FORMATS = (
    "mov", "matroska", "webm", "avi", "mpegts", "mpeg", "mpegvideo", "flv", "asf", "ogg", "gif", "apng", "mxf", "nut",
    "ivf", "obu", "av1", "h261", "h263", "h264", "hevc", "vvc", "m4v", "vc1", "dv", "mjpeg", "jpeg_pipe", "webp_pipe",
    "rm", "wtv", "yuv4mpegpipe",
)  # fmt: skip
# Of PyAV. A reference would be opened by its protocol; the file itself is read as `file:`.
OPTIONS = {"format_whitelist": ",".join(FORMATS), "protocol_whitelist": "file"}
SUFFIXES = {".m3u8", ".m3u", ".ffconcat", ".concat", ".mpd", ".sdp", ".ism", ".cpl", ".idx", ".avs", ".vpy"}
# What the ffmpeg that decodes may know as a playlist, though PyAV's libraries do not: it may be another version.
PLAYLIST = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:#extm3u|ffconcat|v=0|# vobsub)|<mpd|<compositionplaylist|^c=in ip",
    re.IGNORECASE | re.MULTILINE,
)
PROBED = 5_000_000  # bytes by which ffmpeg finds out the format


def is_playlist(video: Path) -> bool:
    """Return whether a file lists others by its name, or by its text as far as ffmpeg's probes read it."""
    if video.suffix.lower() in SUFFIXES:
        return True
    with open(video, "rb") as file:
        text = file.read(PROBED).partition(b"\0")[0]
    return PLAYLIST.search(text) is not None
