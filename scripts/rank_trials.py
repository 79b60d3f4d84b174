"""Rank the trials of a rung of successive halving by their accuracy on the validation videos of one split.

Example:
    python scripts/rank_trials.py --trials '{"cnn3d-width4": {"width": 4}, "cnn3d-width8": {"width": 8}}' --seeds 0 1 \\
        --rung 1 --going-on 1 --output results/motion/split1/cnn3d/rung1.csv

The order is that of select_trial.py: not diverged, then by the accuracy of the best epoch so far, mean over seeds, then
by loss. The first --going-on trials go on. No prediction for a test video is read.
"""

from dataclasses import asdict
from pathlib import Path

from vidbench import cli
from vidbench.evaluation.rungs import RANKING, entrants, first_stages
from vidbench.evaluation.trials import read_score
from vidbench.files import write_csv


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument(
        "--trials", type=cli.read_options, required=True, help="trials and their settings, JSON or a file"
    )
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--before", type=Path, default=None, help="ranking of the rung before; none of the first rung")
    parser.add_argument("--rung", type=int, required=True, help="which one is ranked, from 1")
    parser.add_argument("--going-on", type=int, required=True, help="number of trials that go on")
    parser.add_argument("--output", type=Path, required=True, help="rung{n}.csv to write, the best trial first")
    arguments = parser.parse_args()
    stages = entrants(arguments.before) if arguments.before else first_stages(arguments.trials)
    split = arguments.output.parent.parent
    scores = {trial: read_score(split / stage.folder, arguments.seeds) for trial, stage in stages.items()}
    ranked = sorted(scores, key=lambda trial: scores[trial].rank, reverse=True)
    rows = [
        asdict(scores[trial])
        | {"place": place, "trial": trial, "folder": stages[trial].folder, "goes_on": place <= arguments.going_on}
        for place, trial in enumerate(ranked, start=1)
    ]
    write_csv(arguments.output, [{key: row[key] for key in RANKING} for row in rows], RANKING)
    print(f"rung {arguments.rung}: {arguments.going_on} of {len(rows)} trials go on, the best is {ranked[0]}")


if __name__ == "__main__":
    cli.run(main)
