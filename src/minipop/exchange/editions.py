"""The editions as data: what differs between Exchange 2000 and Exchange Online, each value with its source.

There is no ``if edition == ...`` anywhere else. A later edition is the one before it with the fields that
changed; texts that an edition does not override are those of `minipop.protocol.ReplyName`.
"""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from minipop.mailbox import DeletesTo
from minipop.protocol import ReplyName

from . import forms
from .edition import BackupRestore, ConnectionLimits, Edition, ExtendedProtection, LoginType
from .sources import Fact, Source
from .support import Support

Replies = Mapping[ReplyName, Fact[str]]


def _texts(source: Source, **texts: str) -> Replies:
    """Give texts by the names of their replies, all from one source."""
    return {ReplyName[name.upper()]: Fact(text, source) for name, text in texts.items()}


def _cited(source: Source, replies: Replies, *names: str) -> Replies:
    """Give texts that another edition has already, from another source."""
    cited = (ReplyName[name.upper()] for name in names)
    return {name: Fact(replies[name].value, source) for name in cited}


_HOST = "mail.muster.example"

# Every Exchange: texts that are on record for 2003, and bare replies where none is on record.
_EXCHANGE = {
    **_texts(Source.TEAM_BLOG_2004, user="", logged_on="User successfully logged on."),
    **_texts(Source.BLACKBERRY_KB03913, stat="{count} {octets}", uidl="", top="", list="{count} {octets}"),
    **_texts(
        Source.MAILKIT_391,
        logon_failure="Logon failure: unknown user name or bad password.",
        authentication_failure="Logon failure: unknown user name or bad password.",
        not_in_this_state="Command is not valid in this state.",
    ),
    **_texts(Source.DAVENPORT, authenticated="User successfully logged on."),
    **_texts(Source.ASSUMED, retr="", dele="", rset="", noop="", apop="Command is not implemented."),
}

# What RFC 1939, 2449, 2595 and 5034 define; an edition may lack some, or have others.
_COMMANDS = (
    *("CAPA", "STLS", "USER", "PASS", "APOP", "AUTH"),
    *("STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "RSET", "NOOP", "QUIT"),
)

E2000 = Edition(
    name="2000",
    title="Exchange 2000",
    support=Fact(Support(date(2011, 1, 11)), Source.END_OF_LIFE),
    commands=Fact(_COMMANDS, Source.ASSUMED),
    replies={
        **_EXCHANGE,
        **_texts(
            Source.NMAP, greeting=f"Microsoft Exchange 2000 POP3 server version 6.0.6249.0 ({_HOST}) ready."
        ),
        **_texts(Source.DAVENPORT, mechanisms="The operation completed successfully."),
        **_cited(Source.CARRIED_OVER, _EXCHANGE, "user", "logged_on", "stat", "uidl", "top", "list"),
        **_cited(Source.CARRIED_OVER, _EXCHANGE, "logon_failure", "authentication_failure"),
        **_cited(Source.CARRIED_OVER, _EXCHANGE, "not_in_this_state"),
        **_texts(  # carried back from 2003
            Source.CARRIED_OVER,
            capabilities="Capability list follows",
            farewell="Microsoft Exchange 2000 POP3 server version 6.0.6249.0 signing off.",
        ),
    },
    own_texts=Source.ASSUMED,
    capabilities=Fact(("TOP", "USER", "PIPELINING", "EXPIRE NEVER", "UIDL", "SASL"), Source.ASSUMED),
    capa_before_tls=Source.ASSUMED,
    capa_inside_tls=Source.ASSUMED,
    capa_logged_on=Source.ASSUMED,
    listed=Fact(("NTLM",), Source.CARRIED_OVER),
    # On a back end, because Exchange 2000's front ends had no NTLM: KB 306874.
    accepted=Fact(("NTLM",), Source.DAVENPORT),
    login_type=Fact(None, Source.SET_POPSETTINGS),
    plaintext_before_tls=Fact(True, Source.ASSUMED),
    negotiated_before_tls=Fact(True, Source.DAVENPORT),
    gssapi_ntlm=Fact(None, Source.SET_POPSETTINGS),
    extended_protection=Fact(None, Source.SET_POPSETTINGS),
    ntlm_prompt=Fact("+ OK", Source.DAVENPORT),
    own_mailbox=Fact(False, Source.TEAM_BLOG_2004),
    stls=Fact(False, Source.ASSUMED),
    passwords=Fact(True, Source.TEAM_BLOG_2004),
    forms=forms.FORMS_2000,
    line_limit=Fact(512, Source.ASSUMED),
    # No Exchange is on record with a number. This one is for safety, yet leaves people room to mistype.
    failed_logons=Fact(10, Source.ASSUMED),
    logon_timeout=Fact(60, Source.ASSUMED),
    idle_timeout=Fact(600, Source.CONNECTION_LIMITS_2003),
    deletes_to=Fact(DeletesTo.DUMPSTER, Source.KB_178630),
    retention_days=Fact(7, Source.ASSUMED),
    most_retention_days=Fact(24_855, Source.ASSUMED),  # the days that fit into 31 bits of seconds
    single_item_recovery=Fact(False, Source.SINGLE_ITEM_RECOVERY),
    # 2003's help calls recovery storage groups new.
    backup_restore=Fact(BackupRestore.RECOVERY_SERVER, Source.RECOVERY_STORAGE_GROUP_2003),
    base64_uids=Fact(True, Source.CARRIED_OVER),
    exclusive=Fact(False, Source.CONNECTIONS_PER_USER),
    connections=Fact(ConnectionLimits(), Source.CONNECTION_LIMITS_2003),
    address_list=Fact(True, Source.ADDRESS_LIST_2003),
)

E2003 = replace(
    E2000,
    name="2003",
    title="Exchange Server 2003",
    support=Fact(Support(date(2014, 4, 8)), Source.LIFECYCLE_2003),
    replies={
        **E2000.replies,
        **_EXCHANGE,
        **_texts(
            Source.MAILKIT_391,
            greeting=f"Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 ({_HOST}) ready.",
            farewell="Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 signing off.",
            capabilities="Capability list follows",
        ),
    },
    capabilities=Fact(E2000.capabilities.value, Source.MAILKIT_391),
    capa_before_tls=Source.MAILKIT_391,
    capa_inside_tls=Source.ASSUMED,
    listed=Fact(("NTLM",), Source.MAILKIT_391),
    accepted=Fact(("NTLM",), Source.MAILKIT_391),
    plaintext_before_tls=Fact(True, Source.MAILKIT_391),
    negotiated_before_tls=Fact(True, Source.MAILKIT_391),
    ntlm_prompt=Fact("+OK", Source.MAILKIT_391),
    stls=Fact(False, Source.MAILKIT_391),
    forms=forms.FORMS_2003,
    deletes_to=Fact(DeletesTo.DUMPSTER, Source.KCLEMSON),
    retention_days=Fact(7, Source.RETENTION_2003),
    backup_restore=Fact(BackupRestore.RECOVER_MAILBOX_DATA, Source.RECOVERY_STORAGE_GROUP_2003),
    base64_uids=Fact(True, Source.BLACKBERRY_KB03913),
)


def _signing_off(version: str, source: Source) -> Replies:
    return _texts(source, farewell=f"Microsoft Exchange Server {version} POP3 server signing off.")


E2007 = replace(
    E2003,
    name="2007",
    title="Exchange Server 2007",
    support=Fact(Support(date(2017, 4, 11)), Source.LIFECYCLE_2007),
    commands=Fact(E2003.commands.value, Source.STANXPOP3),
    replies={
        **_EXCHANGE,
        **_texts(Source.CURL_718, greeting="The Microsoft Exchange POP3 service is ready.", capabilities=""),
        **_texts(Source.MAILKIT_119, begin_tls="Begin TLS negotiation."),
        **_cited(Source.LOGON_FAILURE, _EXCHANGE, "logon_failure"),
        **_cited(Source.NOT_IN_STATE, _EXCHANGE, "not_in_this_state"),
        **_cited(Source.CARRIED_OVER, _EXCHANGE, "user", "logged_on", "stat", "uidl"),
        **_cited(Source.ASSUMED, _EXCHANGE, "list", "top"),
        # The texts of AUTH are on record for XOAUTH2 at Exchange Online alone; taken for all from 2007 on.
        **_texts(
            Source.ASSUMED,
            mechanisms="",
            line_too_long="Protocol error. Connection is closed. 10",
            authenticated="User successfully authenticated.",
            authentication_failure="Authentication failure: unknown user name or bad password.",
        ),
        **_signing_off("2007", Source.ASSUMED),
    },
    capabilities=Fact(("TOP", "UIDL", "SASL", "USER", "STLS"), Source.CURL_718),
    # Both are on record for 110 before TLS with PlainTextLogin alone: curl, issue 718.
    capa_before_tls=Source.ASSUMED,
    capa_inside_tls=Source.ASSUMED,
    listed=Fact(("NTLM", "GSSAPI", "PLAIN"), Source.CURL_718),
    accepted=Fact(("NTLM", "GSSAPI", "PLAIN", "LOGIN"), Source.ASSUMED),
    login_type=Fact(LoginType.SECURE_LOGIN, Source.TEAM_BLOG_2007),
    plaintext_before_tls=Fact(False, Source.TEAM_BLOG_2007),
    negotiated_before_tls=Fact(False, Source.TEAM_BLOG_2007),
    ntlm_prompt=Fact("", Source.OXPOP3_2_2_1),
    own_mailbox=Fact(False, Source.CARRIED_OVER),
    stls=Fact(True, Source.CURL_718),
    passwords=Fact(True, Source.TEAM_BLOG_2007),
    forms=forms.FORMS_2007,
    line_limit=Fact(512, Source.STANXPOP3_LINE_NOT_FOLLOWED),
    idle_timeout=Fact(1800, Source.ASSUMED),
    retention_days=Fact(14, Source.RETENTION_2007),
    backup_restore=Fact(BackupRestore.RESTORE_MAILBOX, Source.RECOVERY_STORAGE_GROUP_2007),
    base64_uids=Fact(False, Source.MAILKIT_UIDL),
    connections=Fact(ConnectionLimits(2000, 20, 10), Source.CONNECTIONS_2007),
    address_list=Fact(False, Source.SET_POPSETTINGS),
)

E2010 = replace(
    E2007,
    name="2010",
    title="Exchange Server 2010",
    support=Fact(Support(date(2020, 10, 13)), Source.LIFECYCLE_2010),
    replies={
        **E2007.replies,
        **_cited(Source.R00TEDVW, E2007.replies, "greeting", "user", "logged_on", "stat"),
        **_cited(Source.CAPA_BETWEEN, E2007.replies, "capabilities"),
        **_signing_off("2010", Source.R00TEDVW),
    },
    capabilities=Fact(E2007.capabilities.value, Source.CAPA_BETWEEN),
    capa_inside_tls=Source.CAPA_BETWEEN,
    # Of SP1 and later: the first release, RTM, had no NTLM for POP3 (Set-PopSettings of 2018).
    listed=Fact(("NTLM", "GSSAPI", "PLAIN"), Source.CAPA_BETWEEN),
    login_type=Fact(LoginType.SECURE_LOGIN, Source.LOGIN_TYPE_2010),
    plaintext_before_tls=Fact(False, Source.LOGIN_TYPE_2010),
    negotiated_before_tls=Fact(False, Source.NTLM_DISPUTED),
    gssapi_ntlm=Fact(True, Source.POPSETTINGS_2018),
    extended_protection=Fact(ExtendedProtection.NONE, Source.POPSETTINGS_2018),
    stls=Fact(True, Source.SET_POPSETTINGS),
    passwords=Fact(True, Source.R00TEDVW),
    forms=forms.FORMS_2010,
    line_limit=Fact(512, Source.STANXPOP3_LINE),
    logon_timeout=Fact(60, Source.SET_POPSETTINGS),
    idle_timeout=Fact(1800, Source.SET_POPSETTINGS),
    deletes_to=Fact(DeletesTo.RECOVERABLE_ITEMS, Source.RECOVERABLE_ITEMS),
    retention_days=Fact(14, Source.RECOVERABLE_ITEMS),
    backup_restore=Fact(BackupRestore.RESTORE_REQUEST, Source.RECOVERY_DATABASE),
    connections=Fact(ConnectionLimits(2000, 2000, 16), Source.CONNECTIONS_2010),
)

E2013 = replace(
    E2010,
    name="2013",
    title="Exchange Server 2013",
    support=Fact(Support(date(2023, 4, 11)), Source.LIFECYCLE_2013),
    replies={
        **E2010.replies,
        **_cited(Source.BANNER, E2010.replies, "greeting"),
        **_signing_off("2013", Source.ASSUMED),
    },
    login_type=Fact(LoginType.SECURE_LOGIN, Source.SET_POPSETTINGS),
    plaintext_before_tls=Fact(False, Source.SET_POPSETTINGS),
    own_mailbox=Fact(True, Source.NTLM_2013),
    passwords=Fact(True, Source.SET_POPSETTINGS),
    forms=forms.FORMS_2013,
    connections=Fact(ConnectionLimits(per_user=16), Source.SET_POPSETTINGS),
)

E2016 = replace(
    E2013,
    name="2016",
    title="Exchange Server 2016",
    support=Fact(Support(date(2025, 10, 14), paid=date(2026, 10, 1)), Source.TEAM_BLOG_END_OF_SUPPORT),
    replies={**E2013.replies, **_signing_off("2016", Source.ASSUMED)},
    gssapi_ntlm=Fact(True, Source.SET_POPSETTINGS),
    extended_protection=Fact(ExtendedProtection.NONE, Source.SET_POPSETTINGS),
    own_mailbox=Fact(True, Source.CARRIED_OVER),
    forms=forms.FORMS_2016,
)

E2019 = replace(
    E2016,
    name="2019",
    title="Exchange Server 2019",
    replies={**E2016.replies, **_signing_off("2019", Source.ASSUMED)},
    forms=forms.FORMS_2019,
)

SE = replace(
    E2019,
    name="se",
    title="Exchange Server Subscription Edition",
    support=Fact(Support(), Source.TEAM_BLOG_END_OF_SUPPORT),
    forms=forms.FORMS_SE,
)

# The bracket holds the front-end server's name in UTF-16LE and base64; the name here is made up.
_FRONT_END = base64.b64encode("LAB01.muster.example".encode("utf-16-le")).decode()

ONLINE = replace(
    SE,
    name="online",
    title="Exchange Online",
    support=Fact(Support(), Source.POP3_ONLINE),
    replies={
        **SE.replies,
        **_texts(Source.DOCKER_MAILSERVER, greeting=f"{SE.replies[ReplyName.GREETING].value} [{_FRONT_END}]"),
        **_cited(Source.DOCKER_MAILSERVER, SE.replies, "user", "logged_on", "stat", "capabilities"),
        **_cited(Source.GETMAIL_256, SE.replies, "line_too_long"),
        **_cited(Source.INDY_192, SE.replies, "begin_tls"),
        **_cited(Source.OAUTH, SE.replies, "authenticated"),
        **_cited(Source.RUST_POP3_17, SE.replies, "logon_failure"),
        **_cited(Source.PROXY_162, SE.replies, "not_in_this_state"),
        **_cited(Source.PROXY_244, SE.replies, "authentication_failure"),
        **_signing_off("2016", Source.DOCKER_MAILSERVER),
    },
    capabilities=Fact(E2007.capabilities.value, Source.DOCKER_MAILSERVER),
    capa_before_tls=Source.INDY_192,
    capa_inside_tls=Source.DOCKER_MAILSERVER,
    listed=Fact(("PLAIN", "XOAUTH2"), Source.VMIME_267),
    accepted=Fact(("PLAIN", "LOGIN", "XOAUTH2"), Source.ASSUMED),
    login_type=Fact(None, Source.SET_POPSETTINGS),
    plaintext_before_tls=Fact(False, Source.INDY_192),
    negotiated_before_tls=Fact(False, Source.INDY_192),
    gssapi_ntlm=Fact(None, Source.SET_POPSETTINGS),
    extended_protection=Fact(None, Source.SET_POPSETTINGS),
    stls=Fact(True, Source.INDY_192),
    passwords=Fact(False, Source.BASIC_AUTH_OFF),
    forms=forms.FORMS_ONLINE,
    line_limit=Fact(512, Source.ASSUMED),  # that there is a limit is on record: getmail6, issue 256
    logon_timeout=Fact(60, Source.ASSUMED),
    idle_timeout=Fact(1800, Source.ASSUMED),
    most_retention_days=Fact(30, Source.SET_MAILBOX),
    single_item_recovery=Fact(True, Source.SET_MAILBOX),
    backup_restore=Fact(BackupRestore.BACKUP_SERVICE, Source.MICROSOFT_365_BACKUP),
    connections=Fact(ConnectionLimits(), Source.ASSUMED),
)

_MINIPOP = "IMPLEMENTATION minipop"

RFC = Edition(
    name="rfc",
    title="RFC 1939",
    support=Fact(None, Source.OWN),
    commands=Fact(_COMMANDS, Source.RFC_1939),
    replies={},
    own_texts=Source.OWN,
    capabilities=Fact(
        ("TOP", "UIDL", "USER", "SASL", "STLS", "PIPELINING", "RESP-CODES", "EXPIRE NEVER", _MINIPOP),
        Source.RFC_2449,
    ),
    capa_before_tls=Source.OWN,
    capa_inside_tls=Source.OWN,
    capa_logged_on=Source.OWN,
    # XOAUTH2 in clear, which no Exchange offers: to show that a token is worth as much as a password there.
    listed=Fact(("PLAIN", "LOGIN", "XOAUTH2"), Source.OWN),
    accepted=Fact(("PLAIN", "LOGIN", "XOAUTH2"), Source.OWN),
    login_type=Fact(None, Source.OWN),
    plaintext_before_tls=Fact(True, Source.RFC_1939),
    negotiated_before_tls=Fact(True, Source.OWN),
    gssapi_ntlm=Fact(None, Source.OWN),
    extended_protection=Fact(None, Source.OWN),
    ntlm_prompt=Fact("", Source.OWN),
    own_mailbox=Fact(True, Source.OWN),
    stls=Fact(True, Source.OWN),
    passwords=Fact(True, Source.OWN),
    forms=forms.FORMS_RFC,
    line_limit=Fact(255, Source.RFC_2449),
    failed_logons=Fact(10, Source.OWN),
    logon_timeout=Fact(600, Source.RFC_1939),
    idle_timeout=Fact(600, Source.RFC_1939),
    deletes_to=Fact(DeletesTo.NOWHERE, Source.RFC_1939),
    retention_days=Fact(0, Source.OWN),
    most_retention_days=Fact(0, Source.OWN),
    single_item_recovery=Fact(False, Source.OWN),
    backup_restore=Fact(BackupRestore.NOTHING, Source.OWN),
    base64_uids=Fact(False, Source.OWN),
    exclusive=Fact(True, Source.RFC_1939),
    connections=Fact(ConnectionLimits(per_user=1), Source.RFC_1939),
    address_list=Fact(False, Source.OWN),
)

#: Every edition by its name, oldest first.
EDITIONS: dict[str, Edition] = {
    edition.name: edition for edition in (E2000, E2003, E2007, E2010, E2013, E2016, E2019, SE, ONLINE, RFC)
}

DEFAULT = E2016.name
