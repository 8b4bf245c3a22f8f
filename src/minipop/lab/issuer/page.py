"""The page on which a user signs in with the code that a program shows: German and English on one page."""

from ..texts import texts

_PAGE = """<!DOCTYPE html>
<html lang="de">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Anmelden · Sign in</title>
<h1>Muster GmbH</h1>
{said}
<form method="post" autocomplete="off">
<p><label for="user_code">Code des Programms · <span lang="en">Code of the program</span></label><br>
<input id="user_code" name="user_code" autofocus></p>
<p><label for="name">Benutzerprinzipalname · <span lang="en">User principal name</span></label><br>
<input id="name" name="name" placeholder="anna@muster.example"></p>
<p><label for="password">Kennwort · <span lang="en">Password</span></label><br>
<input id="password" name="password" type="password"></p>
<p><button>Anmelden · <span lang="en">Sign in</span></button>
<button name="decline" value="1">Ablehnen · <span lang="en">Decline</span></button></p>
</form>
</html>
"""


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
    return _PAGE.format(said=said).encode()
