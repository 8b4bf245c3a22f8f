"""The same sessions go to minipop (rfc) and to Dovecot; docs/differences.yml explains every difference."""
