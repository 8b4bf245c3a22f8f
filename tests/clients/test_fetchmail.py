"""fetchmail knows USER and PASS, NTLM in version 1, and Kerberos."""

from __future__ import annotations

from tests.clients.checks import Checks


class TestFetchmail(Checks):
    """Expected of fetchmail on 110, on 110 with STLS, and on 995."""

    name = "fetchmail"
    expected = """
                          110          110+STLS     995
        USER              works        works        works
        PLAIN             lacks        lacks        lacks
        LOGIN             lacks        lacks        lacks
        LOGIN, listed     lacks        lacks        lacks
        NTLM              refused      refused      refused
        NTLM, v1 allowed  works        works        works
        NTLM, 2003        works        not offered  works
        GSSAPI            works        works        works
        XOAUTH2           lacks        lacks        lacks
    """
    verifies = """
                                       110+STLS     995
        another authority              yes          yes
        no authority                   yes          yes
    """
