"""How long a program or a test waits for what must come."""

#: Seconds after which something that has not come counts as hung. It is generous, because no verdict may
#: depend on how fast the machine is.
PATIENCE = 300.0
