"""The fuzzer's corpus is played in every run, and the fuzzer itself runs for some hundred inputs."""

import re
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest

from evidence.fuzz import runs, target
from minipop.protocol import Session, State
from minipop.protocol.states import Event
from minipop.wire import Conversation

#: How many inputs the fuzzer plays here; `make evidence` takes 160,000.
INPUTS = 300

SEEDS = sorted(runs.CORPUS.iterdir())

#: What the corpus must reach, by hand from the list of replies: every answer that a session can give.
REACHED = {
    *(
        "greeting",
        "user",
        "logged_on",
        "authenticated",
        "logon_failure",
        "authentication_failure",
        "mechanisms",
    ),
    *(
        "unknown_mechanism",
        "cancelled",
        "bad_base64",
        "begin_tls",
        "apop",
        "challenge",
        "stat",
        "list",
        "list_one",
    ),
    *(
        "uidl",
        "uidl_one",
        "retr",
        "top",
        "dele",
        "noop",
        "rset",
        "capabilities",
        "farewell",
        "not_in_this_state",
    ),
    *("unknown_command", "line_too_long", "data_after_stls", "missing_argument", "surplus_argument"),
    *("not_a_number", "no_such_message", "message_deleted", "not_text", "control_character", "lost", "tls"),
}


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_an_input_of_the_corpus_does_no_harm(seed: Path) -> None:
    target.play(seed.read_bytes())


def test_the_corpus_reaches_every_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: set[str] = set()
    line = Conversation.line

    def noted(self: Conversation, who: Literal["C", "S"], text: str, name: str = "") -> None:
        reached.add(name if who == "S" else "")
        line(self, who, text, name)

    monkeypatch.setattr(Conversation, "line", noted)
    for name in ("lost", "tls_established"):
        monkeypatch.setattr(Conversation, name, lambda *_, name=name: reached.add(name.partition("_")[0]))
    for seed in SEEDS:
        target.play(seed.read_bytes())
    assert REACHED - reached == set()


def test_the_corpus_is_small_and_its_names_say_what_is_in_it() -> None:
    assert 50 <= len(SEEDS) <= 200
    assert sum(seed.stat().st_size for seed in SEEDS) <= 100_000
    assert [seed.name for seed in SEEDS if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", seed.name)] == []


#: A session of 2016 inside TLS that marks a message, fetches another, and breaks off.
BROKEN_OFF = b"7USER anna@muster.example\r\nPASS Sommer2026\r\nDELE 1\r\nTOP 2 1\r\n"


def _update(session: Session) -> None:
    if session.state is State.TRANSACTION:
        session._context.opened.update()
    session._move(Event.ENDED)


_answer = Session._answer

#: Services that are wrong in one way each: a method of the session, and what it does instead.
WRONG: dict[str, tuple[str, Callable[..., Any]]] = {
    "deletes without QUIT": ("connection_lost", _update),
    "answers twice": ("_answer", lambda self, reply: [_answer(self, reply) for _ in range(2)]),
    "answers nothing": ("_answer", lambda self, reply: self._say(b"", reply.name)),
    "answers without end": (
        "_answer",
        lambda self, reply: self._say(b"+OK " + b"x" * 600 + b"\r\n", reply.name),
    ),
    "shows a password": ("_heard", lambda self, *_: self._tell("C", "PASS Sommer2026")),
    "shows a control character": ("_heard", lambda self, *_: self._tell("C", "\x1b[2J")),
    "depends on packets": ("receive_data", lambda self, data: self._input.extend(data[:50])),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_target_notices_a_service_that(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target.play(BROKEN_OFF)
    monkeypatch.setattr(Session, *WRONG[wrong])
    with pytest.raises(AssertionError):
        target.play(BROKEN_OFF)


# -- the fuzzer ----------------------------------------------------------------------------------------

# Under CI nothing may be skipped, but with Python 3.14 there is no Atheris to install.
fuzzer = (
    pytest.mark.xfail(reason=runs.WITHOUT, run=False)
    if sys.version_info >= (3, 14)
    else pytest.mark.skipif(find_spec("atheris") is None, reason=runs.WITHOUT)
)


@fuzzer
def test_fuzzing_finds_nothing(tmp_path: Path) -> None:
    done = runs.fuzz(INPUTS, tmp_path)
    assert done.returncode == 0, done.stdout[-4_000:]
    executed = re.search(r"stat::number_of_executed_units: +(\d+)", done.stdout)
    assert executed
    assert int(executed[1]) >= INPUTS


FAILING = """
import runpy
import evidence.fuzz.target

def play(data):
    assert b"QUIT" not in data

evidence.fuzz.target.play = play
runpy.run_module("evidence.fuzz.run", run_name="__main__", alter_sys=True)
"""


@fuzzer
def test_a_failure_leaves_its_input_and_says_how_to_play_it_again(tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text(FAILING)
    done = runs.fuzz(INPUTS, tmp_path, program=[str(tmp_path / "failing.py")])
    assert done.returncode != 0
    said = re.search(r"^Play it again: .venv/bin/python -m evidence.fuzz (\S+)$", done.stdout, re.MULTILINE)
    assert said
    assert b"QUIT" in Path(said[1]).read_bytes()


@fuzzer
def test_what_reaches_something_new_joins_the_corpus_under_a_name_that_says_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, findings = tmp_path / "corpus", tmp_path / "findings"
    for folder in (corpus, findings):
        folder.mkdir()
        (folder / "capa").write_bytes(b"7CAPA\r\n")
    (findings / "new").write_bytes(b"7AUTH PLAIN\r\n*\r\nSTLS\r\n")
    monkeypatch.setattr(runs, "CORPUS", corpus)
    (new,) = runs.add(findings)
    assert re.fullmatch("found-2016-tls-auth-plain-stls-[0-9a-f]{6}", new.name)
    assert new.read_bytes() == b"7AUTH PLAIN\r\n*\r\nSTLS\r\n"
    assert sorted(file.name for file in corpus.iterdir()) == ["capa", new.name]
