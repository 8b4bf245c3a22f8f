"""The list of sources that the site cites."""

from __future__ import annotations

import re

import pytest

from tests.site.projects import ROOT
from website import sources
from website.data import Problem, Text
from website.sources import Source, Sources

SOURCES = sources.load(ROOT)
DATA = [path for path in sorted((ROOT / "docs").glob("*.yml")) if path.name != "sources.yml"]


def test_every_address_is_an_https_address_and_stands_once() -> None:
    urls = [source.url for source in SOURCES.values() if source.url]
    assert [url for url in urls if not url.startswith("https://")] == []
    assert sorted(urls) == sorted({*urls})


def test_no_title_stands_twice() -> None:
    titles = [str(source.title) for source in SOURCES.values()]
    assert sorted(titles) == sorted({*titles})


def test_every_source_is_cited() -> None:
    texts = "\n".join(path.read_text("utf-8") for path in DATA)
    assert [key for key in SOURCES if not re.search(rf"\b{re.escape(key)}\b", texts)] == []


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
    ],
)
def test_a_source_is_cited_in_the_readers_language(source: str, lang: str, written: str) -> None:
    listed = Sources(
        own=Source(Text(de="eigene Kenntnis", en="our own knowledge")),
        blog=Source("Blog", "https://example.org/"),
    )
    assert listed.cite(source, lang) == written


def test_a_source_that_is_not_listed_is_an_error() -> None:
    with pytest.raises(Problem, match=r"docs/sources\.yml: there is no source hearsay; write it there"):
        Sources().cite("hearsay", "de")
