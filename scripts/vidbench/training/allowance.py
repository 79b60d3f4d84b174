"""What a trial of a search may take: seconds, in which it plans its epochs, and the part of these until it pauses."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # they need torch, which the checks before a run do without
    from vidbench.training.setup import TrainingJob
    from vidbench.training.state import Progress


@dataclass(frozen=True)
class Allowance:
    """The limits of a training; the defaults are those of one that is no trial."""

    seconds: float | None = None  # of the whole training, in place of training.epochs
    share: float = 1.0  # of its epochs, or seconds, after which it pauses

    @property
    def is_part(self) -> bool:
        """Whether the training pauses before its end, so that another one may go on with its checkpoint."""
        return self.share < 1

    def plan(self, job: "TrainingJob", progress: "Progress") -> "TrainingJob":
        """Return the job with the epochs that fit into the seconds, once the first epoch has told how long one takes.

        The schedule of the learning rate is then one of as many epochs. Called again it returns the same.
        """
        if self.seconds is None or progress.epoch == 0:
            return job
        if not progress.planned_epochs:
            progress.planned_epochs = max(1, math.floor(self.seconds / max(progress.seconds, 1e-9)))
        training = replace(job.options.training, epochs=progress.planned_epochs)
        return replace(job, options=replace(job.options, training=training))

    def is_used_up(self, epochs: int, progress: "Progress") -> bool:
        """Return whether a training of so many epochs has to pause; it has at least one."""
        if progress.epoch == 0:
            return False
        late = self.seconds is not None and progress.seconds >= self.share * self.seconds
        return late or progress.epoch >= pause_epoch(self.share, epochs)

    def describe(self, progress: "Progress") -> dict[str, object]:
        """Return what options.json says of it; nothing of a training without limits."""
        if self == Allowance():
            return {}
        planned = {"seconds": self.seconds, "planned_epochs": progress.planned_epochs} if self.seconds else {}
        return {"allowance": {"share": self.share, **planned}}


def pause_epoch(share: float, epochs: int) -> int:
    """Return the epoch after which a training pauses that has a share of so many: whole ones, and at least one."""
    return math.ceil(round(share * epochs, 6))  # 3 ** -1 * 9 is 3, whatever a float makes of it
