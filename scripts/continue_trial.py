"""Go on with a trial that has come into the next rung of successive halving, from where it paused.

Example:
    python scripts/continue_trial.py --ranking results/motion/split1/cnn3d/rung1.csv --place 1 --seed 0 --share 1 \\
        --videos results/motion/videos.csv --split results/motion/splits/split1.csv \\
        --frames results/motion/frames/*.h5 --folder results/motion/split1/cnn3d/rung2/1/seed0

The settings are those of the trial at that place of the ranking; all other arguments are those of train_model.py. Where
the trial's checkpoint is gone, it is trained from its beginning, with the same result.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

import train_model

from vidbench import cli
from vidbench.errors import UserError
from vidbench.files import atomic_path, read_csv, read_json
from vidbench.training.checkpoint import Interrupted


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--ranking", type=Path, required=True, help="rung{n}.csv of the rung before")
    parser.add_argument("--place", type=int, required=True, help="of the trial in the ranking, from 1")
    parser.add_argument("--folder", type=Path, required=True, help="where the outputs go; its name is the seed's")
    arguments, others = parser.parse_known_args()
    before = paused_folder(arguments)
    if os.environ.get("RANK", "0") == "0":  # of several processes the main one reads the checkpoint for all
        take_checkpoint(before / "checkpoint.pt", arguments.folder / "checkpoint.pt", arguments.ranking)
    options = json.dumps(read_json(before / "options.json")["options"])
    sys.argv = ["train_model.py", "--trial", "--options", options, "--folder", str(arguments.folder), *others]
    train_model.main()


def paused_folder(arguments: argparse.Namespace) -> Path:
    """Return the folder in which the trial paused."""
    rows = [row for row in read_csv(arguments.ranking) if row["place"] == str(arguments.place)]
    if len(rows) != 1:
        raise UserError(f"{arguments.ranking}: has no trial at place {arguments.place}; make it with rank_trials.py")
    return arguments.ranking.parent.parent / rows[0]["folder"] / arguments.folder.name


def take_checkpoint(paused: Path, own: Path, ranking: Path) -> None:
    """Copy the checkpoint of the rung before, unless this training has begun since the ranking was made."""
    is_begun = own.exists() and own.stat().st_mtime >= ranking.stat().st_mtime
    if is_begun or not paused.exists():
        return
    own.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(own) as temporary:
        shutil.copyfile(paused, temporary)


if __name__ == "__main__":
    try:
        cli.run(main)
    except Interrupted:
        sys.exit("interrupted: saved, the next run resumes from here")
