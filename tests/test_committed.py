"""What is committed: no secret, no folder of somebody's machine, no registry.

A table of our own, since detect-secrets (1.5) finds 85 in 34 files here, all of them false, in 27 seconds.
The passwords of the lessons' world are public (`minipop/lab/world`) and may stand anywhere; any other must
not. That none is *printed* is for `tests/site/test_secrets.py` to prove.
"""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.site.test_secrets import PASSWORDS

ROOT = Path(__file__).resolve().parents[1]
WORLD = "src/minipop/lab/world"

#: The kinds of secrets by what they look like. None of these may match its own line.
SECRETS = {
    "private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY",
    "token (RFC 7519)": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    "access key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "key or signature of Azure": r"\b(?:AccountKey|SharedAccessKey)=[\w+/]{40}|[?&]sig=[\w%+/]{40}",
    "client secret of Entra ID": r"\b\w{3}[78]Q~[\w.~-]{31}",
    "key of Google": r"\bAIza[\w-]{35}",
    "token of GitHub or GitLab": r"\b(?:gh[opsur]_\w{36}|github_pat_\w{22}|glpat-[\w-]{20})",
    "token of a registry": r"\b(?:npm_\w{36}|pypi-AgE[\w-]{16})",
    "key of a service": r"\b(?:sk-[\w-]{20}|xox[a-z]-[\w-]{10})",
    "password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/@\"'<>`]*:[^\s/@\"'<>`]+@",
    "password in a header": r"(?i)authorization\b\W{1,4}(?:basic|bearer) +[\w+/=.~-]{12}",
}

#: A value with a digit in it, given to something that is called a password, quoted or not.
PASSWORD = re.compile(
    r"""(?ix) (?:password|passwd|passwort|kennwort|secret|api_?key|access_?key|token) \\?["']?
    [ \t]* (?: = | :(?!=) ) [ \t]* (?: \w+ [ \t]* = [ \t]* )?  # an annotation may stand in between
    (?: [bfru]{0,2} \\?(["']) (?=[^"'\n]*\d) (?P<quoted>[^"'\n]{6,}?) \\?\1
      | (?P<bare> (?=[\w!$%&*+/=?@^~-]*\d) [\w!$%&*+/=?@^~-]{6,}+ ) (?![.:(\[]) )"""
)

#: Passwords that nobody has, and where they stand: base64 of a name, of its second half, and of “secret”; and
#: those that tests look for in transcripts, in errors and in what was pasted.
MADE_UP = {
    ("tests/exchange/test_policy.py", "YW5uYUBtdXN0ZXIuZXhhbXBsZQ=="),
    ("tests/wire/test_explain.py", "YW5uYUBtdXN0ZXIuZXhhbXBsZQ=="),
    ("tests/wire/test_transcript.py", "bXJvc2U="),
    ("tests/protocol/test_sasl.py", "c2VjcmV0"),
    ("tests/server/test_cve_classes.py", "Geheim\\xff7"),
    ("tests/wire/test_properties.py", "Geheimnis7"),
    *(
        ("tests/explain/test_secrets.py", p)
        for p in ("0.AXo-secret-thing", "Winter ist kalt 7", "Sommer2026&x=1")
    ),
}

#: Files that hold secrets wherever they are, by name.
NAMES = re.compile(
    r"(?:^|/)(?:\.env(?:\.[\w-]+)?|\.netrc|\.pgpass|\.pypirc|\.htpasswd|\.git-credentials|id_(?:rsa|dsa|ecdsa|ed25519)"
    r"|[^/]+\.(?:pem|key|p12|pfx|jks|ppk|kdbx|keytab|ccache))$"
)

#: What ties a file to one machine or one registry.
TIES = {
    # Anna's folder is one of the lessons' world.
    "folder of a machine": r"/(?:home/(?!anna/)|root/|work/|Users/|tmp/)[\w.-]+/|\b[A-Z]:\\{1,2}Users\\",
    "registry": r"(?i)\b(?:pypi|pythonhosted|npmjs|yarnpkg|crates)\.(?:org|com|io)\b|\"resolved\": *\"",
}


def tracked(root: Path) -> list[tuple[str, str]]:
    """Return name and text of every tracked file, as it lies there and, if that differs, as committed."""

    def git(*arguments: str) -> bytes:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True).stdout

    found: dict[tuple[str, bytes], None] = {}
    for name in filter(None, git("ls-files", "-z").decode().split("\0")):
        if (root / name).is_file():
            found[name, (root / name).read_bytes()] = None
    with tarfile.open(fileobj=io.BytesIO(git("archive", "HEAD"))) as archive:
        for member in archive:
            if content := archive.extractfile(member):
                found[member.name, content.read()] = None
    found["the latest commit's message", git("log", "-1", "--format=%B")] = None
    return [(name, content.decode("utf-8", "replace")) for name, content in found]


@pytest.fixture(scope="module")
def committed() -> list[tuple[str, str]]:
    """Return name and text of everything that is committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nobody knows which files belong to the project")
    return tracked(ROOT)


def findings(files: Iterable[tuple[str, str]], kinds: dict[str, str]) -> Iterator[str]:
    """Yield where something of these kinds stands; what it is, is not repeated."""
    patterns = {kind: re.compile(pattern) for kind, pattern in kinds.items()}
    for name, text in files:
        for kind, pattern in patterns.items():
            for match in pattern.finditer(text):
                yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {kind}"


def passwords(files: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield every password and the file that it stands in."""
    for name, text in files:
        for match in PASSWORD.finditer(text):
            yield name, match["quoted"] or match["bare"]


def foreign(found: Iterable[tuple[str, str]]) -> list[str]:
    """Return the files that hold passwords other than the world's; the password is not repeated."""
    known = ("Faxabruf-Geheimnis-2026", *PASSWORDS)
    return [name for name, password in found if password not in known and (name, password) not in MADE_UP]


# -- what is there --------------------------------------------------------------------------------------


def test_no_secret_is_committed(committed: list[tuple[str, str]]) -> None:
    assert len(committed) > 300
    assert list(findings(committed, SECRETS)) == []
    assert [name for name, _ in committed if NAMES.search(name)] == []


def test_no_password_is_committed_but_those_of_the_lessons_world(committed: list[tuple[str, str]]) -> None:
    found = set(passwords(committed))
    assert foreign(found) == []
    assert found >= MADE_UP  # none is allowed that is not there


def test_the_world_has_the_passwords_that_are_public_and_no_others() -> None:
    accounts, applications, words = (
        tomllib.loads((ROOT / WORLD / f"{name}.toml").read_text("utf-8"))
        for name in ("accounts", "applications", "words")
    )
    anna, bernd, clara, claras_in_english, dora, fax = PASSWORDS[:6]
    assert [a.get("password") for a in accounts["accounts"]] == [anna, bernd, None, dora, fax, None]
    assert words["passwords"] == {"cweiss": {"de": clara, "en": claras_in_english}}
    assert [one["secret"] for one in applications["applications"] if "secret" in one] == [
        "Faxabruf-Geheimnis-2026"
    ]


def test_no_file_names_a_folder_of_a_machine_or_a_registry(committed: list[tuple[str, str]]) -> None:
    assert list(findings(committed, TIES)) == []


# -- that it would be found -----------------------------------------------------------------------------


def test_what_was_committed_is_looked_at_as_well_as_what_lies_there(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=Anna", "-c", "user.email=anna@muster.example", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, capture_output=True, check=True)

    git("init")
    for name in ("gone", "changed", "same"):
        (tmp_path / name).write_text("one", "utf-8")
    git("add", ".")
    git("commit", "--message", "two")
    (tmp_path / "gone").unlink()
    (tmp_path / "changed").write_text("three", "utf-8")
    (tmp_path / "added").write_text("four", "utf-8")
    git("add", "added")
    (tmp_path / "untracked").write_text("five", "utf-8")
    assert sorted(tracked(tmp_path)) == [
        ("added", "four"),
        ("changed", "one"),
        ("changed", "three"),
        ("gone", "one"),
        ("same", "one"),
        ("the latest commit's message", "two\n\n"),
    ]


# In pieces, or this file would be found, too.
PLANTED = [
    ("-----BEGIN ", "PRIVATE KEY-----"),
    ("-----BEGIN OPENSSH ", "PRIVATE KEY-----"),
    ("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiJhbm5hIn0", ".c2lnbmF0dXJl"),
    ("AKIA", "IOSFODNN7EXAMPLE"),
    ("AccountKey", "=", "a" * 86, "=="),
    ("https://x.example/y?sv=1", "&sig=", "a" * 43),
    ("abc8Q", "~", "a" * 34),
    ("AIza", "a" * 35),
    ("ghp_", "a" * 36),
    ("github_pat_", "a" * 22),
    ("glpat-", "a" * 20),
    ("npm_", "a" * 36),
    ("pypi-AgE", "a" * 40),
    ("sk-", "a" * 40),
    ("xoxb-", "1" * 12),
    ("https://anna:", "geheim", "@muster.example/"),
    ("postgresql://:", "geheim", "@db.example/"),
    ("Authorization: Bearer ", "a" * 20),
    ('"Authorization": "Basic ', "a" * 20),
]


@pytest.mark.parametrize("pieces", PLANTED, ids=lambda pieces: pieces[0])
def test_a_secret_would_be_found(pieces: tuple[str, ...]) -> None:
    found = list(findings([("x.md", f"one\n  {''.join(pieces)}\n")], SECRETS))
    assert len(found) == 1
    assert found[0].startswith("x.md:2: ")


def test_every_kind_is_planted_at_least_once() -> None:
    text = "\n".join("".join(pieces) for pieces in PLANTED)
    assert {found.split(": ")[1] for found in findings([("x", text)], SECRETS)} == set(SECRETS)


@pytest.mark.parametrize(
    "pieces",
    [
        ('password = "', 'Fruehling2027"'),
        ("password: ", "Fruehling2027"),
        ("DB_PASSWORD=", "Fruehling2027"),
        ('"api_key": "', 'Fruehling 2027"'),
        ('\\"Kennwort\\": \\"', 'Fruehling2027\\"'),
        ("token: str = b'", "Fruehling2027'"),
        ('secret="', 'Sommer2026!"'),  # not the world's
    ],
    ids="".join,
)
def test_a_foreign_password_would_be_found(pieces: tuple[str, ...]) -> None:
    assert foreign(passwords([("x.py", "".join(pieces))])) == ["x.py"]


def test_the_world_s_passwords_are_known_everywhere_and_a_made_up_one_where_it_is() -> None:
    world = [("x.py", 'password = "Sommer2026"'), ("y.md", 'Kennwort: "Winter ist kalt 7"')]
    assert len(list(passwords(world))) == 2
    assert foreign(passwords(world)) == []
    made_up = 'PASSWORD = "c2Vj' + 'cmV0"'
    places = [("tests/protocol/test_sasl.py", made_up), ("x.py", made_up)]
    assert foreign(passwords(places)) == ["x.py"]


@pytest.mark.parametrize("line", ["token = base64.b64encode(x)", "secret = sha256(x)", "password == x1y2z3"])
def test_code_is_no_password(line: str) -> None:
    assert list(passwords([("x.py", line)])) == []


@pytest.mark.parametrize(
    "name", [".env", "a/.env.local", "a/server.key", "tls.pem", "id_ed25519", "x/.netrc"]
)
def test_a_file_that_is_made_for_secrets_would_be_found(name: str) -> None:
    assert NAMES.search(name)
    assert not NAMES.search(f"{name}/README.md")


@pytest.mark.parametrize(
    "pieces",
    [
        ("/ho", "me/erna/x"),
        ("/ro", "ot/.cache/"),
        ("/tm", "p/build/x"),
        ("C:\\Us", "ers\\erna"),
        ("C:\\\\Us", "ers\\\\x"),
        ("files.python", "hosted.org/x"),
        ("registry.np", "mjs.org"),
        ('"resol', 'ved": "x"'),
    ],
    ids="".join,
)
def test_a_tie_would_be_found(pieces: tuple[str, ...]) -> None:
    assert len(list(findings([("x", "".join(pieces))], TIES))) == 1
