"""The page on which a user signs in with the code that a program shows: German and English on one page."""

from ..data import template, texts


def page(saying: str = "") -> bytes:
    """Return the page.

    Args:
        saying: what became of the form that was sent, a key of ``sign-in`` in texts.toml; empty if none was.
            Nothing that was typed is ever repeated.
    """
    said = ""
    if saying:
        german, english = (texts(lang)["sign-in"][saying] for lang in ("de", "en"))
        said = f'<p role="status">{german}<br><span lang="en">{english}</span></p>'
    return template("issuer/page.html").substitute(said=said).encode()
