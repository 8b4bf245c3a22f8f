"""The ways to log on: in which row of the table each belongs, and what it gives away without TLS.

What is not in this table belongs to the row ``other``, so that nothing that a server lists goes unjudged.
"""

import re
from fnmatch import fnmatchcase

#: The rows of the table, and the log-ons that belong to each; ``*`` stands for any ending.
COLUMNS: dict[str, tuple[str, ...]] = {
    "password": ("USER", "PLAIN", "LOGIN"),
    "ntlm": ("NTLM",),
    "kerberos": ("GSSAPI", "GSS-SPNEGO", "GS2-*", "KERBEROS_V4"),
    "modern": ("XOAUTH2", "OAUTHBEARER"),
    "challenge": ("APOP", "CRAM-*", "DIGEST-MD5", "SCRAM-*"),
    "other": ("*",),
}

#: What an eavesdropper can read, where a log-on of that row is offered without TLS.
READABLE = {
    "password": "password-and-mail-readable",
    "ntlm": "password-protected",
    "kerberos": "password-protected",
    "modern": "token-readable",
    "challenge": "hash-and-mail-readable",
    "other": "mail-readable",
}

#: What a log-on that is offered without TLS is found to be, by its name; the first that fits.
IN_CLEAR: dict[str, tuple[str, ...]] = {
    "password-in-clear": COLUMNS["password"],
    "token-in-clear": COLUMNS["modern"],
    "scram-in-clear": ("SCRAM-*",),
    "challenge-in-clear": COLUMNS["challenge"],
    "ntlm-in-clear": COLUMNS["ntlm"],
    "kerberos-in-clear": COLUMNS["kerberos"],
    "other-in-clear": COLUMNS["other"],
}

#: Begun whether listed or not, because some servers take them without listing them.
ALWAYS = ("PLAIN", "LOGIN")

#: Begun if they are listed, and if the server has listed nothing because it does not answer CAPA with a list.
KNOWN = (
    *("NTLM", "GSSAPI", "GSS-SPNEGO", "XOAUTH2", "OAUTHBEARER"),
    *("CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "ANONYMOUS", "EXTERNAL"),
)

#: Most mechanisms of a list that are begun; the rest stays unknown.
MOST = 30

#: The name of a mechanism (RFC 4422, section 3.1); nothing else of a list is sent back to the server.
_NAME = re.compile(r"[A-Z0-9_-]{1,20}")

#: The time stamp of APOP in a greeting (RFC 1939, section 7): a msg-id, ``<process.clock@host>``.
_TIMESTAMP = re.compile(r"<[^<>@\s]+@[^<>\s]+>")


def column(name: str) -> str:
    """Return the row of the table that a log-on belongs to."""
    return _first(COLUMNS, name)


def in_clear(name: str) -> str:
    """Return the code of the finding for a log-on that is offered without TLS."""
    return _first(IN_CLEAR, name)


def spoken(name: str) -> str:
    """Return what a client says for it: ``USER`` and ``APOP`` are commands, all others follow AUTH."""
    return name if name in ("USER", "APOP") else f"AUTH {name}"


def names(words: list[str]) -> tuple[str, ...]:
    """Return what is the name of a mechanism among the words of a list, each once."""
    return tuple(dict.fromkeys(word for word in map(str.upper, words) if _NAME.fullmatch(word)))


def timestamp(greeting: str) -> str:
    """Return the time stamp that a greeting offers APOP with, empty if there is none."""
    found = _TIMESTAMP.search(greeting)
    return found[0] if found else ""


def _first(table: dict[str, tuple[str, ...]], name: str) -> str:
    return next(key for key, patterns in table.items() if any(fnmatchcase(name, p) for p in patterns))
