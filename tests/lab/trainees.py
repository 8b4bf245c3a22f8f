"""How a trainee logs on in an exercise: by poplib, on the encrypted port."""

import poplib

from evidence.patience import PATIENCE
from evidence.raw import context
from minipop import Lab


def client(lab: Lab, user: str, password: str) -> poplib.POP3_SSL:
    """Return a client that is logged on."""
    pop = poplib.POP3_SSL(lab.host, lab.tls_port, context=context(lab.ca_file), timeout=PATIENCE)
    pop.user(user)
    pop.pass_(password)
    return pop


def fax(lab: Lab) -> poplib.POP3_SSL:
    """Return the client of the fax mailbox."""
    return client(lab, "svc-fax@muster.example", "Faxe2026")


def bernd(lab: Lab, name: str = "bmueller@muster.example") -> poplib.POP3_SSL:
    """Return Bernd's client, logged on by one of the forms of his name."""
    return client(lab, name, "Winter ist kalt 7")
