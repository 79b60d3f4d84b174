"""Write the table of odd videos in docs/datasets.md, from what extraction makes of tests/helpers/odd_cases.py.

Example:
    python tests/tools/describe_odd_videos.py --write
"""

import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "scripts"), str(PROJECT / "tests/helpers")]

from made_videos import HEIGHT, WIDTH, decoded  # noqa: E402
from odd_cases import CASES, Case  # noqa: E402

from vidbench.files import write_text  # noqa: E402
from vidbench.frames import ffmpeg  # noqa: E402
from vidbench.frames.extract import extract_shard  # noqa: E402
from vidbench.frames.store import FrameStore  # noqa: E402
from vidbench.video import Video  # noqa: E402

TARGET = PROJECT / "docs" / "datasets.md"
START, END = "<!-- written by tests/tools/describe_odd_videos.py -->\n", "<!-- end of odd videos -->\n"
COLUMNS = ("file", "what is odd", "status", "frames", "PyAV's", "lasts (s)", "note")
HEAD = f"| {' | '.join(COLUMNS)} |\n{'| --- ' * len(COLUMNS)}|\n"


def table(folder: Path) -> str:
    """The table, from the videos in `folder`, as Markdown."""
    with tempfile.TemporaryDirectory() as temporary:
        videos = [Video(case.name, str(folder / case.name), "label", case.name) for case in CASES]
        recipe = ffmpeg.Recipe((HEIGHT, WIDTH), None, "jpeg", 2)
        extract_shard(videos, recipe, Path(temporary, "0.h5"), Path(temporary, "spool"), 2, None, lambda *_: None)
        store = FrameStore(temporary)
        return HEAD + "".join(row(case, folder, store) for case in CASES)


def row(case: Case, folder: Path, store: FrameStore) -> str:
    """What became of one video."""
    video = store.videos[case.name]
    said = "; ".join(filter(None, (video["notes"], video["message"].replace("|", "·"))))
    said = said if len(said) <= 110 else f"{said[:107]}..."
    cells = [case.name, case.oddity, video["status"], video.num_frames, counted(folder / case.name)]
    cells += [f"{video['duration']:.4g}", said.replace(case.name, "...")]
    return "| " + " | ".join(map(str, cells)) + " |\n"


def counted(path: Path) -> str:
    """How many frames PyAV decodes; a dash where it gives up."""
    import av

    try:
        return str(len(decoded(path)[0]))
    except (av.FFmpegError, ValueError, AttributeError):
        return "–"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            case.make(Path(folder, case.name))
        text = TARGET.read_text(encoding="utf-8")
        before, rest = text.split(START)
        written = f"{before}{START}{table(Path(folder))}{END}{rest.split(END)[1]}"
    if "--write" in sys.argv[1:]:
        write_text(TARGET, written)
    elif written != text:
        sys.exit(f"{TARGET}: out of date; run make docs")


if __name__ == "__main__":
    main()
