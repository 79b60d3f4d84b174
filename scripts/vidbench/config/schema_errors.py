"""Errors of a JSON schema's validator in one line that a person understands."""

from typing import Any, cast

import jsonschema

from vidbench.config.hints import hint_at_backbone, takes_frames
from vidbench.errors import did_you_mean

TYPES = {
    "array": "a list",
    "object": "a map of keys",
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def explain(error: jsonschema.ValidationError, name_pattern: str) -> str:
    """Return the error's place and reason; `name_pattern`: the schema's pattern for names that become folders."""
    # To jsonschema's types, all of these may be unset still.
    schema = cast(dict[str, Any], error.schema)
    instance = cast(Any, error.instance)
    expected = cast(Any, error.validator_value)
    where = ".".join(str(part) for part in error.absolute_path) or "top level"
    if error.validator == "additionalProperties":
        valid = schema.get("properties", {})
        unknown = next(key for key in instance if key not in valid)
        return f"{where}: unknown key '{unknown}', {did_you_mean(unknown, valid)}"
    if error.validator == "enum" and where.startswith("models.") and takes_frames(str(instance)):
        return f"{where}: {hint_at_backbone(instance)}"
    if error.validator == "enum":
        return f"{where}: '{instance}' is not known, {did_you_mean(instance, expected)}"
    if error.validator == "required":
        missing = [key for key in expected if key not in instance]
        return f"{where}: the key '{missing[0]}' is missing"
    if error.validator == "oneOf" and "backbone" in schema.get("properties", {}):
        return f"{where}: needs either `architecture`, or `backbone` and `head`"
    if error.validator == "pattern" and schema["pattern"] == name_pattern:
        return f"{where}: {instance!r} cannot be a name, use letters, digits, '_', '.' and '-'"
    if error.validator == "type" and _is_number(instance):
        return f"{where}: '{instance}' is text in YAML; write {_as_number(instance)}"
    meaning = " ".join(str(schema.get("description", "")).split())
    return f"{where}: {_reason(error)}" + (f" ({meaning})" if meaning else "")


def _reason(error: jsonschema.ValidationError) -> str:
    """Return what is wrong with a value, without its place."""
    if error.validator == "type":
        expected = cast("str | list[str]", error.validator_value)
        types = [expected] if isinstance(expected, str) else expected
        return _shorten(f"{error.instance!r} has to be {' or '.join(TYPES[name] for name in types)}")
    if error.validator == "oneOf":
        forms = cast("list[dict[str, Any]]", error.validator_value)
        return _shorten(f"{error.instance!r} has to be {' or '.join(map(_describe, forms))}")
    if error.validator == "maxItems":
        return f"has {len(cast('list[Any]', error.instance))} values, more than the maximum of {error.validator_value}"
    return _shorten(error.message)


def _describe(form: dict) -> str:
    """Return one of several forms of a value in words: 'a number' or 'a list of 2 integers'."""
    if form["type"] != "array":
        return TYPES[form["type"]] + _describe_range(form)
    items = form["items"]
    return f"a list of {form['minItems']} {items['type']}s" + _describe_range(items)


def _describe_range(form: dict) -> str:
    """Return the range of a number in words; '' where it has no lower bound, or one that is not allowed itself."""
    if "minimum" not in form:
        return ""
    return f" from {form['minimum']} to {form['maximum']}" if "maximum" in form else f" of at least {form['minimum']}"


def _is_number(value: object) -> bool:
    """Return whether a value is text that reads as a number, e.g. 1e-3, which is text in YAML 1.1."""
    try:
        return isinstance(value, str) and float(value) is not None
    except ValueError:
        return False


def _as_number(text: str) -> str:
    value = float(text)
    return str(int(value)) if value.is_integer() else repr(value)


def _shorten(message: str) -> str:
    message = " ".join(message.split())
    return message if len(message) <= 160 else message[:157] + "..."
