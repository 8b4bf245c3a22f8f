"""All clients that are tried."""

from __future__ import annotations

from evidence.clients.client import Client
from evidence.clients.fetchers import Curl, Fdm, Fetchmail, Getmail, Mpop
from evidence.clients.terminals import Alpine, Mutt, NeoMutt
from evidence.clients.windows import ClawsMail, Thunderbird

#: The clients by their names.
CLIENTS: dict[str, Client] = {
    client.name: client
    for client in (
        Alpine(),
        ClawsMail(),
        Curl(),
        Fdm(),
        Fetchmail(),
        Getmail(),
        Mpop(),
        Mutt(),
        NeoMutt(),
        Thunderbird(),
    )
}
