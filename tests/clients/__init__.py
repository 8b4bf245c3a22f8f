"""Real POP3 clients against the server: what works between them, tried in every run."""
