"""Video transformers of the library transformers in a workflow: one run from folders that the library saved."""

import json
import os
import shutil
from pathlib import Path

import pytest
import tiny
import tiny_transformers
from hub_server import Hub

from workflow.conftest import copy_project, planned, snakemake, write_config
from workflow.test_reruns import chain

pytestmark = pytest.mark.slow
COMMIT = "0123456789" * 4  # Snakemake refuses values that repeat one letter, as the stand-in's own
CLIP = {"frames": 4, "size": [32, 32]}
CONFIG = tiny.config(
    run={"datasets": ["motion"], "models": ["mae", "jepa"], "seeds": [0]},
    backbones={"jepa": {"architecture": "hf/vjepa2", "weights": "own/jepa", "trained_stages": 0}},
    models={
        "mae": {"architecture": "hf/videomae", "weights": "own/mae", "trained_stages": 1, "clip": CLIP},
        "jepa": {"backbone": "jepa", "head": "mean", "clip": CLIP},
    },
    datasets__motion__training=tiny.TRAINING | {"epochs": 1},
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a network that is fine-tuned, and of a frozen one with cached features."""
    folder = copy_project(tmp_path_factory.mktemp("transformers") / "project")
    tiny_transformers.save("videomae", folder / "own/mae")
    tiny_transformers.save("vjepa2", folder / "own/jepa")
    write_config(folder, CONFIG)
    snakemake(folder)
    return folder


def test_a_run_needs_no_folder_when_it_is_trained(trained: Path) -> None:
    record = json.loads((trained / "results/motion/split1/mae/seed0/options.json").read_text())
    assert record["weights"]["new"] == 2
    assert record["versions"]["transformers"]
    assert json.loads(record["options"]["network_config"])["hidden_size"] == 48
    assert record["options"]["clip"]["mean"] == [0.485, 0.456, 0.406]
    assert list(trained.glob("results/motion/features/jepa/*.h5"))
    page = next(trained.glob("results/report*.html"), None) or next(trained.glob("results/**/*.html"))
    assert "hf/vjepa2" in page.read_text()
    assert planned(trained) == {}


def test_other_sizes_beside_the_same_weights_train_again(trained: Path) -> None:
    path = trained / "own/mae/config.json"
    before = path.read_text()
    path.write_text(json.dumps(json.loads(before) | {"id2label": {"0": "other"}}))
    assert planned(trained) == {}
    path.write_text(json.dumps(json.loads(before) | {"hidden_act": "relu"}))
    assert planned(trained) == chain(1, 1, costs=1, across=False)
    path.write_text(before)


def test_what_does_not_suit_is_one_line_before_any_job(trained: Path) -> None:
    shutil.copytree(trained / "own/mae", trained / "own/coded")
    config = json.loads((trained / "own/coded/config.json").read_text())
    (trained / "own/coded/config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "code.Model"}}))
    for changes, words in (
        ({"models__mae__clip__frames": 8}, "fixed to the 4 frames of 32 x 32 pixels"),
        ({"models__mae__weights": "own/jepa"}, "own/jepa/config.json: is of 'vjepa2', not of hf/videomae"),
        ({"models__mae__weights": "own/coded"}, "auto_map asks for code"),
        ({"models__mae__weights": None}, "has no sizes of its own"),
    ):
        write_config(trained, tiny.with_changes(CONFIG, changes))
        text = snakemake(trained, "--dry-run", check=False).stdout
        errors = [line for line in text.splitlines() if line.startswith("error:")]
        assert len(errors) == 1, text
        assert words in errors[0]
        assert "Traceback" not in text
    write_config(trained, CONFIG)


def test_weights_of_the_hub_are_fetched_by_a_job_of_their_own(tmp_path: Path) -> None:
    folder = copy_project(tmp_path / "project")
    made = tiny_transformers.save("videomae", tmp_path / "mae")
    files = {path.name: path.read_bytes() for path in made.iterdir()}
    name = "someone/video-mae"
    entry = {"architecture": "hf/videomae", "weights": f"hf-hub:{name}@main", "clip": CLIP}
    write_config(folder, tiny.with_changes(CONFIG, {"models__mae": entry, "run__models": ["mae"]}))
    link = f"resources/weights/hf/videomae-someone--video-mae@{COMMIT}.safetensors"
    with Hub({COMMIT: files}, name, "model", main=COMMIT) as hub:
        environment = os.environ | {"HF_ENDPOINT": hub.address, "NO_PROXY": "127.0.0.1"}
        snakemake(folder, link, env=environment)
    assert (folder / link).read_bytes() == files["model.safetensors"]
    assert "fetch_weights" not in planned(folder)  # and no network is needed from here on
    shutil.rmtree(folder / "resources/weights/fetched")
    text = snakemake(folder, "--dry-run", check=False, env=os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9"}).stdout
    errors = [line for line in text.splitlines() if line.startswith("error:")]
    assert len(errors) == 1, text
    assert "into resources/weights/incoming/someone--video-mae@main/" in errors[0]
