"""What a good administrator of Dovecot sets for many short sessions of many users; the page tells it, too."""

from typing import NamedTuple


class Setting(NamedTuple):
    """Lines of Dovecot's configuration, and why they are there, in both languages."""

    lines: str
    why: dict[str, str]


#: For Dovecot 2.3; everything else is as Dovecot has it by default.
TUNED = (
    Setting(
        "service pop3-login {\n  service_count = 0\n  process_min_avail = 2\n  client_limit = 10000\n}",
        {
            "de": "Ein Prozess je Kern nimmt alle Anmeldungen an, statt für jede neu zu starten.",
            "en": "One process per core takes all log-ons, instead of a new one for each.",
        },
    ),
    Setting(
        "service pop3 {\n  service_count = 1000\n  process_min_avail = 8\n  process_limit = 12000\n}",
        {
            "de": "Der Prozess einer Sitzung übernimmt danach die nächste, und einige warten schon.",
            "en": "The process of one session takes the next one afterwards, and some wait already.",
        },
    ),
    Setting(
        "service auth {\n  client_limit = 30000\n}\nservice anvil {\n  client_limit = 30000\n}",
        {
            "de": "So viele Prozesse dürfen zugleich nach Kennwörtern fragen und sich zählen lassen.",
            "en": "So many processes may ask for passwords and be counted at a time.",
        },
    ),
    Setting(
        "auth_cache_size = 10 M",
        {
            "de": "Ein Konto wird einmal nachgeschlagen, danach steht es im Speicher.",
            "en": "An account is looked up once and is in memory from then on.",
        },
    ),
    Setting(
        "mail_max_userip_connections = 16",
        {
            "de": "So viele Verbindungen je Konto wie bei Exchange.",
            "en": "As many connections per account as with Exchange.",
        },
    ),
    Setting(
        "mail_fsync = never",
        {
            "de": "Indizes werden nicht auf die Platte gezwungen; sie lassen sich neu aufbauen.",
            "en": "Indexes are not forced to the disk; they can be built anew.",
        },
    ),
    Setting(
        "pop3_no_flag_updates = yes",
        {
            "de": "Was geholt wird, wird nicht als gelesen vermerkt.",
            "en": "What is fetched is not marked as read.",
        },
    ),
    Setting(
        "pop3_fast_size_lookups = yes",
        {
            "de": "Größen kommen aus Index und Dateinamen; dafür wird keine Nachricht gelesen.",
            "en": "Sizes come from the index and from file names; no message is read for them.",
        },
    ),
    Setting(
        "maildir_very_dirty_syncs = yes",
        {
            "de": "`cur` wird nicht neu gelesen, solange sich sein Datum nicht ändert.",
            "en": "`cur` is not read again as long as its date does not change.",
        },
    ),
)
