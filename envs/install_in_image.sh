#!/usr/bin/env bash
# Installs the hash-pinned lock into an image of Python; Containerfile and apptainer.def share it.
# Usage: install_in_image.sh requirements.txt
set -euo pipefail
lock=$1
python -m pip install --no-cache-dir "$(grep -oE '^uv==[^ ]+' "$lock")"
uv pip sync --system --no-cache --compile-bytecode --require-hashes "$lock"
