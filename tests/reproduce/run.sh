#!/usr/bin/env bash
# Run tests/reproduce/NAME.yaml and write docs/NAME.md. Extra arguments go to Snakemake.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=$1
shift
begin=$SECONDS
snakemake --configfile "tests/reproduce/$name.yaml" --resources gpu=1 --cores all "$@"
python tests/reproduce/write_table.py "$name" "$((SECONDS - begin))"
