"""Functions of rules/data.smk, without Snakemake."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny
from rule_objects import MOTION, own_config, published_config, rules

OWN, DATA = SimpleNamespace(dataset="own"), SimpleNamespace(dataset="data")


def shard(number: int, dataset: str = "own") -> SimpleNamespace:
    return SimpleNamespace(dataset=dataset, shard=str(number))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Digests of files are remembered below the working directory."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")


def test_a_download_is_told_by_what_says_which_videos_there_are() -> None:
    data = rules().data
    motion = SimpleNamespace(source="motion")
    assert data.list_options_of_source(motion) == data.list_options(MOTION) == {"kind": "motion", "motion": tiny.MOTION}
    complete = data.download_options(motion)
    assert {"kind", "motion", "manifest", "root", "download", "keep", "archive"} <= complete.keys()
    assert data.source_json(MOTION) == "resources/motion/source.json"
    assert data.source_json(SimpleNamespace(dataset="motion")) == rules(prefix="video/").data.source_json(MOTION)


def test_labels_and_splits_are_not_among_the_options_of_a_list(tmp_path: Path) -> None:
    data = rules(own_config(tmp_path)).data
    assert data.list_options(OWN) == {"kind": "csv", "manifest": str(tmp_path / "own.csv")}


def test_the_ffmpeg_and_the_shared_folder_are_arguments_where_the_config_names_them() -> None:
    data = rules().data
    assert (data.ffmpeg_argument(MOTION), data.shared_argument(MOTION)) == ([], [])
    data = rules(tiny.config(ffmpeg="/opt/ffmpeg", shared="/shared")).data
    assert data.ffmpeg_argument(MOTION) == ["--ffmpeg", "/opt/ffmpeg"]
    assert data.shared_argument(MOTION) == ["--shared", "/shared"]


def test_a_list_of_the_users_is_an_input(tmp_path: Path) -> None:
    data = rules(own_config(tmp_path)).data
    assert data.manifest(OWN) == [str(tmp_path / "own.csv")]
    assert data.manifest(MOTION) == []
    (tmp_path / "lists").mkdir()
    for name in ("b.txt", "a.txt", "{a}.txt"):
        (tmp_path / "lists" / name).write_text(name)
    config = published_config("ucf101", lists=str(tmp_path / "lists"))
    data = rules(config).data
    assert data.manifest(DATA) == [str(tmp_path / "lists" / name) for name in ("a.txt", "b.txt")]
    before = data.videos_digest(DATA)
    assert before
    (tmp_path / "lists/{a}.txt").write_text("another")
    assert rules(config).data.videos_digest(DATA) != before  # of a run that begins afterwards


def test_the_digest_of_a_list_knows_labels(tmp_path: Path) -> None:
    config = own_config(tmp_path)
    before = rules(config).data.videos_digest(OWN)
    assert rules(config).data.videos_digest(OWN) == before
    manifest = tmp_path / "own.csv"
    manifest.write_text(manifest.read_text().replace("left,g0", "up,g0"))
    assert rules(config).data.videos_digest(OWN) != before
    assert rules(published_config("ucf101")).data.videos_digest(DATA) == ""


def test_the_digest_of_a_shard_knows_its_own_files_and_no_labels(tmp_path: Path) -> None:
    config = own_config(tmp_path, datasets__own__shards=3)

    def digests() -> list[str]:
        return [rules(config).data.shard_digest(shard(number)) for number in range(3)]

    before, manifest = digests(), tmp_path / "own.csv"
    manifest.write_text(manifest.read_text().replace("left,g0", "up,g0"))
    assert digests() == before
    with_videos = [bool(videos) for videos in rules(config).run.data("own").videos_by_shard]
    number = with_videos.index(True)
    Path(rules(config).run.data("own").videos_by_shard[number][0].path).write_bytes(b"something else")
    assert [one != two for one, two in zip(digests(), before, strict=True)] == [place == number for place in range(3)]
    assert sum(with_videos) > 1


def test_shards_of_published_and_embedded_videos_need_no_files() -> None:
    assert rules(published_config("ucf101")).data.shard_digest(shard(0, "data")) == ""
    assert len(rules().data.shard_digest(shard(0, "motion"))) == 64


@pytest.mark.parametrize(
    ("cores", "sent_off", "threads"), [(4, False, 2), (5, False, 3), (1, False, 1), (64, True, 8), (1, True, 8)]
)
def test_an_extraction_takes_its_part_of_the_cores(cores: int, sent_off: bool, threads: int) -> None:
    assert rules(cores=cores, sent_off=sent_off).data.extraction_threads(MOTION) == threads


def test_how_frames_are_stored() -> None:
    data = rules().data
    assert data.frame_options(MOTION)["size"] == [32, 32]
    assert data.num_shards(MOTION) == 2
    assert data.entry(MOTION)["leak_check"]


def test_splits_wait_for_what_the_config_asks_for() -> None:
    data = rules(tiny.config(datasets__motion__leak_check=False)).data
    for function in (data.bad_video_check, data.grouping_duplicates, data.duplicates, data.not_compared):
        assert function(MOTION) == []
    asked = {"datasets__motion__on_bad_video": "fail", "datasets__motion__splits": {"kind": "folds"}}
    config = tiny.config(**asked)
    config["datasets"]["motion"]["splits"]["group_duplicates"] = True
    data = rules(config).data
    assert data.bad_video_check(MOTION) == ["results/motion/inspection.csv"]
    assert data.grouping_duplicates(MOTION) == data.duplicates(MOTION) == ["results/motion/duplicates.csv"]
    assert data.not_compared(MOTION) == ["results/motion/not_compared.csv"]


def test_a_split_has_its_own_fraction_only() -> None:
    data = rules(tiny.config(datasets__motion__splits={"fractions": [0.25, 0.5]})).data
    whole = data.split_options(SimpleNamespace(dataset="motion", split="split1"))
    half = data.split_options(SimpleNamespace(dataset="motion", split="split1-train50"))
    assert "fractions" not in whole
    assert half == whole | {"fractions": [0.5]}


def test_official_lists_are_said_to_be_official() -> None:
    assert rules().data.published_flag(MOTION) == []
    assert rules(published_config("ucf101")).data.published_flag(DATA) == ["--published"]


def test_remarks_on_a_list_reach_the_diagnosis(tmp_path: Path) -> None:
    config = own_config(tmp_path)
    assert rules(config).data.listing_remarks(OWN) == []
    manifest = tmp_path / "own.csv"
    manifest.write_text(manifest.read_text().replace("path,label", "filename,class"))
    flag, *remarks = rules(config).data.listing_remarks(OWN)
    assert flag == "--remarks"
    assert remarks == rules(config).run.data("own").listing.remarks != []
