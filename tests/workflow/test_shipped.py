"""Every configuration that is shipped, and every block of README and docs, run to the page as a user would run it.

Only what costs time is changed, each key in the form that it has: numbers of videos, models, seeds, epochs, pixels.
"""

import json
import shutil
from pathlib import Path

import pytest
import shipped
import warm
import yaml
from conftest import PROJECT, SHARED, run_script
from miniatures import MAKERS, mirror

from vidbench.config import schema
from vidbench.files import file_sha256
from workflow.conftest import copy_project
from workflow.test_published import make_video

pytestmark = pytest.mark.slow
PUBLISHED = ("ucf101", "hmdb51", "kinetics400")
OFFICIAL = "mobilenet_v2-7ebf99e0.pth"


@pytest.fixture(scope="module")
def my_videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The videos of a user: a folder a class, and videos.csv with the columns that README has."""
    folder = tmp_path_factory.mktemp("mine") / "my_videos"
    motion = {"train_scenes": 7, "test_scenes": 1, "frames": 8, "size": 32, "seed": 0}
    options = json.dumps({"kind": "motion", "motion": motion})
    run_script("download_data.py", "--options", options, "--folder", "made", "--output", "made/s", cwd=folder.parent)
    rows = ["path,label,group"]
    for label in ("left", "right"):
        shutil.move(folder.parent / "made" / "videos" / label, folder / label)
        rows += [f"{label}/{path.name},{label},{path.stem[-4:]}" for path in sorted((folder / label).iterdir())]
    (folder / "videos.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture
def project(tmp_path: Path, my_videos: Path) -> Path:
    """A clone of the project with the user's videos."""
    folder = copy_project(tmp_path / "project")
    (folder / "my_videos").symlink_to(my_videos)
    return folder


def run(project: Path, *arguments: str, check: bool = True) -> str:
    """What Snakemake prints, called as README calls it."""
    done = warm.snakemake(list(arguments), project)
    assert not check or done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def to_the_page(project: Path, name: str, config: dict) -> str:
    """Run a configuration; the page, which shows its data sets."""
    (project / "config" / name).write_text(yaml.safe_dump(config))
    text = run(project, "--cores", "2", "--resources", "gpu=1", "--configfile", f"config/{name}")
    assert "Traceback" not in text
    page = (project / "results" / "report.html").read_text(encoding="utf-8")
    for data in config["run"]["datasets"]:
        assert f'<section id="{data}" ' in page
    return page


def test_no_file_is_forgotten() -> None:
    names = {path.stem for path in shipped.config_files()}
    assert names == {"config", "first_look", "own_videos", *PUBLISHED}


def test_the_default(project: Path) -> None:
    """As it is called without a config file; then Snakemake's own report."""
    config = shipped.small(shipped.embedded())
    assert config["datasets"]["motion"]["clip"] == {"frames": 4, "size": [32, 32], "views": 2}
    config["datasets"]["motion"]["motion"] = shipped.SMALL["motion"]
    (project / "config" / "config.yaml").write_text(yaml.safe_dump(config))
    run(project, "--cores", "2", "--resources", "gpu=1")
    page = (project / "results" / "report.html").read_text(encoding="utf-8")
    assert "40 × 40 pixels" in page
    line = next(line for line in shipped.commands() if "--report" in line)
    run(project, *shipped.words(line)[1:])
    report = (project / "snakemake_report.html").read_text(encoding="utf-8")
    assert len(report) > 100_000
    answer, *steps = (project / "results" / "answers.txt").read_text(encoding="utf-8").splitlines()
    assert all(step.startswith(" ") for step in steps)
    assert answer[: answer.index(",")] in report  # on the page that it begins with, where a line may be broken


def test_own_videos(project: Path) -> None:
    config = shipped.small(shipped.configured((PROJECT / "config" / "own_videos.yaml").read_text()))
    assert config["datasets"]["mine"]["frames"] == {"size": 40}
    assert "short side of 40 pixels" in to_the_page(project, "mine.yaml", config)


def test_a_first_look_without_a_network(project: Path) -> None:
    """The official file, made here, is dropped where docs/pretrained.md says."""
    import torch
    from torchvision.models import mobilenet_v2

    incoming = project / "resources/weights/incoming"
    incoming.mkdir(parents=True)
    torch.save(mobilenet_v2().state_dict(), incoming / "made.pth")
    file = f"mobilenet_v2-{file_sha256(incoming / 'made.pth')[:8]}.pth"
    (incoming / "made.pth").rename(incoming / file)
    catalogue = project / "scripts/vidbench/models/tables/official_weights.py"
    catalogue.write_text(catalogue.read_text().replace(OFFICIAL, file))
    text = (PROJECT / "config" / "first_look.yaml").read_text()
    assert OFFICIAL in text
    config = shipped.small(shipped.configured(text))
    config["run"]["models"] = ["mobilenet_mean", "mobilenet_tcn", "cnn3d"]
    config["datasets"]["mine"]["frames"] = {"size": 224, "fps": 8}  # as shipped: the weights' size asks for it
    page = to_the_page(project, "mine.yaml", config)
    assert page.replace("<wbr>", "").count(">mobilenet_tcn<") > 0
    assert not (project / "results/mine/fold2").exists()


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the archives of each published data set."""
    if not (SHARED / "lists").exists():
        pytest.skip(f"the official lists are not here: {SHARED / 'lists'}")
    folder = tmp_path_factory.mktemp("archives")
    for kind in PUBLISHED:
        (folder / kind).mkdir()
        MAKERS[kind](folder / kind, SHARED / "lists" / kind, lambda number: make_video(number, folder))
    return folder


@pytest.mark.parametrize("kind", PUBLISHED)
def test_a_published_data_set(kind: str, project: Path, archives: Path) -> None:
    """UCF101 with a list of archives, as docs/datasets.md has it, HMDB51 with one folder, Kinetics from a mirror."""
    config = shipped.small(shipped.configured((PROJECT / "config" / f"{kind}.yaml").read_text()))
    entry = config["datasets"][kind]
    entry["splits"]["validation"] = 0.2  # of so few videos
    lists = {"ucf101": sorted(map(str, (archives / kind).iterdir())), "hmdb51": str(archives / kind)}
    with mirror(archives) as (address, _):
        if kind in lists:
            entry["archive"] = lists[kind]
        else:
            entry["download"] = {"mirrors": [f"{address}/{kind}"], "mirrors_first": True, "attempts": 2}
        page = to_the_page(project, "mine.yaml", config)
    assert "short side of 40 pixels" in page
    assert entry["frames"]["fps"] == (15 if kind == "kinetics400" else None)


def fragments() -> dict:
    """The blocks of docs that add models, and the folder of classes, in one configuration; and a model a recipe."""
    config = shipped.embedded()
    texts = [block.text for block in shipped.yaml_blocks() if not shipped.of_profile(block)]
    parts = [
        part for part in map(yaml.safe_load, texts) if "models" in part or "my_videos" in str(part.get("datasets"))
    ]
    parts = [part for part in parts if "nodes" not in str(part) and "run" not in part]
    assert len(parts) >= 4
    for part in parts:
        config = schema.merge(config, part)
    added = [name for part in parts for name in part.get("models", {})]
    for name, entry in list(config["models"].items()):
        if {"sweep", "search"} <= {*entry}:  # of two pages
            config["models"][f"{name}_drawn"] = {key: value for key, value in entry.items() if key != "sweep"}
            added.append(f"{name}_drawn")
            del entry["search"]
    config["backbones"]["resnet18"] = {"architecture": "resnet18"}
    for name in schema.recipes():
        network = {"backbone": "resnet18", "head": "tsm"} if name.startswith("tsm") else {"architecture": "cnn3d"}
        config["models"][f"with_{name}"] = {**network, "recipe": name, "training": {"epochs": 1, "batch_size": 4}}
    recipes = [f"with_{name}" for name in schema.recipes()]
    config["run"] = {"datasets": ["mine"], "models": list(dict.fromkeys([*added, *recipes])), "seeds": [0]}
    return config


def test_the_fragments_of_the_docs_and_every_recipe(project: Path) -> None:
    from stand_ins import replace_weights

    config = fragments()
    entry = config["datasets"]["mine"] | {"shards": 2, "splits": {"kind": "holdout"}, "frames": {"size": 40}}
    config["datasets"]["mine"] = entry | {"clip": {"frames": 4, "size": [32, 32]}}
    config["training"] = config["training"] | {"epochs": 1, "threads": 1}
    replace_weights(config, project / "stand_ins")  # the real ones need the network
    for model in (model for model in config["models"].values() if "class_names" in model):
        model["class_names"] = dict(zip(("left", "right"), model["class_names"].values(), strict=True))
    config["models"]["cnn3d"]["sweep"] = {key: values[:2] for key, values in config["models"]["cnn3d"]["sweep"].items()}
    config["models"]["cnn3d"]["sweep"]["width"] = [4]
    config["search"]["trials"] = 3
    for model in (model for model in config["models"].values() if "search" in model):
        model["training"] = {**model.get("training", {}), "epochs": 4}  # the rungs of halving need some
    # All are trained; to the page go those of the docs and one with a recipe: others differ in training alone.
    models_of_run = config["run"]["models"]
    to_page = [name for name in models_of_run if not name.startswith("with_")] + models_of_run[-1:]
    (project / "config" / "mine.yaml").write_text(yaml.safe_dump(config))
    run(project, "models", "--cores", "2", "--resources", "gpu=1", "--configfile", "config/mine.yaml")
    config["run"]["models"] = to_page
    page = to_the_page(project, "mine.yaml", config)
    for name in to_page:
        assert f">{name}<" in page.replace("<wbr>", "")


def test_readmes_own_videos_and_every_command(project: Path) -> None:
    """README's five lines to the page, and each line of README and docs that calls Snakemake, as a dry run."""
    block = next(block for block in shipped.yaml_blocks() if block.page == "README.md")
    config = shipped.small(shipped.configured(block.text))
    config["training"] = {"epochs": 1, "threads": 1}
    config["datasets"]["mine"]["splits"] = {"folds": 2}
    config["run"]["models"] = ["cnn2d_mean"]
    assert "short side of 128 pixels" in to_the_page(project, "mine.yaml", config)
    for line in shipped.commands():
        words = shipped.words(line)
        if words[0] == "snakemake" and not {"--report", "--logger-snkmt-db", "--sdm"} & set(words):
            given = [*words[1:], *([] if "--cores" in words or "slurm" in line else ["--cores", "1"])]
            assert "Traceback" not in run(project, *given, *([] if "--unlock" in words else ["-n"])), line
