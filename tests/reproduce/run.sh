#!/usr/bin/env bash
# Run tests/reproduce/NAME.yaml (extra arguments go to Snakemake) or NAME.py, and write docs/NAME.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=$1
shift
if [ -f "tests/reproduce/$name.py" ]; then
  PYTHONPATH=scripts:tests:tests/helpers exec python "tests/reproduce/$name.py" "docs/$name.md" "$@"
fi
begin=$SECONDS
snakemake --configfile "tests/reproduce/$name.yaml" --resources gpu=1 --cores all "$@"
python tests/reproduce/write_table.py "$name" "$((SECONDS - begin))"
