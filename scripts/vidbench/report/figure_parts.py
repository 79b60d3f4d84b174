"""A data set's figures by the part of the page that they stand in."""

import base64
from pathlib import Path

from vidbench.figure_catalogue import CATALOGUE
from vidbench.report.alt_texts import alt_text, caption
from vidbench.report.evidence import Evidence, Row

PARTS = {
    "comparison": "Comparison",
    "protocol": "More or fewer clips",
    "motion": "Does it use motion?",
    "cost": "Cost",
    "errors": "Errors",
    "explanations": "Where the models look",
    "training": "Training",
    "data": "Data set",
}


def in_parts(
    captions: Path, paths: list[Path], evidence: Evidence, scores: list[Row], videos: str
) -> dict[str, list[dict[str, str]]]:
    """Each figure as a data address, with title, caption and alternative text, in the order of the catalogue."""
    there = {path.stem: path for path in paths}
    parts: dict[str, list[dict[str, str]]] = {part: [] for part in PARTS}
    for name, entry in CATALOGUE.items():
        if name in there:
            data = base64.b64encode(there[name].read_bytes()).decode()
            parts[entry.part].append({
                "id": f"{evidence.name}-figure-{name}",
                "title": entry.title,
                "caption": caption(captions, name),
                "alt": alt_text(name, entry.title, evidence, scores, videos),
                "source": f"data:image/svg+xml;base64,{data}",
                "file": f"{evidence.name}/figures/{name}.svg",
            })  # fmt: skip
    return parts
