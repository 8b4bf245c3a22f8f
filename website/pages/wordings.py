"""What stands behind the error decoder, reference/wordings: who sends which wording, and on whose word.

The decoder's box finds an entry by the words of this page as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from minipop.exchange import EDITIONS
from minipop.explain import catalogue
from minipop.explain.catalogue import CHALLENGE, sent
from minipop.protocol import ReplyName
from website import kinds, sources
from website.data import LANGUAGES
from website.marks import Context, mark
from website.pages.replies import SECTIONS, Reply, anchor, definitions, framed, line, load, titled
from website.tables import neighbours, span, table

PATTERNS = "assets/patterns.js"

_TARGET = re.compile(r"\]\([^)]*\)")
_WORD = re.compile(r"[^\W_]+")


@mark("wordings")
def wordings(context: Context, section: str) -> str:
    """Draw a section of the decoder: of each entry its wordings, and what the decoder does not say of it."""
    words = context.words("replies")
    return "\n\n".join(
        framed(
            name,
            heading,
            f"[{words['back']}](replies.md#{anchor(name)})",
            *definitions(reply, section, context, SECTIONS[section].rest),
            *_evidence(name, reply, section, context),
        )
        for name, reply, heading in titled(context, section)
    )


def _evidence(name: str, reply: Reply, section: str, context: Context) -> Iterator[str]:
    """Draw wordings, who sends each, and on whose word; neighbouring editions that agree share one.

    The sources of what editions send stand in the table of editions, which is linked.
    """
    lang, words = context.lang, context.words("replies")
    if reply.told:
        cite = sources.load(context.root).cite
        yield table(
            words["head"],
            (
                (line(one.text, words), one.by[lang], kinds.span(one.evidence, lang), cite(one.source, lang))
                for one in reply.told
            ),
        )
        return
    status = SECTIONS[section].status
    yield table(
        words["head"].rpartition(" | ")[0],
        (
            (line(f"{status} {fact.value}".strip(), words), span(names), kinds.span(fact.source.kind, lang))
            for names, fact in neighbours(sent(name))
        ),
    )
    if name == CHALLENGE:
        yield words["sources"].format("editions.md#ntlm-prompt")
    elif any(ReplyName[name.upper()] in edition.replies for edition in EDITIONS.values()):
        yield words["sources"].format(f"editions.md#{anchor(name)}")


def patterns(root: Path) -> str:
    """Return the module from which the decoder's script takes what it finds entries by, in either language.

    Args:
        root: the project's folder.
    """
    cited = sources.load(root)
    said = {
        name: {
            "wordings": catalogue.wordings(name),
            "words": " ".join(_words(reply, SECTIONS[section].rest, cited)),
        }
        for section, replies in load(root).items()
        for name, reply in replies.items()
    }
    written = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return f"export const known = {catalogue.as_json()};\nexport const said = {written};\n"


def _words(reply: Reply, rest: tuple[str, ...], cited: sources.Sources) -> Iterable[str]:
    """Return the words that this page says of an entry in either language, each once."""
    texts = []
    for lang in LANGUAGES:
        texts += [getattr(reply.said(lang), key) for key in rest]
        texts += [f"{one.by[lang]} {cited.cite(one.source, lang)}" for one in reply.told]
    return dict.fromkeys(_WORD.findall(_TARGET.sub("", " ".join(texts)).lower()))
