"""The same sessions for minipop and for Dovecot: what they answer differently, and why."""
