"""The files that a manifest names, also as other systems write them."""

import os
import re
from pathlib import Path

from vidbench.errors import UserError
from vidbench.file_tree import find_file

# What pathlib would write otherwise: ./a, /a, a//b, a/./b, a/
NOT_PLAIN = re.compile(r"^\.?/|//|/\./|/\.?$|^\.$").search
DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\\\")


class Files:
    """Finds a manifest's files from its root."""

    def __init__(self, manifest: str, root: Path) -> None:
        self.manifest, self.root = manifest, root
        self._before = "" if root == Path() else f"{root}/".replace("//", "/")

    def find(self, name: str, line: int) -> tuple[str, str]:
        """The name and the path of a file, whose name may have backslashes or its accents otherwise composed.

        A file that is found by no name keeps its own; own_checks.check names it. UserError for what can be no path.
        """
        path = self._join(name)
        if (name.isascii() and "\\" not in name and ":" not in name) or os.path.exists(path):
            return name, path
        where = f"{self.manifest}, line {line}"
        if "://" in name:
            raise UserError(f"{where}: '{name}' is an address, not a file; fetch it and name the file")
        if DRIVE.match(name):
            raise UserError(
                f"{where}: '{name}' is a path of Windows; write it as this machine has it, e.g. from the manifest's"
                " folder, with /"
            )
        name = name.replace("\\", "/")
        return name, find_file(self._join(name)) or self._join(name)

    def _join(self, name: str) -> str:
        """As pathlib joins them, in a fifth of its time."""
        return str(self.root / name) if NOT_PLAIN(name) else self._before + name
