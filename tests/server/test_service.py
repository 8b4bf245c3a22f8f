"""The service and its thread: ports, addresses, stopping."""

import asyncio
import itertools
import socket
import threading

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw
from minipop.server import AddressError, Service, Timeouts, is_loopback
from minipop.server.tls import authority
from tests.server.conftest import Running, Serve
from tests.support import FakePolicy


def service() -> Service:
    return Service(FakePolicy(), authority().server_context(), Timeouts())


def test_both_ports_answer_when_start_returns(running: Running) -> None:
    with Raw(running.port) as plain, Raw(running.tls_port, tls=True) as tls:
        assert plain.line().startswith(b"+OK")
        assert tls.line().startswith(b"+OK")
    assert running.port != running.tls_port


def test_the_service_listens_on_the_address_it_was_given_and_on_no_other(running: Running) -> None:
    for server in running.service._servers:
        assert {s.getsockname()[0] for s in server.sockets} == {"127.0.0.1"}


@pytest.mark.parametrize("first", [True, False], ids=["110-style", "995-style"])
def test_a_port_that_is_taken_is_named_and_the_other_let_go(first: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, socket.create_server(("127.0.0.1", 0)) as free:
        taken, port = other.getsockname()[1], free.getsockname()[1]
        free.close()
        with pytest.raises(AddressError, match=f"127.0.0.1 port {taken}: .*in use"):
            asyncio.run(service().start("127.0.0.1", *((taken, port) if first else (port, taken))))
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_the_same_port_cannot_be_both() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(AddressError, match=str(port)):
        asyncio.run(service().start("127.0.0.1", port, port))


@pytest.mark.parametrize("host", ["192.0.2.1", "a" * 70 + ".example", "ex..ample", "::1%no"])
def test_an_address_that_is_not_this_machine_s_is_an_address_error(host: str) -> None:
    with pytest.raises(AddressError, match=f"cannot listen on {host} port 0: ."):
        asyncio.run(service().start(host))


@pytest.mark.parametrize("port", [-1, 65_536, 10**10])
def test_a_number_that_is_no_port_is_an_address_error(port: int) -> None:
    with pytest.raises(AddressError, match=f"port {port}: ."):
        asyncio.run(service().start("127.0.0.1", port))


def test_of_three_hundred_clients_that_wait_few_are_accepted_at_a_time(running: Running) -> None:
    # The 301st of a shorter queue is not refused, but its system tries again only after a second.
    open_now = [0]

    def count() -> None:
        open_now.append(len(running.service._connections))
        if open_now[-1] < 300:
            running.runner._loop.call_soon(count)

    busy, over = threading.Event(), threading.Event()

    def work() -> None:
        busy.set()
        over.wait()

    other = threading.Thread(target=running.runner.between_commands, args=[work])
    other.start()
    try:
        assert busy.wait(PATIENCE)
        clients = [Raw(running.port) for _ in range(300)]
        running.runner._loop.call_soon_threadsafe(count)
    finally:
        over.set()
        other.join()
    for client in clients:
        assert client.line().startswith(b"+OK")
    running.runner.between_commands(lambda: None)  # it is counted until all are there
    most = max(later - earlier for earlier, later in itertools.pairwise(open_now))
    assert open_now[-1] == 300
    assert most <= 17  # 16, from Python 3.13 on one more
    for client in clients:
        client.close()


def test_stopping_ends_every_session_at_once_and_deletes_nothing(serve: Serve) -> None:
    running = serve()
    clients = [Raw(running.port).log_on(), Raw(running.tls_port, tls=True).log_on()]
    for client in clients:
        client.ask(b"DELE 1")
        client.send(b"QUI")
    running.stop()
    for client in clients:
        assert client.rest() == b""
        client.close()
    assert running.policy.maildrop.commits == 0
    assert running.policy.maildrop.closed == 2


def test_after_stopping_both_ports_are_free(serve: Serve) -> None:
    running = serve()
    ports = running.port, running.tls_port
    running.stop()
    for port in ports:
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_stopping_leaves_no_thread_and_no_task_behind(serve: Serve) -> None:
    before = threading.active_count()
    running = serve()
    with Raw(running.port) as client:
        client.line()
        assert threading.active_count() == before + 1
        running.stop()
    assert threading.active_count() == before


def test_the_thread_never_keeps_a_process_alive(running: Running) -> None:
    assert [t.daemon for t in threading.enumerate() if t.name == "minipop"] == [True]
    assert running.port


def test_the_service_runs_in_an_event_loop_of_ones_own_as_well() -> None:
    async def run() -> bytes:
        own = service()
        await own.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", own.port)
        greeting = await reader.readline()
        writer.close()
        await writer.wait_closed()
        await own.stop()
        return greeting

    assert asyncio.run(run()).startswith(b"+OK")


def test_what_clients_have_done_is_dealt_with_when_the_service_has_settled(serve: Serve) -> None:
    running = serve()
    for n in range(1, 41):
        client = Raw(running.port if n % 2 else running.tls_port, tls=not n % 2).log_on()
        client.ask(b"DELE 1")
        client.close()
        assert running.maildrop.closed == n
    assert running.maildrop.commits == 0


LOOPBACK = ["127.0.0.1", "127.1.2.3", "::1", "localhost"]
REMOTE = [
    "0.0.0.0",
    "::",
    "192.0.2.1",
    "",
    "example.org",
    "localhost.example",
    "127.0.0.1.example",
    "1",
    "127.1",
]


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_is_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", REMOTE)
def test_everything_else_is_not(host: str) -> None:
    assert not is_loopback(host)
