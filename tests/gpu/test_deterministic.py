"""`deterministic: true`: a network trains to the same bytes twice, or torch says that it has no such kernels."""

from collections.abc import Iterator

import pytest
import torch
from device_steps import PLAIN, Steps

from vidbench.errors import UserError
from vidbench.models import clip_names

pytestmark = pytest.mark.gpu
NAMES = (
    *clip_names(), "cnn2d:lstm", "resnet18:mean", "resnet18:tsm", "resnet18:gru", "alexnet:mean", "vgg11:mean",
    "densenet121:mean", "googlenet:mean", "inception_v3:mean", "squeezenet1_1:mean", "shufflenet_v2_x0_5:mean",
    "maxvit_t:mean",
)  # fmt: skip
# Those that docs/training.md names, and those whose pooling torch 2.11 has no such backward pass for.
MAY_BE_REFUSED = ("s3d", "mvit", "vgg", "inception", "alexnet", "maxvit")
SIDES = {"maxvit_t": 224, "inception_v3": 96}


@pytest.fixture
def deterministic() -> Iterator[None]:
    benchmark = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.benchmark = benchmark


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_twice_or_a_refusal(name: str, device: torch.device, small, deterministic: None) -> None:
    if small.tiny and name not in ("cnn3d", "cnn2d:lstm"):
        pytest.skip("tiny")
    side = SIDES.get(name.partition(":")[0])
    options = small.options(name, PLAIN, {"size": (side, side)} if side else None, deterministic=True, batch_size=2)
    ends, refusal = [], ""
    try:
        for _ in range(2):
            steps = Steps(options, small.data(options), device)
            steps.train(steps.first(2))
            ends.append(torch.cat([parameter.detach().flatten() for parameter in steps.model.parameters()]))
    except (UserError, RuntimeError) as error:
        refusal = str(error)
    if refusal:
        assert "deterministic" in refusal
        assert name.startswith(MAY_BE_REFUSED)
    else:
        assert torch.equal(*ends)
