"""The list of sources that the site cites."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest
import yaml

from minipop.exchange import sources as minipop
from minipop.lab.shell.cmdlets import cmdlets
from minipop.lab.shell.ranges import ranges
from tests.site.projects import ROOT
from website import sources
from website.data import Problem, Text
from website.sources import Source, Sources

SOURCES = sources.load(ROOT)
DATA = [*sorted((ROOT / "docs").glob("*.yml")), ROOT / "src/minipop/wire/replies.toml"]
DATA.append(ROOT / "src/minipop/explain/clients.toml")

#: The sources of the cmdlets and of the values that they take.
IN_THE_SHELL = {cmdlet.source for cmdlet in cmdlets().values()} | {
    limits.source for by_edition in ranges().values() for limits in by_edition.values()
}


def twice(texts: list[str]) -> list[str]:
    return sorted({text for text in texts if texts.count(text) > 1})


def test_a_source_is_a_document_or_what_was_seen_in_some() -> None:
    for key, source in SOURCES.items():
        where = f"{sources.LIST}: [{key}]"
        assert bool(source.title) != bool(source.of), f"{where}: write title, or of; not both"
        assert source.title or (source.seen and not source.url), f"{where}: with of goes seen, and no url"


def test_every_address_is_an_https_address_and_stands_once() -> None:
    urls = [source.url for source in SOURCES.values() if source.url]
    others = [url for url in urls if not url.startswith("https://")]
    assert others == [], f"{sources.LIST}: write addresses with https://"
    assert twice(urls) == [], f"{sources.LIST}: an address stands twice; cite the entry that is there already"


def test_no_title_stands_twice() -> None:
    titles = [str(source.title) for source in SOURCES.values() if source.title]
    assert twice(titles) == [], f"{sources.LIST}: a title stands twice; cite the entry that is there already"


def test_every_source_is_cited() -> None:
    texts = "\n".join(path.read_text("utf-8") for path in DATA)
    inside = {key for source in SOURCES.values() for key in source.of}
    alone = {key for key in SOURCES if not re.search(rf"\b{re.escape(key)}(?![\w-])", texts)}
    unused = sorted(alone - inside - {*minipop.Source} - IN_THE_SHELL)
    assert unused == [], f"{sources.LIST}: nothing cites these; cite them in docs/*.yml, or delete them"


def test_every_source_that_data_cite_is_listed() -> None:
    for path in DATA:
        text = path.read_text("utf-8")
        data = tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text)
        unlisted = sorted(set(cited(data)) - SOURCES.keys())
        wrong = [key for key in unlisted if not sources.RFC.fullmatch(key)]
        assert wrong == [], f"{path.relative_to(ROOT)} cites what {sources.LIST} lacks; write it there"


def cited(data: object) -> Iterator[str]:
    """Give what stands in data below the keys source and sources."""
    if isinstance(data, list):
        for one in data:
            yield from cited(one)
    elif isinstance(data, dict):
        for key, one in data.items():
            if key in ("source", "sources"):
                yield from [one] if isinstance(one, str) else one
            else:
                yield from cited(one)


def test_every_source_of_the_editions_is_cited_by_one() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "src/minipop/exchange").glob("*.py"))
    unused = [source.name for source in minipop.Source if not re.search(rf"Source\.{source.name}\b", code)]
    assert unused == [], "src/minipop/exchange/sources.py: no edition cites these; delete them"


def test_every_source_of_a_value_is_listed_or_an_rfc() -> None:
    unlisted = ({*minipop.Source} | IN_THE_SHELL) - SOURCES.keys()
    lacking = [key for key in unlisted if not re.fullmatch(r"RFC \d+", key)]
    lacking += {key for source in SOURCES.values() for key in source.of} - SOURCES.keys()
    assert lacking == [], f"{sources.LIST} lacks these; write them there, with title and address"


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
    listed = Sources(
        own=Source(Text(de="eigene Kenntnis", en="our own knowledge")),
        blog=Source("Blog", "https://example.org/"),
        both=Source(seen=Text(de="Seite 7", en="page 7"), of=["own", "blog"]),
    )
    assert listed.cite(source, lang) == written


def test_a_source_that_is_not_listed_is_an_error() -> None:
    with pytest.raises(
        Problem, match=r"src/minipop/exchange/sources\.toml: there is no source hearsay; write it there"
    ):
        Sources().cite("hearsay", "de")
