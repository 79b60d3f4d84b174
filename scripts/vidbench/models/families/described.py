"""Networks that describe themselves: files of networks/ with a line `DESCRIPTION = {...}`, the fields of a Network."""

from functools import cache
from pathlib import Path

from vidbench.declared import declared
from vidbench.errors import UserError
from vidbench.models.network import Network

FOLDER = Path(__file__).parents[1] / "networks"


@cache
def _networks() -> dict[str, Network]:
    descriptions = declared(list(FOLDER.glob("*.py")), "DESCRIPTION")
    return {name: _network(name, fields) for name, fields in descriptions.items()}


def _network(name: str, fields: dict) -> Network:
    try:
        return Network(name=name, family="described", module=f"networks.{name}", **fields)
    except TypeError as error:
        path = FOLDER / f"{name}.py"
        raise UserError(f"{path}: DESCRIPTION: {error}; models/network.py has the fields") from error


def names() -> list[str]:
    """Return the names of all networks: those of their files."""
    return list(_networks())


def describe(name: str) -> Network | None:
    """Return the description of a network of this family."""
    return _networks().get(name)
