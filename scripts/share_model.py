"""Write a trained model as a folder for a model hub, with a card that says what it reaches; upload it.

Example:
    python scripts/share_model.py --results results/motion --kind motion --folder results/motion/share
    python scripts/share_model.py --folder results/motion/share --push OWNER/NAME

`snakemake share` does the first for each data set of a run. The model is the best one of the data set that has weights,
if --model names no other; of its trainings it is the one with the highest validation accuracy on the first split. What
the card says comes from the tables of the results (docs/taking_away.md). --push uploads the folder as it is, with the
card as you may have edited it, to the Hugging Face Hub: privately, if not --public, with the token of HF_TOKEN.
"""

from argparse import ArgumentParser, Namespace
from importlib import import_module
from pathlib import Path

from vidbench import cli
from vidbench.errors import UserError
from vidbench.sharing.facts import Facts, Wishes, read_facts
from vidbench.sharing.files import FIGURES
from vidbench.sharing.folder import write_folder
from vidbench.sharing.licences import ADVICE


def main() -> None:
    parser = cli.make_parser(__doc__)
    add_arguments(parser)
    arguments = parser.parse_args()
    if arguments.results is None and arguments.push is None:
        raise UserError(
            "nothing to do: give --results DIR to write the folder, --push OWNER/NAME to upload it, or both"
        )
    if arguments.public and arguments.push is None:
        raise UserError("--public: goes with --push OWNER/NAME")
    if arguments.results:
        write(arguments)
    if arguments.push:
        # By name: the workflow's step uploads nothing, so neither its code nor its packages are the rule's business.
        upload = import_module("vidbench.sharing.upload").upload
        print(f"uploaded to {upload(arguments.folder, arguments.push, public=arguments.public)}")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the script."""
    parser.add_argument("--results", type=Path, help="folder results/{dataset}, to write the folder from")
    parser.add_argument("--folder", type=Path, required=True, help="folder to write, or to upload")
    parser.add_argument("--model", help="model to share; default: the best one")
    parser.add_argument("--split", help="split that its weights are of; default: the first one")
    parser.add_argument("--seed", type=int, help="seed that its weights are of; default: the best on validation")
    parser.add_argument("--license", help="licence of the weights, e.g. mit; default: that of the first weights")
    parser.add_argument("--data-license", help="licence of the videos, in words")
    parser.add_argument("--kind", default="", help="kind of the data set, e.g. ucf101")
    parser.add_argument("--push", metavar="OWNER/NAME", help="repository of the Hugging Face Hub to upload to")
    parser.add_argument("--public", action="store_true", help="let everyone see it there")


def write(arguments: Namespace) -> None:
    """Write the folder, and say what is in it."""
    wishes = Wishes(
        model=arguments.model,
        split=arguments.split,
        seed=arguments.seed,
        license=arguments.license,
        data_license=arguments.data_license,
        kind=arguments.kind,
    )
    facts = read_facts(arguments.results, wishes)
    write_folder(facts, arguments.folder, draw_figures)
    print(f"{arguments.folder}: {facts.title}, weights of {facts.selection.name}")
    if facts.licence.obstacle:
        advice = ADVICE.get(facts.licence.obstacle, "share it with nobody else")
        print(f"WARNING: {facts.title}: not to be made public as it is: {facts.licence.obstacle}; {advice}")


def draw_figures(facts: Facts, folder: Path) -> None:
    """Draw the figures of the page for this model alone."""
    import plot_calibration
    import plot_confusion
    import plot_per_class

    from vidbench.plotting import style
    from vidbench.plotting.main import read_table

    style.apply()
    tables = {
        name: read_table(facts.folder / f"{name}.csv").query("model == @facts.model")
        for name in ("class_scores", "scores", "calibration")
    }
    runs = [row for row in facts.results.runs if row["model"] == facts.model]
    metrics = [facts.folder / row["split"] / facts.model / f"seed{row['seed']}" / "metrics.json" for row in runs]
    per_class, confusion, calibration = FIGURES
    style.save(plot_per_class.draw(tables["class_scores"]), [folder / per_class])
    style.save(plot_confusion.draw(plot_confusion.read_matrices(metrics)), [folder / confusion])
    style.save(plot_calibration.draw(tables["scores"], tables["calibration"]), [folder / calibration])


if __name__ == "__main__":
    cli.run(main)
