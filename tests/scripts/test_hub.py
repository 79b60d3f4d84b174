"""HMDB51 from a stand-in of the Hugging Face Hub: whole and right or one line, and nothing fetched twice."""

import hashlib
import json
import os
import resource
import shutil
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

import hub_server
import pytest
import tiny
import trustme
from conftest import PROJECT
from hub_server import COMMIT, NEXT_COMMIT, Hub
from miniatures import HMDB_CLASSES, make_hmdb51, mirror

from vidbench import datasets
from vidbench.config import schema

ODD = ("#122_Clean;Up_[A]&(B)", "50%25_é+? x", "Film")  # sources; true names have most of these characters
CODES = "f_nm_np1_fr_goo"


def content(name: str) -> bytes:
    return name.encode() * 200


def texts() -> dict[str, str]:
    """Official lists of two classes with 9 videos each, of 3 sources."""
    return {
        f"{label}_test_split{split}.txt": "".join(
            f"{source}_{label}_{CODES}_{number}.avi {(number + split) % 3} \n" for source in ODD for number in range(3)
        )
        for label in HMDB_CLASSES
        for split in (1, 2, 3)
    }


FILES = hub_server.hmdb51_files(texts(), content)
VIDEOS = sorted(path for path in FILES if path.endswith(".avi"))


@pytest.fixture
def hub():
    with Hub({COMMIT: dict(FILES)}) as server:
        yield server


class Project:
    """A folder that HMDB51 is fetched to, by the step's own script."""

    def __init__(self, folder: Path, hub: Hub) -> None:
        self.folder, self.hub = folder, hub
        self.videos = folder / "hmdb51" / "videos" / "HMDB51"
        self.partial = self.videos.with_name(".HMDB51.fetching")

    def start(
        self, download: dict | None = None, env: dict[str, str] | None = None, limit: int | None = None, **entry: object
    ) -> subprocess.Popen:
        """Start the script; its home cannot be made, and it has no settings of the Hub's but these.

        `limit`: bytes that a file may have.
        """

        def set_limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        config = tiny.config(datasets__x={"kind": "hmdb51", **entry})
        config["datasets"]["x"]["download"] = {"attempts": 1, "timeout": 5} | (download or {})
        options = self.folder / "options.json"
        options.write_text(json.dumps(schema.dataset_options(config, "x")))
        command = [sys.executable, str(PROJECT / "scripts/download_data.py"), "--options", str(options),
                   "--folder", "hmdb51", "--output", "hmdb51/source.json"]  # fmt: skip
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_"))}
        own = {"HOME": "/proc/nowhere", "HF_ENDPOINT": self.hub.address, "NO_PROXY": "127.0.0.1"}
        return subprocess.Popen(command, cwd=self.folder, env=clean | own | (env or {}), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                preexec_fn=set_limit if limit else None)  # fmt: skip

    def run(self, **settings: object) -> str:
        """What it prints; it ends well."""
        process = self.start(**settings)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
        return out

    def refused(self, **settings: object) -> str:
        """The one line that it ends with."""
        process = self.start(**settings)
        _, err = process.communicate(timeout=120)
        assert process.returncode != 0
        assert len(err.splitlines()) == 1, err
        assert not (self.folder / "hmdb51/source.json").exists()
        return err

    def found(self) -> dict[str, bytes]:
        """Files below the folder of videos, by their paths on the Hub."""
        return {
            path.relative_to(self.videos).as_posix(): path.read_bytes()
            for path in self.videos.rglob("*")
            if path.is_file()
        }

    def record(self) -> dict:
        return json.loads((self.folder / "hmdb51/record.json").read_text())


@pytest.fixture
def project(tmp_path: Path, hub: Hub) -> Project:
    return Project(tmp_path, hub)


def expected() -> dict[str, bytes]:
    return {path: FILES[path] for path in VIDEOS}


def test_all_is_fetched_once_and_read_as_the_official_lists(project: Project, hub: Hub) -> None:
    out = project.run()
    assert project.found() == expected()
    assert sorted(hub.fetched()) == VIDEOS
    assert "18 files at commit " + COMMIT in out
    source = json.loads((project.folder / "hmdb51/source.json").read_text())
    videos, lists = source["archives"]
    assert videos["name"] == "CVML-TueAI/HMDB51/Videos/*/*.avi"
    assert videos["size"] == sum(map(len, expected().values()))
    assert videos["revision"] == lists["revision"] == COMMIT
    assert (videos["files"], lists["files"]) == (18, 3)
    lines = "".join(f"{hashlib.sha256(FILES[path]).hexdigest()} {path}\n" for path in VIDEOS)
    assert videos["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    assert not list(project.folder.rglob(".cache"))

    hub.requests.clear()
    project.run()
    assert not hub.requests
    assert json.loads((project.folder / "hmdb51/source.json").read_text()) == source

    official = project.folder / "official"
    official.mkdir()
    for name, text in texts().items():
        (official / name).write_text(text)
    module = datasets.load("hmdb51")
    found = module.videos({}, project.folder / "hmdb51")
    assert found == module.videos({"lists": str(official)}, project.folder / "hmdb51")
    assert {video.group for video in found} == set(ODD)
    for video in found:
        assert Path(video.path).read_bytes() == FILES[f"Videos/{video.label}/{video.id}.avi"]


def test_a_killed_run_goes_on_with_the_commit_that_it_began_with(project: Project, hub: Hub) -> None:
    hub.pause = 0.2
    process = project.start(download={"parallel": 2})
    while len(hub.fetched()) < 6:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not project.videos.exists()
    kept = {path.relative_to(project.partial).as_posix() for path in project.partial.glob("Videos/*/*.avi")}
    assert len(kept) >= 3
    hub.pause = 0
    hub.commits[NEXT_COMMIT], hub.main = {path: data + b"new" for path, data in FILES.items()}, NEXT_COMMIT
    hub.requests.clear()
    assert f"{len(kept)} files are here already" in project.run()
    assert project.found() == expected()
    assert sorted(hub.fetched()) == sorted(set(VIDEOS) - kept)
    assert not any(NEXT_COMMIT in path or path.endswith("/main") for _, path in hub.requests)


def test_a_commit_of_the_config_is_fetched_and_another_one_is_no_silent_mix(project: Project, hub: Hub) -> None:
    new = {path: data + b"new" for path, data in FILES.items() if path.endswith(".avi")}
    hub.commits[NEXT_COMMIT], hub.main = FILES | new, NEXT_COMMIT
    project.run(download={"revision": COMMIT})
    assert project.found() == expected()
    (project.folder / "hmdb51/source.json").unlink()
    words = project.refused(download={"revision": NEXT_COMMIT})
    assert f"holds commit {COMMIT}, but download.revision says {NEXT_COMMIT}" in words
    assert "move this folder away" in words
    project.run()


def test_a_commit_whose_files_have_changed_is_refused(project: Project, hub: Hub) -> None:
    """A commit is its content: a mirror of the Hub that has another one under its name is wrong."""
    project.run()
    (project.folder / "hmdb51/source.json").unlink()
    shutil.rmtree(project.videos)
    hub.commits[COMMIT][VIDEOS[0]] += b"new"
    hub.requests.clear()
    assert f"commit {COMMIT} has other files than when hmdb51/record.json was written" in project.refused()
    assert not hub.fetched()


def test_archives_of_a_mirror_take_the_place_of_a_hub_that_fails(project: Project, hub: Hub) -> None:
    lists, archives = project.folder / "official", project.folder / "mirror"
    for folder in (lists, archives):
        folder.mkdir()
    for name, text in texts().items():
        (lists / name).write_text(text)
    make_hmdb51(archives, lists, lambda number: b"video %d" % number)
    hub.statuses = {"/cdn/*": [200, 200, *[404] * 18]}
    with mirror(archives) as (address, _):
        project.run(download={"mirrors": [address]})
    source = json.loads((project.folder / "hmdb51/source.json").read_text())
    used = ["CVML-TueAI/HMDB51/metadata_split[123].jsonl", "hmdb51_org.rar"]
    assert [archive["name"] for archive in source["archives"]] == used
    assert list(project.videos.parent.iterdir()) == [project.videos.with_name("hmdb51_org")]


def test_wrong_bytes_are_refused_and_what_is_right_is_kept(project: Project, hub: Hub) -> None:
    bad = VIDEOS[3]
    hub.sent[bad] = FILES[bad][:-1] + b"X"
    words = project.refused()
    assert f"{bad}: sent a file that does not have the hash {hashlib.sha256(FILES[bad]).hexdigest()}" in words
    for hint in ("hmdb51_org.rar by hand", "serre.lab.brown.edu", "hmdb51/archives/", "`archive`", "`root`"):
        assert hint in words
    assert not project.videos.exists()
    assert not (project.partial / bad).exists()
    del hub.sent[bad]
    hub.requests.clear()
    project.run()
    assert hub.fetched() == [bad]
    assert project.found() == expected()


def test_a_disk_that_takes_no_more_ends_it_at_once(project: Project, hub: Hub) -> None:
    assert "cannot be written: File too large" in project.refused(limit=3000, download={"parallel": 2})
    assert len(hub.fetched()) <= 4
    project.run()
    assert project.found() == expected()


def test_wrong_bytes_of_a_small_file_are_refused_too(project: Project, hub: Hub) -> None:
    name = "metadata_split2.jsonl"
    hub.sent[name] = FILES[name].replace(b'"subset": 2', b'"subset": 1')
    assert f"{name}: sent a file that does not have the hash {hub_server.git_hash(FILES[name])}" in project.refused()


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ({"/cdn/*": [404] * 18}, "answers 404 Not Found"),
        ({"*/resolve/*wave*": [404] * 9}, "(and 7 more files)"),  # not one line a file, and not all are tried
        ({"*/tree/*": [403]}, "answers 403 Forbidden; set HF_TOKEN to a token that may read it"),
        ({"*/revision/main": [404]}, "answers 404 Not Found"),
        ({"*/revision/main": [500]}, "answers 500 Internal Server Error"),
    ],
)
def test_what_the_hub_does_not_give_is_one_line(statuses: dict, words: str, project: Project, hub: Hub) -> None:
    hub.statuses = statuses
    line = project.refused(download={"parallel": 1})
    assert "CVML-TueAI/HMDB51 on the Hugging Face Hub: " in line
    assert words in line


def test_a_busy_hub_is_asked_again(project: Project, hub: Hub) -> None:
    hub.statuses = {"*/revision/main": [503], "*/tree/*": [429], "*/resolve/*": [429, 503], "/cdn/*": [500, 429]}
    out = project.run(download={"attempts": 3})
    assert project.found() == expected()
    assert "asks for fewer requests; waiting" in out


def test_a_token_is_wanted_and_does_not_leave_the_hub(project: Project, hub: Hub) -> None:
    hub.token = "hf_secret"
    assert "answers 401 Unauthorized; set HF_TOKEN" in project.refused()
    assert "answers 401 Unauthorized; set HF_TOKEN" in project.refused(env={"HF_TOKEN": "hf_wrong"})
    project.run(env={"HF_TOKEN": "hf_secret"})
    assert sorted(hub.fetched()) == VIDEOS
    assert not hub.secrets_sent_away


@pytest.mark.parametrize(
    "path", ["Videos/../x.avi", "Videos/wave/../../../x.avi", "Videos//x.avi", "Videos/wave/a\\b.avi", "Videos/./x.avi"]
)
def test_a_name_that_leaves_the_folder_is_refused_before_anything_is_written(
    path: str, project: Project, hub: Hub
) -> None:
    hub.listed = [{"type": "file", "oid": "1" * 40, "size": 1, "path": path}]
    if path.count("/") != 2:  # does not fit the pattern of videos: no file of theirs
        project.run()
        assert project.found() == expected()
        return
    assert "lists the unsafe name" in project.refused()
    assert not project.partial.exists()
    assert not hub.fetched()


@pytest.mark.parametrize(
    "entry", [{"path": "x"}, {"type": "file", "path": "Videos/a/b.avi", "size": "x", "oid": "1"}, 3]
)
def test_a_list_that_is_not_understood_is_one_line(entry: object, project: Project, hub: Hub) -> None:
    hub.listed = [entry]
    assert "an answer that is not understood" in project.refused()


def test_offline_takes_the_cache_of_the_machine_or_says_what_it_lacks(project: Project, hub: Hub) -> None:
    home = {"HF_HOME": str(project.folder / "home"), "HF_ENDPOINT": hub.address}
    offline = home | {"HF_HUB_OFFLINE": "1"}
    line = project.refused(env=offline)
    assert "HF_HUB_OFFLINE is set, and the Hub's cache" in line
    assert "does not hold all of CVML-TueAI/HMDB51 at main" in line
    fill = "import huggingface_hub as h; h.snapshot_download('CVML-TueAI/HMDB51', repo_type='dataset')"
    subprocess.run([sys.executable, "-c", fill], env=os.environ | home, check=True, capture_output=True)
    hub.requests.clear()
    project.run(env=offline)
    assert not hub.requests
    assert project.found() == expected()
    assert project.record()["CVML-TueAI/HMDB51/Videos/*/*.avi"]["revision"] == COMMIT


def test_a_damaged_cache_of_the_machine_is_no_source(project: Project, hub: Hub) -> None:
    home = {"HF_HOME": str(project.folder / "home"), "HF_ENDPOINT": hub.address}
    fill = "import huggingface_hub as h; h.snapshot_download('CVML-TueAI/HMDB51', repo_type='dataset')"
    subprocess.run([sys.executable, "-c", fill], env=os.environ | home, check=True, capture_output=True)
    sha256 = hashlib.sha256(FILES[VIDEOS[0]]).hexdigest()
    (blob,) = (project.folder / "home").rglob(sha256)
    blob.write_bytes(blob.read_bytes()[:-1] + b"X")
    assert f"{VIDEOS[0]}: " in project.refused(env=home | {"HF_HUB_OFFLINE": "1"})
    hub.requests.clear()
    project.run(env=home, download={"attempts": 2})
    assert hub.fetched() == [VIDEOS[0]]
    assert project.found() == expected()


def test_a_hub_that_is_not_there_is_one_line(project: Project, hub: Hub) -> None:
    line = project.refused(env={"HF_ENDPOINT": "http://127.0.0.1:1"})
    assert "Hub: Connection refused; " in line.replace("); ", "; ")


@pytest.fixture
def authority(tmp_path: Path, hub: Hub) -> Path:
    """The certificate of the authority that vouches for the Hub from now on; its CDN goes without TLS."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.1").configure_cert(context)
    hub.server.socket, hub.tls = context.wrap_socket(hub.server.socket, server_side=True), context
    return tmp_path / "ca.pem"


def test_a_certificate_nobody_knows_is_refused(authority: Path, project: Project, hub: Hub) -> None:
    line = project.refused()
    assert "its TLS certificate is refused: " in line
    assert "with download.verify_tls: false it is not checked" in line
    assert not hub.requests


def test_a_redirect_out_of_tls_is_refused(authority: Path, project: Project, hub: Hub) -> None:
    assert "redirects from https to http" in project.refused(env={"SSL_CERT_FILE": str(authority)})
    assert not hub.fetched()


def test_with_the_check_switched_off_it_is_said_loudly(authority: Path, project: Project, hub: Hub) -> None:
    process = project.start(download={"verify_tls": False})
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert err == "WARNING: TLS certificates of 127.0.0.1 are not checked (download.verify_tls: false)\n"
    assert project.found() == expected()


def test_ctrl_c_ends_it_and_keeps_what_is_there(project: Project, hub: Hub) -> None:
    hub.pause = 0.3
    process = project.start(download={"parallel": 2})
    while len(hub.fetched()) < 4:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode != 0
    assert len(hub.fetched()) < 9
    assert not project.videos.exists()
    assert list(project.partial.glob("Videos/*/*.avi"))


def test_archives_of_before_need_no_hub(project: Project, hub: Hub) -> None:
    for name in ("videos/hmdb51_org/hmdb51_org/wave", "lists/test_train_splits"):
        (project.folder / "hmdb51" / name).mkdir(parents=True)
    before = {"hmdb51_org.rar": {"size": 1, "sha256": "1" * 64, "mtime_ns": 1}}
    (project.folder / "hmdb51/record.json").write_text(json.dumps(before))
    project.run()
    assert not hub.requests
    assert project.record() == before
    source = json.loads((project.folder / "hmdb51/source.json").read_text())
    assert source["archives"] == [{"name": "hmdb51_org.rar", "size": 1, "sha256": "1" * 64}]
