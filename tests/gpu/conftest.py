"""The checks for a machine with a GPU: `make test-gpu`.

They need torch, torchvision, h5py, safetensors, PyYAML, tqdm, scikit-learn and pytest, and no more of the project's
packages: videos are generated. `ARGS="--device cpu --tiny"` tries the checks themselves on a CPU. Nothing of
tests/conftest.py is used, which hides the GPUs.
"""

import gc
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # before torch: deterministic kernels demand it

from vidbench import cli  # noqa: F401  # isort: skip - before torch, as in the steps: sets how its threads wait

import memory_store
import pytest
import torch
from apart import Budget
from device_steps import DEFAULT, make_options

from vidbench.clips.split_data import SplitData
from vidbench.models import HEADS, clip_names
from vidbench.models.options import AugmentationOptions, ClipOptions, ModelOptions

# Files by importance: where the time ends, the rest is skipped.
ORDER = (
    "test_environment.py", "test_networks.py", "test_step_scripts.py", "test_input.py", "test_memory.py",
    "test_deterministic.py", "test_processes.py", "test_activation_maps.py", "test_compiled.py",
)  # fmt: skip
MINUTES = 9.5
SECONDS = 5  # of a check that names no other
LONG = 45  # seconds: what takes longer comes after all others
CLIPS_PER_EPOCH = 10_000
OTHER_NETWORKS = (
    *(f"resnet18:{head}" for head in HEADS),
    "cnn2d:lstm", "efficientnet_b0:mean", "convnext_tiny:mean", "swin_t:mean", "mobilenet_v3_small:gru",
)  # fmt: skip
TINY_NETWORKS = ("cnn3d", "cnn2d:lstm", "cnn2d:transformer", "cnn2d:tsm")
WIDE = ("mvit", "swin")  # need clips of 112 x 112
BUDGET = pytest.StashKey[Budget]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gpu", "checks for a machine with a GPU")
    group.addoption("--device", choices=["cuda", "cpu"], default="cuda")
    group.addoption("--tiny", action="store_true", help="small networks and clips: whether the checks run")
    group.addoption("--minutes", type=float, default=MINUTES, help=f"time for all; default {MINUTES}")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[BUDGET] = Budget(60 * config.getoption("--minutes", MINUTES))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`network` is each of the networks, of few with --tiny."""
    if "network" in metafunc.fixturenames:
        tiny = metafunc.config.getoption("--tiny", False)
        metafunc.parametrize("network", TINY_NETWORKS if tiny else (*clip_names(), *OTHER_NETWORKS))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By importance, those that take long last; other folders' tests stay where they are."""
    places = [number for number, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ours = sorted((items[p] for p in places), key=lambda item: (needed(item) > LONG, ORDER.index(item.path.name)))
    for place, item in zip(places, ours, strict=True):
        items[place] = item


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip where there is no GPU, and what the time is not enough for."""
    if item.config.getoption("--device", "cuda") == "cuda" and not torch.cuda.is_available():
        pytest.skip("torch finds no CUDA GPU here; --device cpu --tiny tries the checks themselves")
    left = item.config.stash[BUDGET].left
    if left < needed(item):
        pytest.skip(f"not reached in time: {max(left, 0):.0f} s are left, this takes about {needed(item)} s")


def needed(item: pytest.Item) -> float:
    """Seconds that a check takes: the most that a pytest.mark.gpu(seconds=...) of it says."""
    return max((marker.kwargs.get("seconds", SECONDS) for marker in item.iter_markers("gpu")), default=SECONDS)


@pytest.fixture(scope="session", autouse=True)
def _environment() -> None:
    """In place of that of tests/conftest.py, which hides the GPUs."""


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Leave neither memory nor graphs behind: the steps that tests start need the GPU, too."""
    yield
    if "torch._dynamo" in sys.modules:
        torch.compiler.reset()
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        gc.collect()
        torch.cuda.empty_cache()


@pytest.fixture(scope="session")
def tiny(pytestconfig: pytest.Config) -> bool:
    return pytestconfig.getoption("--tiny", False)


@pytest.fixture(scope="session")
def device(pytestconfig: pytest.Config) -> torch.device:
    """The device, set up as the steps do it, but without their lock: the steps that tests start need one."""
    torch.set_num_threads(2)
    if pytestconfig.getoption("--device", "cuda") == "cpu":
        return torch.device("cpu")
    torch.cuda.set_device(0)
    torch.backends.cudnn.benchmark = True
    return torch.device("cuda", 0)


@pytest.fixture
def cuda(device: torch.device) -> torch.device:
    """The GPU; a test that measures one is skipped on a CPU."""
    if device.type != "cuda":
        pytest.skip("measures a GPU")
    return device


@dataclass(frozen=True)
class Small:
    """Small trainings: options and data that belong together."""

    tiny: bool

    def options(
        self, name: str, augmentation: AugmentationOptions = DEFAULT, clip: dict | None = None, **training: object
    ) -> ModelOptions:
        """Options of a network with small clips."""
        side = 32 if self.tiny else 112 if name.startswith(WIDE) else 64
        width = 4 if self.tiny else 24
        clip_options = ClipOptions(**{"frames": 8, "step": 1, "size": (side, side)} | (clip or {}))
        return make_options(name, clip_options, augmentation, width, **{"batch_size": 4} | training)

    def data(self, options: ModelOptions) -> SplitData:
        """Videos a little larger than the clips, four a class for training, in an epoch without an end."""
        data = memory_store.split(4, 1, options.clip.size[0] * 8 // 7, options.clip.frames)
        return replace(data, clips_per_epoch=CLIPS_PER_EPOCH)


@pytest.fixture(scope="session")
def small(tiny: bool) -> Small:
    return Small(tiny)
