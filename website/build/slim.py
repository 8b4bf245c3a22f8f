"""The theme leaves some 7 KB of blank lines and indentation in each page; out they go.

Only around the article, whose own white space may mean something (code, transcripts). What is left between
two tags of the frame is a line end, so that words stay apart.
"""

from __future__ import annotations

import re

_ARTICLE = re.compile(r"<article\b.*</article>", re.DOTALL)
_INDENTATION = re.compile(r"\s*\n\s*")


def slim(html: str) -> str:
    """Take blank lines and indentation out of everything but the article."""
    article = _ARTICLE.search(html)
    if article is None:
        return html
    before, after = html[: article.start()], html[article.end() :]
    return _INDENTATION.sub("\n", before) + article[0] + _INDENTATION.sub("\n", after)
