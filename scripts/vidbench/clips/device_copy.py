"""Copying batches to a GPU while it computes with the batch before."""

from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import torch

from vidbench.clips.loader import Batch
from vidbench.clips.transforms import to_device

MAX_AHEAD = 4  # batches that the CPU hands to a GPU in advance: with more, a stop would wait for all their steps


def copy_batches(batches: Iterable[Batch], device: torch.device) -> Iterable[Batch]:
    """Return the batches with clips and targets on the device; seeds stay on the CPU."""
    return _copier(device).copied(batches) if device.type == "cuda" else batches


@cache
def _copier(device: torch.device) -> "BatchCopier":
    return BatchCopier(device)  # one per GPU: each stream has memory of its own


class BatchCopier:
    """Copies batches on a stream of its own; at most two of them are in the GPU's memory."""

    def __init__(self, device: torch.device, cuda: Any = torch.cuda) -> None:
        self.device = device
        self._cuda = cuda
        self._stream = cuda.Stream(device)

    def copied(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield the batches on the GPU; each may be used until the next but one is asked for."""
        done = deque()  # done[-1]: an event behind all steps but that of the batch which has just come
        for batch in batches:
            computing = self._cuda.current_stream(self.device)
            done.append(computing.record_event())
            if len(done) > MAX_AHEAD:
                done.popleft().synchronize()
            # The copy takes the memory of the batch before the last, whose step has to be over. That of the last one,
            # which may still be computed, is held by `copied` until the copy has its own.
            self._stream.wait_event(done[max(0, len(done) - 2)])
            with self._cuda.stream(self._stream):
                copied = batch._replace(
                    clips=to_device(batch.clips, self.device),
                    targets=batch.targets.to(self.device, non_blocking=True),
                )
            computing.wait_stream(self._stream)
            yield copied
