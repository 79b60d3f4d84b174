"""Uploading the folder of a shared model to the Hugging Face Hub, privately unless it may be, and is to be, public."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from vidbench.download.fetch import Settings
from vidbench.download.http_session import innermost
from vidbench.download.hub_library import HubClient
from vidbench.errors import UserError
from vidbench.files import reason_of
from vidbench.models.model_card import HEAD
from vidbench.models.weights_metadata import read_metadata
from vidbench.sharing.facts import licence_of_first_weights
from vidbench.sharing.files import CARD, EXAMPLE, FILES, REPOSITORY, WEIGHTS
from vidbench.sharing.licences import ADVICE, OTHER, Licence, decide

NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
TOKENS = "https://huggingface.co/settings/tokens"
TIMEOUT = 60.0  # seconds without an answer


def upload(folder: Path, repository: str, *, public: bool) -> str:
    """Upload the folder's files as one commit and return the address of the repository, which is made if need be.

    Card and example get the repository's name in place of OWNER/NAME. UserError, in one line, for what is wrong with
    name, folder, licence, token or network; nothing is uploaded then.
    """
    if not NAME.fullmatch(repository):
        raise UserError(f"--push {repository}: name a repository OWNER/NAME: letters, digits, '_', '-' and '.'")
    contents = read_contents(folder, repository)
    if public and (obstacle := read_licence(folder).obstacle):
        raise UserError(f"{folder}: cannot be public: {obstacle}; {ADVICE.get(obstacle, 'upload it without --public')}")
    hub = _connect()
    with _errors(repository, hub.endpoint):
        hub.api.create_repo(repository, private=not public, exist_ok=True)
        _check_visibility(repository, hub.api.model_info(repository).private, public)
        operation = hub.hub.CommitOperationAdd
        operations = [operation(path_in_repo=name, path_or_fileobj=content) for name, content in contents.items()]
        hub.api.create_commit(repository, operations, commit_message="Upload a model of VidBench")
    return f"{hub.endpoint}/{repository}"


def read_contents(folder: Path, repository: str) -> dict[str, bytes | Path]:
    """Return the files by their names; texts that name the repository as bytes, others as paths."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise UserError(f"{folder / missing[0]}: no such file; `snakemake share` or --results writes the folder")
    contents: dict[str, bytes | Path] = {name: folder / name for name in FILES}
    for name in (CARD, EXAMPLE):
        # The Hub finds no metadata behind a byte order mark.
        contents[name] = (
            (folder / name).read_bytes().removeprefix(BOM_UTF8).replace(REPOSITORY.encode(), repository.encode())
        )
    return contents


def read_licence(folder: Path) -> Licence:
    """Return the licence of a folder's model: what its card says, which a person may have edited.

    UserError where that cannot be read.
    """
    try:
        head = HEAD.match((folder / CARD).read_text(encoding="utf-8-sig"))
        metadata: Any = yaml.safe_load(head[1]) if head else None
    except UnicodeDecodeError as error:
        raise UserError(f"{folder / CARD}: is no UTF-8 text; save it as such, or write the folder again") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: of a date that there is not
        raise UserError(f"{folder / CARD}: its metadata are no YAML: {' '.join(str(error).split())}") from error
    if head is None:
        raise UserError(f"{folder / CARD}: does not begin with metadata between two lines ---; write the folder again")
    if not isinstance(metadata, dict):
        raise UserError(f"{folder / CARD}: its metadata hold no keys and values; write the folder again")
    licence = metadata.get("license")
    stated = metadata.get("license_name") if licence == OTHER else licence
    return decide(str(stated or ""), licence_of_first_weights(read_metadata(folder / WEIGHTS)))


def _connect() -> HubClient:
    """Return the Hub; UserError where there is no token, or no network is wanted."""
    try:
        hub = HubClient("", Settings(timeout=TIMEOUT), "model")
    except ImportError as error:
        raise UserError(
            "--push: needs the package huggingface_hub; install it, or use the environment of make"
        ) from error
    if hub.offline:
        raise UserError("--push: HF_HUB_OFFLINE is set; unset it to upload")
    if not hub.hub.get_token():
        raise UserError(f"--push: there is no token; set HF_TOKEN to one that may write ({TOKENS})")
    return hub


def _check_visibility(repository: str, private: bool | None, public: bool) -> None:
    """Raise UserError where a repository that was there already is seen by others than asked for."""
    if not private and not public:
        raise UserError(f"{repository}: is there and public; give --public to upload to it, or another name")
    if private and public:
        raise UserError(
            f"{repository}: is there and private; make it public in its settings on the Hub, or upload without --public"
        )


@contextmanager
def _errors(repository: str, endpoint: str) -> Iterator[None]:
    """Turn the library's errors into one line."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{repository}: not uploaded: {_explain(error, endpoint)}") from error


def _explain(error: Exception, endpoint: str) -> str:
    """Say what went wrong, and what to do."""
    cause = innermost(error)
    responses = [getattr(each, "response", None) for each in (error, cause)]
    response = next((each for each in responses if each is not None), None)
    if response is None:
        return f"{endpoint} cannot be reached or does not answer as it should: {reason_of(cause)}; try again"
    words = {
        401: f"HF_TOKEN is refused; set it to a token that may write ({TOKENS})",
        403: f"HF_TOKEN may not write there; use a token with the role write ({TOKENS}), or another OWNER",
        404: "no such owner or repository, or HF_TOKEN may not see it; check OWNER/NAME",
    }
    said = " ".join(str(getattr(error, "server_message", "") or "").split())
    return words.get(response.status_code) or f"the Hub answers {response.status_code} {response.reason_phrase}. {said}"
