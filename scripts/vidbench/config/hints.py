"""Return what a person probably meant by a wrong entry of the configuration, as the end of an error message.

A network under the wrong heading, a model that has no entry yet, a key whose indentation is lost.
"""

from collections.abc import Iterable

from jsonschema import ValidationError

from vidbench import models
from vidbench.errors import UserError
from vidbench.models import catalogue

CATALOGUES = ("datasets", "models", "backbones")


def hint_at_entry(network: str) -> str | None:
    """Return the entries that a network needs to be a model of a run; None where there is no such network.

    >>> hint_at_entry("r2plus1d_18")
    "'r2plus1d_18' has no entry under models yet; add models: {r2plus1d_18: {architecture: r2plus1d_18}}"
    """
    if models.takes_clips(network):
        return f"'{network}' has no entry under models yet; add models: {{{network}: {{architecture: {network}}}}}"
    return hint_at_backbone(network) if takes_frames(network) else None


def takes_frames(name: str) -> bool:
    """Return whether there is a network of that name whose input is single frames."""
    try:
        network = catalogue.find(name)
    except UserError:  # of a family that knows its names, e.g. timm/resnet81
        return False
    return network is not None and not network.takes_clips


def hint_at_backbone(network: str) -> str:
    """Return the entries of a network that takes single frames, with the plainest head."""
    name = network.rpartition("/")[2]
    return (
        f"'{network}' takes single frames, so it is a backbone and needs a head; add backbones: {{{name}:"
        f" {{architecture: {network}}}}} and models: {{{name}_mean: {{backbone: {name}, head: mean}}}}"
    )


def hint_at_indentation(errors: Iterable[ValidationError], schema: dict) -> str:
    """Return where a key belongs that is not indented enough: datasets.manifest instead of datasets.mine.manifest.

    `errors`: of the schema's validator; `schema`: of the whole configuration. Empty where all is indented.
    """
    for error in errors:
        path = list(error.absolute_path)
        if error.validator != "type" or len(path) != 2 or path[0] not in CATALOGUES:
            continue
        if path[1] in schema["$defs"][path[0].removesuffix("s")]["properties"]:
            return f"; `{path[1]}` is a key of an entry of {path[0]}: indent it further than the entry's name"
    return ""
