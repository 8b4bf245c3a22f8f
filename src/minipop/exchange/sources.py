"""Where a value comes from, and so which kind of evidence stands behind it.

The sources themselves, with title and address, are listed in ``sources.toml``, which serves the whole site.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

T = TypeVar("T", covariant=True)


class Evidence(Enum):
    """What a reader may take a value for."""

    MEASURED = "measured"  #: a run of this project proves it
    MODELLED = "modelled"  #: minipop does as the cited source says
    ASSUMED = "assumed"  #: our choice, without a public source
    CITED = "cited"  #: told with a source, nothing to run


class Source(StrEnum):
    """A source that a value of minipop rests on, by its key in ``sources.toml``; RFCs need no entry there."""

    ADDRESS_LIST_2003 = "exadmin-access"
    BANNER = "banner"
    BASIC_AUTH_OFF = "basic-auth-deprecation"
    BLACKBERRY_KB03913 = "blackberry-2003"
    CAPA_BETWEEN = "capa-between"
    CARRIED_OVER = "carried-over"
    CONNECTIONS_2007 = "aa997988-2007"
    CONNECTIONS_2010 = "aa997988-2010"
    CONNECTIONS_PER_USER = "connections-per-user"
    CONNECTION_LIMITS_2003 = "esm-connection-limits"
    CURL_718 = "curl-718-2007"
    DAVENPORT = "ntlm-paper-pop3"
    DOCKER_MAILSERVER = "docker-mailserver"
    END_OF_LIFE = "endoflife"
    GETMAIL_256 = "getmail6-256-online"
    INDY_192 = "indy-192-online"
    ASSUMED = "assumed"
    KB_178630 = "kb-178630"
    KB_322826 = "kb-322826"
    KB_937359 = "kb-937359"
    KCLEMSON = "kclemson-2003"
    LIFECYCLE_2003 = "lifecycle-2003"
    LIFECYCLE_2007 = "lifecycle-2007"
    LIFECYCLE_2010 = "lifecycle-2010"
    LIFECYCLE_2013 = "lifecycle-2013"
    LOGIN_TYPE_2010 = "aa997188"
    LOGON_FAILURE = "logon-failure"
    MAILKIT_119 = "mailkit-119"
    MAILKIT_391 = "mailkit-391-2003"
    MAILKIT_UIDL = "mailkit-uidl"
    MICROSOFT_365_BACKUP = "microsoft-365-backup"
    MSXFAQ = "msxfaq-pop3-names"
    MSXFAQ_IMAP = "msxfaq-imap4-names"
    NMAP = "nmap-greetings"
    NOT_IN_STATE = "not-in-state"
    NTLM_2013 = "ntlm-cu21"
    NTLM_DISPUTED = "ntlm-before-tls"
    OAUTH = "oauth-pop"
    OWN = "own"
    OXPOP3_2_2_1 = "oxpop3-2.2.1"
    OXPOP3_2_2_2 = "oxpop3-2.2.2"
    OXPOP3_NOT_FOLLOWED = "oxpop3-not-followed"
    PARSEDMARC_144 = "parsedmarc-144"
    POP3_ONLINE = "pop3-online"
    POPSETTINGS_2018 = "set-popsettings-2018"
    PROXY_162 = "email-oauth2-proxy-162"
    PROXY_244 = "email-oauth2-proxy-244"
    R00TEDVW = "r00tedvw"
    RECOVERABLE_ITEMS = "recoverable-items"
    RECOVERY_DATABASE = "recovery-databases"
    RECOVERY_STORAGE_GROUP_2003 = "rsg-2003"
    RECOVERY_STORAGE_GROUP_2007 = "rsg-2007"
    RETENTION_2003 = "retention-2003"
    RETENTION_2007 = "retention-2007"
    RFC_1939 = "RFC 1939"
    RFC_2449 = "RFC 2449"
    RUST_POP3_17 = "rust-pop3-17"
    SET_MAILBOX = "single-item-recovery-online"
    SET_POPSETTINGS = "set-popsettings"
    SINGLE_ITEM_RECOVERY = "single-item-recovery"
    STANXPOP3 = "stanxpop3-commands"
    STANXPOP3_LINE = "ms-stanxpop3-line"
    STANXPOP3_LINE_NOT_FOLLOWED = "stanxpop3-line-not-followed"
    TEAM_BLOG_2004 = "team-blog-2004"
    TEAM_BLOG_2007 = "team-blog-2007"
    TEAM_BLOG_END_OF_SUPPORT = "team-blog-end-of-support"
    VMIME_267 = "vmime-267"

    @property
    def kind(self) -> Evidence:
        """The evidence that it gives."""
        return _KINDS.get(self, Evidence.MODELLED)


_KINDS = {
    Source.ASSUMED: Evidence.ASSUMED,
    Source.CARRIED_OVER: Evidence.ASSUMED,
    # On record for a version before and one after: a value taken over is our choice wherever it comes from.
    Source.CAPA_BETWEEN: Evidence.ASSUMED,
    Source.LOGON_FAILURE: Evidence.ASSUMED,
    Source.NOT_IN_STATE: Evidence.ASSUMED,
    Source.OXPOP3_NOT_FOLLOWED: Evidence.ASSUMED,
    Source.OWN: Evidence.MEASURED,
    Source.RFC_1939: Evidence.MEASURED,
    Source.RFC_2449: Evidence.MEASURED,
    Source.STANXPOP3_LINE_NOT_FOLLOWED: Evidence.ASSUMED,
}


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A value and its source."""

    value: T
    source: Source


@cache
def listed() -> Mapping[str, Mapping[str, Any]]:
    """Return the list of sources: what ``sources.toml`` says of each, by its key."""
    return tomllib.loads((files(__package__) / "sources.toml").read_text("utf-8"))
