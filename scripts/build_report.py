"""Write the report: one HTML page that needs no network, and its answers as plain text.

Example:
    python scripts/build_report.py --options '{"title": "VidBench report", "formats": []}' \\
        --settings config/config.yaml --datasets results/motion \\
        --figures results/motion/figures/*.svg --output results/report.html --answers results/answers.txt

Everything on the page is read from what the steps wrote into the data sets' folders: comparison.csv
says which runs are shown. With --config-files the page is that of a run with a name, results/reports/{run}.html, and
listed in the index. With --unfinished it shows what a run has reached so far.
"""

from argparse import Namespace
from pathlib import Path

import yaml

from vidbench import cli
from vidbench.files import write_text
from vidbench.report.across_section import AcrossPage, describe_across
from vidbench.report.label_page import LabelPage
from vidbench.report.next_steps import lines
from vidbench.report.page import DatasetPage, describe
from vidbench.report.provenance import evaluated_with
from vidbench.report.publishing import publish, publish_unfinished
from vidbench.report.rendering import FOLDER, fill, render
from vidbench.report.run_records import FINISHED, RunRecord, now
from vidbench.report.unfinished import describe_unfinished


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--options", type=cli.read_options, required=True, help="complete `report` section")
    parser.add_argument("--settings", type=cli.read_options, required=True, help="configuration to show unchanged")
    parser.add_argument("--datasets", type=Path, nargs="+", required=True, help="folders results/{dataset}")
    parser.add_argument("--output", type=Path, required=True, help="HTML file to write")
    parser.add_argument("--figures", type=Path, nargs="*", default=None, help="their figures, SVG files (default: all)")
    parser.add_argument("--across", type=Path, default=None, help="folder results/across, of several data sets")
    parser.add_argument("--splits", type=cli.read_options, default={}, help="all splits of each data set, run or not")
    parser.add_argument("--commit", default="", help="git commit of the workflow")
    parser.add_argument(
        "--answers",
        type=Path,
        default=None,
        help="text file to write: answers and next steps",
    )
    parser.add_argument("--latest", type=Path, default=None, help="copy of the page to write")
    parser.add_argument("--index", type=Path, default=None, help="HTML file to write: the runs of this folder")
    parser.add_argument("--config-files", nargs="*", default=None, help="write a record of the run beside its page")
    parser.add_argument("--configuration", default="", help="digest of the configuration, for the record")
    parser.add_argument("--unfinished", type=Path, default=None, help="record of a run that is not finished")
    arguments = parser.parse_args()
    if arguments.unfinished:
        write_unfinished(arguments)
    else:
        write_finished(arguments)


def write_finished(arguments: Namespace) -> None:
    """Write the page of a run that has come to its end, and what goes with it."""
    figures = arguments.figures or [path for folder in arguments.datasets for path in folder.glob("figures/*.svg")]
    datasets = [
        describe(folder, figures, FOLDER, arguments.splits.get(folder.name), kind_of(folder.name, arguments.settings))
        for folder in arguments.datasets
    ]
    across = read_across_section(arguments, [dataset.name for dataset in datasets if dataset.multi])
    html = render(arguments.options["title"], datasets, settings_text(arguments), arguments.commit, across)
    record = None
    if arguments.config_files is not None:
        trainings = sum(dataset.trainings for dataset in datasets)
        record = RunRecord(
            name=arguments.output.stem,
            state=FINISHED,
            date=now(),
            config_files=arguments.config_files,
            configuration=arguments.configuration,
            datasets=[dataset.record for dataset in datasets],
            trainings=trainings,
            trained=trainings,
        )
    publish(html, arguments.output, record, arguments.latest, arguments.index)
    if arguments.answers:
        over_all = [" ".join(across.answer) + "\n"] if across else []
        write_text(arguments.answers, "".join([*map(answer_text, datasets), *over_all]))


def answer_text(dataset: DatasetPage | LabelPage) -> str:
    """Return the answer of a data set in one line, and the first steps to take, where there are, in a line each."""
    return "".join(f"{line}\n" for line in [" ".join(dataset.answer), *lines(dataset.next_steps)])


def read_across_section(arguments: Namespace, several_labels: list[str]) -> AcrossPage | None:
    """Read the section over all data sets; None in a run that has none. `several_labels`: data sets not in it."""
    if arguments.across is None:
        return None
    figures = arguments.figures or list(arguments.across.glob("figures/*.svg"))
    return describe_across(arguments.across, figures, FOLDER, several_labels)


def write_unfinished(arguments: Namespace) -> None:
    """Write the page of a run that is not finished, from its record."""
    record = RunRecord.read(arguments.unfinished)
    progress = {dataset.name: dataset for dataset in record.progress}
    datasets = [describe_unfinished(folder, progress[folder.name], FOLDER) for folder in arguments.datasets]
    html = fill(
        "unfinished.html.j2",
        title=f"{arguments.options['title']} (unfinished)",
        run=record,
        datasets=datasets,
        settings=settings_text(arguments),
        commit=arguments.commit,
        evaluated_with=evaluated_with(),
    )
    publish_unfinished(html, arguments.output, arguments.unfinished, arguments.latest, arguments.index)


def kind_of(dataset: str, settings: dict) -> str:
    """Return the kind of a data set, as the configuration names it; '' where it is not shown."""
    return settings.get("datasets", {}).get(dataset, {}).get("kind", "")


def settings_text(arguments: Namespace) -> str:
    """Return the configuration as the page shows it."""
    return yaml.safe_dump(arguments.settings, sort_keys=False, allow_unicode=True)


if __name__ == "__main__":
    cli.run(main)
