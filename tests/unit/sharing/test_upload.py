"""Uploading to a stand-in for the Hub: what arrives, who may see it, and one line for what goes wrong."""

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants
from shared_models import plant_models
from upload_server import UploadHub

from vidbench.errors import UserError
from vidbench.files import make_folder
from vidbench.sharing.facts import Facts, Wishes, read_facts
from vidbench.sharing.files import FIGURES, FILES
from vidbench.sharing.folder import write_folder
from vidbench.sharing.upload import upload

REPOSITORY = "me/motion-cnn3d"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[UploadHub]:
    with UploadHub() as made:
        for name, value in (("HF_ENDPOINT", made.address), ("HF_TOKEN", made.token), ("NO_PROXY", "127.0.0.1")):
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        yield made


def draw(_facts: Facts, folder: Path) -> None:
    make_folder(folder / "figures")
    for name in FIGURES:
        (folder / name).write_bytes(b"PNG of " + name.encode())


def write(folder: Path, license: str | None = "mit", **planting: object) -> Path:
    """Write the folder of the best planted model."""
    facts = read_facts(plant_models(folder, **planting), Wishes(kind="motion", license=license))
    write_folder(facts, folder / "share", draw)
    return folder / "share"


def test_all_files_arrive_in_one_commit_and_privately(tmp_path: Path, hub: UploadHub) -> None:
    folder = write(tmp_path)
    (folder / "notes.txt").write_text("stay here")
    assert upload(folder, REPOSITORY, public=False) == f"{hub.address}/{REPOSITORY}"
    assert hub.repositories == {REPOSITORY: True}
    files = hub.files[REPOSITORY]
    assert files.keys() == set(FILES)
    for name in ("weights.safetensors", "config.json", *FIGURES):
        assert files[name] == (folder / name).read_bytes()
    text = files["README.md"].decode()
    assert f'hf_hub_download("{REPOSITORY}", "weights.safetensors")' in text
    assert "OWNER/NAME" not in text + files["example.py"].decode()
    assert hub.cards == [text]
    assert sum("/commit/" in path for _, path in hub.requests) == 1


def test_an_upload_again_takes_the_edited_card(tmp_path: Path, hub: UploadHub) -> None:
    folder = write(tmp_path)
    upload(folder, REPOSITORY, public=False)
    with (folder / "README.md").open("a") as card:
        card.write("A word of mine.\n")
    upload(folder, REPOSITORY, public=False)
    assert hub.files[REPOSITORY]["README.md"].endswith(b"A word of mine.\n")


def test_public_only_where_asked_for_and_where_the_licence_is_known(tmp_path: Path, hub: UploadHub) -> None:
    upload(write(tmp_path), REPOSITORY, public=True)
    assert hub.repositories == {REPOSITORY: False}
    unstated = write(tmp_path / "unstated", license=None)
    hub.requests.clear()
    with pytest.raises(UserError, match=r"cannot be public: no licence is stated; name one: .* in the card"):
        upload(unstated, "me/other", public=True)
    assert not hub.requests
    card = unstated / "README.md"
    card.write_text(card.read_text().replace("license: unknown", "license: cc-by-4.0"))
    upload(unstated, "me/other", public=True)
    assert hub.repositories["me/other"] is False


@pytest.mark.parametrize(
    ("weights_licence", "words"),
    [
        ("", "the licence of its first weights is not stated; read their terms"),
        ("cc-by-nd-4.0", "allows no changed copies; upload it without --public"),
    ],
)
def test_first_weights_may_forbid_it(tmp_path: Path, hub: UploadHub, weights_licence: str, words: str) -> None:
    folder = write(tmp_path, license=None, weights="/home/me/r3d.pth", licence=weights_licence)
    with pytest.raises(UserError, match=words):
        upload(folder, REPOSITORY, public=True)
    upload(folder, REPOSITORY, public=False)


def test_what_forbids_commercial_use_may_be_public_as_such(tmp_path: Path, hub: UploadHub) -> None:
    folder = write(tmp_path, license=None, weights="/home/me/r3d.pth", licence="cc-by-nc-4.0")
    upload(folder, REPOSITORY, public=True)
    card = folder / "README.md"
    card.write_text(card.read_text().replace("license: cc-by-nc-4.0", "license: mit"))
    with pytest.raises(UserError, match="license: mit allows commercial use"):
        upload(folder, REPOSITORY, public=True)


def test_a_repository_that_is_there_is_seen_by_whom_it_was_before(tmp_path: Path, hub: UploadHub) -> None:
    folder = write(tmp_path)
    hub.repositories = {REPOSITORY: False, "me/private": True}
    with pytest.raises(UserError, match=f"{REPOSITORY}: is there and public; give --public"):
        upload(folder, REPOSITORY, public=False)
    with pytest.raises(UserError, match="me/private: is there and private; make it public in its settings"):
        upload(folder, "me/private", public=True)
    assert not hub.files


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ({"/create": 401}, "HF_TOKEN is refused; set it to a token that may write"),
        ({"/create": 403}, "HF_TOKEN may not write there; use a token with the role write"),
        ({"/create": 404}, "no such owner or repository"),
        ({"/preupload/main": 403}, "HF_TOKEN may not write there"),
        ({"/commit/main": 400}, "the Hub answers 400 Bad Request. said by the server"),
    ],
)
def test_what_the_hub_refuses_is_one_line(tmp_path: Path, hub: UploadHub, statuses: dict, words: str) -> None:
    hub.statuses = statuses
    with pytest.raises(UserError, match=f"{REPOSITORY}: not uploaded: {words}") as caught:
        upload(write(tmp_path), REPOSITORY, public=False)
    assert "\n" not in str(caught.value)
    assert hub.token not in str(caught.value)


def test_without_a_token_nothing_is_asked(tmp_path: Path, hub: UploadHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(UserError, match="there is no token; set HF_TOKEN to one that may write"):
        upload(write(tmp_path), REPOSITORY, public=False)
    assert not hub.requests


def test_without_a_network_it_is_one_line(tmp_path: Path, hub: UploadHub, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:1 cannot be reached .*refused.*; try again"):
        upload(folder, REPOSITORY, public=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="HF_HUB_OFFLINE is set; unset it"):
        upload(folder, REPOSITORY, public=False)


@pytest.mark.parametrize("name", ["motion", "me/", "me/a b", "me/x/y", "http://x/y"])
def test_a_wrong_name_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="name a repository OWNER/NAME"):
        upload(tmp_path, name, public=False)


def test_a_folder_that_is_not_whole_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"README\.md: no such file; `snakemake share` or --results writes the folder"):
        upload(tmp_path, REPOSITORY, public=False)


def test_a_card_whose_metadata_are_broken_is_one_line(tmp_path: Path, hub: UploadHub) -> None:
    folder = write(tmp_path)
    card = folder / "README.md"
    for text, words in (
        ("---\na: [\n---\n", "its metadata are no YAML"),
        ("---\n- a\n---\n", "hold no keys and values"),
        ("---\na: 2026-02-30\n---\n", "its metadata are no YAML"),
        ("---\nlicense: mit\n---\nGrüße".encode("latin-1"), r"README\.md: is no UTF-8 text; save it as such"),
        ("# A model", r"README\.md: does not begin with metadata between two lines ---; write the folder again"),
        ("", "does not begin with metadata"),
    ):
        card.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(UserError, match=words):
            upload(folder, REPOSITORY, public=True)
    assert not hub.requests


def test_a_byte_order_mark_hides_no_licence(tmp_path: Path, hub: UploadHub) -> None:
    folder = write(tmp_path, license=None, weights="/home/me/r3d.pth", licence="cc-by-nc-4.0")
    card = folder / "README.md"
    text = card.read_text()
    card.write_text(text, encoding="utf-8-sig")
    upload(folder, REPOSITORY, public=True)
    assert hub.files[REPOSITORY]["README.md"].startswith(b"---\nlicense: cc-by-nc-4.0\n")
    card.write_text(text.replace("license: cc-by-nc-4.0", "license: mit"), encoding="utf-8-sig")
    with pytest.raises(UserError, match="license: mit allows commercial use"):
        upload(folder, REPOSITORY, public=True)


def test_writing_again_leaves_other_files_and_a_failure_leaves_all(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "notes.txt").write_text("mine")
    before = (folder / "README.md").read_text()

    def fail(_facts: Facts, _folder: Path) -> None:
        raise UserError("no ink")

    facts = read_facts(tmp_path / "motion", Wishes(license="apache-2.0"))
    with pytest.raises(UserError, match="no ink"):
        write_folder(facts, folder, fail)
    assert (folder / "README.md").read_text() == before
    write_folder(facts, folder, draw)
    assert "license: apache-2.0" in (folder / "README.md").read_text()
    assert {path.name for path in folder.iterdir()} == {*(name.split("/")[0] for name in FILES), "notes.txt"}
