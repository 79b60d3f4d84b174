"""Compiled networks, the default on a GPU, compute what the others do; last, as compiling takes long."""

import pytest
import torch
from device_steps import PLAIN, Steps

pytestmark = pytest.mark.gpu


def weights_after(steps: Steps, number: int) -> torch.Tensor:
    """All weights in one row."""
    steps.train(steps.from_memory(number))
    return torch.cat([parameter.detach().flatten() for parameter in steps.model.parameters()])


@pytest.mark.gpu(seconds=60)
@pytest.mark.parametrize("name", ["resnet18:lstm", "mvit_v2_s", "resnet18:transformer", "swin3d_t"])
def test_a_compiled_network_trains_like_the_other(name: str, cuda: torch.device, small) -> None:
    from torch._inductor import config  # here: it takes seconds

    settings = {"precision": "fp32", "optimizer": "sgd", "learning_rate": 0.01}
    ends = []
    for compile in (False, True):
        options = small.options(name, PLAIN, compile=compile, **settings)
        steps = Steps(options, small.data(options), cuda)
        start = weights_after(steps, 0)
        with config.patch(fallback_random=True):  # stochastic depth: draw what is drawn without it
            ends.append(weights_after(steps, 2))
    moved = (ends[0] - start).norm()
    assert moved > 0
    assert (ends[1] - ends[0]).norm() < 0.1 * moved
    with torch.inference_mode():  # the graph of a test
        network, model = steps.job.precision.compiled(steps.model.eval()), steps.model
        clips = steps.context.inputs.test(next(steps.first(1)).clips)
        assert torch.allclose(network(clips), model(clips), rtol=1e-2, atol=1e-2)
