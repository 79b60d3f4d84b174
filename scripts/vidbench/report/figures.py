"""A data set's figures by the part of the page that they stand in."""

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
    "explanations": "Where the models look",
    "training": "Training",
    "data": "Data set",
}


WIDE = 300  # points: a narrower figure is shown as it is, not blown up


def width(svg: bytes) -> float:
    """Width of a figure in points, as its SVG file says; 0 where it does not."""
    found = re.search(rb'<svg[^>]*?\swidth="([\d.]+)pt"', svg)
    return float(found[1]) if found else 0.0


def in_parts(
    captions: Path, paths: list[Path], results: DatasetResults, scores: list[Row], videos: str
) -> dict[str, list[dict[str, object]]]:
    """Each figure as a data address, with title, caption and alternative text, in the order of the catalogue."""
    there = {path.stem: path for path in paths}
    parts: dict[str, list[dict[str, object]]] = {part: [] for part in PARTS}
    for name, entry in CATALOGUE.items():
        if name in there:
            content = there[name].read_bytes()
            data = base64.b64encode(content).decode()
            parts[entry.part].append({
                "id": f"{results.name}-figure-{name}",
                "title": entry.title,
                "caption": caption(captions, name, results, len({row["class"] for row in scores})),
                "alt": alt_text(name, entry.title, results, scores, videos),
                "source": f"data:image/svg+xml;base64,{data}",
                "wide": width(content) > WIDE,
                "file": f"{results.name}/figures/{name}.svg",
            })  # fmt: skip
    return parts
