"""Write the report: one HTML page that needs no network.

Example:
    python scripts/build_report.py --options '{"title": "VidBench report", "formats": []}' \\
        --settings config/config.yaml --datasets results/motion \\
        --figures results/motion/figures/*.svg --output results/report.html

Everything on the page is read from what the steps wrote into the data sets' folders: comparison.csv
says which runs are shown.
"""

import base64
from collections import Counter
from pathlib import Path

import jinja2
import yaml

from vidbench import cli
from vidbench.datasets.video import read_videos
from vidbench.figure_catalogue import CATALOGUE
from vidbench.files import read_csv, read_json, write_text
from vidbench.fractions import is_variant
from vidbench.results import in_order
from vidbench.wording import answer, duration, known, network, number, percent, pixels, start, trained_part

FOLDER = Path(__file__).resolve().parents[1] / "report"
MOST_LEAKS = 20  # shown of each split; duplicates.csv has them all


def main() -> None:
    parser = cli.parser(__doc__)
    parser.add_argument("--options", type=cli.options, required=True, help="complete `report` section")
    parser.add_argument("--settings", type=cli.options, required=True, help="configuration to show as it is")
    parser.add_argument("--datasets", type=Path, nargs="+", required=True, help="folders results/{dataset}")
    parser.add_argument("--output", type=Path, required=True, help="HTML file to write")
    parser.add_argument("--figures", type=Path, nargs="*", default=None, help="their figures, SVG files (default: all)")
    arguments = parser.parse_args()
    figures = arguments.figures or [path for folder in arguments.datasets for path in folder.glob("figures/*.svg")]
    loader = jinja2.FileSystemLoader(FOLDER)
    page = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    page.filters |= {"percent": percent, "number": number, "duration": duration, "pixels": pixels, "known": known}
    text = page.get_template("page.html.j2").render(
        title=arguments.options["title"],
        datasets=[describe(folder, figures) for folder in arguments.datasets],
        settings=yaml.safe_dump(arguments.settings, sort_keys=False, allow_unicode=True),
    )
    write_text(arguments.output, text)


def describe(folder: Path, figures: list[Path]) -> dict[str, object]:
    """All that the page says of one data set; `figures`: those of all data sets."""
    comparison, summary = read_csv(folder / "comparison.csv"), read_csv(folder / "summary.csv")
    records = [run_record(folder, row) for row in comparison]
    splits = in_order([row["split"] for row in comparison])
    diagnosis = read_json(folder / "diagnosis.json")
    return {
        "name": folder.name,
        "answer": answer(folder.name, summary),
        "summary": summary,
        "pairwise": read_csv(folder / "pairwise.csv"),
        "comparison": comparison,
        "splits": [split_row(folder, split) for split in splits],
        "inspection": inspection(folder),
        "diagnosis": diagnosis | {"most_leaks": MOST_LEAKS},
        "figures": in_parts([path for path in figures if path.parent == folder / "figures"]),
        "models": distinct(records),
        "networks": networks(records),
        "stored_features": any(record.get("features") for record in records),
        "diverged": {row["model"] for row in comparison if row["status"] != "ok" and not is_variant(row["split"])},
        "swept": any(row["trial"] for row in comparison),
        "variants": [split for split in splits if is_variant(split)],
        "devices": in_order([record["device"]["name"] for record in records]),
        "on_cpu": all(record["device"]["type"] == "cpu" for record in records),
        "versions": in_order([", ".join(" ".join(item) for item in record["versions"].items()) for record in records]),
        "frames": in_order(
            [f"{record['frames']['recipe']}, ffmpeg {record['frames']['ffmpeg']}" for record in records]
        ),
        "seeds": in_order([record["seed"] for record in records]),
        "train_seconds": sum(float(row["sweep_seconds"] or row["train_seconds"]) for row in comparison),
    }


def run_record(folder: Path, row: dict[str, str]) -> dict:
    """options.json of a run, with the model's name and, where it is swept, the trial's."""
    record = read_json(folder / row["split"] / row["model"] / f"seed{row['seed']}" / "options.json")
    return {"trial": None, **record, "model": row["model"]}


def distinct(records: list[dict]) -> list[dict]:
    """One record a model; of a swept one, a record for each trial that was chosen somewhere."""
    return list({(record["model"], record["trial"]): record for record in records}.values())


def networks(records: list[dict]) -> list[dict[str, str]]:
    """Network, first weights and trained part of each model; none where all are trained whole from random weights."""
    rows = {
        record["model"]: {
            "model": record["model"],
            "network": network(record["options"]),
            "start": start(record["options"]),
            "trained": trained_part(record["options"]),
        }
        for record in records
    }
    plain = all(row["start"] == "random" and row["trained"] == "all" for row in rows.values())
    return [] if plain else list(rows.values())


def split_row(folder: Path, split: str) -> dict[str, object]:
    """Videos, groups and classes of each subset of a split."""
    videos = {video.video: video for video in read_videos(folder / "videos.csv")}
    subset = {row["video"]: row["subset"] for row in read_csv(folder / "splits" / f"{split}.csv")}
    row: dict[str, object] = {"split": split}
    for name in ("train", "val", "test"):
        members = [videos[video] for video, where in subset.items() if where == name]
        row[name] = {
            "videos": len(members),
            "groups": len({video.group for video in members}),
            "classes": len({video.label for video in members}),
        }
    return row


def inspection(folder: Path) -> dict[str, object]:
    """Counts by class, and the videos that could not be decoded, or not to their end."""
    found = read_csv(folder / "inspection.csv")
    counts = Counter(video.label for video in read_videos(folder / "videos.csv"))
    return {
        "videos": len(found),
        "classes": sorted(counts.items()),
        "bad": [row for row in found if row["status"] != "ok"],
    }


def in_parts(paths: list[Path]) -> dict[str, list[dict[str, str]]]:
    """A data set's figures by the part of the page that they stand in, in the order of the catalogue."""
    there = {path.stem: path for path in paths}
    parts: dict[str, list[dict[str, str]]] = {entry.part: [] for entry in CATALOGUE.values()}
    for name, entry in CATALOGUE.items():
        if name in there:
            parts[entry.part].append(figure(there[name], name, entry.title))
    return parts


def figure(path: Path, name: str, title: str) -> dict[str, str]:
    """A figure as a data address, with its caption."""
    caption = " ".join((FOLDER / f"{name}.rst").read_text(encoding="utf-8").split())
    data = base64.b64encode(path.read_bytes()).decode()
    return {"title": title, "caption": caption, "source": f"data:image/svg+xml;base64,{data}", "file": path.name}


if __name__ == "__main__":
    cli.run(main)
