"""Who may connect: how many at a time, from where, and that every kind of ending gives the place back."""

import socket
from collections.abc import Callable

import pytest

from evidence.raw import Raw
from minipop.server import Limits, Timeouts, networks
from minipop.server.limits import ConnectionLimiter
from tests.server.conftest import Running, Serve

FULL = b"-ERR Too many connections to this server."
FULL_ADDRESS = b"-ERR Too many connections from your address."
NOT_ALLOWED = b"-ERR Your address may not connect to this server."


def from_address(port: int, address: str) -> Raw:
    """Connect from an address of this machine."""
    client = Raw.__new__(Raw)
    client.socket = socket.create_connection(("127.0.0.1", port), 10, (address, 0))
    client._buffer = bytearray()
    return client


def test_without_limits_everybody_may_connect_as_often_as_they_like(running: Running) -> None:
    clients = [Raw(running.port) for _ in range(30)]
    for client in clients:
        assert client.line().startswith(b"+OK")
        client.close()


@pytest.mark.parametrize(
    ("limits", "reply"),
    [(Limits(total=2), FULL), (Limits(per_address=2), FULL_ADDRESS)],
    ids=["in all", "per address"],
)
@pytest.mark.parametrize("tls", [False, True], ids=["110", "995"])
def test_one_too_many_is_told_so_in_place_of_the_greeting_and_cut_off(
    serve: Serve, limits: Limits, reply: bytes, tls: bool
) -> None:
    running = serve(limits=limits)
    port = running.tls_port if tls else running.port
    with Raw(running.port) as one, Raw(running.tls_port, tls=True) as two, Raw(port, tls=tls) as three:
        assert one.line().startswith(b"+OK")
        assert two.line().startswith(b"+OK")
        assert three.rest() == reply + b"\r\n"
        assert one.ask(b"NOOP").startswith(b"-ERR")  # not logged on, but still there


def test_a_limit_for_an_address_leaves_room_for_others(serve: Serve) -> None:
    running = serve(limits=Limits(per_address=1))
    one, two, other = (from_address(running.port, f"127.0.0.{n}") for n in (2, 2, 3))
    with one, two, other:
        assert one.line().startswith(b"+OK")
        assert two.rest() == FULL_ADDRESS + b"\r\n"
        assert other.line().startswith(b"+OK")


def test_only_those_on_the_list_may_connect(serve: Serve) -> None:
    running = serve(limits=Limits(allowed=networks(["127.0.0.2", "127.0.1.0/24"])))
    for address, greeting in (
        ("127.0.0.2", b"+OK"),
        ("127.0.0.3", NOT_ALLOWED),
        ("127.0.1.77", b"+OK"),
        ("127.0.0.1", NOT_ALLOWED),
    ):
        with from_address(running.port, address) as client:
            assert client.line().startswith(greeting)


def test_a_list_that_is_empty_lets_nobody_in(serve: Serve) -> None:
    with Raw(serve(limits=Limits(allowed=())).port) as client:
        assert client.rest() == NOT_ALLOWED + b"\r\n"


def quits(running: Running) -> None:
    with Raw(running.port) as client:
        client.log_on().ask(b"QUIT")
        client.rest()


def breaks_off(running: Running) -> None:
    Raw(running.port).log_on().close()


def resets(running: Running) -> None:
    Raw(running.tls_port, tls=True).log_on().reset()


def says_nothing(running: Running) -> None:
    with Raw(running.port) as client:
        assert client.line().startswith(b"+OK")
        running.let_pass(60)
        client.rest()


def says_no_tls(running: Running) -> None:
    with Raw(running.tls_port) as client:
        client.send(b"CAPA\r\n")
        client.rest()


def goes_before_the_handshake(running: Running) -> None:
    Raw(running.tls_port).reset()


def goes_after_stls(running: Running) -> None:
    client = Raw(running.port)
    client.line()
    client.ask(b"STLS")
    client.close()


def says_too_much(running: Running) -> None:
    with Raw(running.port) as client:
        client.log_on().send(b"X" * 10_000 + b"\r\n")
        client.rest()


@pytest.mark.parametrize(
    "end",
    [
        quits,
        breaks_off,
        resets,
        says_nothing,
        says_no_tls,
        goes_before_the_handshake,
        goes_after_stls,
        says_too_much,
    ],
)
def test_however_a_connection_ends_its_place_is_free(serve: Serve, end: Callable[[Running], None]) -> None:
    running = serve(timeouts=Timeouts(logon=60, idle=600), limits=Limits(total=1))
    for _ in range(3):
        end(running)
        assert running.maildrop is not None  # settled
    with Raw(running.port) as client:
        assert client.line().startswith(b"+OK")


def test_one_who_is_turned_away_takes_no_place(serve: Serve) -> None:
    running = serve(limits=Limits(total=1))
    with Raw(running.port) as one:
        assert one.line().startswith(b"+OK")
        for _ in range(5):
            with Raw(running.port) as other:
                assert other.rest() == FULL + b"\r\n"
    assert running.maildrop is not None
    with Raw(running.port) as client:
        assert client.line().startswith(b"+OK")


def test_what_one_who_is_turned_away_has_sent_along_is_not_executed(serve: Serve) -> None:
    running = serve(limits=Limits(total=0))
    with Raw(running.tls_port, tls=True) as client:
        client.send(b"USER mrose\r\nPASS secret\r\nDELE 1\r\nQUIT\r\n")
        assert client.rest().startswith(FULL)
    assert running.policy.attempts == []


def test_a_restart_ends_every_session_and_brings_new_rules_on_the_same_ports(serve: Serve) -> None:
    running = serve(limits=Limits(total=1))
    port = running.port
    with Raw(port) as one:
        one.log_on().ask(b"DELE 1")
        new = Timeouts(), Limits(total=2)
        running.runner.between_commands(lambda: running.service.restart(running.policy, *new))
        assert one.rest() == b""
        assert running.maildrop.deleted == []
        with Raw(port) as two, Raw(port) as three, Raw(port) as four:
            assert two.line().startswith(b"+OK")
            assert three.line().startswith(b"+OK")
            assert four.line() == FULL


def test_leaving_twice_gives_one_place_back() -> None:
    doorkeeper = ConnectionLimiter(Limits(per_address=2))
    assert doorkeeper.admit("a", "127.0.0.1") is None
    assert doorkeeper.admit("b", "127.0.0.1") is None
    doorkeeper.leave("a")
    doorkeeper.leave("a")
    assert doorkeeper.admit("c", "127.0.0.1") is None
    assert doorkeeper.admit("d", "127.0.0.1") == "too_many_from_address"


def test_one_whose_address_nobody_knows_is_on_no_list() -> None:
    assert ConnectionLimiter(Limits(allowed=networks(["0.0.0.0/0"]))).admit("a", "") == "address_not_allowed"
    assert ConnectionLimiter(Limits()).admit("a", "") is None


@pytest.mark.parametrize("text", ["localhost", "127.0.0.1/33", "127.0.0.1/8"])
def test_what_is_neither_address_nor_subnet_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        networks([text])
