"""Write docs/configuration.md from the schema, so that the two never differ.

Example:
    python tests/tools/describe_config.py --write
"""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "scripts"))

from vidbench.config.schema import recipes, schema  # noqa: E402

TARGET = PROJECT / "docs" / "configuration.md"
HEAD = """# Configuration

Made from config/schemas/config.schema.yaml by `make docs`. Your file, named with `--configfile`, is merged
over config/config.yaml: maps are merged, lists are replaced. An unknown key is an error that names the nearest
valid one. A path that begins with `~/` is one of your own folder.
"""
RECIPES = """## Recipes

`recipe: NAME` on a model entry starts from published training settings, which stand in config/recipes.yaml. Later ones
win: the schema's defaults, the recipe, then `training` (or `augmentation`) of the config, of the data set and of the
model. So what a data set's `training` says holds for all its models, whatever their recipes say.
"""


def text() -> str:
    """The whole page."""
    root = schema()
    parts = [HEAD, "## Top level\n", table(root["properties"], root.get("required", []))]
    parts += ["## run\n", table(root["properties"]["run"]["properties"], ["datasets", "models"])]
    for name, definition in root["$defs"].items():
        if "properties" in definition:
            intro = f"{definition['description']}\n\n" if "description" in definition else ""
            parts.append(f"## {name}\n")
            parts.append(intro + table(definition["properties"], definition.get("required", [])))
    parts += [RECIPES, recipe_table()]
    return "\n".join(parts)


def recipe_table() -> str:
    """One row a recipe."""
    rows = ["| recipe | for | settings | source | adapted |", "| --- | --- | --- | --- | --- |"]
    for name, recipe in recipes().items():
        parts = [recipe["training"], recipe.get("augmentation", {})]
        settings = ", ".join(f"{key} {show_value(value)}" for part in parts for key, value in part.items())
        rows.append(
            f"| `{name}` | {recipe['description']} | {settings} | <{recipe['source']}> | {recipe.get('adapted', '')} |"
        )
    return "\n".join(rows) + "\n"


def table(properties: dict, required: list[str]) -> str:
    """One row a key."""
    rows = ["| key | values | default | meaning |", "| --- | --- | --- | --- |"]
    for key, node in properties.items():
        default = "required" if key in required else show_default(node)
        meaning = node.get("description") or schema()["$defs"].get(target(node), {}).get("description", "")
        rows.append(f"| `{key}` | {values(node)} | {default} | {meaning} |".replace("  ", " "))
    return "\n".join(rows) + "\n"


def target(node: dict) -> str:
    """Name of the definition that a node refers to."""
    return node.get("$ref", "").rsplit("/", 1)[-1]


def show_default(node: dict) -> str:
    """The default, as it would be written in a config."""
    if "default" not in node or node["default"] == {}:
        return ""
    return f"`{show_value(node['default'])}`"


def show_value(value: object) -> str:
    """A value, as it would be written in a config."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def values(node: dict) -> str:
    """What may stand there."""
    if "$ref" in node:
        return f"[{target(node)}](#{target(node)})"
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"])
    if "oneOf" in node:
        return " or ".join(values(option) for option in node["oneOf"])
    kinds = node.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "additionalProperties" in node and "$ref" in (node.get("additionalProperties") or {}):
        return f"names of [{target(node['additionalProperties'])}](#{target(node['additionalProperties'])})"
    if "array" in kinds:
        items = values(node.get("items", {}))
        return f"list of {items}" + (" or null" if "null" in kinds else "")
    limits = [f"{sign} {node[key]}" for key, sign in LIMITS.items() if key in node]
    kind = " or ".join(kinds)
    return f"{kind} {', '.join(limits)}".strip()


LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<", "multipleOf": "multiple of"}

if __name__ == "__main__":
    if "--write" in sys.argv:
        TARGET.write_text(text())
    else:
        print(text())
