"""What feeds the device: the same clips as on a CPU, without making the CPU wait, and a true figure of the waiting."""

import time
from collections.abc import Iterator

import pytest
import torch
from device_steps import DEFAULT, HEAVY, PLAIN, Steps, counted_waits
from generated_store import endless_split, noise, write_store

from vidbench.clips.loader import Batch
from vidbench.training.monitor import DataTimer

pytestmark = pytest.mark.gpu
CPU = torch.device("cpu")
KINDS = {"none": PLAIN, "default": DEFAULT, "heavy": HEAVY}
COLOURS = {"mean": (0.43, 0.39, 0.38), "std": (0.23, 0.22, 0.21)}
WAITING = {  # name -> (network, augmentation, clip, training options)
    "default": ("cnn3d", DEFAULT, {}, {}),
    "means of three colours": ("cnn3d", DEFAULT, COLOURS, {}),
    "heavy augmentation": ("cnn3d", HEAVY, {}, {}),
    "transformer head": ("cnn2d:transformer", DEFAULT, {}, {}),
    "fp16": ("cnn3d", DEFAULT, {}, {"precision": "fp16"}),
}
SCALER_WAITS = 1.0  # per step: the loss's scaler looks whether gradients are finite


@pytest.mark.parametrize("kind", KINDS)
def test_training_clips_are_those_of_a_cpu(kind: str, device: torch.device, small) -> None:
    """Within two grey levels, but for a few pixels: equalising, say, makes a step of one level a large one."""
    options = small.options("cnn3d", KINDS[kind])
    data = small.data(options)
    here, there = Steps(options, data, device), Steps(options, data, CPU)
    batch = next(there.first(1))
    clips, targets = here.context.inputs.train(batch, 1, 2)
    expected, expected_targets = there.context.inputs.train(batch, 1, 2)
    levels = (clips.cpu().float() - expected).abs() * options.clip.std * 255
    assert targets.cpu().allclose(expected_targets, atol=1e-6)
    assert levels.mean() < 0.5
    assert (levels > 2.5).float().mean() <= (0.01 if kind == "heavy" else 0.001)


@pytest.mark.parametrize("what", WAITING)
def test_no_step_makes_the_cpu_wait(what: str, device: torch.device, small) -> None:
    """Of the default recipe and of its variants; the loss is looked at every 16 updates, here never."""
    network, augmentation, clip, training = WAITING[what]
    options = small.options(network, augmentation, clip, **training)
    steps = Steps(options, small.data(options), device)
    steps.train(steps.from_memory(2))
    number = 3
    with counted_waits(device) as places:
        steps.train(steps.from_memory(number))
    assert len(places) / number <= SCALER_WAITS * (what == "fp16"), sorted(set(places))


def test_the_time_of_augmentation_is_not_that_of_each_clip(cuda: torch.device, small) -> None:
    """The CPU gives the GPU work for the whole batch at once: eight times the clips, not eight times the time."""
    options = small.options("cnn3d", DEFAULT, batch_size=32)
    steps = Steps(options, small.data(options), cuda)
    large = next(steps.first(1))
    little = Batch(large.clips[:2], large.targets[:2], None if large.seeds is None else large.seeds[:2])
    assert cpu_seconds(steps, large) < 0.5 * len(large.targets) / 2 * cpu_seconds(steps, little)


def cpu_seconds(steps: Steps, batch: Batch) -> float:
    """Processor time in which a batch is prepared, but for what the GPU does: the least of some tries."""
    seconds = []
    for step in range(8):
        start = time.process_time()
        steps.context.inputs.train(batch, 0, step)
        seconds.append(time.process_time() - start)
        torch.cuda.synchronize()
    return min(seconds)


@pytest.mark.gpu(seconds=15)
def test_the_waiting_for_clips_is_measured(device: torch.device, small) -> None:
    """A loader that takes four times as long as a step."""
    options = small.options("cnn3d" if small.tiny else "r3d_18", PLAIN)
    steps = Steps(options, small.data(options), device)
    steps.train(steps.from_memory(3))
    start = time.perf_counter()
    steps.train(steps.from_memory(4))
    step = (time.perf_counter() - start) / 4
    pause, number = max(4 * step, 0.02), 4 if small.tiny else 16

    slept = []

    def slow() -> Iterator[Batch]:
        for batch in steps.from_memory(number):
            start = time.perf_counter()
            time.sleep(pause)
            slept.append(time.perf_counter() - start)  # a busy machine wakes up late
            yield batch

    timer = DataTimer(device)
    start = time.perf_counter()
    steps.train(timer.timed(slow()))
    total = time.perf_counter() - start
    waited = 1 - number * step / total if device.type == "cuda" else sum(slept) / total
    assert timer.part == pytest.approx(waited, abs=0.1)


@pytest.mark.gpu(seconds=20)
def test_the_loader_keeps_the_device_busy(cuda: torch.device, small, tmp_path) -> None:
    """Steps fed by the loader's processes against the same from memory: `make bench-gpu` measures it exactly."""
    options = small.options("r3d_18", DEFAULT, {"frames": 16, "size": (112, 112)}, batch_size=16)
    write_store(tmp_path / "0.h5", noise(16, 16, (128, 171)))
    steps = Steps(options, endless_split(tmp_path / "0.h5"), cuda, workers=None)
    batches = iter(steps.batches.train)

    def rate(feed: Iterator[Batch], number: int) -> float:
        start = time.perf_counter()
        steps.train(feed)
        return number / (time.perf_counter() - start)

    def fed(number: int) -> Iterator[Batch]:
        return (next(batches) for _ in range(number))

    steps.train(fed(2 * steps.batches.workers + 4))  # what was read ahead
    assert rate(fed(40), 40) > 0.8 * rate(steps.from_memory(40), 40)
