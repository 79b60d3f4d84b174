"""Copy the selected trial of a sweep to the model's own folder, for one seed.

Example:
    python scripts/promote_trial.py --trials results/motion/split1/cnn3d/trials.csv \\
        --folder results/motion/split1/cnn3d/seed0

options.json then also names the trial, and training_time.json the seconds that all trials of this seed took together
(sweep_seconds). The checkpoints that trials of successive halving paused with are deleted.
"""

import shutil
from pathlib import Path

from vidbench import cli
from vidbench.errors import UserError
from vidbench.files import atomic_path, read_csv, read_json, write_json
from vidbench.models.weights_metadata import BEFORE_REFIT


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument(
        "--trials", type=Path, required=True, help="trials.csv; the trials' folders are beside its folder"
    )
    parser.add_argument("--folder", type=Path, required=True, help="where the outputs go; its name is the seed's")
    arguments = parser.parse_args()
    seed = arguments.folder.name
    split = arguments.trials.parent.parent
    rows = read_csv(arguments.trials)
    selected = [row["trial"] for row in rows if row["chosen"] == "True"]
    if len(selected) != 1:
        raise UserError(f"{arguments.trials}: {len(selected)} trials are chosen, not one; make it with select_trial.py")
    trial = selected[0]
    folders = {row["trial"]: split / (row.get("folder") or row["trial"]) / seed for row in rows}
    source = folders[trial]
    record = read_json(source / "options.json")
    # Copies, not links: Snakemake would find the time stamp of a link, older than trials.csv, out of date.
    (arguments.folder / BEFORE_REFIT).unlink(missing_ok=True)  # of another trial
    for name in ("weights.safetensors", "history.csv", *([BEFORE_REFIT] if "refit" in record else [])):
        with atomic_path(arguments.folder / name) as temporary:
            shutil.copyfile(source / name, temporary)
    write_json(arguments.folder / "options.json", record | {"trial": trial})
    times = {name: read_json(folder / "training_time.json") for name, folder in folders.items()}
    seconds = sum(time["train_seconds"] for time in times.values())
    write_json(arguments.folder / "training_time.json", times[trial] | {"sweep_seconds": seconds})
    delete_checkpoints([split / row["trial"] / seed for row in rows], arguments.trials.parent, seed)
    print(f"{arguments.folder}: is {trial}")


def delete_checkpoints(begun: list[Path], model: Path, seed: str) -> None:
    """Delete what trials paused with, now that none of them goes on; `begun`: their folders in the first rung."""
    for folder in [*begun, *model.glob(f"rung*/*/{seed}")]:
        (folder / "checkpoint.pt").unlink(missing_ok=True)


if __name__ == "__main__":
    cli.run(main)
