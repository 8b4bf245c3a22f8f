"""Whatever folders and files are called, and whatever lists them: nothing leads out of a Maildir."""

import os
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minipop.mailbox.maildir import filenames
from minipop.mailbox.maildir.uids import UidList
from minipop.mailbox.message import Deletion
from tests.properties import examples

# -- folders -------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [".", "..", "/", "a", "&", "-", "&-", "&AC8-", "&AC4-", "\0", "\n", "Grüße", "台", "𝄞", " "]
)
FOLDERS = st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=40))


@pytest.mark.slow
@examples(500)
@given(FOLDERS)
@example(".")
@example("..")
@example("a/../b")
@example("\ud800")
def test_a_folder_has_a_directory_beside_the_others_and_no_two_have_the_same(folder: str) -> None:
    try:
        directory = filenames.directory(folder)
    except ValueError:
        assert "" in folder.split("/")
        return
    assert directory.isascii()
    assert directory.isprintable()
    assert "/" not in directory
    assert all(part for part in directory.split("."))  # so neither "." nor ".." nor anything hidden
    assert filenames.folder(directory) == folder


@examples(500)
@given(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=40))
@example("..")
@example("&AC8-")
@example("&AC4-")
@example("&2AA-")
@example("&////-")
def test_a_directory_of_others_is_a_folder_whatever_it_is_called(directory: str) -> None:
    folder = filenames.folder(directory)
    assert folder == directory or all(folder.split("/"))


# -- messages ------------------------------------------------------------------------------------------

WHEN = datetime(2026, 3, 2, 8, tzinfo=UTC)
FILES = st.binary(max_size=300).map(lambda name: os.fsdecode(name.replace(b"/", b"").replace(b"\0", b"")))


@examples(400)
@given(FILES, FOLDERS)
@example("1,D=99999999T999999.999999Z", "Inbox")
@example("1,W=" + "9" * 5_000, "Inbox")
@example("9" * 5_000, "Inbox")
@example(":2,S", "Inbox")
def test_whatever_a_file_is_called_its_key_its_flags_and_its_deletion_can_be_read(
    file: str, folder: str
) -> None:
    assume("" not in folder.split("/"))
    key = filenames.key(file)
    assert file.startswith(key)
    assert filenames.arrival(file)
    assert (filenames.size(file) or 0) >= 0
    filenames.deletion(file)
    assert filenames.flags(f"{key}:2,S") == "S"
    hidden = filenames.hidden(key, Deletion(WHEN, folder))
    assert "/" not in hidden
    assert filenames.key(hidden) == key
    assert filenames.deletion(hidden) in (None, Deletion(WHEN, folder), Deletion(WHEN, "Inbox"))


# -- UIDs ----------------------------------------------------------------------------------------------

LINES = st.one_of(
    st.sampled_from(
        ["minipop-uids 1 101 0", "minipop-uids 1 103 2", "101 5 a", "102 7 b", "101 5 b", "٣ 5 a", ""]
    ),
    st.text(max_size=20),
)


def unknown() -> Iterable[str]:
    """Say that it cannot be told which messages are there: then a list forgets none."""
    raise OSError("cannot be listed")


@pytest.mark.slow
@examples(300)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(LINES, max_size=5).map(lambda lines: "\n".join([*lines, ""]).encode("utf-8", "replace")),
    )
)
@example(b"minipop-uids 1 " + b"9" * 5_000 + b" 0\n")
@example(b"minipop-uids 1 101 " + b"9" * 5_000 + b"\n")
@example(b"minipop-uids 1 103 2\n101 5 a\n102 7 b\n")
@example(b"minipop-uids 1 103 2\n101 5 a\n101 7 b\n")
def test_a_list_of_uids_is_taken_as_it_is_or_given_up_whole(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "minipop-uids")
        file.write_bytes(content)
        uids = UidList(file, unknown)
        known = dict(uids._entries)
        assert len({entry.uid for entry in known.values()}) == len(known) == len(uids)
        assert uids.put("new", str(uids.take_number()), 1)
        uids.save()
        again = UidList(file, unknown)
        assert {key: again.get(key) for key in known} == known
        assert again.get("new") == uids.get("new")


@examples(200)
@given(st.lists(FILES.map(filenames.key), max_size=6, unique=True))
@example([""])  # a file called ":2,S"
def test_keys_of_any_bytes_are_remembered(keys: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "minipop-uids")
        uids = UidList(file, unknown, new=True)
        put = {key: uids.put(key, str(number), number) for number, key in enumerate(keys)}
        uids.save()
        again = UidList(file, unknown)
        assert {key: again.get(key) for key in put} == put
        assert len(again) == len(put)
