"""Odd CSV manifests, with what is right for each: for a test, and for docs/manifest_cases.md (describe_cases.py)."""

import codecs
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from vidbench.datasets import csv_manifest, own_checks
from vidbench.doctor import data_warnings
from vidbench.errors import UserError
from vidbench.video import Video

TITLE = "CSV manifests"
TEXT = (
    "Each file lies in a folder with the videos that it names. What is said of it stands on the terminal before the"
    " first job, and in `diagnosis.json`."
)
COLUMNS = ("manifest", "outcome")
BODY = "a.mp4,run,anna\nb.mp4,run,ben\nc.mp4,jump,anna\nd.mp4,jump,ben\n"
PLAIN = f"path,label,group\n{BODY}"
VIDEOS = (("a.mp4", "run", "anna"), ("b.mp4", "run", "ben"), ("c.mp4", "jump", "anna"), ("d.mp4", "jump", "ben"))
NOT_GROUPED = tuple((name, label, name) for name, label, _ in VIDEOS)
OFFICIAL = tuple((*video, subset) for video, subset in zip(VIDEOS, ("train", "test", "train", "test"), strict=True))
FILES = ("a.mp4", "b.mp4", "c.mp4", "d.mp4")


@dataclass(frozen=True)
class Case:
    """A manifest, and what is right: its videos with what is said of them, or words of the line that refuses it."""

    name: str
    content: str | bytes
    videos: tuple[tuple, ...] = VIDEOS  # video, label, group; also subset, start, end
    says: tuple[str, ...] = ()  # words of each remark and warning
    refused: tuple[str, ...] = ()
    files: tuple[str, ...] = FILES


def with_column(name: str, *values: str) -> str:
    """The plain manifest with one more column."""
    lines = PLAIN.splitlines()
    return "".join(f"{line},{value}\n" for line, value in zip(lines, (name, *values), strict=True))


def instead_of(old: str, new: str, **more: object) -> tuple[str, str]:
    """Name and content of the plain manifest with another heading."""
    return f"column `{new}` instead of `{old}`", PLAIN.replace(old, new, 1)


def pieces(*rows: str, header: str = "path,label,start,end") -> str:
    """A manifest of pieces: two of a class that needs no look, and others."""
    return "\n".join([header, *rows]) + "\n"


LONG = ("long.mp4,run,0,5", "long.mp4,jump,5,9", "other.mp4,run,1,2", "other.mp4,jump,3,")
LONG_FILES = ("long.mp4", "other.mp4")
LONG_VIDEOS = (
    ("long.mp4 0-5", "run", "long.mp4", "", None, 5.0),
    ("long.mp4 5-9", "jump", "long.mp4", "", 5.0, 9.0),
    ("other.mp4 1-2", "run", "other.mp4", "", 1.0, 2.0),
    ("other.mp4 3-end", "jump", "other.mp4", "", 3.0, None),
)


def bad_piece(what: str, interval: str, *words: str) -> Case:
    """A manifest whose last row has an interval that is refused."""
    return Case(
        f"`start,end` is `{interval}`: {what}", pieces(*LONG, f"long.mp4,run,{interval}"), files=LONG_FILES,
        refused=("line 6", *words),
    )  # fmt: skip


TEXTS = (
    Case("plain", PLAIN),
    Case("UTF-8 with a byte order mark, CRLF", codecs.BOM_UTF8 + PLAIN.replace("\n", "\r\n").encode()),
    Case("CR alone ends lines (old Mac)", PLAIN.replace("\n", "\r")),
    Case("UTF-16 with a byte order mark (\"Unicode text\" of Excel), tabs", PLAIN.replace(",", "\t").encode("utf-16")),
    Case("UTF-16, big end first, without a mark", PLAIN.encode("utf-16-be")),
    Case("UTF-32 with a byte order mark", PLAIN.encode("utf-32")),
    Case(
        "Windows-1252", PLAIN.replace("anna", "Zoë").encode("cp1252"), says=("read as Windows-1252 (e.g. 'Zoë')",),
        videos=tuple((name, label, group.replace("anna", "Zoë")) for name, label, group in VIDEOS),
    ),
    Case("Windows-1251 (Cyrillic)", PLAIN.replace("run", "бег").encode("cp1251"), refused=("not a CSV file in UTF-8",)),
    Case("GBK (Chinese)", PLAIN.replace("run", "跑步").encode("gbk"), refused=("not a CSV file in UTF-8", "line 2")),
    Case("Mac Roman", PLAIN.replace("run", "café").encode("mac_roman"), refused=("not a CSV file in UTF-8", "line 2")),
    Case("an .xlsx file", b"PK\x03\x04\x14\0\x06\0", refused=("is a spreadsheet", "export the table as CSV")),
    Case("an .xls file", b"\xd0\xcf\x11\xe0\xa1\xb1", refused=("is an old Excel file", "export the table as CSV")),
    Case("a compressed CSV (.csv.gz)", b"\x1f\x8b\x08\0", refused=("is compressed",)),
    Case("null bytes at the end (the disk was full)", PLAIN.encode() + b"\0\0\0\0", refused=("null byte in line 6",)),
    Case("semicolons", PLAIN.replace(",", ";")),
    Case("pipes", PLAIN.replace(",", "|")),
    Case("a first line `sep=;`", "sep=;\r\n" + PLAIN.replace(",", ";")),
    Case("empty lines above the header and between rows", "\n\n , \n" + PLAIN.replace("\nc", "\n\nc")),
    Case("a title above the header", "Videos of 2026,,\n\n" + PLAIN,
         says=("the header is in line 3; what stands above it ('Videos of 2026,,') is not read",)),
    Case("rows `,,` at the end", PLAIN + ",,\n , \u00a0,\n\n"),
    Case("a comma at the end of each line", PLAIN.replace("\n", ",\n")),
    Case("comments (#) above the header", "# made by hand, 2026\n#\n" + PLAIN),
    Case(
        "comments between rows, one of them a row", PLAIN + " # second day, anna's camera, at 3 pm\n#e.mp4,run,anna\n",
        says=("2 lines that begin with # are comments",),
    ),
    Case(
        "a file whose name begins with #", PLAIN + "#1.mp4,run,anna\n", (*VIDEOS, ("#1.mp4", "run", "anna")),
        files=(*FILES, "#1.mp4"),
    ),
    Case("a header `#path,label,group`", "#" + PLAIN),
    Case("a quote that is never closed", PLAIN + '"e.mp4,run,anna\n', refused=("in line 6", "never closed")),
    Case("an empty file", "", refused=("lists no video",)),
    Case("a header alone", "path,label\n", refused=("lists no video",)),
    Case("no header", BODY, refused=("has no column 'path'", "first line")),
    Case("a row with more values than columns", PLAIN + "e,f.mp4,run,anna\n", refused=("line 6: has more values",)),
    Case("a row without a label", PLAIN + "e.mp4\n", refused=("line 6: label is empty",), files=(*FILES, "e.mp4")),
)  # fmt: skip

COLUMN_NAMES = (
    Case("headings with blanks and capitals", PLAIN.replace("path,label,group", " Path ,\u00a0LABEL,\ufeffGroup")),
    Case(*instead_of("path", "Video File"), says=("column 'Video File' is taken as path",)),
    Case(*instead_of("path", "filename"), says=("column 'filename' is taken as path",)),
    Case(*instead_of("path", "name"), says=("column 'name' is taken as path",)),
    Case(*instead_of("label", "class_name"), says=("column 'class_name' is taken as label",)),
    Case(*instead_of("label", "Action"), says=("column 'Action' is taken as label",)),
    Case(*instead_of("group", "person"), says=("column 'person' is taken as group",)),
    Case(*instead_of("group", "subject_id"), says=("column 'subject_id' is taken as group",)),
    Case(*instead_of("group", "gruop"), refused=("the column 'gruop' would be ignored; name it 'group'",)),
    Case(*instead_of("label", "lable"), refused=("has no column 'label'", "lable")),
    Case(
        "`source` with one value in all rows",
        "path,label,source\n" + BODY.replace("anna", "web").replace("ben", "web"), NOT_GROUPED,
        says=("columns that are not used: 'source'",),
    ),
    Case("`person` and `scene`", with_column("scene", *"1212").replace("group", "person"),
         refused=("'person' and 'scene' may both be the group; name one of them 'group'",)),
    Case("`group` and `person`", with_column("person", *"1212"), says=("not used: 'person'",)),
    Case("`label` twice", with_column("label", *"1212"), refused=("has the column 'label' more than once",)),
    Case("`split` with train and test", with_column("split", "train", "test", "train", "test"), OFFICIAL,
         says=("column 'split' is taken as subset",)),
    Case("`Partition` with Training and Testing", with_column("Partition", *["Training", "Testing"] * 2),
         OFFICIAL, says=("column 'Partition' is taken as subset", "'Testing' as test, 'Training' as train")),
    Case("`subset` with TRAIN and TEST", with_column("subset", "TRAIN", "TEST", "TRAIN", "TEST"), OFFICIAL),
    Case("`subset` with train, eval and test: eval is validation",
         with_column("subset", "train", "test", "train", "eval"),
         tuple((*video, subset) for video, subset in zip(VIDEOS, ["train", "test", "train", "val"], strict=True)),
         says=("in the subsets, 'eval' as val", "no test video of 'jump'")),
    Case("`subset` with train, val and eval", with_column("subset", "train", "eval", "train", "val"),
         refused=("the column 'subset' holds 'eval' beside 'val'", "write val or test instead of 'eval'")),
    Case("`subset` with words around, and abbreviations",
         with_column("subset", "train set", "TestVideos", "trn", "tst"), OFFICIAL,
         says=("'TestVideos' as test, 'train set' as train, 'trn' as train, 'tst' as test",)),
    Case("`split` with numbers", with_column("split", *"1212"), refused=("'split' holds numbers (e.g. 1)", "subset2")),
    Case("`fold` with numbers", with_column("fold", *"1212"), says=("column 'fold' is not used: folds are made",)),
    Case("`set` with other words", with_column("set", *"ABAB"), refused=("line 2: set 'A' is none of train, val",)),
    Case("`split` and `set`", with_column("split,set", *["train,1", "test,2"] * 2),
         refused=("'split' and 'set' may both be the subset",)),
    Case("`split1` and `split2`", with_column("split1,split2", *["train,test", "test,train"] * 2),
         tuple((*video, subset) for video, subset in zip(VIDEOS, ["train", "test"] * 2, strict=True)),
         says=("columns 'split1', 'split2' are taken as the splits' subsets",)),
    Case("`subset3` without `subset2`", with_column("subset,subset3", *["train,test", "test,train"] * 2),
         refused=("'subset3' would be ignored, because there is no 'subset2'",)),
    Case("some rows without a subset", with_column("subset", "train", "test", "train", "test") + "e.mp4,run,eva,\n",
         (*OFFICIAL, ("e.mp4", "run", "eva")), files=(*FILES, "e.mp4"),
         says=("1 of 5 videos has no subset, e.g. 'e.mp4'",)),
    Case("some rows without a group", PLAIN + "e.mp4,run,\n", (*VIDEOS, ("e.mp4", "run", "e.mp4")),
         files=(*FILES, "e.mp4"), says=("1 of 5 videos has no group, e.g. 'e.mp4'",)),
    Case("an index column of pandas, and others", "".join(
        f"{number},{line},{value}\n"
        for number, line, value in zip(["", *"0123"], PLAIN.splitlines(), ["fps", *"5555"], strict=True)),
         says=("columns that are not used: number 1 (without a name), 'fps'",)),
    Case("no `group` and 31 videos", "path,label\n" + "".join(f"{n}.mp4,{'xy'[n % 2]}\n" for n in range(31)),
         tuple((f"{n}.mp4", "xy"[n % 2], f"{n}.mp4") for n in range(31)), files=tuple(f"{n}.mp4" for n in range(31)),
         says=("no two of the 31 videos are in one group",)),
)  # fmt: skip

CELLS = (
    Case("a label with unbreakable and double blanks",
         PLAIN.replace("run", "high\u00a0 jump\u3000"),
         tuple((name, label.replace("run", "high jump"), group) for name, label, group in VIDEOS)),
    Case("a label with a zero-width space", PLAIN.replace("run", "r\u200bun")),
    Case("a label with a bell", PLAIN.replace("run", "run\x07"), refused=("line 2", "character 4 is U+0007")),
    Case("a label of two lines", PLAIN.replace("run,anna", '"run\nfast",anna'), refused=("line 3", "a line break")),
    Case("labels are numbers", PLAIN.replace("run", "007").replace("jump", "7"),
         tuple((name, "007" if label == "run" else "7", group) for name, label, group in VIDEOS)),
    Case("`run|jump` beside `run` and `jump`", PLAIN + "e.mp4,run|jump,eva\nf.mp4,run|jump,fay\n",
         (*VIDEOS, ("e.mp4", "run|jump", "eva"), ("f.mp4", "run|jump", "fay")), files=(*FILES, "e.mp4", "f.mp4"),
         says=("'run|jump' (2 videos) looks like several labels",)),
    Case("`run, jump` beside `run` and `jump`", PLAIN + 'e.mp4,"run, jump",eva\nf.mp4,"run, jump",fay\n',
         (*VIDEOS, ("e.mp4", "run, jump", "eva"), ("f.mp4", "run, jump", "fay")), files=(*FILES, "e.mp4", "f.mp4"),
         says=("'run, jump' (2 videos) looks like several labels",)),
    Case('`["run","jump"]`', PLAIN + "".join(f'{name},"[""run"",""jump""]",eva{name}\n' for name in ("e.mp4", "f.mp4")),
         (*VIDEOS, *((name, '["run","jump"]', f"eva{name}") for name in ("e.mp4", "f.mp4"))),
         files=(*FILES, "e.mp4", "f.mp4"), says=("looks like several labels",)),
    Case("`run` beside `Run`", PLAIN + "e.mp4,Run,eva\n", refused=("'run' and 'Run' differ only in spelling",),
         files=(*FILES, "e.mp4")),
    Case("blanks and a byte order mark around a path",
         PLAIN.replace("a.mp4", "\ufeffa.mp4\u00a0").replace("b.mp4", " b.mp4")),
    Case("backslashes", PLAIN.replace("a.mp4", r"sub\a.mp4"), (("sub/a.mp4", "run", "anna"), *VIDEOS[1:]),
         files=("sub/a.mp4", *FILES)),
    Case("a path of Windows", PLAIN.replace("a.mp4", r"C:\Users\me\a.mp4"), refused=("line 2", "a path of Windows")),
    Case("an address", PLAIN.replace("a.mp4", "https://host/a.mp4"), refused=("line 2", "is an address, not a file")),
    Case("accents composed otherwise than on the disk", PLAIN.replace("a.mp4", unicodedata.normalize("NFD", "é.mp4")),
         ((unicodedata.normalize("NFD", "é.mp4"), "run", "anna"), *VIDEOS[1:]), files=("é.mp4", *FILES)),
    Case("a group and a label, each composed in two ways (NFC and NFD)",
         PLAIN.replace("anna", "Jos\u00e9", 1).replace("anna", "Jose\u0301")
         + "e.mp4,caf\u00e9,ben\nf.mp4,cafe\u0301,Jose\u0301\n",
         (*((name, label, group.replace("anna", "Jos\u00e9")) for name, label, group in VIDEOS),
          ("e.mp4", "caf\u00e9", "ben"), ("f.mp4", "caf\u00e9", "Jos\u00e9")), files=(*FILES, "e.mp4", "f.mp4")),
    Case("a colon in a name", PLAIN.replace("a.mp4", "2024-05-01T10:15:32.mp4"),
         (("2024-05-01T10:15:32.mp4", "run", "anna"), *VIDEOS[1:]), files=("2024-05-01T10:15:32.mp4", *FILES)),
    Case("a file that is not there", PLAIN + "e.mp4,run,eva\n", refused=("no such file", "e.mp4")),
    Case("a file twice", PLAIN + "a.mp4,run,eva\n",
         refused=("'a.mp4' is listed more than once, in lines 2 and 6; keep one",)),
    Case("a file with two labels", PLAIN + "a.mp4,jump,anna\n",
         refused=("'a.mp4' is listed more than once, in lines 2 and 6, with two labels, 'run' and 'jump'; keep the",)),
)  # fmt: skip

PIECES = (
    Case("`start`, `end`: pieces", pieces(*LONG), LONG_VIDEOS, files=LONG_FILES),
    Case("`mm:ss.s` and `hh:mm:ss`", pieces(*LONG, "long.mp4,run,1:12.5,01:02:03"),
         (*LONG_VIDEOS, ("long.mp4 72.5-3723", "run", "long.mp4", "", 72.5, 3723.0)), files=LONG_FILES),
    Case("semicolons and decimal commas", pieces(*LONG, "long.mp4,run,72_5,73.25").translate({44: ";", 95: ","}),
         (*LONG_VIDEOS, ("long.mp4 72.5-73.25", "run", "long.mp4", "", 72.5, 73.25)), files=LONG_FILES),
    Case("a file once whole and once in pieces", pieces(*LONG, "long.mp4,run,,"),
         (*LONG_VIDEOS, ("long.mp4", "run", "long.mp4")), files=LONG_FILES),
    Case("pieces that overlap, of different labels", pieces(*LONG, "long.mp4,jump,4,6"),
         (*LONG_VIDEOS, ("long.mp4 4-6", "jump", "long.mp4", "", 4.0, 6.0)), files=LONG_FILES),
    Case("pieces that overlap in different groups", pieces(
        "long.mp4,run,0,5,g", "long.mp4,jump,4,9,h", "other.mp4,run,1,2,h", "other.mp4,jump,3,,g",
        header="path,label,start,end,group"),
         (("long.mp4 0-5", "run", "g", "", None, 5.0), ("long.mp4 4-9", "jump", "h", "", 4.0, 9.0),
          ("other.mp4 1-2", "run", "h", "", 1.0, 2.0), ("other.mp4 3-end", "jump", "g", "", 3.0, None)),
         files=LONG_FILES, says=("'long.mp4 0-5' (g) and 'long.mp4 4-9' (h)",)),
    Case("all pieces of a class in one file", pieces(*LONG[:2], "long.mp4,run,6,7", LONG[3]),
         files=LONG_FILES, refused=("class 'run' are in the group 'long.mp4'", "pieces of one file are one group")),
    Case("columns `time_start`, `time_end`", pieces(*LONG, header="path,label,time_start,time_end"), LONG_VIDEOS,
         files=LONG_FILES, says=("'time_start' is taken as start", "'time_end' is taken as end")),
    Case("columns `start_frame`, `end_frame`", pieces(*LONG, header="path,label,start_frame,end_frame"),
         files=LONG_FILES, refused=("the column 'start_frame' is not in seconds",)),
    Case("columns `start`, `duration`", pieces(*LONG, header="path,label,start,duration"), files=LONG_FILES,
         refused=("has start and duration, but no end",)),
    Case("the same piece twice", pieces(*LONG, "long.mp4,jump,0:00,5.0"), files=LONG_FILES,
         refused=("'long.mp4 0-5' is listed more than once, in lines 2 and 6, with two labels, 'run' and 'jump'",)),
    Case("pieces of `long.mp4` and `./long.mp4`", pieces(*LONG, "./long.mp4,run,10,11"),
         (*LONG_VIDEOS, ("long.mp4 10-11", "run", "long.mp4", "", 10.0, 11.0)), files=LONG_FILES),
    Case("pieces of `\u00e9.mp4`, composed in two ways (NFC and NFD)",
         pieces("\u00e9.mp4,run,0,5", "e\u0301.mp4,jump,5,9", *LONG[2:]),
         (("\u00e9.mp4 0-5", "run", "\u00e9.mp4", "", None, 5.0),
          ("\u00e9.mp4 5-9", "jump", "\u00e9.mp4", "", 5.0, 9.0), *LONG_VIDEOS[2:]),
         files=("\u00e9.mp4", LONG_FILES[1])),
    Case("pieces of `long.mp4` and `sub/../long.mp4`", pieces(*LONG, "sub/../long.mp4,run,10,11"),
         files=(*LONG_FILES, "sub/a"), refused=("are the same file; write its path alike",)),
    bad_piece("it ends before it begins", "5,4", "ends at 4 s, but begins at 5 s"),
    bad_piece("nothing is in it", "5,5", "ends at 5 s, but begins at 5 s"),
    bad_piece("75 seconds in a minute", "1:75,2:00", "'1:75' has seconds of 60 or more"),
    bad_piece("negative", "-1,4", "'-1' is negative"),
    bad_piece("no number", "nan,4", "'nan' is no time"),
    bad_piece("a time code with frames", "00:00:01:10,4", "'00:00:01:10' is no time"),
)  # fmt: skip

CASES = (*TEXTS, *COLUMN_NAMES, *CELLS, *PIECES)


def outcome(case: Case, folder: Path) -> tuple[list[Video], list[str]]:
    """The videos of a case and all that the terminal says before the first job; UserError where it is refused."""
    for name in case.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    content = case.content.encode() if isinstance(case.content, str) else case.content
    (folder / "videos.csv").write_bytes(content)
    found = csv_manifest.listing({"manifest": str(folder / "videos.csv")})
    own_checks.check(found.videos, str(folder / "videos.csv"))
    options = {"kind": "auto", "folds": 2}
    warnings = data_warnings.subset_warnings(found.videos, options)
    return found.videos, [*found.remarks, *data_warnings.listing_warnings(found.videos), *warnings]


def rows() -> list[tuple[str, str]]:
    """The table: each case, and what becomes of it."""
    return [(case.name, _described(case)) for case in CASES]


def _described(case: Case) -> str:
    with TemporaryDirectory() as folder:
        try:
            videos, said = outcome(case, Path(folder))
        except UserError as error:
            return f"**refused**: {_short(error, folder)}"
    taken = f"{len(videos)} {'pieces or ' if any(video.is_piece for video in videos) else ''}videos"
    return ". ".join([f"taken: {taken}", *(_short(line, folder) for line in said)])


def _short(line: object, folder: str) -> str:
    return str(line).replace(f"{folder}/", "").removeprefix("videos.csv: ")
