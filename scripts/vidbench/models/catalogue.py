"""The descriptions of all networks, found by name. Imports no torch: the workflow asks before any job.

A family is one module of families/ with two functions: names() of those that can be built from their name alone, and
describe(name), which returns None for a name that is not of the family. Where its networks' sizes are in their options,
it has a third one, check_clip(options, clip). A family is found by being there. No step's code depends on these
modules, so describing another network reruns nothing; modules that build networks import none of them.
"""

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType

from vidbench.errors import UserError, did_you_mean
from vidbench.models import families
from vidbench.models.network import Network


@cache
def _modules() -> list[ModuleType]:
    found = pkgutil.iter_modules(families.__path__)
    return [import_module(f"{families.__name__}.{module.name}") for module in found]


def describe(name: str) -> Network:
    """Return the description of a network; UserError, with the nearest name, where there is none of that name."""
    network = find(name)
    if network is None:
        raise UserError(f"'{name}' is not known, {did_you_mean(name, [*clip_names(), *frame_names()])}")
    return network


@cache
def find(name: str) -> Network | None:
    """Return the description of a network; None where there is none of that name."""
    return next((network for family in _modules() if (network := family.describe(name)) is not None), None)


@cache
def clip_names() -> tuple[str, ...]:
    """Return the names of the networks that take whole clips."""
    return tuple(name for name in _names() if describe(name).takes_clips)


@cache
def frame_names() -> tuple[str, ...]:
    """Return the names of the networks that take single frames."""
    return tuple(name for name in _names() if not describe(name).takes_clips)


def _names() -> list[str]:
    return [name for family in _modules() for name in family.names()]
