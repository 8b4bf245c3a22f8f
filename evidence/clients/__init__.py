"""Real POP3 clients: what works between them and minipop, and what they leave on the server."""
