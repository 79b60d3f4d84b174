"""Settings of models on the Hub: fetched once, at a commit, and found again; weights of both libraries at a commit."""

import json
from pathlib import Path

import pytest
import tiny
from hub_server import COMMIT, NEXT_COMMIT, Hub

from vidbench.config import schema
from vidbench.download.hub_settings import fetch_settings
from vidbench.download.weights import link_weights
from vidbench.errors import UserError
from vidbench.models import official_weights, pretraining
from vidbench.models.hub_name import HubName
from vidbench.models.options import NetworkOptions
from vidbench.workflow.hub_models import fetch_missing, prepare

NAME = "facebook/vjepa2-tiny"
CONFIG = {"model_type": "vjepa2", "architectures": ["VJEPA2Model"], "crop_size": 64, "hidden_size": 48}
PROCESSOR = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.1], "crop_size": {"height": 64, "width": 64}}
FILES = {
    "config.json": json.dumps(CONFIG).encode(),
    "video_preprocessor_config.json": json.dumps(PROCESSOR).encode(),
    "model.safetensors": b"weights" * 100,
    "README.md": b"---\nlicense: cc-by-nc-4.0\ntags: [x]\n---\n# A model\n",
    "code.py": b"print('never fetched')",
    "pytorch_model.bin": b"never fetched either",
}
QUICK = {"attempts": 1, "timeout": 5}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with Hub({COMMIT: FILES, NEXT_COMMIT: FILES | {"README.md": b""}}, NAME, "model") as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield hub


def config(weights: str, **more: object) -> dict:
    """A configuration whose run has one model on the Hub."""
    entry = {"architecture": "hf/vjepa2", "weights": weights, **more}
    return tiny.config(models__x=entry, run__models=["x"], weights_download=QUICK)


def test_a_pinned_model_is_fetched_once_and_nothing_but_settings(hub: Hub, tmp_path: Path) -> None:
    asked = config(f"hf-hub:{NAME}@{COMMIT}")
    fetch_missing(asked)
    folder = tmp_path / f"resources/weights/fetched/facebook--vjepa2-tiny@{COMMIT}"
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "config.json", "video_preprocessor_config.json",
    ]  # fmt: skip
    requests = len(hub.requests)
    fetch_missing(asked)
    assert len(hub.requests) == requests
    options = schema.typed_options(asked, "motion", "x")
    assert options.network.weights == f"hf-hub:{NAME}@{COMMIT}"
    assert json.loads(options.network.network_config)["hidden_size"] == 48
    assert (options.clip.size, options.clip.mean, options.clip.std) == ((64, 64), (0.5, 0.4, 0.3), (0.2, 0.2, 0.1))
    described = pretraining.find_weights(options.network)
    assert described is not None
    assert (described.licence, "Kinetics-400" in described.data) == ("cc-by-nc-4.0", True)


def test_a_branch_is_resolved_once_and_its_commit_recorded(hub: Hub) -> None:
    asked = config(f"hf-hub:{NAME}@main")
    fetch_missing(asked)
    hub.main = NEXT_COMMIT
    fetch_missing(asked)
    weights = schema.typed_options(asked, "motion", "x").network.weights
    assert weights == f"hf-hub:{NAME}@{COMMIT}"
    assert json.loads(Path("resources/weights/fetched/facebook--vjepa2-tiny@main.json").read_text()) == {
        "commit": COMMIT
    }


def test_weights_are_fetched_at_the_commit_and_verified(hub: Hub, tmp_path: Path) -> None:
    hub.main = NEXT_COMMIT
    fetch_settings(HubName(NAME, COMMIT), QUICK)
    weights = official_weights.find("hf/vjepa2", f"hf-hub:{NAME}@{COMMIT}")
    assert weights is not None
    assert weights.address == f"https://huggingface.co/{NAME}/resolve/{COMMIT}/model.safetensors"
    output = tmp_path / "resources/weights" / weights.link
    hub.sent["model.safetensors"] = b"x" * 700
    with pytest.raises(UserError, match=f"put it into .*incoming/ under the name facebook--vjepa2-tiny@{COMMIT}/model"):
        link_weights(weights, output, QUICK)
    assert not output.exists()
    hub.sent.clear()
    link_weights(weights, output, QUICK)
    assert output.read_bytes() == FILES["model.safetensors"]
    assert output.name == f"vjepa2-facebook--vjepa2-tiny@{COMMIT}.safetensors"


def test_a_folder_that_was_put_there_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    for revision in (COMMIT, "main"):
        folder = Path(f"resources/weights/incoming/facebook--vjepa2-tiny@{revision}")
        folder.mkdir(parents=True)
        for name, content in FILES.items():
            (folder / name).write_bytes(content)
        asked = config(f"hf-hub:{NAME}@{revision}")
        fetch_missing(asked)
        network = schema.typed_options(asked, "motion", "x").network
        assert network.weights == f"hf-hub:{NAME}@{revision}"
        weights = official_weights.find("hf/vjepa2", network.weights)
        assert weights is not None
        link_weights(weights, tmp_path / "resources/weights" / weights.link, {})
        assert (tmp_path / "resources/weights" / weights.link).read_bytes() == FILES["model.safetensors"]


def test_in_a_module_with_a_prefix_all_is_below_the_prefix(hub: Hub, tmp_path: Path) -> None:
    first, second = (prepare(config(f"hf-hub:{NAME}@main"), f"{prefix}/resources") for prefix in ("video", "other"))
    hub.main = NEXT_COMMIT
    assert not Path("resources").exists()
    for prepared, prefix in ((first, "video"), (second, "other")):
        network = schema.typed_options(prepared, "motion", "x").network
        assert network.weights == f"hf-hub:{NAME}@{COMMIT} in {prefix}/resources/weights"
        weights = official_weights.find("hf/vjepa2", network.weights)
        assert weights is not None
        assert (weights.name, weights.licence) == (f"{NAME}@{COMMIT}", "cc-by-nc-4.0")
        assert weights.link == f"hf/vjepa2-facebook--vjepa2-tiny@{COMMIT}.safetensors"
        link_weights(weights, tmp_path / prefix / "resources/weights" / weights.link, QUICK)
    assert first["models"]["x"] == prepare(config(f"hf-hub:{NAME}@main"), "video/resources")["models"]["x"]


def test_a_folder_below_a_prefix_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    folder = Path("video/resources/weights/incoming/facebook--vjepa2-tiny@main")
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    swept = {"architecture": "hf/vjepa2", "sweep": {"weights": [f"hf-hub:{NAME}@main", None]}}
    prepared = prepare(tiny.config(models__x=swept, run__models=["x"]), "video/resources")
    assert prepared["models"]["x"]["sweep"]["weights"] == [f"hf-hub:{NAME}@main in video/resources/weights", None]
    with pytest.raises(
        UserError, match=r"put config.json.* into other/resources/weights/incoming/.*--vjepa2-tiny@main/"
    ):
        prepare(config(f"hf-hub:{NAME}@main"), "other/resources")


def test_a_configuration_without_a_prefix_stays_as_it_is() -> None:
    plain = tiny.config()
    assert prepare(plain, "resources") is plain


def test_timms_weights_at_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cfg = {"mean": [0.1, 0.2, 0.3], "std": [1, 1, 1], "input_size": [3, 160, 160], "license": "apache-2.0"}
    files = {"model.safetensors": b"x", "config.json": json.dumps({"architecture": "test_vit", "pretrained_cfg": cfg})}
    files["config.json"] = files["config.json"].encode()
    with Hub({COMMIT: files}, "timm/test_vit.r160_in1k", "model") as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        weights = f"hf-hub:timm/test_vit.r160_in1k@{COMMIT}"
        fetch_settings(HubName.parse(weights), QUICK)
    assert official_weights.resolve("timm/test_vit", weights) == weights
    found = pretraining.find_weights(NetworkOptions(architecture="timm/test_vit", weights=weights))
    assert found is not None
    assert (found.mean, found.size, found.licence) == ([0.1, 0.2, 0.3], [160, 160], "apache-2.0")
    assert found.revision == COMMIT
    with pytest.raises(UserError, match="is of 'test_vit', not of timm/test_resnet"):
        official_weights.resolve("timm/test_resnet", weights)
    with pytest.raises(UserError, match="r3d_18 has no weights on the Hub"):
        official_weights.resolve("r3d_18", weights)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ("hf-hub:facebook/vjepa2-tiny", "name a repository and a revision.*hf-hub:facebook/vjepa2-tiny@main"),
        ("hf-hub:vjepa2-tiny@main", "name a repository and a revision"),
        (f"hf-hub:facebook/other@{COMMIT}", "put config.json, model.safetensors and the processor's file"),
        (f"hf-hub:{NAME}@{'c' * 40}", "put config.json"),
    ],
)
def test_wrong_names_are_one_line(weights: str, words: str, hub: Hub) -> None:
    with pytest.raises(UserError, match=words) as caught:
        fetch_missing(config(weights))
    assert "\n" not in str(caught.value)
    assert not list(Path("resources").rglob("config.json"))


def test_a_repository_without_safe_weights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {name: content for name, content in FILES.items() if name != "model.safetensors"}
    with Hub({COMMIT: files}, NAME, "model") as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        with pytest.raises(UserError, match=f"has no model.safetensors at commit {COMMIT}; of pickles nothing is read"):
            fetch_missing(config(f"hf-hub:{NAME}@main"))


def test_without_settings_here_a_step_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"models\.x\.weights: hf-hub:.*: its config\.json is not here; run snakemake"):
        schema.check(config(f"hf-hub:{NAME}@{COMMIT}"))


def test_odd_configurations_name_nothing() -> None:
    for odd in ({}, {"models": [1]}, {"run": {"models": "x"}}, {"run": {"models": ["x", 3]}, "models": {"x": None}}):
        assert prepare(odd, "resources") == prepare(odd, "video/resources") == odd
