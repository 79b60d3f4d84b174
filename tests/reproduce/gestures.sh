#!/usr/bin/env bash
# Train on the gestures and write docs/gestures.md. Extra arguments go to Snakemake.
set -euo pipefail
cd "$(dirname "$0")/../.."
manifest=../shared/data/gestures/videos.csv
[ -f "$manifest" ] || { echo "error: $manifest: no such file; these videos are not part of the project" >&2; exit 1; }
begin=$SECONDS
snakemake --cores all --resources gpu=1 --configfile tests/reproduce/gestures.yaml "$@"
python tests/reproduce/write_gestures.py "$((SECONDS - begin))"
