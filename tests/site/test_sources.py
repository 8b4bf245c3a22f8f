"""The list of sources that the site cites."""

from __future__ import annotations

import re

import pytest

from hooks import sources
from minipop.exchange.sources import Source, listed
from tests.site.projects import ROOT

SOURCES = listed()
DATA = sorted((ROOT / "docs").glob("*.yml"))


#: A document, or what was seen in some that have entries of their own.
ALLOWED = [{"title"}, {"title", "url"}, {"title", "seen"}, {"title", "url", "seen"}, {"of", "seen"}]


def test_every_source_has_a_title_in_both_languages() -> None:
    for key, source in SOURCES.items():
        assert {*source} in ALLOWED, key
        for text in (source[name] for name in ("title", "seen") if name in source):
            assert text if isinstance(text, str) else all(text[lang] for lang in ("de", "en")), key


def test_every_address_is_an_https_address_and_stands_once() -> None:
    urls = [source["url"] for source in SOURCES.values() if "url" in source]
    assert [url for url in urls if not url.startswith("https://")] == []
    assert sorted(urls) == sorted({*urls})


def test_no_title_stands_twice() -> None:
    titles = [str(source["title"]) for source in SOURCES.values() if "title" in source]
    assert sorted(titles) == sorted({*titles})


def test_every_source_is_cited() -> None:
    texts = "\n".join(path.read_text("utf-8") for path in DATA)
    inside = {key for source in SOURCES.values() for key in source.get("of", ())}
    alone = [key for key in SOURCES if not re.search(rf"\b{re.escape(key)}(?![\w-])", texts)]
    assert {*alone} - inside - {*Source} == set()


def test_every_source_of_a_value_is_listed_or_an_rfc() -> None:
    assert [s for s in Source if s not in SOURCES and not re.fullmatch(r"RFC \d+", s)] == []
    assert {key for source in SOURCES.values() for key in source.get("of", ())} - SOURCES.keys() == set()


@pytest.mark.parametrize(
    ("source", "lang", "written"),
    [
        ("RFC 1939", "de", "[RFC 1939](https://www.rfc-editor.org/rfc/rfc1939)"),
        ("RFC 2595, 4", "de", "[RFC 2595, Abschnitt 4](https://www.rfc-editor.org/rfc/rfc2595#section-4)"),
        (
            "RFC 8314, 3.1",
            "en",
            "[RFC 8314, section 3.1](https://www.rfc-editor.org/rfc/rfc8314#section-3.1)",
        ),
        ("own", "de", "eigene Kenntnis"),
        ("blog", "en", "[Blog](https://example.org/)"),
        ("both", "en", "our own knowledge; [Blog](https://example.org/) (page 7)"),
    ],
)
def test_a_source_is_cited_in_the_readers_language(source: str, lang: str, written: str) -> None:
    known = {
        "own": {"title": {"de": "eigene Kenntnis", "en": "our own knowledge"}},
        "blog": {"title": "Blog", "url": "https://example.org/"},
        "both": {"of": ["own", "blog"], "seen": {"de": "Seite 7", "en": "page 7"}},
    }
    assert sources.cite(source, lang, known) == written


def test_a_source_that_is_not_listed_is_an_error() -> None:
    with pytest.raises(KeyError, match="hearsay"):
        sources.cite("hearsay", "de", {})
