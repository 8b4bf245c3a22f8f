"""curl takes the strongest mechanism that the server lists, unless told which; its NTLM is version 2."""

from __future__ import annotations

import pytest

from minipop.lab.clients import Transport
from minipop.lab.realm import missing
from tests.clients.checks import Checks
from tests.clients.drivers import Account, Client, Curl
from tests.clients.matrix import Labs, Outcome, attempt, observe, outcome


class Impatient(Curl):
    """curl with --sasl-ir: it sends the first response in the line of AUTH (RFC 5034, section 4)."""

    def the_rest(self, account: Account) -> list[str]:
        """See `Client`."""
        return [*super().the_rest(account), "sasl-ir"]


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

    @pytest.mark.parametrize(
        ("user", "expected"),
        [
            ("anna@muster.example", Outcome("gives up", said="AUTH GSSAPI", reply="+ ")),
            (
                r"MUSTER\\anna",
                Outcome("gives up", said="AUTH GSSAPI", reply="+ "),
            ),  # doubled as curlrc wants it
            ("anna", Outcome("another", said="AUTH NTLM")),
        ],
    )
    def test_a_name_with_a_domain_makes_it_try_kerberos_and_end_without_a_ticket(
        self, client: Client, labs: Labs, user: str, expected: Outcome
    ) -> None:
        """Nobody told it to use Kerberos, which the server lists; it tries nothing else after that."""
        if lacks := missing():
            pytest.skip(lacks)
        done = attempt(client, labs["2016+krb"], "USER", Transport.TLS, user=user)
        assert outcome(done, "USER") == expected

    @pytest.mark.parametrize(("row", "word"), [("PLAIN", "works"), ("GSSAPI", "gives up")])
    def test_an_initial_response_goes_well_with_plain_and_not_with_kerberos(
        self, client: Client, labs: Labs, row: str, word: str
    ) -> None:
        """The option --sasl-ir; with it curl says AUTH GSSAPI all the same without one, and then ends."""
        if lacks := missing():
            pytest.skip(lacks)
        assert client.program
        came_of_it, _ = observe(Impatient(), labs, row, Transport.TLS)
        assert (came_of_it.word, came_of_it.said) == (word, f"AUTH {row}")
