"""`make audit`: clean, flaws and “not reached” are told apart.

Where the tests run, PyPI's list may not be had. So pip-audit itself asks a PyPI that is made up, with answers
typed in the form that PyPI documents; where only what follows counts, pip-audit's own answer is typed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import audit

HASH = f"    --hash=sha256:{'0' * 64}\n"
LEFTPAD = f"leftpad==1.0 \\\n{HASH}"
RIGHTPAD = f"rightpad==2.0 ; sys_platform == 'none' \\\n{HASH}    # via leftpad\n"
LOCKS = {
    "requirements.txt": LEFTPAD + RIGHTPAD,
    "requirements-kerberos.txt": LEFTPAD,
    "requirements-scan.txt": f"leftpad==0.9 \\\n{HASH}",
    "requirements-properdocs.txt": RIGHTPAD,
    "requirements-node.txt": "",
    "requirements-jupyterlite.txt": "",
    "requirements-jupyterlite-kernel.txt": "",
}
TODAY = date(2026, 6, 1)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put three small locks in the place of the project's."""
    for name, content in LOCKS.items():
        (tmp_path / name).write_text(content, "utf-8")
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    monkeypatch.setattr(audit, "PYPROJECT", tmp_path / "pyproject.toml")
    return tmp_path


def executable(path: Path, content: str) -> Path:
    path.write_text(content, "utf-8")
    path.chmod(0o755)
    return path


# -- pip-audit itself -----------------------------------------------------------------------------------

# What it asks with is replaced, nothing else of it.
PROGRAM = """\
#!{python}
import json, re, requests
ANSWERS = json.loads({answers!r})
def get(session, url, **options):
    package, version = re.fullmatch(r".*/pypi/([^/]+)/([^/]+)/json", url).groups()
    answer = ANSWERS.get(f"{{package}} {{version}}", ANSWERS["else"])
    if isinstance(answer, str):
        raise getattr(requests, answer)("made up")
    response = requests.Response()
    response.status_code = answer if isinstance(answer, int) else 200
    response._content = json.dumps({{"vulnerabilities": answer}}).encode()
    return response
requests.Session.get = get
from pip_audit._cli import audit
audit()
"""

Answers = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def asked(project: Path, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Audit with PyPI's answer for each version: a list of flaws, a status, or what goes wrong."""
    scan = audit.PIP_AUDIT.with_name("python")
    if not scan.exists():
        pytest.skip("pip-audit is not installed: make test does that")

    def ask(answers: dict[str, Any]) -> tuple[int, list[str]]:
        program = PROGRAM.format(python=scan, answers=json.dumps({"else": [], **answers}))
        monkeypatch.setattr(audit, "PIP_AUDIT", executable(project / "pip-audit", program))
        return audit.audit(TODAY)

    return ask


def test_a_flaw_in_any_version_for_any_system_is_a_line(asked: Answers) -> None:
    flaw = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1000"], "fixed_in": ["1.1", "2.0"], "summary": "pads"}
    unfixed = {"id": "PYSEC-2026-2", "aliases": [], "fixed_in": [], "summary": "pads on the left"}
    assert asked({"leftpad 0.9": [flaw], "rightpad 2.0": [unfixed]}) == (
        1,
        [
            "leftpad 0.9 (requirements-scan.txt): PYSEC-2026-1, CVE-2026-1000; fixed in 1.1, 2.0",
            "rightpad 2.0 (requirements.txt, requirements-properdocs.txt): PYSEC-2026-2; "
            "fixed in no version yet",
        ],
    )


@pytest.mark.parametrize("answer", [404, "ConnectionError"])
def test_a_list_that_is_not_reached_is_neither_clean_nor_a_flaw(answer: object, asked: Answers) -> None:
    status, lines = asked({"else": answer})
    assert (status, len(lines)) == (2, 1)
    line = r"not audited: PyPI's list of known flaws could not be reached \(.*\); run make audit where .*"
    assert re.fullmatch(line, lines[0])


# What pip-audit 2.10 says last, and its status, when the network fails, and otherwise.
SAID = {
    "requests.exceptions.ConnectionError: Max retries exceeded": audit.NotReached,
    "requests.exceptions.ReadTimeout: Read timed out. (read timeout=15)": audit.NotReached,
    "requests.exceptions.JSONDecodeError: Expecting value: line 1 column 1 (char 0)": audit.NotReached,
    "pip_audit._service.interface.ServiceError": audit.NotReached,
    "ERROR:pip_audit._cli:Tip: your network may be blocking this service.": audit.NotReached,
    "ERROR:pip_audit._cli:requirement leftpad==1.0 does not contain a hash": audit.Fault,
    "pip-audit: error: unrecognized arguments: --disable-pip": audit.Fault,
}


@pytest.mark.parametrize(("said", "expected"), SAID.items())
def test_a_network_that_fails_and_an_audit_that_fails_are_two_things(
    said: str, expected: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"#!/bin/sh\necho Traceback >&2\necho '{said}' >&2\nexit 1\n"
    monkeypatch.setattr(audit, "PIP_AUDIT", executable(tmp_path / "pip-audit", script))
    with pytest.raises(expected):
        audit.ask([audit.Locked("leftpad", "1.0", HASH)])


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("echo '{\"dependencies\": []}'", "pip-audit says nothing of leftpad"),
        ("true", "pip-audit: nothing said"),
        (None, "cannot run pip-audit: No such file or directory"),
    ],
)
def test_an_audit_that_says_nothing_is_no_clean_one(
    program: str | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PIP_AUDIT", tmp_path / "pip-audit")
    if program is not None:
        executable(audit.PIP_AUDIT, f"#!/bin/sh\n{program}\n")
    with pytest.raises(audit.Fault, match=f"^{re.escape(said)}$"):
        audit.ask([audit.Locked("leftpad", "1.0", HASH)])


# -- what its answers come to ---------------------------------------------------------------------------

FLAW = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1000"], "fix_versions": ["1.1"], "description": "pads"}
FLAWED = {"leftpad": {"name": "leftpad", "version": "1.0", "vulns": [FLAW]}}
UNKNOWN = {"rightpad": {"name": "rightpad", "skip_reason": "Dependency not found on PyPI"}}
LINES = [
    "leftpad 0.9 (requirements-scan.txt): PYSEC-2026-1, CVE-2026-1000; fixed in 1.1",
    "leftpad 1.0 (requirements.txt, requirements-kerberos.txt): PYSEC-2026-1, CVE-2026-1000; fixed in 1.1",
]


@pytest.fixture
def told(project: Path, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Audit with pip-audit's answer for each package, and with flaws that are accepted."""
    clean: dict[str, dict[str, Any]] = {
        name: {"name": name, "version": "1.0", "vulns": []} for name in ("leftpad", "rightpad")
    }

    def tell(answers: dict[str, Any] | Exception, accepted: str = "") -> tuple[int, list[str]]:
        def ask(sheet: list[audit.Locked]) -> dict[str, Any]:
            if isinstance(answers, Exception):
                raise answers
            return {one.name: {**clean, **answers}[one.name] for one in sheet}

        (project / "pyproject.toml").write_text(accepted, "utf-8")
        monkeypatch.setattr(audit, "ask", ask)
        return audit.audit(TODAY)

    return tell


def acceptance(**changes: str) -> str:
    """Return what pyproject.toml says to accept the flaw above, with changes; empty leaves a line out."""
    entry = {"id": '"CVE-2026-1000"', "package": '"leftpad"', "reason": '"never pads"', "until": "2026-06-01"}
    lines = [f"{key} = {value}" for key, value in (entry | changes).items() if value]
    return "\n".join(["[[tool.audit.accepted]]", *lines])


def test_clean_locks_are_clean(told: Answers) -> None:
    assert told({}) == (0, ["3 versions in 7 locks: no known flaw"])


def test_a_package_that_pypi_alone_does_not_know_is_no_clean_one(told: Answers) -> None:
    where = "rightpad 2.0 (requirements.txt, requirements-properdocs.txt)"
    said = "not audited, though others were: Dependency not found on PyPI"
    assert told(UNKNOWN) == (1, [f"{where}: {said}"])


def test_an_accepted_flaw_is_none_until_its_day_is_over(told: Answers) -> None:
    assert told(FLAWED) == (1, LINES)
    assert told(FLAWED, acceptance())[0] == 0
    expired = "CVE-2026-1000 of leftpad was accepted until 2026-05-31: look at it again"
    assert told({}, acceptance(until="2026-05-31")) == (1, [expired])
    unseen = told(audit.NotReached("no answer"), acceptance(until="2026-05-31"))
    assert unseen == (1, [expired, "not audited: no answer"])


@pytest.mark.parametrize("changes", [{"package": '"rightpad"'}, {"id": '"CVE-2026-1001"'}], ids=str)
def test_what_is_accepted_is_that_flaw_of_that_package_alone(changes: dict[str, str], told: Answers) -> None:
    assert told(FLAWED, acceptance(**changes)) == (1, LINES)


@pytest.mark.parametrize(
    "changes",
    [{"reason": ""}, {"reason": '""'}, {"until": ""}, {"until": '"2026-06-01"'}, {"why": '"x"'}],
    ids=str,
)
def test_nothing_is_accepted_without_a_reason_and_a_day(changes: dict[str, str], told: Answers) -> None:
    status, lines = told(FLAWED, acceptance(**changes))
    assert (status, len(lines)) == (1, 1)
    assert lines[0].startswith("accepted in pyproject.toml: ")


def test_what_the_project_accepts_is_well_formed() -> None:
    audit.accepted(audit.PYPROJECT.read_text("utf-8"))


# -- the locks ----------------------------------------------------------------------------------------


def test_every_version_of_every_lock_is_asked_about_with_its_hashes() -> None:
    sheets = audit.sheets(audit.locked())
    asked = [(one.name, one.version) for sheet in sheets for one in sheet]
    lines = [
        re.match(r"([\w.-]+)==(\S+)", line)
        for name in audit.LOCKS
        for line in (audit.ROOT / name).read_text("utf-8").splitlines()
    ]
    assert sorted(asked) == sorted({(line[1], line[2]) for line in lines if line})
    assert len(asked) > 150
    assert all(len({one.name for one in sheet}) == len(sheet) for sheet in sheets)
    assert all("--hash=sha256:" in one.hashes for sheet in sheets for one in sheet)


def test_a_lock_without_a_hash_is_a_fault(project: Path) -> None:
    (project / "requirements-scan.txt").write_text("leftpad==1.0\n", "utf-8")
    with pytest.raises(audit.Fault, match=r"^requirements-scan\.txt: a version without hashes$"):
        audit.locked()


# -- what is printed, and what CI runs ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "arguments", "ends_with"),
    [
        (0, [], 0),
        (1, [], 1),
        (2, [], 2),
        (0, ["--if-reachable"], 0),
        (1, ["--if-reachable"], 1),
        (2, ["--if-reachable"], 0),
    ],
)
def test_only_a_list_that_is_not_reached_may_be_no_failure(
    found: int,
    arguments: list[str],
    ends_with: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(audit, "audit", lambda _: (found, ["one", "two"]))
    assert audit.main(arguments) == ends_with
    said = capsys.readouterr()
    assert (said.err if found else said.out) == "audit: one\naudit: two\n"


def test_continuous_integration_audits_after_the_tests_and_every_week() -> None:
    run = (audit.ROOT / ".ci/run").read_text("utf-8").splitlines()
    assert run[-3:] == ["make test", "make evidence SHORT=1", "exec make audit AUDIT=--if-reachable"]
    workflow = yaml.safe_load((audit.ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    assert list(workflow[True]) == ["push", "pull_request", "schedule"]  # YAML's `on`
    assert re.fullmatch(r"\d+ \d+ \* \* \d", workflow[True]["schedule"][0]["cron"])
    assert [step.get("run") for step in workflow["jobs"]["audit"]["steps"]] == [None, None, "make audit"]
    assert "if" not in workflow["jobs"]["audit"]
