"""Select one of the trials of a sweep by its accuracy on the validation videos of one split.

Example:
    python scripts/select_trial.py --trials '{"cnn3d-width4": {"width": 4}, "cnn3d-width8": {"width": 8}}' \\
        --seeds 0 1 --folder results/motion/split1 --output results/motion/split1/cnn3d/trials.csv

A trial's accuracy is that of its best epoch, mean over seeds; at a tie the lower validation loss wins, then the first
trial. A trial that diverged with any seed is selected only if all trials did: the model is then listed as diverged. So
where all trials of the last rung of successive halving diverged, the best of the rung before is selected, with the
epochs that it had. No prediction for a test video is read. --choice says what the choice is worth: the accuracy of the
selected trial on new videos, estimated without the luck of being the best of several on these
(vidbench/evaluation/optimism.py).
"""

from pathlib import Path

from vidbench import cli
from vidbench.config.sweeps import OF_RUNGS, SCORES
from vidbench.evaluation.choice import describe_choice
from vidbench.evaluation.rungs import last_stages
from vidbench.evaluation.trials import trial_rows
from vidbench.files import write_csv, write_json


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument(
        "--trials", type=cli.read_options, required=True, help="trials and their settings, JSON or a file"
    )
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--folder", type=Path, required=True, help="results/{dataset}/{split}, which holds the trials")
    parser.add_argument("--rankings", type=Path, nargs="*", default=[], help="rung{n}.csv of successive halving")
    parser.add_argument("--output", type=Path, required=True, help="trials.csv to write, one row per trial")
    parser.add_argument("--choice", type=Path, default=None, help="choice.json to write: what the choice is worth")
    arguments = parser.parse_args()
    stages = last_stages(arguments.trials, arguments.rankings)
    rows = trial_rows(arguments.folder, arguments.trials, arguments.seeds, stages)
    keys = list(dict.fromkeys(key for settings in arguments.trials.values() for key in settings))
    columns = ("trial", *keys, *SCORES, *(OF_RUNGS if arguments.rankings else ()))
    write_csv(arguments.output, [{key: row.get(key) for key in columns} for row in rows], columns)
    if arguments.choice:
        write_json(arguments.choice, describe_choice(arguments.folder, rows, arguments.seeds))
    best = next(row for row in rows if row["chosen"])
    print(f"{best['trial']}: validation top-1 {best['val_top1']:.3f}, the best of {len(rows)} trials")


if __name__ == "__main__":
    cli.run(main)
