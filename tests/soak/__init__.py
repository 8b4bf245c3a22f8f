"""The soak: a server for minutes under mixed clients, kills and faults, and what it costs and keeps."""
