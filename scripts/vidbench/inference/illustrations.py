"""The pictures that were asked for of one video over time: its timeline, and an annotated copy. Imports no torch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from vidbench.errors import UserError
from vidbench.inference.inputs import Input


@dataclass(frozen=True)
class Illustrations:
    """Which pictures are asked for; None for those that are not."""

    plot: str | None = None  # file of the timeline's figure
    copy: str | None = None  # file of the annotated copy

    def __bool__(self) -> bool:
        return bool(self.plot or self.copy)

    def check(self, inputs: Iterable[Input]) -> Iterator[Input]:
        """Return the inputs; UserError where they are not the one video that pictures can be made of."""
        from vidbench.inference.annotation import check_copy, check_copy_name
        from vidbench.inference.timeline_figure import check_figure_name

        if self.plot:
            check_figure_name(self.plot)
        if self.copy:
            check_copy_name(self.copy)
        inputs = iter(inputs)
        first = list(islice(inputs, 2 if self else 0))
        if len(first) > 1:
            raise UserError("--plot and --annotate are made of one video: name one, and call this once per video")
        if self.copy and first and first[0].is_live:
            raise UserError(f"{first[0].name}: is a camera or a stream; --annotate copies files: leave it out")
        if self.copy and first and not first[0].problem and not first[0].is_address:
            check_copy(first[0].path, self.copy)
        return chain(first, inputs)
