"""The page on which a user signs in with the code that a program shows: German and English on one page."""

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

#: What the page says after a POST. Nothing that was typed is ever repeated.
SAYINGS = {
    "signed-in": (
        "Sie sind angemeldet und können dieses Fenster schließen.",
        "You are signed in and may close this window.",
    ),
    "declined": (
        "Abgelehnt: Das Programm erhält kein Token.",
        "Declined: the program gets no token.",
    ),
    "code": (
        "Diesen Code gibt es nicht, oder er ist schon verwendet.",
        "There is no such code, or it has been used already.",
    ),
    "expired": (
        "Dieser Code ist abgelaufen. Lassen Sie das Programm neu beginnen.",
        "This code has expired. Let the program begin again.",
    ),
    "password": (
        "Name oder Kennwort ist falsch.",
        "Name or password is wrong.",
    ),
}


def page(saying: str = "") -> bytes:
    """Return the page.

    Args:
        saying: a key of `SAYINGS`: what became of the form that was sent; empty if none was.
    """
    said = '<p role="status">{}<br><span lang="en">{}</span></p>'.format(*SAYINGS[saying]) if saying else ""
    return _PAGE.format(said=said).encode()
