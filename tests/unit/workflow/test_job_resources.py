"""What jobs ask for: more for more work, twice as much with each attempt, never without end."""

from hypothesis import given
from hypothesis import strategies as st

from vidbench.workflow import job_resources
from vidbench.workflow.job_resources import Clips

COUNTS = st.integers(1, 300_000)


def clips(number: int, batch: int = 16) -> Clips:
    return Clips(number, 16, (112, 112), batch)


@given(st.floats(1, 1e6), st.integers(1, 30))
def test_each_attempt_asks_for_twice_as_much_up_to_a_bound(amount: float, attempt: int) -> None:
    now, then = job_resources.scale_up(amount, attempt), job_resources.scale_up(amount, attempt + 1)
    assert now <= then <= 2 * now
    assert then <= 2**job_resources.MAX_DOUBLINGS * amount + 1


@given(COUNTS, COUNTS, st.sampled_from(["cpu", "gpu"]))
def test_more_clips_take_longer_and_a_gpu_less(fewer: int, more: int, device: str) -> None:
    fewer, more = sorted((fewer, more))
    assert job_resources.training_minutes(clips(fewer), 2, device) <= job_resources.training_minutes(
        clips(more), 2, device
    )
    assert job_resources.prediction_minutes(clips(more), device) <= job_resources.training_minutes(
        clips(more), 1, device
    )
    assert job_resources.training_minutes(clips(more), 2, "gpu") <= job_resources.training_minutes(
        clips(more), 2, "cpu"
    )


def test_a_gpu_is_asked_for_as_long_as_a_small_one_needs() -> None:
    """UCF101's split 1 with r3d_18, 30 epochs of 9,537 clips: an H100 should need 15 minutes, an RTX 3060 an hour."""
    assert 60 < job_resources.training_minutes(clips(9537), 30, "gpu") < 120


def test_memory_grows_with_batch_readers_and_logits() -> None:
    small = job_resources.computing_megabytes(clips(1), 0, "gpu")
    assert small < job_resources.computing_megabytes(clips(1), 6, "gpu")
    assert small < job_resources.computing_megabytes(clips(1, 64), 0, "gpu")
    assert job_resources.computing_megabytes(clips(1), 6, "gpu") - small == 2 * 6 * job_resources.WORKER_MB + (
        3 * 10 * 16 * clips(1).pixels * 4 / 1e6
    )  # readers for training and validation, and two batches for each of six instead of two
    cpu, gpu = (
        job_resources.computing_megabytes(clips(1, 64), 0, device)
        - job_resources.computing_megabytes(clips(1, 16), 0, device)
        for device in ("cpu", "gpu")
    )
    assert cpu > 10 * gpu  # the activations of a GPU are in its own memory
    assert job_resources.logits_megabytes(1000, 400) == 3 * 1000 * 400 * 4 / 1e6
