"""Fetching the settings of a model on the Hugging Face Hub: some kilobytes, which the workflow needs before any job."""

import os
import shutil
from dataclasses import replace
from typing import Any

from vidbench.download.addresses import HubFolder
from vidbench.download.fetch import Settings
from vidbench.download.http_session import Failure
from vidbench.download.hub import HubDownload, HubFile, Listing
from vidbench.download.progress import Transfer
from vidbench.errors import UserError
from vidbench.files import exclusive, make_folder, write_errors, write_json
from vidbench.models.hub_name import CONFIG, HubName
from vidbench.models.network import HUB_FILE

# The card names the licence. Of all other files of a repository none is fetched but the weights.
FILES = (CONFIG, "video_preprocessor_config.json", "preprocessor_config.json", "processor_config.json", "README.md")


def fetch_settings(name: HubName, options: dict[str, Any]) -> HubName:
    """Fetch the settings of a model where they are not here, and return its name with a commit.

    options: the `weights_download` section, or a part of it. UserError where they are not available.
    """
    resolved = name.resolve()
    if resolved.settings_folder is not None:
        return resolved
    make_folder(name.folder / "fetched")
    with exclusive(name.folder / "fetched" / f".{name.folder_name}.lock"):
        if (again := name.resolve()).settings_folder is not None:
            return again
        try:
            return _fetch(resolved, name, options)
        except Failure as failure:
            raise UserError(
                f"{name}: {failure}; run again, or put {CONFIG}, {HUB_FILE} and the processor's file of the repository"
                f" into {name.folder}/incoming/{name.folder_name}/"
            ) from failure


def _fetch(resolved: HubName, name: HubName, options: dict[str, Any]) -> HubName:
    settings = Settings(**{key: options[key] for key in ("verify_tls", "attempts", "timeout") if key in options})
    download = HubDownload(HubFolder(name.repository, "*", "model"), settings, 1, Transfer())
    listing = download.list_files(resolved.revision)
    pinned = replace(name, revision=listing.revision)
    download.transfer = Transfer()
    target, arriving = (name.folder / "fetched" / f"{prefix}{pinned.folder_name}" for prefix in ("", ".settings-"))
    download.fetch(Listing(listing.revision, _select(name, listing)), arriving)
    with write_errors(target):
        make_folder(target)
        for file in FILES[::-1]:  # the configuration last: it says that all are here
            if (arriving / file).exists():
                os.replace(arriving / file, target / file)
        shutil.rmtree(arriving)
    if not name.is_pinned:
        write_json(name.record, {"commit": listing.revision})
    print(f"{name.repository}: settings fetched at commit {listing.revision}", flush=True)
    return pinned


def _select(name: HubName, listing: Listing) -> tuple[HubFile, ...]:
    """Return the files of the settings; UserError where a repository has no configuration, or no safe weights."""
    paths = {file.path for file in listing.files}
    if CONFIG not in paths:
        raise UserError(f"{name}: has no {CONFIG}: it is no model of the library's")
    if HUB_FILE not in paths:
        raise UserError(f"{name}: has no {HUB_FILE} at commit {listing.revision}; of pickles nothing is read")
    return tuple(file for file in listing.files if file.path in FILES)
