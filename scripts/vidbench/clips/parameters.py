"""The numbers that random changes need on the batch's device, sent there in one copy that nobody waits for."""

from collections.abc import Callable, Iterable

import torch


class Parameters:
    """Numbers of a batch's changes: first all are added, then they are sent, then each change takes its own."""

    def __init__(self) -> None:
        self._numbers: list[float] = []
        self._sent: torch.Tensor | None = None

    def add(self, numbers: Iterable[float], *shape: int) -> Callable[[], torch.Tensor]:
        """Add numbers, integers below 2^24 among them; the result returns them, once sent, as float32 of that shape."""
        start = len(self._numbers)
        self._numbers.extend(numbers)
        stop = len(self._numbers)
        return lambda: self._take(start, stop, shape)

    def send(self, device: torch.device) -> None:
        """Copy all numbers to the device. From pinned memory, the copy waits for no kernel that is still running."""
        if self._numbers:
            numbers = torch.tensor(self._numbers, dtype=torch.float32, pin_memory=device.type == "cuda")
            self._sent = numbers.to(device, non_blocking=True)

    def _take(self, start: int, stop: int, shape: tuple[int, ...]) -> torch.Tensor:
        assert self._sent is not None, "not sent"
        return self._sent[start:stop].view(shape)
