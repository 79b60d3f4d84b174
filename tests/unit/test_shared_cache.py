"""Keys of the shared cache: what changes them, and what does not; entries that nothing replaces."""

import asyncio
import errno
import json
import os
import shutil
import signal
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import pytest

from vidbench import shared_cache
from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.shared_cache import Unhashed, content_of_videos, unhashed


def video(path: Path, name: str = "a", label: str = "left") -> Video:
    return Video(name, str(path), label, "g")


def test_an_unhashed_text_is_whole_on_command_lines_and_empty_in_keys() -> None:
    text = Unhashed("it's /home/me")
    assert f"{text}" == str(text) == "it's /home/me"
    assert repr(text) == repr("it's /home/me")  # what Snakemake compares to see whether a setting has changed
    assert json.dumps({"x": unhashed(["--ffmpeg", "/opt/ffmpeg"]), "y": text}) == '{"x": ["", ""], "y": ""}'


def test_paths_labels_and_order_change_no_key_but_names_and_bytes_do(tmp_path: Path) -> None:
    for name, content in (("a", b"one"), ("copy", b"one"), ("b", b"two")):
        (tmp_path / name).write_bytes(content)
    a, b = video(tmp_path / "a"), video(tmp_path / "b", "b")
    key = content_of_videos([a, b])
    assert content_of_videos([b, video(tmp_path / "copy", label="right")]) == key
    others = ([a], [a, video(tmp_path / "b", "c")], [video(tmp_path / "b"), b], [a, video(tmp_path / "no such", "b")])
    assert len({key, *map(content_of_videos, others)}) == 5


def test_a_folder_of_images_is_its_names_and_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
        for name in ("0.png", "1.png"):
            (tmp_path / folder / name).write_bytes(name.encode())
    key = content_of_videos([video(tmp_path / "one")])
    assert content_of_videos([video(tmp_path / "two")]) == key
    (tmp_path / "three/1.png").rename(tmp_path / "three/2.png")
    assert content_of_videos([video(tmp_path / "three")]) != key


def store(folder: Path, content: bytes) -> Path:
    """Store an output in the cache as Snakemake does; the output."""
    output, entry = folder / "out.h5", folder / "cache" / "key.h5"
    entry.parent.mkdir(exist_ok=True)
    output.unlink(missing_ok=True)
    output.write_bytes(content)

    async def files(job: object) -> list[tuple[Path, Path]]:
        return [(output, entry)]

    cache = SimpleNamespace(get_outputfiles_and_cachefiles=files, symlink=lambda path, out, utime: out.symlink_to(path))
    asyncio.run(shared_cache._store(cache, None))
    return output


def test_an_entry_is_never_replaced(tmp_path: Path) -> None:
    assert store(tmp_path, b"first").read_bytes() == b"first"
    before = (tmp_path / "cache/key.h5").stat()
    output = store(tmp_path, b"later")
    assert output.is_symlink()
    after = (tmp_path / "cache/key.h5").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert after.st_mode & 0o777 == 0o444
    assert os.listdir(tmp_path / "cache") == ["key.h5"]


def test_a_run_that_is_killed_while_storing_leaves_no_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:3])
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(shutil, "copyfile", killed)
    process = get_context("fork").Process(target=store, args=(tmp_path, b"content"))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not list((tmp_path / "cache").glob("*.h5"))
    assert (tmp_path / "out.h5").read_bytes() == b"content"
    monkeypatch.undo()
    assert store(tmp_path, b"content").read_bytes() == b"content"


def test_a_full_cache_costs_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfile", full)
    output = store(tmp_path, b"content")
    assert not output.is_symlink()
    assert output.read_bytes() == b"content"
    assert "not stored in the cache: No space left on device" in capsys.readouterr().err
    assert os.listdir(tmp_path / "cache") == []


def test_the_cache_must_be_a_folder_by_its_whole_path(tmp_path: Path) -> None:
    shared_cache.check_location(str(tmp_path))
    for location in (None, "", "cache", str(tmp_path / "missing")):
        with pytest.raises(UserError, match="SNAKEMAKE_OUTPUT_CACHE"):
            shared_cache.check_location(location)


def test_links_are_removed_where_their_entry_is_gone_not_where_the_cache_is(tmp_path: Path, capsys) -> None:
    cache, frames = tmp_path / "cache", tmp_path / "results/own/frames"
    cache.mkdir()
    frames.mkdir(parents=True)
    (cache / "kept.h5").touch()
    for name in ("kept", "lost"):
        (frames / f"{name}.h5").symlink_to(cache / f"{name}.h5")
    cache.rename(tmp_path / "away")
    with pytest.raises(UserError, match=f"^{cache}: the cache is not there .*: mount it"):
        shared_cache.remove_lost(tmp_path / "results")
    assert sorted(os.listdir(frames)) == ["kept.h5", "lost.h5"]
    (tmp_path / "away").rename(cache)
    shared_cache.remove_lost(tmp_path / "results")
    assert os.listdir(frames) == ["kept.h5"]
    assert "lost.h5: is no longer in the cache" in capsys.readouterr().err


def test_on_a_cluster_the_rules_are_named() -> None:
    shared_cache.check_handed_on([], sent_off=False)
    shared_cache.check_handed_on(["extract_frames"], sent_off=True)
    with pytest.raises(UserError, match="--cache extract_frames extract_features"):
        shared_cache.check_handed_on([], sent_off=True)


def test_only_cached_rules_can_be_named() -> None:
    shared_cache.check_rules(["extract_frames", "vidbench_extract_features"])
    with pytest.raises(UserError, match="did you mean 'extract_frames'"):
        shared_cache.check_rules(["extract_frame"])
