"""Official weights on their way to the disk: dropped or downloaded, verified, linked, and never fetched twice."""

import dataclasses
import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import PROJECT, run_script
from fault_server import Fault, FaultServer
from hub_server import COMMIT, Hub

from vidbench.config import schema
from vidbench.download.weights import link_weights
from vidbench.errors import UserError
from vidbench.models import official_weights

CONTENT = os.urandom(60_000)
FILE = f"resnet18-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"
WEIGHTS = dataclasses.replace(
    official_weights.trained_input("resnet18", "DEFAULT"), file=FILE, base="http://127.0.0.1:9/"
)


def options(server: FaultServer | None = None, attempts: int = 3) -> dict:
    """weights_download with one mirror, and no other address that could answer."""
    mirrors = [server.url("")] if server else []
    given = {"mirrors": mirrors, "mirrors_first": True, "attempts": attempts, "timeout": 1}
    return schema.fill_defaults("weights_download", given)


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the link goes. No waiting between attempts, and no way to the publisher."""
    monkeypatch.setattr("vidbench.download.fetch.time.sleep", lambda _: None)
    return tmp_path / "weights" / "resnet18-IMAGENET1K_V1.pth"


def test_fetched_once_and_linked_again(output: Path) -> None:
    with FaultServer({FILE: CONTENT}, [Fault("drop"), Fault("reset", 0.8)]) as server:
        link_weights(WEIGHTS, output, options(server))
        assert output.read_bytes() == CONTENT
        assert (output.parent / "fetched" / FILE).samefile(output)
        asked = len(server.requests)
        assert asked >= 3
        output.unlink()  # as Snakemake does before it makes an output again
        link_weights(WEIGHTS, output, options(server))
        link_weights(WEIGHTS, output, options(server))
        assert len(server.requests) == asked
    assert sorted(path.name for path in (output.parent / "fetched").iterdir()) == [f".{FILE}.lock", FILE]
    assert sorted(path.name for path in output.parent.iterdir()) == ["fetched", "incoming", output.name]


def test_a_killed_download_goes_on(output: Path) -> None:
    with FaultServer({FILE: CONTENT}, [Fault("drop", 0.7), Fault("status", status=404)]) as server:
        with pytest.raises(UserError):
            link_weights(WEIGHTS, output, options(server))
        sent = server.requests[0].sent
        link_weights(WEIGHTS, output, options(server))
        assert sum(request.sent for request in server.requests) < len(CONTENT) + sent
        assert server.requests[-1].range
    assert output.read_bytes() == CONTENT


def test_a_dropped_file_is_used_before_anything_is_fetched(output: Path) -> None:
    dropped = output.parent / "incoming" / FILE
    dropped.parent.mkdir(parents=True)
    dropped.write_bytes(CONTENT)
    with FaultServer({FILE: CONTENT}) as server:
        link_weights(WEIGHTS, output, options(server))
        assert not server.requests
    dropped.unlink()
    assert output.read_bytes() == CONTENT


def test_a_link_in_the_drop_folder_and_another_disk(output: Path, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "elsewhere.pth").write_bytes(CONTENT)
    dropped = output.parent / "incoming" / FILE
    dropped.parent.mkdir(parents=True)
    dropped.symlink_to(tmp_path / "elsewhere.pth")
    link_weights(WEIGHTS, output, options())
    assert not output.is_symlink()

    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    link_weights(WEIGHTS, output, options())
    assert os.readlink(output) == f"incoming/{FILE}"
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT[:-1], b"", b"<html>Not found</html>"], ids=["truncated", "empty", "page"])
def test_a_wrong_dropped_file_is_refused(content: bytes, output: Path) -> None:
    dropped = output.parent / "incoming" / FILE
    dropped.parent.mkdir(parents=True)
    dropped.write_bytes(content)
    with FaultServer({FILE: CONTENT}) as server:
        with pytest.raises(UserError) as caught:
            link_weights(WEIGHTS, output, options(server))
        assert not server.requests
    message = str(caught.value)
    assert message.startswith(f"{dropped}: its SHA-256 begins with ")
    assert f", not {FILE[9:17]}: truncated, damaged or another file; put the right one there" in message
    assert "\n" not in message
    assert not output.exists()


def test_a_fetched_file_that_has_been_damaged_since_is_refused(output: Path) -> None:
    with FaultServer({FILE: CONTENT}) as server:
        link_weights(WEIGHTS, output, options(server))
    fetched = output.parent / "fetched" / FILE
    fetched.write_bytes(CONTENT[:100])
    with pytest.raises(UserError, match="truncated, damaged"):
        link_weights(WEIGHTS, output, options())


def test_a_server_that_sends_something_else(output: Path) -> None:
    with FaultServer({FILE: b"x" + CONTENT}) as server, pytest.raises(UserError) as caught:
        link_weights(WEIGHTS, output, options(server))
    assert "sent a wrong file: its SHA-256 begins with" in str(caught.value)
    assert not output.exists()
    assert not (output.parent / "fetched" / FILE).exists()


def test_without_a_network_the_line_says_what_to_drop_where(output: Path) -> None:
    with pytest.raises(UserError) as caught:
        link_weights(WEIGHTS, output, options(attempts=1))
    message = str(caught.value)
    assert "\n" not in message
    for words in (f"{FILE}: cannot be downloaded (", f"http://127.0.0.1:9/{FILE}", f"{output.parent}/incoming/"):
        assert words in message
    assert message.endswith(f"under its own name {FILE}")


def test_two_at_once_fetch_one_file(output: Path) -> None:
    """Two networks, or two workflows, may want the same file."""
    with FaultServer({FILE: CONTENT}, pause=0.001) as server:
        outputs = [output, output.with_name("again-IMAGENET1K_V1.pth")]
        script = [threading.Thread(target=_in_a_process, args=(path, server.url(""))) for path in outputs]
        for each in script:
            each.start()
        for each in script:
            each.join()
        assert [request.status for request in server.requests] == [200]
    assert all(path.read_bytes() == CONTENT for path in outputs)


def _in_a_process(output: Path, address: str) -> None:
    code = (
        "import dataclasses, sys; from pathlib import Path; from vidbench.config import schema\n"
        "from vidbench.models import official_weights\n"
        "from vidbench.download.weights import link_weights\n"
        "weights = dataclasses.replace(official_weights.trained_input('resnet18', 'DEFAULT'), file=sys.argv[2])\n"
        "given = {'mirrors': [sys.argv[3]], 'mirrors_first': True}\n"
        "link_weights(weights, Path(sys.argv[1]), schema.fill_defaults('weights_download', given))"
    )
    command = [sys.executable, "-c", code, str(output), FILE, address]
    subprocess.run(command, cwd=PROJECT / "scripts", check=True)


def test_the_script_refuses_what_it_cannot_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # no way to the publisher
    arguments = ("--architecture", "resnet18", "--output", "weights/x.pth", "--weights")
    with FaultServer({}) as server:
        quick = ("--options", '{"attempts": 1, "timeout": 1}', "--mirror", server.url(""))
        for weights, words in (
            ("IMAGENET_V1", "did you mean 'IMAGENET1K_V1'?"),
            ("a/b.pth", "need not be fetched"),
            ("DEFAULT", "into weights/incoming/ under its own name resnet18-f37072fd.pth"),
        ):
            done = run_script("fetch_weights.py", *arguments, weights, *quick, cwd=tmp_path, check=False)
            assert done.returncode == 1
            assert done.stderr.startswith("error: ")
            assert len(done.stderr.splitlines()) == 1
            assert words in done.stderr
        assert server.requests[0].name == "resnet18-f37072fd.pth"


def fetch_from_hub(
    folder: Path, hub: Hub, *more: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess:
    """Fetch timm's weights as the workflow does; the script's home cannot be made."""
    script = [sys.executable, str(PROJECT / "scripts/fetch_weights.py"), "--architecture", "timm/test_resnet"]
    step = [*script, "--weights", "DEFAULT", "--output", "weights/timm/x.safetensors"]
    own = {"HOME": "/proc/nowhere", "HF_ENDPOINT": hub.address, "NO_PROXY": "127.0.0.1"}
    options = ["--options", '{"attempts": 1, "timeout": 5}']
    return subprocess.run([*step, *options], cwd=folder, env=os.environ | own | (env or {}), text=True,
                          capture_output=True)  # fmt: skip


def test_timms_weights_come_from_the_hub_once_and_verified(tmp_path: Path) -> None:
    files = {"model.safetensors": CONTENT, "config.json": b"{}"}
    name = "timm/test_resnet.r160_in1k"
    with Hub({COMMIT: files}, dataset=name, kind="model", sent={"model.safetensors": CONTENT[:-1] + b"x"}) as hub:
        wrong = fetch_from_hub(tmp_path, hub)
        assert wrong.returncode == 1
        assert len(wrong.stderr.splitlines()) == 1
        assert "does not have the hash" in wrong.stderr
        assert "under the name test_resnet.r160_in1k.safetensors" in wrong.stderr
        assert not (tmp_path / "weights/timm/x.safetensors").exists()
        hub.sent.clear()
        done = fetch_from_hub(tmp_path, hub)
        assert done.returncode == 0, done.stderr
        assert f"at commit {COMMIT}" in done.stdout
        assert (tmp_path / "weights/timm/x.safetensors").read_bytes() == CONTENT
        assert (tmp_path / "weights/fetched/test_resnet.r160_in1k.safetensors").exists()
        (tmp_path / "weights/timm/x.safetensors").unlink()
        asked = len(hub.requests)
        assert fetch_from_hub(tmp_path, hub).returncode == 0
        assert len(hub.requests) == asked
        assert (tmp_path / "weights/timm/x.safetensors").read_bytes() == CONTENT


def test_a_repository_is_fetched_with_its_settings_and_no_code(tmp_path: Path) -> None:
    files = {"model.safetensors": CONTENT, "config.json": b"{}", "modeling.py": b"print('never')"}
    script = [sys.executable, str(PROJECT / "scripts/fetch_weights.py"), "--architecture", "hf/vivit"]
    step = [*script, "--output", "weights/hf/x.safetensors", "--options", '{"attempts": 1, "timeout": 5}']
    with Hub({COMMIT: files}, "someone/model", "model") as hub:
        own = os.environ | {"HOME": "/proc/nowhere", "HF_ENDPOINT": hub.address, "NO_PROXY": "127.0.0.1"}
        for name in ("hf-hub:someone/model@main", f"someone--model@{COMMIT}"):
            done = subprocess.run([*step, "--weights", name], cwd=tmp_path, env=own, text=True, capture_output=True)
            assert done.returncode == 0, done.stderr
            assert (tmp_path / "weights/hf/x.safetensors").read_bytes() == CONTENT
    assert sorted(path.name for path in (tmp_path / f"weights/fetched/someone--model@{COMMIT}").glob("[!.]*")) == [
        "config.json", "model.safetensors", "model.safetensors.json",
    ]  # fmt: skip


def test_guarded_weights_say_what_is_missing(tmp_path: Path) -> None:
    with Hub({COMMIT: {"model.safetensors": CONTENT}}, "timm/test_resnet.r160_in1k", "model", token="secret") as hub:
        done = fetch_from_hub(tmp_path, hub)
        assert done.returncode == 1
        assert "set HF_TOKEN to a token that may read it" in done.stderr
        assert fetch_from_hub(tmp_path, hub, env={"HF_TOKEN": "secret"}).returncode == 0
