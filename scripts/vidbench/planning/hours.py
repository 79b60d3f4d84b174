"""Hours of a run, from what it consists of and the speeds that were measured. No torch."""

from dataclasses import dataclass

from vidbench.clips import frame_orders
from vidbench.datasets import fractions
from vidbench.evaluation.view_ladder import steps
from vidbench.models.options import ModelOptions
from vidbench.planning.small_steps import small_step
from vidbench.planning.stopwatch import Spent
from vidbench.workflow import job_resources
from vidbench.workflow.run import DataSet, Run

PROCESSES = 4  # at most, of the steps that make or look at videos
COMPARED = 9e-6  # processor seconds of comparing two recordings (docs/performance.md: 13,320 videos)
BACKWARD = 3  # forward and backward against forward alone
# Seconds that measure_cost.py measures for, at least: one clip, then each of a ladder and of some batches.
ONE_CLIP, EACH, MAX_BATCHES_SECONDS, MAX_BATCH = 2.0, 0.6, 20, 16


@dataclass(frozen=True)
class Capacity:
    """What jobs share: cores, GPUs, and how many jobs a cluster takes at once (0: as many as there are cores)."""

    cores: int
    gpus: int
    jobs: int = 0


@dataclass(frozen=True)
class Work:
    """Jobs of a rule on a data set, for a model where it is one's; `spent` is of all together."""

    rule: str
    dataset: str
    jobs: int
    spent: Spent
    cores: int = 1
    gpus: int = 0
    model: str = ""
    operations: float = 0.0  # in the network

    def hours(self, capacity: Capacity) -> float:
        """On the clock, with as many of the jobs at once as there is room for."""
        return self.spent.seconds / 3600 / self._at_once(capacity)

    @property
    def gpu_hours(self) -> float:
        """Hours that GPUs are held."""
        return self.spent.seconds * self.gpus / 3600

    def _at_once(self, capacity: Capacity) -> int:
        places = [self.jobs, capacity.jobs or capacity.cores // self.cores]
        if self.gpus:
            places.append(capacity.gpus // self.gpus)
        return max(1, min(places))


@dataclass(frozen=True)
class Measured:
    """What measure_extraction.py and measure_speed.py wrote: by data set, and by data set and trained model."""

    extraction: dict[str, dict]
    speed: dict[tuple[str, str], dict]

    def of(self, data: DataSet, model: str) -> dict:
        """The speed of a model, of its own or of one that is as fast."""
        return self.speed[data.name, model]

    @property
    def on_gpu(self) -> bool:
        """Whether the speeds are a GPU's."""
        return any(found["device"]["type"] == "cuda" for found in self.speed.values())


def views_of(options: ModelOptions) -> int:
    """Clips that a video is predicted from."""
    return options.clip.views


def rows_of_features(options: ModelOptions, frames_per_video: float) -> float:
    """Rows of cached features per video."""
    return frames_per_video if options.takes_frames else views_of(options)


def add(*parts: tuple[Spent | dict, float]) -> Spent:
    """Sum of (what is spent, how many times)."""
    pairs = [(Spent(**part) if isinstance(part, dict) else part, times) for part, times in parts]
    return Spent(
        sum(part.seconds * times for part, times in pairs), sum(part.cpu_seconds * times for part, times in pairs)
    )


def estimate(run: Run, jobs: dict[str, int], measured: Measured, capacity: Capacity) -> list[Work]:
    """All of a run's work; `jobs`: by rule, see jobs.py."""
    work, threads = [], min(PROCESSES, capacity.cores)
    for data in run.datasets:
        work += [_extraction(data, measured), *_looks(data, measured, threads), *_features(data, measured)]
        for model in run.trained:
            work.append(_training(run, data, model, measured))
        for model in run.models:
            work += _evaluation(run, data, model, measured)
    work += _downloads(run, measured, threads)
    return work + _small_steps(run, jobs, measured, {part.rule for part in work})


def _downloads(run: Run, measured: Measured, threads: int) -> list[Work]:
    """What is made here; how long a download takes depends on the network."""
    work = {}
    for data in run.datasets:
        spent = Spent(0, 0)
        if data.kind == "motion":
            spent = add((measured.extraction[data.name]["make"], data.num_videos / threads))
            spent = Spent(spent.seconds, spent.cpu_seconds * threads)
        work[data.source] = Work("download_data", data.name, 1, spent, cores=threads)
    return list(work.values())


def _extraction(data: DataSet, measured: Measured) -> Work:
    found = measured.extraction[data.name]
    spent = add((found["start"], data.shards), (found["decode"], data.num_videos))
    return Work("extract_frames", data.name, data.shards, spent)


def _looks(data: DataSet, measured: Measured, threads: int) -> list[Work]:
    """The steps that look at every video, in several processes."""
    found, number = measured.extraction[data.name], data.num_videos
    each = {"measure_difficulty": add((found["describe"], number))}
    if data.entry["leak_check"]:
        slowness = found["figure_start"]["seconds"] / found["figure_start"]["cpu_seconds"]
        compared = COMPARED * number**2 / 2
        each["find_duplicates"] = add((found["fingerprint"], number), (Spent(compared * slowness, compared), 1))
    shared = {rule: Spent(spent.seconds / threads, spent.cpu_seconds) for rule, spent in each.items()}
    return [Work(rule, data.name, 1, add((found["start"], 1), (part, 1)), threads) for rule, part in shared.items()]


def _features(data: DataSet, measured: Measured) -> list[Work]:
    work, frames = [], measured.extraction[data.name]["frames_per_video"]
    for model in data.backbones.values():
        found, options = measured.of(data, model), data.typed_options(model)
        rows = data.num_videos * rows_of_features(options, frames)
        rate = found["features"]
        spent = add((found["start"], data.shards), (rate["first"], data.shards), (rate["each"], rows))
        clips = rows if options.network.takes_clips else rows / options.clip.frames
        common = {"operations": 1e9 * found["gflops"] * clips, **_places(data, model, measured)}
        work.append(Work("extract_features", data.name, data.shards, spent, **common))
    return work


def _places(data: DataSet, model: str, measured: Measured, training: bool = False) -> dict[str, int]:
    """Cores and GPUs that a job of a model asks for; a training on several machines those of all of them."""
    options = data.typed_options(model).training
    gpus = int(measured.on_gpu) * (options.gpus * options.nodes if training else 1)
    workers = data.runtime_options(model)["workers"]
    workers = job_resources.reading_processes(workers, gpus > 0)
    processes = max(gpus, options.nodes if training else 1)
    return {"cores": (options.threads + workers) * processes, "gpus": gpus}


def _training(run: Run, data: DataSet, model: str, measured: Measured) -> Work:
    """All trainings of a model or a trial; early stopping would make them shorter.

    The processes of a training share out its clips, which takes less of the clock but no less of the processors; each
    of them starts, builds the network and has its first steps.
    """
    options, found = data.typed_options(model), measured.of(data, model)
    epochs, places = options.training.epochs, _places(data, model, measured, training=True)
    processes = max(places["gpus"], options.training.nodes)
    seeds, clips, views = len(run.seeds), 0, 0
    for split in data.splits:
        clips += seeds * epochs * split.clips
        views += seeds * epochs * split.val * views_of(options)
    trainings = seeds * len(data.splits)
    in_each = (found["start"], found["build"], found["train"]["first"], found["predict"]["first"])
    begun = add(*((part, trainings) for part in in_each))
    shared = add((found["train"]["each"], clips), (found["predict"]["each"], views))
    spent = add(
        (Spent(begun.seconds, begun.cpu_seconds * processes), 1),
        (Spent(shared.seconds / processes, shared.cpu_seconds), 1),
        (found["epoch_end"], trainings * epochs),
    )
    operations = _operations(found, options, BACKWARD * clips + views * options.clip.crops)
    return Work("train_model", data.name, trainings, spent, **places, model=model, operations=operations)


def _operations(found: dict, options: ModelOptions, passes: float) -> float:
    """In the network for so many clips; a head on cached features has next to none."""
    return 0.0 if options.caches_features else 1e9 * found["gflops"] * passes


def _evaluation(run: Run, data: DataSet, model: str, measured: Measured) -> list[Work]:
    """Predictions, costs and activation maps of a model of the run; of a swept one, as its first trial."""
    trained = run.first_trained(model)
    found, places = measured.of(data, trained), _places(data, trained, measured)
    options, runs = data.typed_options(trained), len(run.seeds) * len(data.splits)
    begin = add((found["start"], 1), (found["build"], 1))
    cost = add((begin, 1), (_cost(found, options), 1))
    common = {"dataset": data.name, "model": model, **places}
    predicted, operations = _prediction(run, data, trained, measured, begin)
    work = [
        Work("predict_videos", jobs=runs, spent=predicted, operations=operations, **common),
        Work("measure_cost", jobs=1, spent=cost, **common),
    ]
    if run.explained:
        shown = run.explained * views_of(options)
        maps = add((begin, 1.5), (found["predict"]["each"], BACKWARD * shown))  # captum takes its time to start
        work.append(Work("compute_activation_maps", jobs=1, spent=maps, **common))
    return work


def _prediction(run: Run, data: DataSet, model: str, measured: Measured, begin: Spent) -> tuple[Spent, float]:
    """What all predictions of a model take, and the operations in the network."""
    options, found = data.typed_options(model), measured.of(data, model)
    views, orders = 0, 0
    for split in data.splits:
        views += (split.val + split.test) * views_of(options)
        shuffles = 0 if fractions.is_variant(split.name) else run.shuffles
        orders += split.test * views_of(options) * len(frame_orders.conditions(shuffles))
    seeds, runs = len(run.seeds), len(run.seeds) * len(data.splits)
    each = found["order"]
    if options.caches_features and options.network.takes_clips:
        each = found["features"]["each"]
    spent = add(
        (begin, runs),
        (found["predict"]["first"], runs),
        (found["predict"]["each"], seeds * views),
        (each, seeds * orders),
    )
    return spent, _operations(found, options, seeds * (views + orders) * options.clip.crops)


def _cost(found: dict, options: ModelOptions) -> Spent:
    """Of measuring a model's cost, which takes a fixed time or, of a slow one, two passes."""
    each, clip = found["predict"]["each"], options.clip
    one = each["seconds"] / clip.crops
    passes = [clips * crops for clips, crops in steps(clip.views, clip.crops)]
    seconds = max(ONE_CLIP, 2 * one) + sum(max(EACH, 2 * number * one) for number in passes)
    batches = [max(EACH, 2 * 2**power * one) for power in range(1, MAX_BATCH.bit_length())]
    seconds += min(sum(batches), max(MAX_BATCHES_SECONDS, batches[0]))
    return Spent(seconds, seconds * each["cpu_seconds"] / each["seconds"])


def _small_steps(run: Run, jobs: dict[str, int], measured: Measured, done: set[str]) -> list[Work]:
    """All other rules; their jobs are alike, those of several data sets are taken together."""
    first = next(iter(measured.extraction.values()))
    videos = sum(data.num_videos for data in run.datasets)
    runs = len(run.models) * len(run.seeds)
    rows = sum(split.test for data in run.datasets for split in data.splits) * runs
    return [
        Work(rule, "", number, small_step(rule, number, videos, rows, Spent(**first["figure_start"])))
        for rule, number in jobs.items()
        if rule not in done
    ]
