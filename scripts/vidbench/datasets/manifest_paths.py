"""The files that a manifest names, also as other systems write them."""

import os
import re
from pathlib import Path

from vidbench.errors import UserError
from vidbench.file_tree import find_file

# Paths that pathlib changes: ./a, /a, a//b, a/./b, a/
NOT_PLAIN = re.compile(r"^\.?/|//|/\./|/\.?$|^\.$").search
DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\\\")


class Files:
    """Finds a manifest's files from its root."""

    def __init__(self, manifest: str, root: Path) -> None:
        self.manifest = manifest
        self.root = root
        self._before = "" if root == Path() else f"{root}/".replace("//", "/")

    def find(self, name: str, line: int) -> tuple[str, str]:
        """Return the name and the path of a file; the manifest's name may have backslashes or other forms of accents.

        A file that is not found keeps its name, and own_checks.check() reports it. UserError for an impossible path.
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
        """Join the root and a name as pathlib does, five times faster."""
        return str(self.root / name) if NOT_PLAIN(name) else self._before + name
