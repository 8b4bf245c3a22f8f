"""The figures say what is so; expected here by hand, not taken from the data that they are drawn from."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser

from tests.known import COMMANDS, editions
from tests.site import drawing
from tests.site.projects import ROOT, replace
from website import sources
from website.data import Problem
from website.figures import deletion, eavesdropper
from website.marks import Context, fill, known

LANGUAGES = ("de", "en")
#: Figures that prove something: these say of which kind their evidence is; others leave it to the page.
PROVED = ("deletion", "eavesdropper", "states", "timeline")
FIGURES = sorted(name.removeprefix("figure ") for name in known() if name.startswith("figure "))

TIMELINE = """\
events:
  - date: "2027-07"
    until: "2027-12"
    what: {de: "Das Ende | bald", en: "The end | soon"}
    kind: planned
    protocols: {de: SMTP AUTH, en: SMTP AUTH}
    source: mailkit-119
  - date: 2019-09
    what: {de: "Erst `POP3` <weg>", en: "First `POP3` <off>"}
    kind: announced
    protocols: {de: "POP3 und andere", en: "POP3 and others"}
    source: mc237741
  - date: 2022-10-01
    until: "2022-12-31"
    what: {de: Abgeschaltet, en: Switched off}
    kind: happened
    protocols: {de: POP3, en: POP3}
    source: mc237741
"""


def drawn(name: str, lang: str, root: Path = ROOT) -> Tag:
    """Return a figure."""
    soup = BeautifulSoup(drawing.drawn(f"figure {name}", lang, root), "html.parser")
    found = soup.find("figure")
    assert isinstance(found, Tag)
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that has all data that figures need."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/timeline.yml").write_text(TIMELINE, encoding="utf-8")
    (tmp_path / sources.LIST).parent.mkdir(parents=True)
    shutil.copy(ROOT / sources.LIST, tmp_path / sources.LIST)
    return tmp_path


def all_figures(lang: str, root: Path) -> str:
    """Return a page with nothing but all figures."""
    return fill("\n\n".join(f"<!-- figure {name} -->" for name in FIGURES), Context(lang, root))


def texts(part: Tag) -> list[str]:
    """Return the lines of text in a picture."""
    return [text.get_text() for text in part.find_all("text")]


def words(part: Tag) -> str:
    """Return what a figure says to those who do not see it: titles, descriptions, caption."""
    return " ".join(tag.get_text() for tag in part.find_all(["title", "desc", "figcaption"]))


# -- all of them --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_tells_in_words_what_it_shows(name: str, lang: str, project: Path) -> None:
    figure = drawn(name, lang, project)
    assert figure["id"] == f"figure-{name}"
    assert "drawn" in figure["class"]
    for svg in figure.find_all("svg"):
        assert svg["role"] == "img"
        title, desc = (figure.find(id=id) for id in str(svg["aria-labelledby"]).split())
        assert title
        assert desc
        assert (title.name, desc.name) == ("title", "desc")
        assert title.get_text()
        assert len(desc.get_text()) > 40
    caption = figure.find("figcaption")
    assert caption
    if name not in PROVED:
        assert "<strong>" not in str(caption)
        return
    kinds = {"de": "Gemessen|Nachgestellt|Annahme|Laut Quelle", "en": "Measured|Modelled|Assumed|Cited"}
    assert re.search(rf"<strong>({kinds[lang]}):</strong>", str(caption))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_speaks_the_language_of_its_page(name: str, project: Path) -> None:
    german, english = (words(drawn(name, lang, project)) for lang in LANGUAGES)
    assert re.search(r"\b(und|der|die|das)\b", german)
    assert not re.search(r"\b(und|der|die|das)\b", english)
    assert not re.search(r"\b(and|the|of)\b", german)


def test_ids_are_unique_on_a_page_with_all_figures(project: Path) -> None:
    page = all_figures("de", project)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 2 * len(FIGURES)
    for used in re.findall(r"url\(#([^)]+)\)", page):
        assert used in ids


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_one_line_of_sound_markup(name: str, lang: str, project: Path) -> None:
    """One line, or Markdown would take a part of it for a paragraph of its own."""
    from xml.etree import ElementTree

    text = drawing.drawn(f"figure {name}", lang, project)
    assert "\n" not in text
    ElementTree.fromstring(text.replace(" data-search-exclude>", ">"))
    assert "style=" not in text  # colours come from the theme
    assert not re.search(r"#[0-9a-f]{6}\b", text)


#: Texts that leave their picture or the box that they begin in, or lie on one another, and the smallest size.
MISPLACED = """() => {
    const found = [];
    for (const svg of document.querySelectorAll("svg")) {
        const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
        const texts = [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBBox()]);
        const boxes = [...svg.querySelectorAll("rect")].map(box => box.getBBox());
        for (const [text, at] of texts) {
            const x = at.x + at.width / 2, y = at.y + at.height / 2, right = at.x + at.width;
            const outside = at.x < 0 || right > width || at.y < 0 || at.y + at.height > height;
            if (outside) found.push(`out: ${text}`);
            for (const box of boxes) {
                const inside = box.x < x && x < box.x + box.width && box.y < y && y < box.y + box.height;
                if (inside && (at.x < box.x || right > box.x + box.width)) found.push(`box: ${text}`);
            }
        }
        for (const [one, a] of texts) for (const [other, b] of texts) {
            const aside = a.x + a.width <= b.x || b.x + b.width <= a.x;
            if (one < other && !aside && Math.abs(a.y - b.y) < 10) found.push(`upon: ${one}, ${other}`);
        }
    }
    const sizes = [...document.querySelectorAll("svg text")].map(
        text => text.getScreenCTM().a * parseFloat(getComputedStyle(text).fontSize));
    return [found, Math.min(...sizes)];
}"""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_has_room_and_can_be_read_on_a_phone(lang: str, project: Path, browser: Browser) -> None:
    css = (ROOT / "docs/assets/site.css").read_text("utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 740})
    # As on a page of the site, where the text has 16 pixels at either side.
    page.set_content(
        f"<style>html {{ font-size: 20px }} {css}</style>"
        f'<body class="md-typeset" style="margin: 0 16px">{all_figures(lang, project)}</body>'
    )
    misplaced, smallest = page.evaluate(MISPLACED)
    page.close()
    assert misplaced == []
    assert smallest >= 11


# -- states -------------------------------------------------------------------------------------------

#: The picture shows the protocol without Exchange's ways: the commands of the edition rfc.
BEFORE = [verb for verb, row in COMMANDS.items() if row.before and "rfc" in row.editions]
AFTER = [verb for verb, row in COMMANDS.items() if row.after and "rfc" in row.editions]


def boxed(figure: Tag, kind: str) -> list[tuple[float, float, str]]:
    """Return the texts that stand inside boxes of a kind, with where the boxes are."""
    found = []
    for box in figure.select(f"rect.{kind.replace(' ', '.')}"):
        x, y, w, h = (float(str(box[name])) for name in ("x", "y", "width", "height"))
        for text in figure.find_all("text"):
            if x <= float(str(text["x"])) <= x + w and y <= float(str(text["y"])) <= y + h:
                found.append((x, y, text.get_text()))
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_command_stands_in_the_states_in_which_it_is_valid(lang: str) -> None:
    figure = drawn("states", lang)
    border = {text: y for _, y, text in boxed(figure, "box") if text.isupper()}
    chips = boxed(figure, "chip")
    upper = [text for _, y, text in chips if border["AUTHORIZATION"] < y < border["TRANSACTION"]]
    lower = [text for _, y, text in chips if border["TRANSACTION"] < y < border["UPDATE"]]
    assert sorted(upper) == sorted(BEFORE)
    assert sorted(lower) == sorted(AFTER)
    assert "RETR" not in upper
    assert [text for _, _, text in boxed(figure, "chip strong")] == ["PASS", "AUTH", "QUIT", "QUIT"]
    assert [text for _, _, text in boxed(figure, "chip dashed")] == ["APOP"]


def test_the_description_names_what_leads_where() -> None:
    said = words(drawn("states", "de"))
    assert f"dort gelten {', '.join(BEFORE[:-1])} und {BEFORE[-1]}" in said
    assert "PASS oder AUTH führt nach TRANSACTION" in said
    assert "QUIT führt von dort nach UPDATE" in said
    assert "ohne UPDATE: Nichts wird gelöscht" in said
    assert "Abgelehnt wird stets: APOP." in said


# -- eavesdropper -------------------------------------------------------------------------------------

#: What can be read on which way with which mechanism: log-on name, password or token, message.
READABLE = {
    ("110", "USER/PASS"): "name password message",
    ("110", "AUTH PLAIN"): "name password message",
    ("110", "AUTH NTLM"): "name message",
    ("110", "AUTH XOAUTH2"): "name password message",
}


def test_what_was_overheard_is_as_expected() -> None:
    found = {
        (heard.transport.value, heard.mechanism): " ".join(
            word
            for word, how in zip(
                ("name", "password", "message"), (heard.name, heard.secret, heard.message), strict=True
            )
            if how
        )
        for heard in eavesdropper.sessions()
    }
    assert len(found) == 12
    assert {row: parts for row, parts in found.items() if parts} == READABLE
    begins = [heard.transport.value for heard in eavesdropper.sessions() if heard.begin]
    assert begins == ["110+STLS"] * 4


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "de",
            [
                "Port 110, ohne TLS, USER/PASS: Name lesbar (Klartext), Kennwort lesbar (Klartext), "
                "Mail lesbar (Klartext).",
                "AUTH NTLM: Name lesbar (Base64), Kennwort nicht zu finden, Mail lesbar (Klartext).",
                "Port 995, TLS von Anfang an, USER/PASS, AUTH PLAIN, AUTH NTLM, AUTH XOAUTH2: "
                "Name nicht lesbar, Kennwort oder Token nicht lesbar, Mail nicht lesbar.",
                "STLS lesbar (Klartext), Name nicht lesbar",
                "in 12 Sitzungen",
            ],
        ),
        (
            "en",
            [
                "Port 110, without TLS, AUTH XOAUTH2: name readable (base64), token readable (base64), "
                "mail readable (plain text).",
                "Port 995, TLS from the start, USER/PASS, AUTH PLAIN, AUTH NTLM, AUTH XOAUTH2: "
                "name not readable, password or token not readable, mail not readable.",
            ],
        ),
    ],
)
def test_the_picture_of_the_wire_says_so(lang: str, said: list[str]) -> None:
    text = words(drawn("eavesdropper", lang))
    for sentence in said:
        assert sentence in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_what_tls_protects_is_hatched(lang: str) -> None:
    figure = drawn("eavesdropper", lang)
    hatched = [float(str(rect["y"])) for rect in figure.find_all("rect") if "url(#" in str(rect.get("fill"))]
    plain, stls, tls = (float(str(text["y"])) for text in figure.select("text.head"))
    assert [y for y in hatched if plain < y < stls] == []
    assert len([y for y in hatched if stls < y < tls]) == 3
    assert len([y for y in hatched if tls < y]) == 3 + 1  # and one in the legend


def test_nothing_secret_stands_in_the_figure() -> None:
    text = str(drawn("eavesdropper", "de"))
    assert "anna" not in text
    assert "Sommer" not in text


# -- timeline -----------------------------------------------------------------------------------------


def test_the_events_stand_in_order_with_the_day_of_the_check_between_them(project: Path) -> None:
    figure = drawn("timeline", "de", project)
    assert texts(figure) == [
        *("2019", "September 2019", "angekündigt · POP3 und andere", "Erst POP3 <weg>"),
        *("2022", "1. Oktober bis 31. Dezember 2022", "geschehen · POP3", "Abgeschaltet"),
        "Stand: 30. November 2026",
        *("2027", "Juli bis Dezember 2027", "geplant · SMTP AUTH", "Das Ende | bald"),
    ]
    assert "&lt;weg&gt;" in str(figure)
    assert "1 October to 31 December 2022, happened: Switched off (POP3)." in words(
        drawn("timeline", "en", project)
    )


def test_each_kind_of_event_has_a_shape_of_its_own(project: Path) -> None:
    shapes = {}
    for kind in ("announced", "postponed", "happened", "planned"):
        replace(project / "docs/timeline.yml", "kind: announced", f"kind: {kind}")
        figure = drawn("timeline", "de", project)
        shapes[kind] = str(figure.select("path.mark, path.dot")[0])
        (project / "docs/timeline.yml").write_text(TIMELINE, encoding="utf-8")
    assert len({re.sub("translate.*", "", shape) for shape in shapes.values()}) == 4


def test_the_table_has_the_same_events(project: Path) -> None:
    assert drawing.drawn("timeline", "en", project).splitlines()[2:] == [
        "| September 2019 | First `POP3` <off> | POP3 and others | announced "
        "| Microsoft 365 message center, MC237741 |",
        "| 1 October to 31 December 2022 | Switched off | POP3 | happened "
        "| Microsoft 365 message center, MC237741 |",
        "| July to December 2027 | The end \\| soon | SMTP AUTH | planned "
        "| [GitHub jstedfast/MailKit, issue 119](https://github.com/jstedfast/MailKit/issues/119) "
        "(hosted Exchange, 2014) |",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: planned", "kind: maybe", "events, no. 1: kind is 'maybe'; write one of announced, postponed"),
        ("2019-09", "2019-13", "'2019-13' is not a date"),
        ('until: "2022-12-31"', 'until: "2021-12-31"', "2022-10-01 is not before 2021-12-31"),
        ("source: mailkit-119", "source: book", "src/minipop/exchange/sources.toml: there is no source book"),
        ("en: Switched off", "fr: Coupé", "events, no. 3: what is not in both languages"),
        ("events:", "events: {", "docs/timeline.yml"),
    ],
)
def test_wrong_data_are_refused(project: Path, old: str, new: str, message: str) -> None:
    replace(project / "docs/timeline.yml", old, new)
    with pytest.raises(Problem, match=re.escape(message)):
        drawing.drawn("timeline", "en", project)


@pytest.mark.parametrize("mark", ["timeline", "figure timeline"])
def test_data_are_missed_only_where_a_page_asks_for_them(tmp_path: Path, mark: str) -> None:
    with pytest.raises(Problem, match=r"there is no docs/timeline\.yml"):
        drawing.drawn(mark, "de", tmp_path)


# -- deletion -----------------------------------------------------------------------------------------


def test_editions_that_delete_alike_share_a_lane() -> None:
    assert [
        (" ".join(names), fate.place, fate.days, fate.assumed, fate.purged, fate.backup)
        for names, fate in deletion.lanes()
    ] == [
        ("2000", "Inbox", 7, True, "", True),
        ("2003", "Inbox", 7, False, "", True),
        ("2007", "Inbox", 14, False, "", True),
        (" ".join(editions("2010")), "Deletions", 14, False, "", True),
        ("online", "Deletions", 14, False, "Purges", False),
    ]


@pytest.mark.parametrize(
    ("lang", "lanes"),
    [
        (
            "de",
            [
                ("Exchange 2000", "Dumpster", "nach 7 Tagen (Annahme)", "Sicherung"),
                ("Exchange 2003", "Dumpster", "nach 7 Tagen", "Sicherung"),
                ("Exchange 2007", "Dumpster", "nach 14 Tagen", "Sicherung"),
                ("Exchange 2010–SE", "Deletions", "nach 14 Tagen", "Sicherung"),
                ("Exchange Online", "Deletions", "nach 14 Tagen", "Microsoft 365 Backup"),
            ],
        ),
        (
            "en",
            [
                ("Exchange 2000", "Dumpster", "after 7 days (assumed)", "Backup"),
                ("Exchange 2003", "Dumpster", "after 7 days", "Backup"),
                ("Exchange 2007", "Dumpster", "after 14 days", "Backup"),
                ("Exchange 2010–SE", "Deletions", "after 14 days", "Backup"),
                ("Exchange Online", "Deletions", "after 14 days", "Microsoft 365 Backup"),
            ],
        ),
    ],
)
def test_each_lane_tells_place_time_and_backup(lang: str, lanes: list[tuple[str, ...]]) -> None:
    pictures_drawn = drawn("deletion", lang).find_all("svg")
    assert len(pictures_drawn) == len(lanes)
    for svg, (lane, place, time, backup) in zip(pictures_drawn, lanes, strict=True):
        said = texts(svg)
        assert said[0] == lane
        assert place in said
        assert backup in said
        assert time in " ".join(said)
        assert time in words(svg)
        assert ("Purges" in said) == (lane == "Exchange Online")
        assert ("Purges" in words(svg)) == (lane == "Exchange Online")
