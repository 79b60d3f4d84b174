"""Published data sets in small: true file names, the true lists filtered, archives of the true kinds."""

import contextlib
import csv
import io
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rar_writer import Entry, write_rar

Content = Callable[[int], bytes]  # the bytes of video number n
UCF_CLASSES = ("ApplyEyeMakeup", "HandstandPushups")
HMDB_CLASSES = ("brush_hair", "wave")
KINETICS_CLASSES = ("abseiling", "zumba")


def filtered_ucf_lists(lists: Path) -> dict[str, str]:
    """Text of each list: two classes, the first clip of each group."""
    found = {}
    for path in sorted(lists.glob("*list0*.txt")):
        lines = path.read_text().splitlines()
        kept = [line for line in lines if line.startswith(UCF_CLASSES) and "_c01.avi" in line]
        found[path.name] = "\r\n".join(kept) + "\r\n"  # with the line ends that the real ones have
    return found | {"classInd.txt": (lists / "classInd.txt").read_text()}


def make_ucf101(folder: Path, lists: Path, content: Content) -> list[str]:
    """UCF101.rar and the zip of lists; names of the videos."""
    texts = filtered_ucf_lists(lists)
    with zipfile.ZipFile(folder / "UCF101TrainTestSplits-RecognitionTask.zip", "w") as archive:
        for name, text in texts.items():
            archive.writestr(f"ucfTrainTestlist/{name}", text)
    names = sorted({line.split()[0] for name, text in texts.items() if "list" in name for line in text.splitlines()})
    write_rar(folder / "UCF101.rar", [Entry(f"UCF-101/{name}", content(n)) for n, name in enumerate(names)])
    return [Path(name).stem for name in names]


def filtered_hmdb_lists(lists: Path) -> dict[str, str]:
    """Text of each list: two classes, every third video."""
    return {
        path.name: "".join(path.read_text().splitlines(keepends=True)[::3])
        for label in HMDB_CLASSES
        for path in sorted(lists.glob(f"{label}_test_split*.txt"))
    }


def make_hmdb51(folder: Path, lists: Path, content: Content) -> list[str]:
    """hmdb51_org.rar, which holds a RAR a class, and test_train_splits.rar; names of the videos."""
    texts = filtered_hmdb_lists(lists)
    write_rar(
        folder / "test_train_splits.rar",
        [Entry(f"testTrainMulti_7030_splits/{name}", text.encode()) for name, text in texts.items()],
    )
    names, inner = [], []
    for label in HMDB_CLASSES:
        files = [line.rsplit(" ", 1)[0] for line in map(str.strip, texts[f"{label}_test_split1.txt"].splitlines())]
        path = folder / f"{label}.rar"
        write_rar(path, [Entry(f"{label}/{name}", content(len(names) + n)) for n, name in enumerate(files)])
        inner.append(Entry(path.name, path.read_bytes()))
        names += [name.removesuffix(".avi") for name in files]
        path.unlink()
    write_rar(folder / "hmdb51_org.rar", inner)
    return names


def make_kinetics400(folder: Path, lists: Path, content: Content) -> list[str]:
    """Lists, lists of addresses, two archives of each subset and the replacements; names of the videos.

    Of one video the first file is damaged and replaced; another one is listed and in no archive.
    """
    rows = _kinetics_rows(lists / "val.csv")
    train = [row | {"youtube_id": f"_-Train{n:04d}", "split": "train"} for n, row in enumerate(rows * 2)]
    names: list[str] = []
    for subset, members in (("train", train), ("val", rows)):
        _write_csv(folder / "annotations" / f"{subset}.csv", members)
        ids = [f"{row['youtube_id']}_{int(row['time_start']):06d}_{int(row['time_end']):06d}" for row in members]
        files = [(f"{video}.mp4", content(len(names) + n)) for n, video in enumerate(ids)]
        if subset == "train":
            _write_tar(folder / "replacement_for_corrupted_k400.tgz", [(f"replacement/{files[0][0]}", files[0][1])])
            files = [(files[0][0], b"damaged"), *files[1:-1]]
        names += ids
        half = len(files) // 2
        addresses = []
        for part, held in enumerate((files[:half], files[half:])):
            _write_tar(folder / subset / f"part_{part}.tar.gz", held)
            addresses.append(f"https://s3.amazonaws.com/kinetics/400/{subset}/part_{part}.tar.gz\n")
        (folder / subset / f"k400_{subset}_path.txt").write_text("".join(addresses))
    return names


def _kinetics_rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for label in KINETICS_CLASSES for row in [row for row in rows if row["label"] == label][:8]]


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _write_tar(path: Path, files: list[tuple[str, bytes]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


MAKERS = {"ucf101": make_ucf101, "hmdb51": make_hmdb51, "kinetics400": make_kinetics400}


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        self.server.requests.append((self.command, self.path))


@contextlib.contextmanager
def mirror(folder: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Serve a folder on a port of 127.0.0.1; its address, and the requests (method, path) that have come."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    server.requests = []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.requests
    finally:
        server.shutdown()
        server.server_close()
