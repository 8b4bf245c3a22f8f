"""A report says whether Microsoft supports the server, by the same dates as the editions."""

from __future__ import annotations

import pytest

from minipop.exchange import EDITIONS
from minipop.exchange.support import day
from minipop.probe import support
from minipop.probe.observation import Endpoint

READY = "+OK The Microsoft Exchange POP3 service is ready."
ANY_EXCHANGE = (
    "Exchange 2007 or later. Microsoft supports only Exchange Server Subscription Edition. "
    "Support for 2016 and 2019 ended on 14 October 2025, for 2013 on 11 April 2023."
)


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (
            "+OK Microsoft Exchange 2000 POP3 server version 6.0.6249.0 (mail) ready.",
            "Exchange 2000: support ended on 11 January 2011.",
        ),
        (
            "+OK Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 (mail) ready.",
            "Exchange Server 2003: support ended on 8 April 2014.",
        ),
        (READY, ANY_EXCHANGE),
        (f"{READY} [TABBAEIA]", ""),  # Exchange Online
        ("+OK Dovecot ready.", ""),
        ("", ""),
    ],
)
def test_the_greeting_tells_what_is_said(greeting: str, said: str) -> None:
    assert support.said([Endpoint("plain", 110, greeting=greeting)], "en") == said


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_dates_are_those_of_the_editions(lang: str) -> None:
    texts = {
        name: support.said([Endpoint("plain", 110, greeting=greeting)], lang)
        for name, greeting in {
            "2000": "+OK Microsoft Exchange 2000 POP3",
            "2003": "+OK Microsoft Exchange Server 2003 POP3",
            **dict.fromkeys(("2013", "2016", "2019"), READY),
        }.items()
    }
    for name, text in texts.items():
        known = EDITIONS[name].support.value
        assert known
        assert known.ended
        assert day(known.ended, lang) in text
    own = [
        e for e in EDITIONS.values() if e.support.value and not e.support.value.ended and e.name != "online"
    ]
    assert [e.title in texts["2016"] for e in own] == [True]
