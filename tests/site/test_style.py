"""How the site speaks: what can be counted of it. The patterns are typed by hand.

Quotations, code, addresses and titles in italics do not count.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.site import prose
from tests.site.projects import ROOT

#: Stiff or unidiomatic phrases, each with what to write instead.
PATTERNS = {
    "en": {
        r"whoever|whomever": "if you …, anyone who …",
        r"somebody|everybody|nobody": "no one, everyone, or who it is: you, a user, an attacker",
        r"(?:is|are|be|was|were) told": "say it: The list is below",
        r"(?:is|are) (?:shown|found out) by": "active voice: See …",
        r"of (?:your|one's|one’s|our|their|its|his|her) own": "your own servers, on-premises servers",
        r"knows? no": "POP3 has no folders",
        r"what holds|holds? (?:for|today|true)|is to hold": "is true, applies",
        r"as a rule|mostly": "usually, or nothing",
        r"other than": "unlike, except",
        r"by oneself": "by itself, alone",
        r"in the clear|in clear(?=[.,;:)]| ?$)": "in clear text",
        r"re-enact\w*|narrated|invented": "modelled, cited, assumed",
    },
    "de": {
        r"erfunden\w*|erzähl\w*": "Annahme, laut Quelle",
        r"wie eben": "wie oben",
        r"wenn gleich": "nur wenn … gleich sind",
        r"zur Zeit der": "als … noch galten",
        r"dreierlei|zweierlei": "drei Dinge, zwei Dinge",
        r"Wortlaut der Zusage": "die positive Antwort",
        r"Postfächer sperren": "POP3 je Postfach abschalten",
    },
}

#: Said once a page; after that, a mark says it.
HEDGES = {
    "en": r"to our knowledge|as far as we know|we (?:have found no|know of no)",
    "de": r"unseres Wissens|soweit wir wissen|haben wir nicht gefunden",
}

#: Words that people search for: each stands in some text, not only among the glossary's other words.
READERS_WORDS = {
    "en": (
        *("sign in", "log on", "login", "timeout", "email", "username", "on-premises", "brute force"),
        *("downgrade", "man-in-the-middle", "channel binding", "opportunistic TLS", "MFA", "OAuth 2.0"),
    ),
    "de": ("Papierkorb", "Passwort", "Login", "Backup", "Header", "kumulative"),
}

_QUOTED = {"de": re.compile(r"„[^„“]*“"), "en": re.compile(r"“[^“”]*”")}


def findings(root: Path) -> dict[str, list[str]]:
    """Return what is to be rewritten, by file."""
    found: dict[str, list[str]] = {}
    hedges: dict[str, list[str]] = {}
    for file, line, lang, text in prose.texts(root):
        said = prose.ITALICS.sub(" ", _QUOTED[lang].sub(_blank, prose.blanked(text)))
        for pattern, instead in PATTERNS[lang].items():
            for one in re.finditer(rf"\b(?:{pattern})(?!\w)", said, re.IGNORECASE):
                at = line + said.count("\n", 0, one.start())
                found.setdefault(file, []).append(f"{file}:{at}: “{one[0]}”: {instead}")
        if file.endswith((".md", ".ipynb")):
            hedges.setdefault(file, []).extend(re.findall(HEDGES[lang], said, re.IGNORECASE))
    for file, all_said in hedges.items():
        if len(all_said) > 1:
            found.setdefault(file, []).append(f"{file}: {len(all_said)} times {', '.join({*all_said})}")
    return found


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def test_no_text_says_what_the_style_rules_out() -> None:
    found = findings(ROOT)
    wrong = [sentence for file in sorted(found) for sentence in found[file]]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_words_that_readers_use_are_used(lang: str) -> None:
    said = " ".join(text for _, _, known, text in prose.texts(ROOT) if known == lang).casefold()
    assert [word for word in READERS_WORDS[lang] if word.casefold() not in said] == []


# --- Break it on purpose ---------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A site of one page in each language."""
    for lang in ("de", "en"):
        (tmp_path / "docs" / lang).mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("lang", "text", "finding"),
    [
        ("en", "# T\n\nWhoever asks.", "docs/en/page.md:3: “Whoever”: if you …, anyone who …"),
        ("en", "Nobody reads it.", "docs/en/page.md:1: “Nobody”"),
        ("en", "servers of your own", "docs/en/page.md:1: “of your own”"),
        ("en", "It is sent in clear.", "docs/en/page.md:1: “in clear”"),
        ("en", "the list is told below", "docs/en/page.md:1: “is told”"),
        ("de", "Es gilt dasselbe\nwie eben.", "docs/de/page.md:2: “wie eben”"),
        ("de", "frei erfundene Werte", "docs/de/page.md:1: “erfundene”"),
        ("de", "Unseres Wissens.\n\nSoweit wir wissen.", "docs/de/page.md: 2 times"),
    ],
)
def test_it_is_found(project: Path, lang: str, text: str, finding: str) -> None:
    (project / "docs" / lang / "page.md").write_text(text, encoding="utf-8")
    (found,) = findings(project)[f"docs/{lang}/page.md"]
    assert found.startswith(finding)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Microsoft says “nobody can log on”. `whoever` and *Whoever Comes*. <!-- nobody -->"),
        ("en", "in clear text, in clear sentences, foretold, re-enabled"),
        ("de", "„wie eben“ und `erfunden`; unseres Wissens"),
    ],
)
def test_quotations_and_code_do_not_count(project: Path, lang: str, text: str) -> None:
    (project / "docs" / lang / "page.md").write_text(text, encoding="utf-8")
    assert findings(project) == {}
