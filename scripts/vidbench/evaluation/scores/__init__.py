"""Scores of your own, one file each, found by being there: docs/extending.md. Imports nothing large."""

from pathlib import Path

_FILES = sorted(Path(__file__).parent.glob("[!_]*.py"))
MODULES = {path.stem: f"vidbench.evaluation.scores.{path.stem}" for path in _FILES}
