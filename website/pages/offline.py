"""The button that keeps the site for use without a network; its script is docs/assets/page/offline.js."""

from __future__ import annotations

from html import escape

from website.marks import Context, mark
from website.words import for_script

#: The words that stand in the page; its script needs the others.
_DRAWN = ("no script",)


@mark("offline")
def offline(context: Context) -> str:
    """Draw the button; website/build/offline.py fills in version and size once the site is built."""
    words = context.words("offline")
    # In a div, because Markdown would take an element that it does not know for a part of a paragraph.
    return f"""<div>
<noscript><p>{escape(words["no script"])}</p></noscript>
<pop3-offline data-version="" data-bytes="">
<script type="application/json">{for_script(words.without(_DRAWN))}</script>
</pop3-offline>
</div>"""
