"""Write schemas/config.schema.yaml: the schema for the catalogue of Snakemake's workflows, which follows no $ref.

Example:
    python tests/tools/describe_schema.py --write
"""

import sys
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "scripts"))

from vidbench.config.schema import schema  # noqa: E402

TARGET = PROJECT / "schemas" / "config.schema.yaml"
HEAD = """# The configuration, for the table of the catalogue of Snakemake's workflows: made by `make docs` from
# config/schemas/config.schema.yaml, which is what a configuration is checked against.
"""
SHOWN = ("type", "description", "default")  # of a key, in the table
NAME = "NAME"  # stands for any name in a catalogue of entries


def text() -> str:
    """The whole file."""
    root = schema()
    top = {definition_of(node) for node in root["properties"].values()} - {None}
    shown = {"title": root["title"], "type": "object", **properties(root, top)}
    return HEAD + yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=120)


def properties(node: dict, known: set[str], is_top: bool = True) -> dict:
    """A node's keys with those below them; a definition is shown once, at the top or else where it comes first.

    `known`: the definitions that have a place, which grows.
    """
    children = {}
    for key, child in node.get("properties", {}).items():
        children[key] = described(child, known, is_top)
    entry = node.get("additionalProperties")
    if isinstance(entry, dict) and definition_of(entry):
        children[NAME] = described(entry, known, False)
    if not children:
        return {}
    return {"required": [key for key in node.get("required", []) if key in children], "properties": children}


def described(node: dict, known: set[str], is_top: bool) -> dict:
    """What the table shows of a key: type, meaning and default, and the keys below it."""
    definition = definition_of(node)
    merged = (schema()["$defs"][definition] if definition else {}) | node
    shown = {key: merged[key] for key in SHOWN if key in merged and merged[key] != {}}
    shown["type"] = type_of(merged)
    if definition and definition in known and not is_top:
        return shown | {"description": f"{shown.get('description', '')} Its keys: see `{definition}`.".strip()}
    if definition:
        known.add(definition)
    return shown | properties(merged, known, False)


def definition_of(node: dict) -> str | None:
    """Name of the definition that a node refers to."""
    return node["$ref"].rsplit("/", 1)[-1] if "$ref" in node else None


def type_of(node: dict) -> str:
    """The type as one word or more: the table shows a list as Python writes it."""
    if "enum" in node:
        return ", ".join("null" if value is None else str(value).lower() for value in node["enum"])
    if "oneOf" in node and "type" not in node:
        return " or ".join(type_of(option) for option in node["oneOf"])
    kinds = node.get("type", "object")
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


if __name__ == "__main__":
    if "--write" in sys.argv:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(text(), encoding="utf-8")
    else:
        print(text())
