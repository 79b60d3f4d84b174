"""Runs in TensorBoard: logs/tensorboard/{dataset}/{split}/{model}/seed{seed}. By its own package, without torch."""

import time

from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.compat.proto.summary_pb2 import Summary  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.plugins.text.metadata import create_summary_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util.tensor_util import make_tensor_proto

from vidbench.tracking.tracked_run import Table, TrackedRun, Values


class InTensorBoard:
    """A folder of event files."""

    def __init__(self, run: TrackedRun) -> None:
        """Hide what an earlier training has written after the epochs that this one has."""
        self.id = run.id
        self.writer = EventFileWriter(str(run.folder / run.path))
        self._add(Event(step=run.epochs + 1, session_log=SessionLog(status=SessionLog.START)))

    def log(self, values: Values, epoch: int) -> None:
        scalars = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._add(Event(step=epoch, summary=Summary(value=scalars)))

    def log_scores(self, scores: Values, table: Table, epoch: int) -> None:
        lines = ["| score | value |", "| --- | --- |", *(f"| {name} | {value:.4g} |" for name, value in table)]
        text = make_tensor_proto(["\n".join(lines)])
        metadata = create_summary_metadata(display_name="test scores", description="On the test videos")
        value = Summary.Value(tag="test", metadata=metadata, tensor=text)
        self._add(Event(step=epoch, summary=Summary(value=[value])))
        self.log(scores, epoch)

    def close(self, finished: bool) -> None:
        self.writer.close()

    def _add(self, event: Event) -> None:
        event.wall_time = time.time()
        self.writer.add_event(event)
        self.writer.flush()
