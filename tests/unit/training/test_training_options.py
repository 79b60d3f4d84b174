"""Every training option, switched on by itself: it does what it says, resumes to the same bytes, and needs no luck."""

import shutil
from pathlib import Path

import pytest
import torch
from stopped_trainings import AUGMENTATIONS, BY_TIME, OPTIONS, SMALL_3D, TSM, check_resuming, complete, run, same
from torch import nn

from vidbench.compute.precision import explained_errors
from vidbench.errors import UserError
from vidbench.training.activation_checkpointing import recompute_blocks

# They change nothing here, or nothing at all.
SAME = ("plain", "class_weights", "balanced_sampler", "activation_checkpointing")


@pytest.mark.parametrize("name", OPTIONS)
def test_a_stopped_training_ends_like_a_whole_one(name: str, tmp_path: Path) -> None:
    check_resuming(name, complete(*OPTIONS[name]), tmp_path)


@pytest.mark.parametrize("change", AUGMENTATIONS)
def test_augmentations_resume_to_the_same_bytes(change: str, tmp_path: Path) -> None:
    augmentation = {"shift": 0, "color_jitter": 0, change: AUGMENTATIONS[change]}
    check_resuming(change, complete(SMALL_3D, {}, augmentation=augmentation), tmp_path)


def test_clips_by_time_resume_to_the_same_bytes_and_are_others_than_by_frames(tmp_path: Path) -> None:
    by_time = complete(SMALL_3D, {}, clip=BY_TIME)
    check_resuming("by_time", by_time, tmp_path)
    by_frames = complete(SMALL_3D, {}, clip=BY_TIME | {"rate": None, "step": 1})
    one, other = run(tmp_path / "one", by_time), run(tmp_path / "other", by_frames)
    assert any(not torch.equal(one[0][key], other[0][key]) for key in other[0])
    same(run(tmp_path / "same", complete(SMALL_3D, {}, clip=BY_TIME | {"rate": 25})), other)  # the store's own rate


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in SAME])
def test_the_other_options_change_the_result(name: str, tmp_path: Path) -> None:
    model, training = OPTIONS[name]
    with_it = run(tmp_path / "with", complete(model, training))
    without = run(tmp_path / "without", complete(model, {"epochs": training.get("epochs", 3)}))
    assert any(not torch.equal(with_it[0][key], without[0][key]) for key in without[0])


@pytest.mark.parametrize("model", [TSM, SMALL_3D])
def test_activation_checkpointing_changes_nothing(model: str, tmp_path: Path) -> None:
    """Batch norm's statistics included, which a second forward pass would move again; and it does recompute."""
    one = run(tmp_path / "with", complete(model, {"activation_checkpointing": True}))
    same(one, run(tmp_path / "without", complete(model, {})))


@pytest.mark.skipif(not shutil.which("g++"), reason="torch.compile needs a C++ compiler")
def test_recomputed_blocks_can_be_compiled() -> None:
    """On a GPU compilation is the default; batch norm's statistics move once a step in either way."""
    torch.set_num_threads(1)
    results = []
    for compiled in (False, True):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Sequential(nn.Conv3d(3, 4, 1), nn.BatchNorm3d(4)), nn.Flatten(), nn.Linear(32, 2))
        assert recompute_blocks(network) == ["0"]
        call = torch.compile(network, dynamic=False, backend="aot_eager") if compiled else network
        call(torch.randn(4, 3, 2, 2, 2)).square().sum().backward()
        tensors = network.state_dict() | {name: part.grad for name, part in network.named_parameters()}
        results.append({name: tensor.clone() for name, tensor in tensors.items()})
    assert results[1]["0.1.num_batches_tracked"] == 1
    for one, other in zip(*map(dict.values, results), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_a_diverged_training_keeps_its_best_epoch_and_says_the_step(tmp_path: Path, capsys) -> None:
    options = complete(
        SMALL_3D, {"optimizer": "sgd", "schedule": "constant", "warmup_epochs": 0, "learning_rate": 1e30}
    )
    weights, history, status = run(tmp_path, options)
    assert status == "diverged"
    assert len(history) < 3
    assert "the loss is" in capsys.readouterr().out
    saved = [tensor for name, tensor in weights.items() if not name.endswith("at the end")]
    assert all(tensor.isfinite().all() for tensor in saved)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), "lower training.batch_size"),
        (RuntimeError("avg_pool3d_backward_cuda does not have a deterministic implementation, but"), "avg_pool3d"),
    ],
)
def test_what_a_gpu_lacks_is_one_line(error: Exception, words: str) -> None:
    with pytest.raises(UserError, match=words), explained_errors():
        raise error
    with pytest.raises(RuntimeError, match="another"), explained_errors():
        raise RuntimeError("another")
