"""Make the chosen trial of a swept model the model, for one seed.

Example:
    python scripts/promote_trial.py --trials results/motion/split1/cnn3d/trials.csv \\
        --folder results/motion/split1/cnn3d/seed0

Copies what train_model.py wrote for the trial. options.json then names the trial, and training_time.json says how many
seconds all trials of this seed took together (sweep_seconds).
"""

import shutil
from pathlib import Path

from vidbench import cli
from vidbench.errors import UserError
from vidbench.files import atomic_path, read_csv, read_json, write_json


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--trials", type=Path, required=True, help="trials.csv; the trials' folders lie beside its own")
    parser.add_argument("--folder", type=Path, required=True, help="where the outputs go; its name is the seed's")
    arguments = parser.parse_args()
    seed, split = arguments.folder.name, arguments.trials.parent.parent
    rows = read_csv(arguments.trials)
    chosen = [row["trial"] for row in rows if row["chosen"] == "True"]
    if len(chosen) != 1:
        raise UserError(f"{arguments.trials}: {len(chosen)} trials are chosen, not one; make it with select_trial.py")
    source = split / chosen[0] / seed
    record = read_json(source / "options.json")
    # Copies, not links: a link would keep the trial's time stamp, older than the choice, and look out of date.
    for name in ("weights.safetensors", "history.csv"):
        with atomic_path(arguments.folder / name) as temporary:
            shutil.copyfile(source / name, temporary)
    write_json(arguments.folder / "options.json", record | {"trial": chosen[0]})
    times = {row["trial"]: read_json(split / row["trial"] / seed / "training_time.json") for row in rows}
    seconds = sum(time["train_seconds"] for time in times.values())
    write_json(arguments.folder / "training_time.json", times[chosen[0]] | {"sweep_seconds": seconds})
    print(f"{arguments.folder}: is {chosen[0]}")


if __name__ == "__main__":
    cli.run(main)
