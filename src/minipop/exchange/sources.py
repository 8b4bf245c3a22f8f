"""Where a value comes from, and so which kind of evidence stands behind it."""

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)


class Evidence(Enum):
    """What a reader may take a value for."""

    MEASURED = "measured"  #: a run of this project proves it
    RE_ENACTED = "re-enacted"  #: minipop does as the cited source says
    INVENTED = "invented"  #: no public source tells; our choice
    NARRATED = "narrated"  #: told with a source, nothing to run


@dataclass(frozen=True, slots=True)
class Source:
    """A public source.

    Args:
        title: how it is cited.
        kind: the evidence that it gives.
    """

    title: str
    kind: Evidence = Evidence.RE_ENACTED


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A value and its source."""

    value: T
    source: Source


INVENTED = Source("no public source; chosen for minipop", Evidence.INVENTED)
OWN = Source("minipop's own server, not an imitation", Evidence.MEASURED)

NMAP = Source("nmap, nmap-service-probes, lines 2539 to 2558 (greetings of Exchange servers)")
MAILKIT_391 = Source("GitHub jstedfast/MailKit, issue 391 (Exchange 2003; thread of 2016)")
MAILKIT_119 = Source("GitHub jstedfast/MailKit, issue 119 (hosted Exchange, 2014)")
TEAM_BLOG_2004 = Source("Exchange Team Blog 2004, “Understanding login strings with POP3/IMAP”")
BLACKBERRY_KB03913 = Source("BlackBerry KB03913 (Exchange 2003)")
DAVENPORT = Source("E. Glass, The NTLM Authentication Protocol, “NTLM POP3 Authentication”")
CURL_718 = Source("GitHub curl/curl, issue 718 (Exchange 2007; thread of 2016)")
NOT_IN_STATE = Source("MailKit issue 391 (2003), email-oauth2-proxy issue 162 (Online); taken in between")
CAPA_BETWEEN = Source("curl issue 718 (2007) and docker-mailserver (Online); taken for all in between")
R00TEDVW = Source("wiki.r00tedvw.com, “Mail Server CLI/POP” (Exchange 2010)")
DOCKER_MAILSERVER = Source("docker-mailserver documentation, “Email Gathering with Fetchmail” (2016)")
VMIME_267 = Source("GitHub kisli/vmime, issue 267 (Exchange Online, 2021)")
PROXY_244 = Source("GitHub simonrob/email-oauth2-proxy, issue 244 (Exchange Online, 2024)")
PROXY_162 = Source("GitHub simonrob/email-oauth2-proxy, issue 162 (Exchange Online)")
GETMAIL_256 = Source("GitHub getmail6/getmail6, issue 256 (Exchange Online, 2025)")
RUST_POP3_17 = Source("GitHub rust-pop3, issue 17 (Exchange Online, USER and PASS)")
LOGON_FAILURE = Source("MailKit issue 391 (2003) and rust-pop3 issue 17 (Online); taken for all in between")
OAUTH = Source("Microsoft, OAuth for IMAP, POP and SMTP (MicrosoftDocs/office-developer-exchange-docs)")
INDY_192 = Source("GitHub IndySockets/Indy, issue 192 (port 110 before TLS, 2022)")
OXPOP3_2_2_1 = Source("[MS-OXPOP3] 2.2.1 (AUTH NTLM)")
NTLM_2013 = Source("Microsoft, “User can't log on to a POP/IMAP account by using NTLM”, Exchange 2013 (CU21)")
POPSETTINGS_2018 = Source(
    "Microsoft, Set-PopSettings of 2018, with a text for each version (office-docs-powershell)"
)
STANXPOP3_LINE = Source("[MS-STANXPOP3] 2.2.14, E0007 (command length)")
SET_POPSETTINGS = Source("Microsoft, Set-PopSettings (MicrosoftDocs/office-docs-powershell)")
BANNER = Source("Microsoft, Set-PopSettings, default of Banner")
CONNECTIONS_PER_USER = Source("inferred from MaxConnectionsPerUser (Microsoft, Set-PopSettings)")
LOGIN_TYPE_2010 = Source("Microsoft, Configuring Authentication for POP3 and IMAP4, 2010 (aa997188)")
TEAM_BLOG_2007 = Source("Exchange Team Blog 2007, ba-p/593568 (POP3 accepts only SSL/TLS by default)")
RECOVERABLE_ITEMS = Source("Microsoft, Recoverable Items folder (MicrosoftDocs/OfficeDocs-Exchange)")
SET_MAILBOX = Source(
    "Microsoft, Set-Mailbox, SingleItemRecoveryEnabled (MicrosoftDocs/office-docs-powershell)"
)
SET_CAS_MAILBOX = Source("Microsoft, Set-CASMailbox (MicrosoftDocs/office-docs-powershell)")
GET_CAS_MAILBOX = Source("Microsoft, Get-CASMailbox (MicrosoftDocs/office-docs-powershell)")
RESTART_SERVICE = Source("Microsoft, Restart-Service; “Restart both POP3 services” (Set-PopSettings)")
UNLOCK_AD_ACCOUNT = Source(
    "Microsoft, Unlock-ADAccount (module ActiveDirectory, since Windows Server 2008 R2)"
)
RECOVERABLE_ITEMS_CMDLETS = Source(
    "Microsoft, Get-RecoverableItems and Restore-RecoverableItems (MicrosoftDocs/office-docs-powershell)"
)
SEARCH_MAILBOX = Source("Microsoft, Search-Mailbox (MicrosoftDocs/office-docs-powershell)")
RESTORE_REQUEST = Source("Microsoft, New-MailboxRestoreRequest (MicrosoftDocs/office-docs-powershell)")
SINGLE_ITEM_RECOVERY = Source(
    "Microsoft, Recoverable Items folder: single item recovery came with Exchange 2010"
)
RECOVERY_STORAGE_GROUP_2003 = Source(
    "Microsoft, How a Recovery Storage Group Differs from an Ordinary Storage Group (Exchange 2003, bb124021)"
)
RECOVERY_STORAGE_GROUP_2007 = Source("Microsoft, Recovery Storage Groups, Exchange 2007 (exchhelp.en)")
RECOVERY_DATABASE = Source("Microsoft, Recovery databases (MicrosoftDocs/OfficeDocs-Exchange)")
KCLEMSON = Source("K. Clemson's blog, 2003-10-10 (what IMAP4 expunges goes to the folder's dumpster)")
RETENTION_2007 = Source("Windows IT Pro, article 97382 (deleted items retention of Exchange 2007: 14 days)")
MAILKIT_UIDL = Source("GitHub jstedfast/MailKit, test data of an Exchange server, uidl.txt (decimal numbers)")
KB_178630 = Source("Microsoft KB 178630 (deleted item retention per folder)")
KB_322826 = Source("Microsoft KB 322826 (log-on names of Exchange 2000)")
CARRIED_OVER = Source("no public source; carried over from the versions around", Evidence.INVENTED)
KB_937359 = Source("Microsoft KB 937359, as quoted by the MSXFAQ (Exchange 2007)")
OXPOP3_NOT_FOLLOWED = Source(
    "refused by choice, although [MS-OXPOP3] 2.2.2 names this version, too", Evidence.INVENTED
)
OXPOP3_2_2_2 = Source("[MS-OXPOP3] 2.2.2 (delegate access)")
PARSEDMARC_144 = Source("GitHub parsedmarc, issue 144 (three-part name by IMAP4, Exchange 2016)")
CONNECTIONS_2007 = Source("Microsoft, connection limits, Exchange 2007 (aa997988)")
CONNECTIONS_2010 = Source("Microsoft, connection limits, Exchange 2010 (aa997988, v=exchg.140)")
CONNECTION_LIMITS_2003 = Source("Exchange System Manager help, Set Connection Limits (POP3 virtual server)")
ADDRESS_LIST_2003 = Source("Exchange System Manager help, Grant access by IP address (POP3); KB 319273")
MSXFAQ = Source("MSXFAQ, “POP3 Clients” (log-on names)")
MSXFAQ_IMAP = Source("MSXFAQ, “IMAP4” (log-on names, 2013/2016)")
BASIC_AUTH_OFF = Source("Microsoft, Deprecation of Basic authentication in Exchange Online")
RFC_1939 = Source("RFC 1939", Evidence.MEASURED)
RFC_2449 = Source("RFC 2449", Evidence.MEASURED)
