"""An item that cannot be converted: POP3 gets a substitute or an error, the item stays, DELE destroys it."""

from __future__ import annotations

import poplib

import pytest

from minipop import Lab


def opened(lab: Lab) -> poplib.POP3:
    pop = poplib.POP3(lab.host, lab.port)
    pop.user("anna")
    pop.pass_("Sommer2026")
    return pop


@pytest.fixture
def lab() -> Lab:
    return Lab(edition="2010", login_type="PlainTextLogin")


def test_a_substitute_is_delivered_and_the_item_stays(lab: Lab) -> None:
    with lab:
        stored = lab.mailbox("anna").inbox[2].raw()
        lab.mailbox("anna").fail_conversion(3)
        pop = opened(lab)
        text = b"\r\n".join(pop.retr(3)[1]).decode()
        assert "Retrieval using the POP3 protocol failed for the following message: 3\r\n" in text
        assert f'Subject: "{lab.mailbox("anna").inbox[2].subject}"\r\n' in text
        assert "The message hasn't been deleted." in text
        assert pop.list()[1][2] == f"3 {len(text.encode()) + 2}".encode()
        assert pop.uidl()[1][2].decode() == f"3 {lab.mailbox('anna').inbox[2].uid}"
        assert pop.top(3, 0)[1][0] == b"From: Microsoft Exchange Server"
        assert b"Retrieval" not in b"".join(pop.retr(4)[1])
        pop.quit()
        assert lab.mailbox("anna").inbox[2].raw() == stored
        assert not lab.mailbox("anna").inbox[2].read


def test_a_fetcher_that_deletes_destroys_the_item_and_has_only_the_substitute(lab: Lab) -> None:
    with lab:
        uid = lab.mailbox("anna").inbox[2].uid
        lab.mailbox("anna").fail_conversion(3)
        pop = opened(lab)
        pop.retr(3)
        pop.dele(3)
        pop.quit()
        assert uid not in [message.uid for message in lab.mailbox("anna").inbox]
        assert uid in [message.uid for message in lab.mailbox("anna").recoverable_items]


def test_without_a_substitute_retr_and_top_are_refused_and_the_session_goes_on(lab: Lab) -> None:
    with lab:
        size = lab.mailbox("anna").inbox[2].octets
        lab.mailbox("anna").fail_conversion(3, substitute=False)
        pop = opened(lab)
        with pytest.raises(poplib.error_proto, match="-ERR The message could not be converted"):
            pop.retr(3)
        with pytest.raises(poplib.error_proto, match="-ERR The message could not be converted"):
            pop.top(3, 0)
        assert pop.list()[1][2] == f"3 {size}".encode()
        assert pop.retr(4)[0].startswith(b"+OK")
        pop.quit()
        assert len(lab.mailbox("anna").inbox) == 10


def test_a_number_that_is_not_there_is_an_error(lab: Lab) -> None:
    with lab:
        for number in (0, 11):
            with pytest.raises(IndexError):
                lab.mailbox("anna").fail_conversion(number)
