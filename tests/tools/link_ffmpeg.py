"""Give torchcodec the ffmpeg libraries that come with PyAV, under the names that it looks for.

Example: python tests/tools/link_ffmpeg.py .venv/benchmark/ffmpeg
"""

import re
import sys
from importlib.metadata import distribution
from pathlib import Path


def main() -> None:
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for library in Path(distribution("av").locate_file("av.libs")).iterdir():
        links = {library.name}
        if named := re.match(r"(lib(?:av|sw)\w+)-\w+\.so\.(\d+)", library.name):
            links.add(f"{named[1]}.so.{named[2]}")
        for link in links:
            (target / link).unlink(missing_ok=True)
            (target / link).symlink_to(library)


main()
