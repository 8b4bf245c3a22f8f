"""Clients of many kinds, another program and faults befall a server; a ledger knows every message."""
