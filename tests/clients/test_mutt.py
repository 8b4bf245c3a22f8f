"""mutt knows every mechanism, if the server lists it; its NTLM is version 1."""

from __future__ import annotations

from tests.clients.checks import Checks


class TestMutt(Checks):
    """Expected of mutt on 110, on 110 with STLS, and on 995."""

    name = "mutt"
    expected = """
                          110          110+STLS     995
        USER              works        works        works
        PLAIN             works        works        works
        LOGIN             gives up     gives up     gives up
        LOGIN, listed     works        works        works
        NTLM              refused      refused      refused
        NTLM, v1 allowed  works        works        works
        NTLM, 2003        refused      not offered  refused
        GSSAPI            works        works        works
        XOAUTH2           works        works        works
    """
    verifies = """
                                       110+STLS     995
        another authority              yes          yes
        no authority                   yes          yes
    """
