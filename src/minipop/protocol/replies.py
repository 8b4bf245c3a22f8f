"""The text behind ``+OK`` and ``-ERR``: named once, here, and changed by an edition where it differs.

RFC 1939 fixes the two status words and leaves the text to the server. The defaults below are minipop's
own, some borrowed from Exchange; `minipop.exchange.editions` says for each edition which text is on record.
An empty text gives a bare ``+OK``. Names in braces are filled in by the session.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Replies:
    """Reply texts of one edition, without the status word."""

    # AUTHORIZATION
    greeting: str = "minipop POP3 server ready"
    user: str = ""
    logged_on: str = "Maildrop has {count} messages ({octets} octets)"
    authenticated: str = "Maildrop has {count} messages ({octets} octets)"
    logon_failure: str = "Unknown user name or bad password."
    authentication_failure: str = "Unknown user name or bad password."
    address_not_allowed: str = "Your address may not connect to this server."
    too_many_connections: str = "Too many connections to this server."
    too_many_from_address: str = "Too many connections from your address."
    too_many_of_user: str = "Too many connections of this user."
    too_many_failures: str = "Too many failed log-ons. Connection is closed."
    in_use: str = "[IN-USE] The maildrop is open in another session."
    unreadable: str = "[SYS/TEMP] The mailbox cannot be opened at the moment."
    mechanisms: str = "Mechanisms follow"
    unknown_mechanism: str = "This authentication mechanism is not offered here."
    cancelled: str = "Authentication cancelled."
    bad_base64: str = "The authentication data is not valid base64."
    begin_tls: str = "Begin TLS negotiation."
    apop: str = "APOP is not supported."

    # TRANSACTION
    stat: str = "{count} {octets}"
    list: str = "{count} messages ({octets} octets)"
    list_one: str = "{number} {octets}"
    uidl: str = ""
    uidl_one: str = "{number} {uid}"
    retr: str = "{octets} octets"
    top: str = ""
    dele: str = "Message {number} marked as deleted"
    noop: str = ""
    rset: str = "Maildrop has {count} messages ({octets} octets)"

    message_gone: str = "The message is no longer in the Inbox."

    # any state
    capabilities: str = "Capability list follows"
    farewell: str = "minipop POP3 server signing off"
    not_in_this_state: str = "Command is not valid in this state."
    unknown_command: str = "Unknown command."
    update_failed: str = "Some deleted messages were not removed."
    line_too_long: str = "Protocol error. Connection is closed. 10"
    data_after_stls: str = "Protocol error. Connection is closed. 10"

    # arguments: what was wrong, in which command
    missing_argument: str = "{verb}: the {argument} is missing."
    surplus_argument: str = "{verb}: unexpected text after the command."
    not_a_number: str = "{verb}: the {argument} must be a whole number."
    no_such_message: str = "{verb}: there is no message {number}; the maildrop has {count}."
    message_deleted: str = "{verb}: message {number} is marked as deleted."
    not_text: str = "{verb}: the argument is not valid UTF-8 text."
    control_character: str = "The line contains a NUL character."
