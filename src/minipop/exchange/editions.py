"""The editions as data: what differs between Exchange 2000 and Exchange Online, each value with its source.

There is no ``if edition == ...`` anywhere else. A later edition is the one before it with the fields that
changed; texts that an edition does not override are those of `minipop.protocol.Replies`, and marked there
as our own.
"""

import base64
from collections.abc import Mapping
from dataclasses import replace

from minipop.mailbox import DeletesTo

from . import sources as src
from .edition import BackupRestore, Connections, Edition, ExtendedProtection, LoginType
from .names import Form
from .sources import Fact, Source


def _texts(source: Source, **texts: str) -> dict[str, Fact[str]]:
    return {name: Fact(text, source) for name, text in texts.items()}


def _cited(source: Source, replies: Mapping[str, Fact[str]], *names: str) -> dict[str, Fact[str]]:
    """Give texts that another edition has already, from another source."""
    return {name: Fact(replies[name].value, source) for name in names}


_HOST = "mail.muster.example"

# Every Exchange: texts that are on record for 2003, and bare replies where none is on record.
_EXCHANGE = {
    **_texts(src.TEAM_BLOG_2004, user="", logged_on="User successfully logged on."),
    **_texts(src.BLACKBERRY_KB03913, stat="{count} {octets}", uidl="", top="", list="{count} {octets}"),
    **_texts(
        src.MAILKIT_391,
        logon_failure="Logon failure: unknown user name or bad password.",
        authentication_failure="Logon failure: unknown user name or bad password.",
        not_in_this_state="Command is not valid in this state.",
    ),
    **_texts(src.DAVENPORT, authenticated="User successfully logged on."),
    **_texts(src.INVENTED, retr="", dele="", rset="", noop="", apop="Command is not implemented."),
}

_DELEGATES = (Form.DOMAIN_ALIAS_ALIAS, Form.DOMAIN_ALIAS_UPN, Form.UPN_ALIAS, Form.UPN_UPN)


def _forms(accepted: bool, source: Source, *forms: Form) -> dict[Form, Fact[bool]]:
    return {form: Fact(accepted, source) for form in forms}


_FORMS_2000 = {
    **_forms(False, src.MSXFAQ, Form.ALIAS),  # unless it is the sAMAccountName as well
    **_forms(True, src.MSXFAQ, Form.SAM, Form.DOMAIN_SAM),
    **_forms(True, src.KB_322826, Form.DOMAIN_SAM_ALIAS, Form.UPN),
    **_forms(False, src.MSXFAQ, Form.PRIMARY, Form.PROXY),
    **_forms(False, src.INVENTED, *_DELEGATES, Form.UPN_BACKSLASH_ALIAS),
}
_FORMS_2003 = {**_FORMS_2000, **_forms(False, src.OXPOP3_NOT_FOLLOWED, *_DELEGATES)}
_FORMS_2007 = {
    **_FORMS_2000,
    **_forms(True, src.KB_937359, Form.UPN),
    **_forms(False, src.KB_937359, Form.DOMAIN_SAM_ALIAS, *_DELEGATES, Form.UPN_BACKSLASH_ALIAS),
}
_FORMS_2010 = {
    **_FORMS_2007,
    **_forms(True, src.MSXFAQ, Form.UPN),
    **_forms(False, src.MSXFAQ, Form.DOMAIN_SAM_ALIAS),
    **_forms(False, src.OXPOP3_NOT_FOLLOWED, *_DELEGATES),
    **_forms(False, src.INVENTED, Form.UPN_BACKSLASH_ALIAS),
}
_FORMS_2013 = {
    **_forms(False, src.MSXFAQ_IMAP, Form.ALIAS),
    **_forms(True, src.MSXFAQ_IMAP, Form.SAM, Form.DOMAIN_SAM, Form.UPN),
    **_forms(True, src.CARRIED_OVER, Form.DOMAIN_SAM_ALIAS),
    **_forms(False, src.INVENTED, Form.PRIMARY, Form.PROXY, Form.UPN_BACKSLASH_ALIAS),
    **_forms(True, src.OXPOP3_2_2_2, *_DELEGATES),
}
_FORMS_2016 = {**_FORMS_2013, **_forms(True, src.PARSEDMARC_144, Form.DOMAIN_SAM_ALIAS)}
_FORMS_2019 = {
    **_FORMS_2016,
    **_forms(False, src.CARRIED_OVER, Form.ALIAS),
    **_forms(True, src.CARRIED_OVER, Form.SAM, Form.DOMAIN_SAM, Form.DOMAIN_SAM_ALIAS, Form.UPN),
}
_FORMS_SE = {**_FORMS_2019, **_forms(True, src.CARRIED_OVER, *_DELEGATES)}
_FORMS_ONLINE = {
    **_forms(False, src.BASIC_AUTH_OFF, *Form),
    **_forms(True, src.OAUTH, Form.UPN),
}
_FORMS_RFC = {**_forms(False, src.OWN, *Form), **_forms(True, src.OWN, Form.ALIAS, Form.UPN)}

E2000 = Edition(
    name="2000",
    title="Exchange 2000",
    replies={
        **_EXCHANGE,
        **_texts(
            src.NMAP,
            greeting=f"Microsoft Exchange 2000 POP3 server version 6.0.6249.0 ({_HOST}) ready.",
        ),
        **_texts(src.DAVENPORT, mechanisms="The operation completed successfully."),
        **_cited(src.CARRIED_OVER, _EXCHANGE, "user", "logged_on", "stat", "uidl", "top", "list"),
        **_cited(src.CARRIED_OVER, _EXCHANGE, "logon_failure", "authentication_failure", "not_in_this_state"),
        **_texts(  # carried back from 2003
            src.CARRIED_OVER,
            capabilities="Capability list follows",
            farewell="Microsoft Exchange 2000 POP3 server version 6.0.6249.0 signing off.",
        ),
    },
    capabilities=Fact(("TOP", "USER", "PIPELINING", "EXPIRE NEVER", "UIDL", "SASL"), src.INVENTED),
    capa_before_tls=src.INVENTED,
    capa_inside_tls=src.INVENTED,
    capa_logged_on=src.INVENTED,
    listed=Fact(("NTLM",), src.CARRIED_OVER),
    accepted=Fact(
        ("NTLM",), src.DAVENPORT
    ),  # on a back end; Exchange 2000's front ends had no NTLM: KB 306874
    login_type=Fact(None, src.SET_POPSETTINGS),
    plaintext_before_tls=Fact(True, src.INVENTED),
    negotiated_before_tls=Fact(True, src.DAVENPORT),
    gssapi_ntlm=Fact(None, src.SET_POPSETTINGS),
    extended_protection=Fact(None, src.SET_POPSETTINGS),
    ntlm_prompt=Fact("+ OK", src.DAVENPORT),
    own_mailbox=Fact(False, src.TEAM_BLOG_2004),
    stls=Fact(False, src.INVENTED),
    passwords=Fact(True, src.TEAM_BLOG_2004),
    forms=_FORMS_2000,
    line_limit=Fact(512, src.INVENTED),
    # No Exchange is on record with a number. This one is for safety, yet leaves people room to mistype.
    failed_logons=Fact(10, src.INVENTED),
    logon_timeout=Fact(60, src.INVENTED),
    idle_timeout=Fact(600, src.CONNECTION_LIMITS_2003),
    deletes_to=Fact(DeletesTo.DUMPSTER, src.KB_178630),
    retention_days=Fact(7, src.INVENTED),
    most_retention_days=Fact(24_855, src.INVENTED),  # the days that fit into 31 bits of seconds
    single_item_recovery=Fact(False, src.SINGLE_ITEM_RECOVERY),
    backup_restore=Fact(BackupRestore.RECOVERY_SERVER, src.RECOVERY_STORAGE_GROUP_2003),  # which is new there
    base64_uids=Fact(True, src.CARRIED_OVER),
    exclusive=Fact(False, src.CONNECTIONS_PER_USER),
    connections=Fact(Connections(), src.CONNECTION_LIMITS_2003),
    address_list=Fact(True, src.ADDRESS_LIST_2003),
)

E2003 = replace(
    E2000,
    name="2003",
    title="Exchange Server 2003",
    replies={
        **E2000.replies,
        **_EXCHANGE,
        **_texts(
            src.MAILKIT_391,
            greeting=f"Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 ({_HOST}) ready.",
            farewell="Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 signing off.",
            capabilities="Capability list follows",
        ),
    },
    capabilities=Fact(E2000.capabilities.value, src.MAILKIT_391),
    capa_before_tls=src.MAILKIT_391,
    capa_inside_tls=src.INVENTED,
    forms=_FORMS_2003,
    listed=Fact(("NTLM",), src.MAILKIT_391),
    accepted=Fact(("NTLM",), src.MAILKIT_391),
    plaintext_before_tls=Fact(True, src.MAILKIT_391),
    negotiated_before_tls=Fact(True, src.MAILKIT_391),
    ntlm_prompt=Fact("+OK", src.MAILKIT_391),
    deletes_to=Fact(DeletesTo.DUMPSTER, src.KCLEMSON),
    backup_restore=Fact(BackupRestore.RECOVER_MAILBOX_DATA, src.RECOVERY_STORAGE_GROUP_2003),
    base64_uids=Fact(True, src.BLACKBERRY_KB03913),
    stls=Fact(False, src.MAILKIT_391),
)


def _signing_off(version: str, source: Source) -> dict[str, Fact[str]]:
    return _texts(source, farewell=f"Microsoft Exchange Server {version} POP3 server signing off.")


E2007 = replace(
    E2003,
    name="2007",
    title="Exchange Server 2007",
    replies={
        **_EXCHANGE,
        **_texts(src.CURL_718, greeting="The Microsoft Exchange POP3 service is ready.", capabilities=""),
        **_texts(src.MAILKIT_119, begin_tls="Begin TLS negotiation."),
        **_cited(src.LOGON_FAILURE, _EXCHANGE, "logon_failure"),
        **_cited(src.NOT_IN_STATE, _EXCHANGE, "not_in_this_state"),
        **_cited(src.CARRIED_OVER, _EXCHANGE, "user", "logged_on", "stat", "uidl"),
        **_cited(src.INVENTED, _EXCHANGE, "list", "top"),
        # The texts of AUTH are on record for XOAUTH2 at Exchange Online alone; taken for all from 2007 on.
        **_texts(
            src.INVENTED,
            mechanisms="",
            line_too_long="Protocol error. Connection is closed. 10",
            authenticated="User successfully authenticated.",
            authentication_failure="Authentication failure: unknown user name or bad password.",
        ),
        **_signing_off("2007", src.INVENTED),
    },
    capabilities=Fact(("TOP", "UIDL", "SASL", "USER", "STLS"), src.CURL_718),
    # Both are on record for 110 before TLS with PlainTextLogin alone: curl, issue 718.
    capa_before_tls=src.INVENTED,
    capa_inside_tls=src.INVENTED,
    passwords=Fact(True, src.TEAM_BLOG_2007),
    listed=Fact(("NTLM", "GSSAPI", "PLAIN"), src.CURL_718),
    accepted=Fact(("NTLM", "GSSAPI", "PLAIN", "LOGIN"), src.INVENTED),
    login_type=Fact(LoginType.SECURE_LOGIN, src.TEAM_BLOG_2007),
    plaintext_before_tls=Fact(False, src.TEAM_BLOG_2007),
    negotiated_before_tls=Fact(False, src.TEAM_BLOG_2007),
    ntlm_prompt=Fact("", src.OXPOP3_2_2_1),
    own_mailbox=Fact(False, src.CARRIED_OVER),
    retention_days=Fact(14, src.RETENTION_2007),
    backup_restore=Fact(BackupRestore.RESTORE_MAILBOX, src.RECOVERY_STORAGE_GROUP_2007),
    base64_uids=Fact(False, src.MAILKIT_UIDL),
    stls=Fact(True, src.CURL_718),
    forms=_FORMS_2007,
    idle_timeout=Fact(1800, src.INVENTED),
    connections=Fact(Connections(2000, 20, 10), src.CONNECTIONS_2007),
    address_list=Fact(False, src.SET_POPSETTINGS),
    # Documented are 47 octets, too few for many a log-on name: [MS-STANXPOP3] 2.2.14.
    line_limit=Fact(512, src.INVENTED),
)

E2010 = replace(
    E2007,
    name="2010",
    title="Exchange Server 2010",
    replies={
        **E2007.replies,
        **_cited(src.R00TEDVW, E2007.replies, "greeting", "user", "logged_on", "stat"),
        **_cited(src.CAPA_BETWEEN, E2007.replies, "capabilities"),
        **_signing_off("2010", src.R00TEDVW),
    },
    capabilities=Fact(E2007.capabilities.value, src.CAPA_BETWEEN),
    capa_inside_tls=src.CAPA_BETWEEN,
    # Of SP1 and later: the first release, RTM, had no NTLM for POP3 (Set-PopSettings of 2018).
    listed=Fact(("NTLM", "GSSAPI", "PLAIN"), src.CAPA_BETWEEN),
    gssapi_ntlm=Fact(True, src.POPSETTINGS_2018),
    extended_protection=Fact(ExtendedProtection.NONE, src.POPSETTINGS_2018),
    plaintext_before_tls=Fact(False, src.LOGIN_TYPE_2010),
    negotiated_before_tls=Fact(False, src.LOGIN_TYPE_2010),
    stls=Fact(True, src.SET_POPSETTINGS),
    passwords=Fact(True, src.R00TEDVW),
    forms=_FORMS_2010,
    login_type=Fact(LoginType.SECURE_LOGIN, src.LOGIN_TYPE_2010),
    line_limit=Fact(512, src.STANXPOP3_LINE),
    connections=Fact(Connections(2000, 2000, 16), src.CONNECTIONS_2010),
    logon_timeout=Fact(60, src.SET_POPSETTINGS),
    idle_timeout=Fact(1800, src.SET_POPSETTINGS),
    deletes_to=Fact(DeletesTo.RECOVERABLE_ITEMS, src.RECOVERABLE_ITEMS),
    retention_days=Fact(14, src.RECOVERABLE_ITEMS),
    backup_restore=Fact(BackupRestore.RESTORE_REQUEST, src.RECOVERY_DATABASE),
)

E2013 = replace(
    E2010,
    name="2013",
    title="Exchange Server 2013",
    passwords=Fact(True, src.SET_POPSETTINGS),
    connections=Fact(Connections(per_user=16), src.SET_POPSETTINGS),
    own_mailbox=Fact(True, src.NTLM_2013),
    replies={
        **E2010.replies,
        **_cited(src.BANNER, E2010.replies, "greeting"),
        **_signing_off("2013", src.INVENTED),
    },
    login_type=Fact(LoginType.SECURE_LOGIN, src.SET_POPSETTINGS),
    plaintext_before_tls=Fact(False, src.SET_POPSETTINGS),
    forms=_FORMS_2013,
)

E2016 = replace(
    E2013,
    name="2016",
    title="Exchange Server 2016",
    replies={**E2013.replies, **_signing_off("2016", src.INVENTED)},
    forms=_FORMS_2016,
    gssapi_ntlm=Fact(True, src.SET_POPSETTINGS),
    extended_protection=Fact(ExtendedProtection.NONE, src.SET_POPSETTINGS),
    own_mailbox=Fact(True, src.CARRIED_OVER),
)

E2019 = replace(
    E2016,
    name="2019",
    title="Exchange Server 2019",
    replies={**E2016.replies, **_signing_off("2019", src.INVENTED)},
    forms=_FORMS_2019,
)

SE = replace(E2019, name="se", title="Exchange Server Subscription Edition", forms=_FORMS_SE)

# The bracket holds the front-end server's name in UTF-16LE and base64; the name here is made up.
_FRONT_END = base64.b64encode("LAB01.muster.example".encode("utf-16-le")).decode()

ONLINE = replace(
    SE,
    name="online",
    title="Exchange Online",
    connections=Fact(Connections(), src.INVENTED),
    replies={
        **SE.replies,
        **_texts(
            src.DOCKER_MAILSERVER,
            greeting=f"{SE.replies['greeting'].value} [{_FRONT_END}]",
        ),
        **_cited(src.DOCKER_MAILSERVER, SE.replies, "user", "logged_on", "stat", "capabilities"),
        **_cited(src.GETMAIL_256, SE.replies, "line_too_long"),
        **_cited(src.INDY_192, SE.replies, "begin_tls"),
        **_cited(src.OAUTH, SE.replies, "authenticated"),
        **_cited(src.RUST_POP3_17, SE.replies, "logon_failure"),
        **_cited(src.PROXY_162, SE.replies, "not_in_this_state"),
        **_cited(src.PROXY_244, SE.replies, "authentication_failure"),
        **_signing_off("2016", src.DOCKER_MAILSERVER),
    },
    capabilities=Fact(E2007.capabilities.value, src.DOCKER_MAILSERVER),
    capa_before_tls=src.INDY_192,
    capa_inside_tls=src.DOCKER_MAILSERVER,
    listed=Fact(("PLAIN", "XOAUTH2"), src.VMIME_267),
    accepted=Fact(("PLAIN", "LOGIN", "XOAUTH2"), src.INVENTED),
    login_type=Fact(None, src.SET_POPSETTINGS),
    gssapi_ntlm=Fact(None, src.SET_POPSETTINGS),
    extended_protection=Fact(None, src.SET_POPSETTINGS),
    plaintext_before_tls=Fact(False, src.INDY_192),
    negotiated_before_tls=Fact(False, src.INDY_192),
    stls=Fact(True, src.INDY_192),
    passwords=Fact(False, src.BASIC_AUTH_OFF),
    most_retention_days=Fact(30, src.SET_MAILBOX),
    single_item_recovery=Fact(True, src.SET_MAILBOX),
    backup_restore=Fact(BackupRestore.NOT_OPEN, src.INVENTED),
    forms=_FORMS_ONLINE,
    line_limit=Fact(512, src.INVENTED),  # that there is a limit is on record: getmail6, issue 256
    logon_timeout=Fact(60, src.INVENTED),
    idle_timeout=Fact(1800, src.INVENTED),
)

RFC = Edition(
    name="rfc",
    title="RFC 1939",
    replies={},
    capabilities=Fact(
        (
            "TOP",
            "UIDL",
            "USER",
            "SASL",
            "STLS",
            "PIPELINING",
            "RESP-CODES",
            "EXPIRE NEVER",
            "IMPLEMENTATION minipop",
        ),
        src.RFC_2449,
    ),
    capa_before_tls=src.OWN,
    capa_inside_tls=src.OWN,
    capa_logged_on=src.OWN,
    # XOAUTH2 in clear, which no Exchange offers: to show that a token is worth as much as a password there.
    listed=Fact(("PLAIN", "LOGIN", "XOAUTH2"), src.OWN),
    accepted=Fact(("PLAIN", "LOGIN", "XOAUTH2"), src.OWN),
    login_type=Fact(None, src.OWN),
    gssapi_ntlm=Fact(None, src.OWN),
    extended_protection=Fact(None, src.OWN),
    ntlm_prompt=Fact("", src.OWN),
    own_mailbox=Fact(True, src.OWN),
    plaintext_before_tls=Fact(True, src.RFC_1939),
    negotiated_before_tls=Fact(True, src.OWN),
    stls=Fact(True, src.OWN),
    passwords=Fact(True, src.OWN),
    forms=_FORMS_RFC,
    line_limit=Fact(255, src.RFC_2449),
    failed_logons=Fact(10, src.OWN),
    logon_timeout=Fact(600, src.RFC_1939),
    idle_timeout=Fact(600, src.RFC_1939),
    deletes_to=Fact(DeletesTo.NOWHERE, src.RFC_1939),
    retention_days=Fact(0, src.OWN),
    most_retention_days=Fact(0, src.OWN),
    single_item_recovery=Fact(False, src.OWN),
    backup_restore=Fact(BackupRestore.NOTHING, src.OWN),
    base64_uids=Fact(False, src.OWN),
    exclusive=Fact(True, src.RFC_1939),
    connections=Fact(Connections(per_user=1), src.RFC_1939),
    address_list=Fact(False, src.OWN),
)

#: Every edition by its name, oldest first.
EDITIONS: dict[str, Edition] = {
    edition.name: edition for edition in (E2000, E2003, E2007, E2010, E2013, E2016, E2019, SE, ONLINE, RFC)
}

DEFAULT = E2016.name
