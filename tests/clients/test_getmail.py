"""getmail knows USER and PASS and XOAUTH2, no STLS, and verifies only against a file that it is given."""

from __future__ import annotations

from tests.clients.checks import Checks


class TestGetmail(Checks):
    """Expected of getmail on 110, on 110 with STLS, and on 995."""

    name = "getmail"
    expected = """
                          110          110+STLS     995
        USER              works        lacks        works
        PLAIN             lacks        lacks        lacks
        LOGIN             lacks        lacks        lacks
        LOGIN, listed     lacks        lacks        lacks
        NTLM              lacks        lacks        lacks
        NTLM, v1 allowed  lacks        lacks        lacks
        NTLM, 2003        lacks        not offered  lacks
        GSSAPI            lacks        lacks        lacks
        XOAUTH2           works        lacks        works
    """
    verifies = """
                                       110+STLS     995
        another authority              lacks        yes
        no authority                   lacks        no
    """
