"""Downloading: byte-correct or one line, whatever the server does and whenever the process is killed."""

import gzip
import hashlib
import random
import resource
import ssl
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from fault_server import PAGE, Fault, FaultServer, Manners, random_faults

from vidbench.download import http_session
from vidbench.download.fetch import Remote, Settings, fetch
from vidbench.errors import Damaged, UserError

FAST = Settings(attempts=4, timeout=0.4, backoff=0.001)
NAME = "UCF 101 'ü'.gz"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    http_session.warn_unchecked.cache_clear()


def archive(seed: int, size: int = 50_000) -> bytes:
    """A gzip file of stored (uncompressed) random bytes: every bit of its middle is under its CRC."""
    return gzip.compress(random.Random(seed).randbytes(size), compresslevel=0, mtime=0)


def check_gzip(path: Path) -> None:
    try:
        gzip.decompress(path.read_bytes())
    except (OSError, EOFError) as error:
        raise Damaged(f"is no whole gzip file: {error}") from error


def no_check(_path: Path) -> None:
    pass


def silent(_done: int, _total: int | None) -> None:
    pass


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def remote(*servers: FaultServer, size: int | None = None, sha: str | None = None) -> Remote:
    return Remote(NAME, tuple(server.url(NAME) for server in servers), size, sha)


def get(
    what: Remote, path: Path, settings: Settings = FAST, progress: Callable = silent, check: Callable = check_gzip
) -> bytes:
    """Fetch, and look at what is promised of success."""
    digest = fetch(what, path, settings, progress, check)
    data = path.read_bytes()
    assert digest == sha256(data)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    return data


def refused(what: Remote, path: Path, settings: Settings = FAST, check: Callable = check_gzip) -> str:
    """The line of a fetch that fails, and what is promised of failure."""
    with pytest.raises(UserError) as caught:
        fetch(what, path, settings, silent, check)
    line = str(caught.value)
    assert "\n" not in line
    assert what.name in line
    assert not path.exists()
    return line


def partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def interrupt_after(count: int) -> Callable[[int, int | None], None]:
    """A progress function that ends the download as SIGTERM would."""

    def progress(done: int, _total: int | None) -> None:
        if done >= count:
            raise KeyboardInterrupt

    return progress


def start(server: FaultServer, what: Remote, path: Path, count: int) -> None:
    """Fetch the first `count` bytes, and end as a killed process would."""
    length = len(server.versions[NAME][server.current[NAME]])
    server.faults = iter([Fault("stall", (count + 0.5) / length, seconds=5)])
    with pytest.raises(KeyboardInterrupt):
        get(what, path, progress=interrupt_after(count))
    assert not path.exists()
    assert partial(path).stat().st_size == count


def ranges(server: FaultServer) -> list[tuple[str | None, int]]:
    return [(request.range, request.status) for request in server.requests]


# Trials: any faults that what is known of the file can tell.

TOLD = [
    *("status", "drop", "reset", "stall", "whole", "careless", "wrong_start", "wrong_total"),
    *("multipart", "longer", "change", "weak", "bare", "encoded"),
]
TOLD_BY = {
    "nothing": TOLD,
    "size": [*TOLD, "shorter", "surplus", "page"],
    "check": [*TOLD, "shorter", "surplus", "page", "damage", "hide"],
    "sha256": [*TOLD, "shorter", "surplus", "page", "damage", "hide"],
}


@dataclass
class Trial:
    """One random download: what is known of the file, and servers with their faults."""

    known: str
    versions: list[bytes]
    servers: list[FaultServer]
    honest: bool  # the last server makes no mistakes
    stops: list[int]  # bytes after which the download is interrupted and called again
    sized: bool

    @classmethod
    def draw(cls, seed: int) -> "Trial":
        generator = random.Random(seed)
        known = generator.choice(list(TOLD_BY))
        size = generator.choice([200, 5_000, 60_000])
        versions = [archive(2 * seed, size), archive(2 * seed + 1, generator.choice([size, size + 11]))]
        servers = [faulty(generator, known, versions) for _ in range(generator.choice([1, 1, 2, 3]))]
        honest = generator.random() < 0.5
        if honest:
            servers.append(FaultServer({NAME: versions[0]}))
        stops = [generator.randint(1, size) for _ in range(generator.choice([0, 0, 1, 3]))]
        return cls(known, versions, servers, honest, stops, known == "size" or generator.random() < 0.3)

    def run(self, path: Path) -> bytes | str:
        """The file's bytes, or the line that the download ended with."""
        data = self.versions[0]
        size, sha = len(data) if self.sized else None, sha256(data) if self.known == "sha256" else None
        what, settings = remote(*self.servers, size=size, sha=sha), replace(FAST, timeout=0.2)
        check = check_gzip if self.known == "check" else no_check
        for stop in self.stops:
            with suppress(KeyboardInterrupt, UserError):
                return get(what, path, settings, interrupt_after(stop), check)
            assert not path.exists()
        try:
            return get(what, path, settings, check=check)
        except UserError as error:
            assert not path.exists()
            return str(error)


def faulty(generator: random.Random, known: str, versions: list[bytes]) -> FaultServer:
    """A server with random manners and faults."""
    # Only a length or a checksum tells that a body which ends with its connection ended too early.
    framings = ["length", "length", "chunked"] + ["close"] * (known != "nothing")
    manners = Manners(
        etag=generator.choice(["strong", "strong", "weak", None]),
        dated=generator.random() < 0.6,
        ranges=generator.random() < 0.8,
        framing=generator.choice(framings),
    )
    kinds = generator.sample(TOLD_BY[known], generator.randint(1, 6))
    rate = generator.choice([0.3, 0.6, 0.9, 1.0])
    return FaultServer(
        {NAME: versions}, random_faults(random.Random(generator.random()), kinds, rate, seconds=0.3), manners
    )


@pytest.mark.parametrize("group", range(10))
def test_twenty_trials_end_with_the_right_bytes_or_one_line(group: int, tmp_path: Path) -> None:
    arrived = 0
    for seed in range(20 * group, 20 * group + 20):
        trial = Trial.draw(seed)
        with ExitStack() as running:
            for server in trial.servers:
                running.enter_context(server)
            result = trial.run(tmp_path / str(seed) / NAME)
        if isinstance(result, bytes):
            arrived += 1
            allowed = trial.versions[: 1 if trial.known == "sha256" else 2]
            assert result in allowed, f"seed {seed}: {trial}"
        else:
            assert "\n" not in result, f"seed {seed}: {result}"
            assert result.startswith(f"{NAME}: cannot be downloaded (127.0.0.1:"), f"seed {seed}: {result}"
            assert not trial.honest, f"seed {seed}: {result}"
    assert arrived >= 10


# One fault at a time.


def test_a_dropped_connection_is_resumed_where_it_broke(tmp_path: Path) -> None:
    data = archive(2)
    with FaultServer({NAME: data}, [Fault("drop", at) for at in (0.3, 0.01, 0.9)]) as server:
        assert get(remote(server), tmp_path / NAME, replace(FAST, attempts=1)) == data
        assert [status for _, status in ranges(server)] == [200, 206, 206, 206]
        assert sum(request.sent for request in server.requests) == len(data)
        assert {request.encoding for request in server.requests} == {"identity"}


def test_a_server_that_ends_each_answer_early_is_asked_on(tmp_path: Path) -> None:
    data = archive(3)
    faults = [Fault("drop", 0.5), *[Fault("shorter", 0.5)] * 8]
    with FaultServer({NAME: data}, faults) as server:
        assert get(remote(server), tmp_path / NAME) == data
        assert sum(request.sent for request in server.requests) == len(data)


@pytest.mark.parametrize("kind", ["change", "careless"])
@pytest.mark.parametrize("manners", [Manners(), Manners(etag="weak"), Manners(etag=None)])
def test_a_file_that_changed_is_not_continued(kind: str, manners: Manners, tmp_path: Path) -> None:
    versions, path = [archive(4), archive(5)], tmp_path / NAME
    with FaultServer({NAME: versions}, manners=manners) as server:
        start(server, remote(server), path, 10_000)
        server.change(NAME)
        server.faults = iter([Fault(kind)] * (kind == "careless"))
        assert get(remote(server), path, check=no_check) == versions[1]
        asked = [("bytes=10000-", 200)] if kind == "change" else [("bytes=10000-", 206), (None, 200)]
        assert ranges(server)[1:] == asked


@pytest.mark.parametrize("manners", [Manners(etag=None, dated=False), Manners(etag="weak", dated=False)])
def test_without_a_validator_only_a_known_hash_lets_a_download_resume(manners: Manners, tmp_path: Path) -> None:
    data = archive(6)
    with FaultServer({NAME: data}, manners=manners) as server:
        start(server, remote(server), tmp_path / "a", 10_000)
        assert get(remote(server), tmp_path / "a") == data
        assert ranges(server) == [(None, 200), (None, 200)]
        (tmp_path / "a").unlink()
        start(server, remote(server, sha=sha256(data)), tmp_path / "b", 10_000)
        assert get(remote(server, sha=sha256(data).upper()), tmp_path / "b") == data
        assert ranges(server)[3:] == [("bytes=10000-", 206)]


def test_bytes_of_two_versions_are_found_by_the_hash_and_fetched_again(tmp_path: Path) -> None:
    versions = [archive(7), archive(8)]
    with FaultServer({NAME: versions}, [Fault("drop"), Fault("hide")]) as server:
        assert get(remote(server, sha=sha256(versions[1])), tmp_path / NAME, check=no_check) == versions[1]
        assert [status for _, status in ranges(server)] == [200, 206, 200]


def test_bytes_that_were_resumed_by_a_hash_are_not_trusted_without_it(tmp_path: Path) -> None:
    data, path = archive(9), tmp_path / NAME
    with FaultServer({NAME: data}) as first, FaultServer({NAME: data}, [Fault("stall", 0.5, seconds=5)]) as second:
        start(first, remote(first, sha=sha256(data)), path, 10_000)
        with pytest.raises(KeyboardInterrupt):
            get(remote(second, sha=sha256(data)), path, progress=interrupt_after(20_000))
        assert get(remote(second), path) == data
        assert ranges(second) == [("bytes=10000-", 206), (None, 200)]


def test_a_mirror_resumes_where_the_hash_is_known_and_starts_over_where_not(tmp_path: Path) -> None:
    data = archive(10)
    for sha, asked in ((sha256(data), ("bytes=25014-", 206)), (None, (None, 200))):
        faults = [Fault("drop", 25014.5 / len(data)), Fault("status", status=404)]
        with FaultServer({NAME: data}, faults) as publisher, FaultServer({NAME: data}) as mirror:
            assert get(remote(publisher, mirror, sha=sha), tmp_path / str(sha) / NAME) == data
            assert len(publisher.requests) == 2
            assert ranges(mirror) == [asked]


def test_a_download_that_a_mirror_began_is_resumed_there(tmp_path: Path) -> None:
    data, path = archive(11), tmp_path / NAME
    with FaultServer({}) as publisher, FaultServer({NAME: data}) as mirror:
        start(mirror, remote(publisher, mirror), path, 10_000)
        assert get(remote(publisher, mirror), path) == data
        assert ranges(publisher) == [(None, 404)]
        assert ranges(mirror) == [(None, 200), ("bytes=10000-", 206)]


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (403, 1), (410, 1), (408, 4), (429, 4), (500, 4), (503, 4)])
def test_a_status_that_may_pass_is_asked_again(status: int, requests: int, tmp_path: Path) -> None:
    data = archive(12)
    with FaultServer({NAME: data}, [Fault("status", status=status)] * 9) as server, FaultServer({NAME: data}) as mirror:
        assert get(remote(server, mirror), tmp_path / NAME) == data
        assert len(server.requests) == requests


def test_waits_double_and_honour_retry_after_up_to_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("vidbench.download.fetch.time.sleep", waits.append)
    asked = ["0", "0", "9", "9999", "nonsense", "0", "0", "0"]
    data = archive(12)
    faults = [Fault("status", status=503, retry_after=value) for value in asked] + [Fault("drop")]
    with FaultServer({NAME: data}, faults) as server:
        assert get(remote(server), tmp_path / NAME, replace(FAST, attempts=9, backoff=1)) == data
    assert waits == [1, 2, 9, 60, 16, 32, 60, 60, 1]


def test_content_encoding_is_never_undone(tmp_path: Path) -> None:
    data = archive(12)
    with FaultServer({NAME: data}, [Fault("encoded")]) as server:
        assert get(remote(server), tmp_path / NAME) == data
        assert len(server.requests) == 1


def test_nothing_is_read_beyond_the_stated_length(tmp_path: Path) -> None:
    data = archive(12)
    with FaultServer({NAME: data}, [Fault("surplus", 0.5)], pause=0.01) as server:
        received = get(remote(server), tmp_path / NAME, check=no_check)
        assert received == data[: len(received)]
        assert len(data) // 2 <= len(received) <= len(data) // 2 + 1


@pytest.mark.parametrize("kind", ["wrong_start", "multipart", "bare"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_answer_that_may_not_be_the_rest_is_not_taken(kind: str, framing: str, tmp_path: Path) -> None:
    data = archive(12)
    with FaultServer({NAME: data}, [Fault("drop"), Fault(kind)], Manners(framing=framing)) as server:
        assert get(remote(server), tmp_path / NAME, check=no_check) == data
        assert [status for _, status in ranges(server)] == [200, 206, 200]


def test_another_total_is_another_file_whatever_the_validators_say(tmp_path: Path) -> None:
    versions = [archive(12), archive(13, 60_000)]
    with FaultServer({NAME: versions}, [Fault("drop"), Fault("hide")]) as server:
        assert get(remote(server), tmp_path / NAME, check=no_check) == versions[1]
        assert [status for _, status in ranges(server)] == [200, 206, 200]


def test_when_all_addresses_fail_one_line_says_why_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with FaultServer({}) as first, FaultServer({NAME: b"x" * 100}) as second:
        line = refused(remote(first, second), path)
        with_password = Remote(NAME, (second.url("gone").replace("://", "://user:secret@"),))
        assert "secret" not in refused(with_password, path)
    assert line == (
        f"{NAME}: cannot be downloaded (127.0.0.1:{first.port}: answers 404 Not Found; 127.0.0.1:{second.port}: is no"
        " whole gzip file: Not a gzipped file (b'xx'));"
        f" run again, put the file there by hand: {path}, or name a mirror"
    )
    assert "Connection refused" in refused(remote(first), path)
    assert "has no address" in refused(Remote(NAME, ()), path)
    assert "Failed to parse" in refused(Remote(NAME, ("http://[bad/x",)), path)


def test_wrong_bytes_are_fetched_twice_and_named(tmp_path: Path) -> None:
    data = archive(13)
    with FaultServer({NAME: data}) as server:
        line = refused(remote(server, sha="0" * 64), tmp_path / NAME)
        assert f"sent a file with SHA-256 {sha256(data)} instead of {'0' * 64}" in line
        assert len(server.requests) == 2
        assert list(tmp_path.iterdir()) == []


def test_bytes_damaged_on_the_way_are_fetched_again(tmp_path: Path) -> None:
    data = archive(14)
    with FaultServer({NAME: data}, [Fault("damage", 0.1), Fault("page"), Fault("damage", 0.8)]) as server:
        assert get(remote(server), tmp_path / NAME) == data


def test_a_length_other_than_the_known_one_costs_no_bytes_that_are_here(tmp_path: Path) -> None:
    data, path = archive(15), tmp_path / NAME
    what = replace(FAST, attempts=2)
    with FaultServer({NAME: data}) as server:
        start(server, remote(server, size=len(data)), path, 10_000)
        server.faults = iter([Fault("page")] * 2)
        assert f"sends {len(PAGE)} bytes instead of {len(data)}" in refused(remote(server, size=len(data)), path, what)
        assert get(remote(server, size=len(data)), path) == data
        assert server.requests[-1].range == "bytes=10000-"


def test_a_server_that_ignores_ranges_and_always_breaks_off_is_given_up(tmp_path: Path) -> None:
    with FaultServer({NAME: archive(16)}, [Fault("drop", 0.9)] * 50, Manners(ranges=False)) as server:
        assert "began 4 times; the last time: " in refused(remote(server), tmp_path / NAME)
        assert len(server.requests) == 5


def test_a_silent_server_is_given_up_and_its_bytes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / NAME
    faults = [Fault("stall", 0.5, seconds=5)] + [Fault("stall", 0, seconds=5)] * 9
    with FaultServer({NAME: archive(17)}, faults) as server:
        assert "no byte for 0.1 s" in refused(remote(server), path, replace(FAST, timeout=0.1))
        assert partial(path).stat().st_size > 20_000
        assert len(server.requests) == 1 + FAST.attempts


def test_a_file_whose_last_byte_came_before_the_kill_is_not_asked_for(tmp_path: Path) -> None:
    data, path = archive(18), tmp_path / NAME
    with FaultServer({NAME: data}) as server:
        start(server, remote(server), path, len(data))
        assert get(remote(server), path) == data
        assert len(server.requests) == 1


def test_416_ends_a_file_of_unknown_length_and_starts_over_on_a_shorter_one(tmp_path: Path) -> None:
    data, path = archive(19), tmp_path / NAME
    with FaultServer({NAME: [data, archive(20, 9_000)]}, manners=Manners(framing="chunked")) as server:
        start(server, remote(server), path, len(data))
        assert get(remote(server), path) == data
        path.unlink()
        assert ranges(server)[1:] == [(f"bytes={len(data)}-", 416)]
        start(server, remote(server), path, 20_000)
        server.change(NAME, told=False)
        assert len(get(remote(server), path, check=no_check)) < 10_000
        assert ranges(server)[3:] == [("bytes=20000-", 416), (None, 200)]


def test_redirects_are_followed_but_not_out_of_tls(tmp_path: Path, authority: trustme.CA, trusted: None) -> None:
    data = archive(21)
    with FaultServer({NAME: data}) as plain, FaultServer({NAME: data}, tls=context(authority)) as checked:
        plain.redirects = {"up": checked.url(NAME), "in/circles": plain.url("in/circles")}
        relative = urlsplit(checked.url(NAME)).path
        checked.redirects = {"down": plain.url(NAME), "a/b": f"//127.0.0.1:{checked.port}/down", "here": relative}
        for folder, address in (("a", plain.url("up")), ("b", checked.url("here"))):
            assert get(Remote(NAME, (address,)), tmp_path / folder / NAME) == data
        for name in ("down", "a/b"):
            line = refused(Remote(NAME, (checked.url(name),)), tmp_path / NAME)
            assert f"redirects from https to http (127.0.0.1:{plain.port})" in line
        assert "Exceeded 30 redirects" in refused(Remote(NAME, (plain.url("in/circles"),)), tmp_path / NAME)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority is in the environment's list of certificates."""
    bundle = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))


def context(authority: trustme.CA, host: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


def test_a_certificate_nobody_knows_is_refused_at_once(tmp_path: Path, authority: trustme.CA) -> None:
    with FaultServer({NAME: archive(22)}, tls=context(authority)) as server:
        line = refused(remote(server), tmp_path / NAME)
        assert "its TLS certificate is refused: unable to get local issuer certificate" in line
        assert "download.verify_tls: false" in line
        assert server.requests == []


def test_a_known_hash_vouches_for_what_comes_over_a_broken_chain(
    tmp_path: Path, authority: trustme.CA, capsys: pytest.CaptureFixture
) -> None:
    data = archive(22)
    with FaultServer({NAME: data}, [Fault("drop")], tls=context(authority)) as server:
        assert get(remote(server, sha=sha256(data)), tmp_path / "a" / NAME) == data
        captured = capsys.readouterr()
        assert captured.out.count("fetched all the same, because its SHA-256 is known") == 1
        assert "its TLS certificate is refused" in captured.out
        assert captured.err == ""
        line = refused(remote(server, sha=sha256(b"another file")), tmp_path / "b" / NAME)
        assert f"sent a file with SHA-256 {sha256(data)}" in line


def test_a_known_hash_vouches_for_a_redirect_out_of_tls(tmp_path: Path, authority: trustme.CA, trusted: None) -> None:
    data = archive(23)
    with FaultServer({NAME: data}) as plain, FaultServer({}, tls=context(authority)) as server:
        server.redirects[NAME] = plain.url(NAME)
        assert get(remote(server, sha=sha256(data)), tmp_path / "a" / NAME) == data
        plain.requests.clear()
        assert "redirects from https to http" in refused(remote(server), tmp_path / "b" / NAME)
        assert not plain.requests


def test_a_certificate_of_another_host_is_refused(tmp_path: Path, authority: trustme.CA, trusted: None) -> None:
    with FaultServer({NAME: archive(22)}, tls=context(authority, "example.org")) as server:
        assert "its TLS certificate is refused" in refused(remote(server), tmp_path / NAME)
        assert server.requests == []


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bundle", [False, True])
def test_with_the_check_switched_off_one_loud_line_a_host(
    bundle: bool, tmp_path: Path, authority: trustme.CA, request: pytest.FixtureRequest, capfd: pytest.CaptureFixture
) -> None:
    if bundle:  # of another authority: it must not switch the check on again
        other = trustme.CA()
        other.cert_pem.write_to_path(str(tmp_path / "other.pem"))
        request.getfixturevalue("monkeypatch").setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    data = archive(23)
    with FaultServer({NAME: data}, [Fault("drop")], tls=context(authority, "example.org")) as server:
        for folder in ("a", "b"):
            assert get(remote(server), tmp_path / folder / NAME, replace(FAST, verify_tls=False)) == data
    loud = f"WARNING: TLS certificates of 127.0.0.1:{server.port} are not checked (download.verify_tls: false)\n"
    assert capfd.readouterr().err == loud


def test_the_environments_proxy_is_used_and_its_exceptions_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = archive(24)
    what = Remote(NAME, ("http://publisher.example/file",))
    with FaultServer({"file": data}) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert get(what, tmp_path / "a" / NAME) == data
        assert proxy.hosts == ["publisher.example"]
    assert "proxy: Connection refused" in refused(what, tmp_path / NAME)
    with FaultServer({NAME: data}) as server:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert get(remote(server), tmp_path / "b" / NAME) == data


def test_a_full_disk_is_one_line_and_what_is_here_is_kept(tmp_path: Path) -> None:
    data, path = archive(25, 900_000), tmp_path / NAME
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    with FaultServer({NAME: data}) as server:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))  # the kernel then refuses, as it does on a full disk
        try:
            with pytest.raises(UserError, match=r"\.part: cannot be written: File too large; free the disk"):
                get(remote(server), path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        assert partial(path).stat().st_size == 300_000
        assert get(remote(server), path) == data
        assert server.requests[-1].range == "bytes=300000-"


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"address": 1}', None])
def test_a_partial_file_without_a_readable_record_is_not_continued(record: str | None, tmp_path: Path) -> None:
    data, path = archive(26), tmp_path / NAME
    partial(path).write_bytes(b"not of this file")
    if record is not None:
        partial(path).with_name(f".{NAME}.part.json").write_text(record)
    with FaultServer({NAME: data}) as server:
        assert get(remote(server), path) == data
        assert ranges(server) == [(None, 200)]


def test_an_empty_file_arrives(tmp_path: Path) -> None:
    with FaultServer({NAME: b""}) as server:
        assert get(remote(server), tmp_path / NAME, check=no_check) == b""
