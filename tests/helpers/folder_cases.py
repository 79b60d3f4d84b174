"""Folders as people hand them in, and what becomes of each: `kind: folder`.

tests/unit/datasets/test_folder_cases.py makes each and checks it. A case and its outcome are a row of a table, too.
"""

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from vidbench.datasets import own_checks, skipped, splits
from vidbench.datasets.listing import Listing, listing
from vidbench.errors import UserError

TITLE = "Folders"
TEXT = (
    "`kind: folder`. What is left out stands in one line on the terminal before the first job, and file by file in"
    " `skipped.csv`."
)
COLUMNS = ("folder", "outcome")
SPLITS = {"kind": "auto", "folds": 2, "validation": 0.2, "seed": 0}

VIDEO = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"  # the beginning of an mp4 file


@dataclass(frozen=True)
class Case:
    """A folder and what VidBench takes it for."""

    name: str
    files: list[str] | dict[str, bytes]  # paths below the root; with their content where it counts
    options: dict = field(default_factory=dict)  # besides kind and root
    classes: dict[str, int] = field(default_factory=dict)  # videos of each class
    subsets: dict[str, int] = field(default_factory=dict)  # videos of each official subset
    groups: set[str] | None = None
    skipped: str = ""  # what the terminal says of what is left out, without the table's path
    error: str = ""  # words of the one line with which it is refused

    def make(self, root: Path) -> dict:
        """Make the files; options of the data set."""
        contents = self.files if isinstance(self.files, dict) else dict.fromkeys(self.files, b"")
        for path, content in contents.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content) if not path.endswith("/") else (root / path).mkdir(exist_ok=True)
        return {"kind": "folder", "root": str(root), **self.options}


def several(*folders: str, ending: str = ".mp4") -> list[str]:
    """Two videos in each folder."""
    return [f"{folder}/{folder.replace('/', '_')}{number}{ending}" for folder in folders for number in (1, 2)]


GOOD = several("run", "walk")
BOTH = {"run": 2, "walk": 2}
TRAIN_TEST = several("train/run", "train/walk", "test/run", "test/walk")
EACH = {"run": 4, "walk": 4}
HALVES = {"train": 4, "test": 4}

LAYOUTS = [
    Case("a folder a class", GOOD, classes=BOTH, groups=set(GOOD)),
    Case("groups in folders of people", several("run/ann", "run/ben", "walk/ann/x", "walk/ben"),
         classes=EACH, groups={"run/ann", "run/ben", "walk/ann/x", "walk/ben"}),
    Case("videos at several depths", [*GOOD, "run/2024/may/a.mp4"], classes={"run": 3, "walk": 2}),
    Case("train and test above the classes", TRAIN_TEST, classes=EACH, subsets=HALVES),
    Case("train, val and test, spelled as people do",
         several("Training/run", "Training/walk", "VALIDATION/run", "Testing/run", "Testing/walk"),
         classes={"run": 6, "walk": 4}, subsets={"train": 4, "val": 2, "test": 4}),
    Case("dev is validation", several("train/run", "train/walk", "dev/run", "test/run", "test/walk"),
         classes={"run": 6, "walk": 4}, subsets={"train": 4, "val": 2, "test": 4}),
    Case("eval beside train and test is validation",
         several("train/run", "train/walk", "eval/run", "test/run", "test/walk"),
         classes={"run": 6, "walk": 4}, subsets={"train": 4, "val": 2, "test": 4}),
    Case("train, val and eval",
         several("train/run", "train/walk", "val/run", "val/walk", "eval/run", "eval/walk"),
         error="'eval' and 'val' both mean the subset val; put their videos into one folder or rename one, e.g. to"),
    Case("train and eval without test", several("train/run", "train/walk", "eval/run", "eval/walk"),
         error="no video has the subset 'test' in split1; rename the one that is the test"),
    Case("names with words around",
         several("1_train_set/run", "1_train_set/walk", "2_TestVideos/run", "2_TestVideos/walk"),
         classes=EACH, subsets=HALVES),
    Case("names with a common part", several("k400_train/run", "k400_train/walk", "k400_val/run", "k400_test/walk"),
         classes=EACH, subsets={"train": 4, "val": 2, "test": 2}),
    Case("train and test below the classes", several("run/train", "run/test", "walk/train", "walk/test"),
         classes=EACH, subsets=HALVES),
    Case("people below the subsets below the classes",
         several("run/train/ann", "run/test/ben", "walk/train/ann", "walk/test/ben"),
         classes=EACH, subsets=HALVES, groups={"run/ann", "run/ben", "walk/ann", "walk/ben"}),
    Case("train and val without test", several("train/run", "train/walk", "val/run", "val/walk"),
         error="no video has the subset 'test' in split1; rename the one that is the test, e.g. val, or set"),
    Case("train and val, divided anew", several("train/run", "train/walk", "val/run", "val/walk"),
         {"splits": {"kind": "folds", "folds": 2}}, classes=EACH, subsets={"train": 4, "val": 4}),
    Case("only train", several("train/run", "train/walk"), error="no video has the subset 'test'"),
    Case("another folder with videos beside train and test", [*TRAIN_TEST, *several("extra/run")],
         error="/extra: holds videos beside the subsets test, train; move this folder away or rename it"),
    Case("a folder of tables beside train and test", [*TRAIN_TEST, "annotations/run.csv", "readme.txt"],
         classes=EACH, subsets=HALVES,
         skipped="2 files of other kinds (.csv, .txt), 1 folder without videos (annotations)"),
    Case("videos in train itself", ["train/a.mp4", "test/b.mp4"],
         error="/test/b.mp4: is in no class folder; each class needs a folder below"),
    Case("one class folder without subsets", [*several("run/train", "run/test"), "walk/1.mp4"],
         error="/walk/1.mp4: is in no folder such as test, train; if the folders in the classes are no subsets"),
    Case("classes called test and exam", several("test", "exam"),
         error="/exam: holds videos beside the subsets test; move this folder away or rename it; if these are classes"),
    Case("classes called test and exam, with layout", several("test", "exam"), {"layout": "class"},
         classes={"test": 2, "exam": 2}),
    Case("val and validation", several("train/run", "train/walk", "val/run", "validation/run", "test/run", "test/walk"),
         error="'val' and 'validation' both mean the subset val"),
    Case("a class that is in the test alone", [*TRAIN_TEST, *several("test/jump")],
         error="no training video of class 'jump'; move some of its videos to train, or take the class away"),
    Case("a class that is not in the test", [*TRAIN_TEST, *several("train/jump")],
         classes={"run": 4, "walk": 4, "jump": 2}, subsets={"train": 6, "test": 4}),
    Case("the classes one folder deeper", several("videos/run", "videos/walk"),
         error="holds only the folder 'videos', so it has only the class 'videos'; if the classes are the folders"),
    Case("train and test one folder deeper", several("data/train/run", "data/train/walk", "data/test/run"),
         error="if the classes are the folders in it, set `root: "),
    Case("a wanted layout that is not there", GOOD, {"layout": "subset/class"},
         error="/run: holds videos, but no name of a subset"),
    Case("an empty class", [*GOOD, "jump/notes.txt"],
         error="/jump: holds no videos, but 1 file of another kind (.txt)"),
    Case("a class's name in two normal forms", several("train/caf\u00e9", "train/bar", "test/cafe\u0301", "test/bar"),
         classes={"caf\u00e9": 4, "bar": 4}, subsets=HALVES),
    Case("a person's name in two normal forms", several("run/Jos\u00e9", "walk/Jose\u0301", "run/ben", "walk/ben"),
         {"group": ".*/(.*)/"}, classes=EACH, groups={"Jos\u00e9", "ben"}),
    Case("labels that differ in case", [*several("train/Run", "train/walk", "test/run", "test/walk")],
         error="differ only in spelling"),
]  # fmt: skip

LEFT_OUT = [
    Case("folders of systems",
         [*GOOD, "run/@eaDir/1.mp4/SYNOVIDEO.mp4", "#recycle/a.mp4", "$RECYCLE.BIN/b.mp4", "lost+found/c.mp4",
          "System Volume Information/d.mp4", ".Trash-1000/e.mp4", "__MACOSX/run/._1.mp4", "walk/.AppleDouble/1.mp4"],
         classes=BOTH,
         skipped="8 folders that are hidden or a system's (#recycle, $RECYCLE.BIN, .AppleDouble, ...)"),
    Case("files of systems",
         [*GOOD, "run/Thumbs.db", "run/desktop.ini", "walk/.DS_Store", "walk/._walk1.mp4", "run/a.mp4:Zone.Identifier"],
         classes=BOTH,
         skipped="5 files that are hidden or a system's (.DS_Store, ._*, Thumbs.db, ...)"),
    Case("files of unknown ending", [*GOOD, "run/a.dat", "run/b.DAT", "run/c.xyz", "walk/noending"], classes=BOTH,
         skipped="4 files of unknown ending (.dat 2, .xyz, no ending)"),
    Case("videos without an ending", {**dict.fromkeys(GOOD, b""), "run/GOPR0001": VIDEO}, classes=BOTH,
         skipped="1 file that looks like a video, but lacks a video's ending (rename it) (GOPR0001)"),
    Case("downloads that were cut off, and archives", [*GOOD, "run/a.mp4.part", "run/b.crdownload", "walk/more.zip"],
         classes=BOTH,
         skipped="2 unfinished downloads (.crdownload, .part), 1 archive (unpack it if it holds videos) (more.zip)"),
    Case("only files of unknown ending", ["run/a.dav", "walk/b.dav"],
         error="holds no videos in folders, one per class (left out: 2 files of unknown ending (.dav 2))"),
    Case("side files of cameras", [*GOOD, "run/GOPR1.THM", "run/GL01.LRV", "walk/dji.lrf"], classes=BOTH,
         skipped="3 side files of cameras (.lrf, .lrv, .thm)"),
    Case("camcorders, raw streams and 360 degrees", ["run/MOV001.MOD", "run/a.TOD", "walk/b.264", "walk/c.insv"],
         classes=BOTH),
    Case("a blank behind the ending", ["run/a.mp4 ", "run/b.MP4", "walk/c.Mp4", "walk/d.mp4"], classes=BOTH),
    Case("thumbnails beside videos", [*GOOD, "run/run1.jpg", "walk/walk1_thumb.png", "walk/walk1.gif"], classes=BOTH,
         skipped="2 images beside videos (.jpg, .png), 1 preview of a video beside it (.gif)"),
    Case("thumbnails in a folder", [*GOOD, "run/thumbs/1.jpg", "walk/pictures/walk1.jpg", "walk/pictures/walk2.jpg"],
         classes=BOTH, skipped="2 folders of thumbnails (pictures, thumbs)"),
    Case("a folder of thumbnails beside the classes", [*GOOD, "thumbs/1.jpg", "thumbs/2.jpg"], classes=BOTH,
         skipped="1 folder of thumbnails (thumbs)"),
    Case("a cover picture above the videos",
         ["run/ann/1.mp4", "run/b.mp4", "walk/ben/1.mp4", "walk/c.mp4", "cover.jpg", "run/run.jpg"],
         classes=BOTH, skipped="2 images beside videos (.jpg 2)"),
    Case("frames beside the videos they come from",
         [*GOOD, "run/run1/0001.jpg", "run/frames/run2/0001.jpg", "walk/walk1_frames/1.jpg", "walk/walk2/images/1.jpg"],
         classes=BOTH,
         skipped="4 folders with frames of videos beside them (images, run1, run2, ...)"),
    Case("the videos once more as frames, in a folder beside",
         [*several("videos/run", "videos/walk"), "frames/run/videos_run1/1.jpg", "frames/walk/videos_walk1/1.jpg"],
         error="holds only the folder 'videos'"),
    Case("folders of frames are videos", ["run/a/1.jpg", "run/b/1.png", "walk/a/1.jpg", "walk/b/1.jpg"], classes=BOTH),
    Case("folders of frames with thumbnails and a poster",
         ["run/a/1.jpg", "run/b/1.jpg", "run/poster.jpg", "walk/a/1.jpg", "walk/a/thumbs/1.jpg", "walk/b/1.jpg"],
         classes=BOTH, skipped="1 image beside videos (.jpg), 1 folder of thumbnails (thumbs)"),
    Case("images beside folders of images",
         [*(f"run/ann/{n}.jpg" for n in range(9)), "run/ann/b/1.jpg", *several("walk")],
         error="/run/ann: holds images, and folders of images, so it cannot be told which are the videos"),
    Case("pictures instead of videos", ["train/run/1.jpg", "train/walk/2.jpg", "test/run/3.jpg", "test/walk/4.jpg"],
         error="/test/run: holds images; each class needs a folder below"),
    Case("awkward names",
         ['a {b}/%s "x" \'y\' #1.mp4', "a {b}/-x\\n.mp4", "c:d/{wildcards}.mp4", "c:d/2024-05-01T10:15.mp4"],
         classes={"a {b}": 2, "c:d": 2}),
    Case("a line break in a name", [*GOOD, "run/a\nb.mp4"], error="this name has a line break; rename it"),
]  # fmt: skip

CASES = [*LAYOUTS, *LEFT_OUT]


def listed(options: dict) -> Listing:
    """What is in a folder, checked as before any job; UserError where it is refused."""
    found = listing(options, "")
    own_checks.check(found.videos, options["root"])
    splits.check_possible(SPLITS | options.get("splits", {}), found.videos)
    return found


def rows() -> list[tuple[str, str]]:
    """The table: each case, and what becomes of it."""
    return [(case.name, _described(case)) for case in CASES]


def _described(case: Case) -> str:
    with TemporaryDirectory() as folder:
        try:
            found = listed(case.make(Path(folder)))
        except UserError as error:
            return f"**refused**: {str(error).replace(f'{folder}/', '').replace(folder, 'root')}"
    labels, subsets = ([getattr(video, name) for video in found.videos] for name in ("label", "subset"))
    taken = [f"{labels.count(label)} of `{label}`" for label in dict.fromkeys(labels)]
    taken += [f"{name} {subsets.count(name)}" for name in ("train", "val", "test") if name in subsets]
    left = f". Left out: {skipped.summary(found.skipped)}" if found.skipped else ""
    return f"taken: {', '.join(taken)}{left}"
