"""The frame of a page loses its blank lines and indentation; the article keeps every space."""

from typing import cast

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from hooks import slim

ARTICLE = "<article>\n\n  <pre>  two\n\n   spaces</pre>\n </article>"


def slimmed(html: str) -> str:
    return slim.on_post_page(html, cast(Page, None), cast(MkDocsConfig, None))


def test_the_frame_is_slimmed_and_the_article_is_not() -> None:
    page = f"<nav>\n\n    <a>one</a>\n    two\n</nav>\n  {ARTICLE}\n\n   <footer>\n  </footer>\n"
    assert slimmed(page) == f"<nav>\n<a>one</a>\ntwo\n</nav>\n{ARTICLE}\n<footer>\n</footer>\n"


def test_a_page_without_an_article_is_left_alone() -> None:
    assert slimmed("<p>\n   x") == "<p>\n   x"
