"""The built site, page by page."""

from __future__ import annotations

import re
from pathlib import Path

from tests.site import checks
from tests.site.projects import ROOT


def pages_in_nav() -> set[str]:
    """The pages that mkdocs.yml lists, as addresses below a language."""
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    listed = re.findall(r"^ *- (?:[^:\n]+: )?([\w/-]+)\.(?:md|ipynb)$", text, re.MULTILINE)
    return {address(name) for name in listed}


def address(name: str) -> str:
    """Return where the page of a file is: ``guide/index`` at ``guide/index.html``."""
    return f"{name}.html" if Path(name).name == "index" else f"{name}/index.html"


#: Pages whose address has ended, and that lead on.
MOVED = {
    f"about/{name}/index.html"
    for name in ("compatibility", "hosting", "instructors", "limits", "reliability")
}


def test_every_page_is_in_the_navigation() -> None:
    for lang in checks.LANGUAGES:
        tree = ROOT / "docs" / lang
        pages = {address(file.relative_to(tree).with_suffix("").as_posix()) for file in tree.rglob("*.md")}
        lacking = pages - pages_in_nav() - MOVED
        written = sorted(page.replace("/index.html", ".md") for page in lacking)
        assert written == [], f"mkdocs.yml: nav lacks pages of docs/{lang}"


def test_at_most_eight_pages_are_about_ourselves() -> None:
    about = {name for name in pages_in_nav() if name.startswith("about/")} - {"about/index.html"}
    assert 1 < len(about) <= 8


def test_an_address_that_has_ended_leads_to_where_its_page_is(site: Path) -> None:
    for lang in checks.LANGUAGES:
        for name in MOVED:
            here = ("en/" if lang == "en" else "") + name
            moved = checks.page(site, here).select_one("link[rel=moved]")
            assert moved, here
            target = (site / here).parent / str(moved["href"]) / "index.html"
            assert target.is_file(), here
            assert str(target.resolve().relative_to(site.resolve())).startswith("en/") == (lang == "en")


def test_the_site_has_every_page_of_the_navigation_in_both_languages(site: Path) -> None:
    built = set(checks.page_files(site)) - {"404.html"}
    nav = pages_in_nav() | MOVED
    assert len(nav) > 3
    assert built == nav | {f"en/{page}" for page in nav}


def test_every_page_is_html_in_the_language_of_its_place(site: Path) -> None:
    assert checks.wrong_language(site) == []


def test_headings_ids_and_images_are_in_order(site: Path) -> None:
    assert checks.badly_structured(site) == []


def test_no_page_shows_markdown_that_was_not_rendered(site: Path) -> None:
    found = []
    for name, page in checks.pages(site).items():
        texts = checks.article(page).find_all(string=re.compile(r"```|^ *\?\?\? |^ *!!! "))
        found += [f"{name}: {text.strip()[:60]}" for text in texts if not text.find_parent(["code", "pre"])]
    assert found == []


def test_no_page_is_large(site: Path) -> None:
    assert checks.too_large(site) == []


def test_every_link_and_fragment_reaches_something(site: Path) -> None:
    wrong = checks.dead_links(site)
    assert not wrong, "\n".join(wrong)


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    assert checks.foreign_hosts(site) == []


def test_the_language_switch_stays_on_the_page(site: Path) -> None:
    assert checks.lost_switch(site) == []


def test_both_languages_have_the_same_pages_headings_links_figures_and_claims(site: Path) -> None:
    wrong = checks.untranslated(site)
    assert not wrong, "\n".join(wrong)


def test_the_texts_of_both_languages_hold_the_same_code_and_marks() -> None:
    wrong = checks.differing_pages(ROOT)
    assert not wrong, "\n".join(wrong)


def test_the_sitemap_names_every_page_with_its_translation(site: Path) -> None:
    sitemap = (site / "sitemap.xml").read_text("utf-8")
    listed = set(re.findall("<loc>(.*?)</loc>", sitemap))
    expected = {
        checks.SITE_URL + page.removesuffix("index.html")
        for page in checks.page_files(site)
        if page != "404.html"
    }
    assert listed == expected
    for language in checks.LANGUAGES:
        twins = set(re.findall(f'hreflang="{language}" href="(.*?)"', sitemap))
        assert twins == {url for url in listed if ("/en/" in url) == (language == "en")}


def test_the_site_works_under_any_path(site: Path) -> None:
    absolute = [
        f"{page}: {tag}"
        for page, soup in checks.pages(site).items()
        if page != "404.html"  # a server shows it at any depth, so its links start at the root
        for tag in soup.select('[href^="/"], [src^="/"]')
    ]
    assert absolute == []


def test_the_configuration_names_no_host_but_this_machine() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert set(re.findall(r"https?://[^\s\"'\]]+", text)) == {checks.SITE_URL}
