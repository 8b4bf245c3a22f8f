"""Takes passwords, tokens and what logs on out of a text, before anything else reads it.

A line may lose more than its secret, never less. What stands in place of it is no word that anything is
found by, and the number of lines stays.
"""

import base64
import binascii
import re
from collections.abc import Callable

#: Stands for whatever is secret; in a transcript of minipop's the same stars do.
MASK = "********"

#: Where a secret ends at the latest: at a reply on the same line, or at a line's end that is written out.
_END = r"(?=\s*(?:<br|\\r|\\n|$|[\"'`]?\s*(?:-ERR|\+OK)))"

_KEY = (
    r"(?:pass(?:word|wd|phrase)?|pwd|kennwort|passwort|(?:client[_-]?)?secret|(?:access|refresh|id)?[_-]?token"
    r"|api[_-]?key|authorization|assertion|oauth2-bearer)"
)

_RULES: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    # A command, in capitals anywhere, or in small letters where a line begins.
    (re.compile(rf"(\bPASS[ \t]+)(?!{re.escape(MASK)}|command\b)\S.*?{_END}"), rf"\g<1>{MASK}"),
    (re.compile(rf"(?im)(^[\s>*'\"b:-]*pass[ \t]+)\S.*?{_END}"), rf"\g<1>{MASK}"),
    (re.compile(r"(?i)(,pass,)[^,\n]*"), rf"\g<1>{MASK}"),
    (re.compile(rf"(?i)(\bAPOP[ \t]+\S+[ \t]+)\S.*?{_END}"), rf"\g<1>{MASK}"),
    (
        re.compile(r"(?i)(\bAUTH(?:ENTICATE)?[ \t]+[A-Z0-9-]{4,12}[ \t]+)(?!command\b)[A-Za-z0-9+/=_-]{4,}"),
        rf"\g<1>{MASK}",
    ),
    # IMAP and SMTP logs are pasted by mistake: LOGIN name password.
    (re.compile(r"(\bLOGIN[ \t]+(?:\"[^\"\n]*\"|[^\s\"]+)[ \t]+)(?:\"[^\"\n]*\"|\S+)"), rf"\g<1>{MASK}"),
    (re.compile(r"(?i)(\bBearer[ \t]+)[A-Za-z0-9._~+/=-]{4,}"), rf"\g<1>{MASK}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,4}"), MASK),
    (re.compile(r"\bTlRMTVNTUAA[A-Za-z0-9+/=]*"), MASK),
    # A setting: to the end of the line where it begins one, else up to what parts it from the next.
    (re.compile(rf"(?im)(^[ \t]*{_KEY}[ \t]*[=:][ \t]*)(?!.*(?:-ERR|\+OK))\S.*$"), rf"\g<1>{MASK}"),
    (re.compile(rf"(?i)(\b{_KEY}[\"']?[ \t]*[=:][ \t]*[\"'])[^\"'\n]+"), rf"\g<1>{MASK}"),
    (re.compile(rf"(?i)(\b{_KEY}=)(?![\"']|-ERR|\+OK)[^\s,;&\"']+"), rf"\g<1>{MASK}"),
    (re.compile(rf"(?i)(\b{_KEY}[ \t]+)([\"'])(?!-ERR|\+OK)[^\"'\n]+\2"), rf"\g<1>\g<2>{MASK}\g<2>"),
    (re.compile(r"(?i)(\blogin[ \t]+\S+[ \t]+password[ \t]+)\S+"), rf"\g<1>{MASK}"),
    # On command lines and in addresses.
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{1,12}://[^\s:/@]*:)[^\s/@]+(?=@)"), rf"\g<1>{MASK}"),
    (re.compile(r"((?:^|\s)(?:-u|--user)[ \t=]+([\"'])[^:\"'\n]+:)[^\n]*?(?=\2)"), rf"\g<1>{MASK}"),
    (re.compile(r"((?:^|\s)(?:-u|--user)[ \t=]+[^\s:\"']+:)[^\s\"']+"), rf"\g<1>{MASK}"),
    (re.compile(r"(?i)(--oauth2-bearer[ \t=]+[\"']?)[^\s\"']+"), rf"\g<1>{MASK}"),
]

#: Base64 of some length: letters of both kinds and digits, or the sign that ends it.
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_.-])[A-Za-z0-9+/_-]{16,}={0,2}(?![A-Za-z0-9+/_=-])")

#: A line that is base64 alone, behind whatever a log writes in front of it.
_RESPONSE = re.compile(r"([A-Za-z0-9+/]{2,}={0,2})(?=(?:\\r|\\n|[\s\"'])*$)")
_ASKED = re.compile(
    r"\bAUTH(?:ENTICATE)?\b[ \t]+[A-Za-z0-9-]{4,12}(?:\\r|\\n|[\s\"'])*$|(?:^|[\s\"'>:<])\+(?:\s|\\r|$)"
)
_REPLY = re.compile(r"\+OK|-ERR")

#: A command instead of a response. As base64, none of these is text, so none can be a name or a password.
_COMMAND = re.compile(r"(?:^|[\s\"'>:])(?:CAPA|STAT|UIDL|LIST|NOOP|RSET|QUIT)(?:\\r|\\n|[\s\"'])*$")


def masked(text: str) -> str:
    """Return a text without secrets.

    Args:
        text: anything that was pasted.
    """
    lines, asked = text.split("\n"), 0
    for number, line in enumerate(lines):
        if asked and not any(kind.search(line) for kind in (_ASKED, _REPLY, _COMMAND)):
            line = _RESPONSE.sub(MASK, line)
        asked = 2 if _ASKED.search(line) else asked - 1 if asked and line.strip() else asked
        for pattern, meant in _RULES:
            line = pattern.sub(meant, line)
        lines[number] = _BASE64.sub(_hide, line)
    return "\n".join(lines)


def _hide(found: re.Match[str]) -> str:
    """Mask what may be a secret in base64: not words, and not the name of a server in a greeting."""
    text = found[0]
    kinds = (str.islower, str.isupper, str.isdigit)
    mixed = all(any(kind(letter) for letter in text) for kind in kinds)
    encoded = text.endswith("=") or "+" in text
    if not (mixed or encoded) or _is_server_name(text):
        return text
    return MASK


def _is_server_name(text: str) -> bool:
    """Tell whether a text is base64 of UTF-16 in plain letters, as Exchange Online greets."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    name = data[::2]
    return len(data) % 2 == 0 and not any(data[1::2]) and name.isascii() and b"." in name
