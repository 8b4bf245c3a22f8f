"""curl takes the strongest mechanism that the server lists, unless told which; its NTLM is version 2."""

from __future__ import annotations

import pytest

from minipop.lab.clients import Transport
from minipop.lab.realm import missing
from tests.clients.checks import Checks
from tests.clients.drivers import Client
from tests.clients.matrix import Labs, Outcome, attempt, outcome


class TestCurl(Checks):
    """Expected of curl on 110, on 110 with STLS, and on 995."""

    name = "curl"
    expected = """
                          110          110+STLS     995
        USER              another      another      another
        PLAIN             works        works        works
        LOGIN             gives up     gives up     gives up
        LOGIN, listed     works        works        works
        NTLM              works        works        works
        NTLM, v1 allowed  works        works        works
        NTLM, 2003        gives up     not offered  gives up
        GSSAPI            works        works        works
        XOAUTH2           works        works        works
    """
    verifies = """
                                       110+STLS     995
        another authority              yes          yes
        no authority                   yes          yes
    """

    @pytest.mark.parametrize("transport", list(Transport), ids=lambda t: t.value)
    def test_without_a_ticket_it_ends_where_kerberos_is_listed(
        self, client: Client, labs: Labs, transport: Transport
    ) -> None:
        """Nobody told it to use Kerberos, but the name looks like user@REALM; it tries nothing else."""
        if lacks := missing():
            pytest.skip(lacks)
        done = attempt(client, labs["2016+krb"], "USER", transport)
        assert outcome(done, "USER") == Outcome("gives up", said="AUTH GSSAPI", reply="+ ")
        assert done.code == 94
