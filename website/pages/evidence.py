"""What a section's statements rest on, folded into one line at its end."""

from __future__ import annotations

from website import kinds
from website.data import Problem
from website.marks import Context, mark
from website.pages import claims


@mark("evidence", takes_paragraph=True)
def evidence(context: Context, *claim: str) -> str:
    """Fold claims and the paragraph right below the mark into one line; it names the claims and the kinds."""
    if not claim and not context.paragraph:
        raise Problem("it folds nothing; name claims, or write a paragraph right below, without a blank line")
    said = [
        *([claims.summary(claim, context)] if claim else []),
        ", ".join(context.words("kinds")[kind.value] for kind in kinds.named(context.paragraph)),
    ]
    summary = f"<summary>{context.words('evidence')['title']}: {' · '.join(filter(None, said))}</summary>"
    boxes = [claims.box(name, context) for name in claim]
    parts = ['<details class="evidence" markdown>', summary, context.paragraph, *boxes, "</details>"]
    return "\n\n".join(part for part in parts if part)
