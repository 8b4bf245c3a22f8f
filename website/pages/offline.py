"""The button that keeps the site for use without a network; its script is docs/assets/page/offline.js."""

from __future__ import annotations

import json
from html import escape

from website.marks import Context, mark

#: The words that stand in the page; its script needs the others.
_DRAWN = ("no script",)


@mark("offline")
def offline(context: Context) -> str:
    """Draw the button; website/build/offline.py fills in version and size once the site is built."""
    words = context.words("offline")
    texts = {key: text for key, text in words.items() if key not in _DRAWN}
    script = json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c")
    # In a div, because Markdown would take an element that it does not know for a part of a paragraph.
    return f"""<div>
<noscript><p>{escape(words["no script"])}</p></noscript>
<pop3-offline data-version="" data-bytes="">
<script type="application/json">{script}</script>
</pop3-offline>
</div>"""
