"""The frame of a page loses its blank lines and indentation; the article keeps every space."""

from website.build.slim import slim

ARTICLE = "<article>\n\n  <pre>  two\n\n   spaces</pre>\n </article>"


def test_the_frame_is_slimmed_and_the_article_is_not() -> None:
    page = f"<nav>\n\n    <a>one</a>\n    two\n</nav>\n  {ARTICLE}\n\n   <footer>\n  </footer>\n"
    assert slim(page) == f"<nav>\n<a>one</a>\ntwo\n</nav>\n{ARTICLE}\n<footer>\n</footer>\n"


def test_a_page_without_an_article_is_left_alone() -> None:
    assert slim("<p>\n   x") == "<p>\n   x"
