"""Getting a file of official weights onto the disk, verified, and linked under a readable name.

    resources/weights/incoming/FILE                     dropped there by hand; preferred to a download
    resources/weights/fetched/FILE                      downloaded
    resources/weights/{architecture}-{weights}.pth      a link to one of them (timm/NAME-WEIGHTS.safetensors)

FILE is torchvision's own name, which ends in the first digits of the file's SHA-256; of timm's weights
NAME.WEIGHTS.safetensors, which the Hub knows the SHA-256 of; of a repository that a config names
OWNER--NAME@COMMIT/model.safetensors, beside its settings (models/hub_name.py). Only the link is an output of the
workflow, which deletes outputs before it makes them again.
"""

import os
from contextlib import suppress
from pathlib import Path

from vidbench.download.addresses import HubFolder
from vidbench.download.fetch import Remote, Settings, fetch
from vidbench.download.http_session import Failure
from vidbench.download.progress import Transfer
from vidbench.errors import Damaged, UserError
from vidbench.files import atomic_path, exclusive, hash_contradiction, make_folder, write_json
from vidbench.models.network import HUB_FILE, Weights


def link_weights(weights: Weights, output: Path, options: dict) -> None:
    """Make `output` a link to the file of `weights`, from incoming/ or fetched/, or else downloaded.

    `options`: the `weights_download` section, or a part of it. UserError where the file is damaged or not available.
    """
    folder = output.parents[weights.link.count("/")]  # resources/weights
    incoming = make_folder(folder / "incoming") / weights.file
    fetched = make_folder(folder / "fetched") / weights.file
    make_folder(fetched.parent)
    with exclusive(fetched.with_name(f".{fetched.name}.lock")):
        if incoming.exists():
            _verify(incoming)
            print(f"{incoming}: used, nothing is fetched", flush=True)
        elif fetched.exists():
            _verify(fetched)
            print(f"{fetched}: is there already", flush=True)
        else:
            fetch_file = _download_from_hub if weights.hub else _download
            fetch_file(weights, fetched, folder / "incoming", options)
        _link(incoming if incoming.exists() else fetched, output)


def _verify(path: Path) -> None:
    try:
        contradiction = hash_contradiction(path, path.name)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    if contradiction:
        raise UserError(
            f"{path}: {contradiction}: truncated, damaged or another file; put the right one there, or move it"
            " elsewhere to fetch it again"
        )


def _download(weights: Weights, path: Path, incoming: Path, options: dict) -> None:
    print(f"{weights.address}: fetching", flush=True)
    mirrors = [f"{mirror.rstrip('/')}/{weights.file}" for mirror in options.get("mirrors", [])]
    addresses = [*mirrors, weights.address] if options.get("mirrors_first") else [weights.address, *mirrors]
    remote = Remote(weights.file, tuple(addresses), advice=_advise(weights, incoming))
    progress = Transfer().progress_of(weights.file)
    fetch(remote, path, _settings(options), progress, lambda candidate: _check(candidate, weights.file))


def _download_from_hub(weights: Weights, path: Path, incoming: Path, options: dict) -> None:
    """Fetch a model's file from the Hugging Face Hub, verified by the hash that it lists at its commit."""
    from vidbench.download.hub import HubDownload

    print(f"{weights.address}: fetching", flush=True)
    folder = path.with_name(f".{path.name}.hub")
    try:
        download = HubDownload(HubFolder(weights.hub, HUB_FILE, "model"), _settings(options), 1, Transfer())
        listing = download.list_files(weights.revision or None)
        download.fetch(listing, folder)
    except Failure as failure:
        raise UserError(f"{weights.hub}: {failure}; {_advise(weights, incoming)}") from failure
    os.replace(folder / HUB_FILE, path)
    folder.rmdir()
    write_json(path.with_name(f"{path.name}.json"), {"repository": weights.hub, "commit": listing.revision})
    print(f"{weights.hub}: at commit {listing.revision}", flush=True)


def _settings(options: dict) -> Settings:
    return Settings(**{key: options[key] for key in ("verify_tls", "attempts", "timeout") if key in options})


def _advise(weights: Weights, incoming: Path) -> str:
    name = f"the name {weights.file}" if weights.hub else f"its own name {weights.file}"
    return f"run again, or get {weights.address} some other way and put it into {incoming}/ under {name}"


def _check(candidate: Path, name: str) -> None:
    if contradiction := hash_contradiction(candidate, name):
        raise Damaged(f"sent a wrong file: {contradiction}")


def _link(source: Path, output: Path) -> None:
    """Make a hard link, which stays when `source` is deleted; a relative symbolic one between disks."""
    with atomic_path(output) as temporary:
        with suppress(OSError):
            os.link(source.resolve(), temporary)
            return
        temporary.symlink_to(os.path.relpath(source, output.parent))
