"""What a good administrator of Dovecot sets for many short sessions of many users.

The page on performance shows these lines, from bench/results.json, with the reasons of the section
`dovecot-settings` in website/words.
"""

#: For Dovecot 2.3; everything else is as Dovecot has it by default.
TUNED = (
    "service pop3-login {\n  service_count = 0\n  process_min_avail = 2\n  client_limit = 10000\n}",
    "service pop3 {\n  service_count = 1000\n  process_min_avail = 8\n  process_limit = 12000\n}",
    "service auth {\n  client_limit = 30000\n}\nservice anvil {\n  client_limit = 30000\n}",
    "auth_cache_size = 10 M",
    "mail_max_userip_connections = 16",
    "mail_fsync = never",
    "pop3_no_flag_updates = yes",
    "pop3_fast_size_lookups = yes",
    "maildir_very_dirty_syncs = yes",
)
