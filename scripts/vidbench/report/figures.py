"""A data set's figures by the part of the page that they are in."""

import base64
import re
from pathlib import Path

from vidbench.plotting.catalogue import CATALOGUE
from vidbench.report.alt_texts import alt_text
from vidbench.report.captions import caption
from vidbench.report.dataset_results import DatasetResults, Row

PARTS = {
    "comparison": "Comparison",
    "pairs": "Pairs of models",
    "protocol": "More or fewer clips",
    "motion": "Does it use motion?",
    "cost": "Cost",
    "errors": "Errors",
    "labels": "Labels to check",
    "explanations": "Where the models look",
    "training": "Training",
    "data": "Data set",
}
WIDE = 300  # points: a narrower figure is shown as it is, not enlarged
Figures = dict[str, list[dict[str, object]]]  # by part of the page


def width(svg: bytes) -> float:
    """Return the width of a figure in points, as its SVG file says; 0 where it does not."""
    match = re.search(rb'<svg[^>]*?\swidth="([\d.]+)pt"', svg)
    return float(match[1]) if match else 0.0


def in_parts(captions: Path, paths: list[Path], results: DatasetResults, scores: list[Row], videos: str) -> Figures:
    """Return each figure as a data address, with title, caption and alternative text, in the order of the catalogue."""
    by_name = {path.stem: path for path in paths}
    parts: Figures = {part: [] for part in PARTS}
    for name, entry in CATALOGUE.items():
        if name in by_name:
            content = by_name[name].read_bytes()
            data = base64.b64encode(content).decode()
            parts[entry.part].append({
                "id": f"{results.name}-figure-{name}",
                "title": entry.title,
                "caption": entry.caption or caption(captions, name, results, len({row["class"] for row in scores})),
                "alt": alt_text(name, entry.title, results, scores, videos),
                "source": f"data:image/svg+xml;base64,{data}",
                "wide": width(content) > WIDE,
                "file": f"{results.name}/figures/{name}.svg",
            })  # fmt: skip
    return parts
