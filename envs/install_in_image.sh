#!/usr/bin/env bash
# Installs the hash-pinned lock into a virtual environment of an image; Containerfile and apptainer.def share it.
# Usage: install_in_image.sh requirements.txt FOLDER
# A folder of its own, as in the Makefile: `uv --system` would replace what the Python on PATH has, wherever this is run.
set -euo pipefail
lock=$1 folder=$2
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --no-cache-dir "$(grep -oE '^uv==[^ ]+' "$lock")"
"$folder/bin/uv" pip sync --python "$folder/bin/python" --no-cache --compile-bytecode --require-hashes "$lock"
