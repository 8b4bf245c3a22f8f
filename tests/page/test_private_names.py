"""What the page uses of CPython though nobody promises it: where a new Python changes it, this fails."""

import asyncio
import asyncio.base_events
import asyncio.sslproto
import inspect
import re
import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest

from minipop.page.loop import PageLoop
from minipop.page.sockets import _SOCKET
from minipop.page.transport import End, PageTransport


def names_in(function: Callable[..., Any]) -> set[str]:
    """Return the attributes that a function uses."""
    return set(function.__code__.co_names)


def turn(loop: PageLoop) -> None:
    """Turn a loop until it is stopped, also inside Pyodide, where another loop is running."""
    with loop._as_the_running_loop():
        loop.run_forever()


def test_each_turn_of_the_loop_asks_select_how_long_it_may_wait() -> None:
    asked: list[float | None] = []

    class Asked(PageLoop):
        def select(self, timeout: float | None) -> list[Any]:
            asked.append(timeout)
            if len(asked) == 3:
                self.stop()
            return []

    loop = Asked()
    loop.call_soon(lambda: None)
    timer = loop.call_later(60, lambda: None)
    loop.call_soon(lambda: loop.call_soon(timer.cancel))
    turn(loop)
    loop.close()
    assert asked[:2] == [0, 0]  # because something is to be called
    assert asked[2] is None  # because nothing is, and the timer is cancelled


def test_with_a_timer_alone_select_is_asked_to_wait_until_then() -> None:
    asked: list[float | None] = []

    class Asked(PageLoop):
        def select(self, timeout: float | None) -> list[Any]:
            asked.append(timeout)
            self.stop()
            return []

    loop = Asked()
    loop.call_later(60, lambda: None)
    turn(loop)
    loop.close()
    [timeout] = asked
    assert timeout is not None
    assert 0 < timeout <= 60


@pytest.mark.parametrize("name", ["_selector", "_process_events"])
def test_a_turn_uses_only_what_the_loop_of_the_page_has_for_it(name: str) -> None:
    assert name in names_in(asyncio.BaseEventLoop._run_once)  # type: ignore[attr-defined]


def test_an_error_of_select_leaves_run_forever_and_the_loop_can_turn_again() -> None:
    loop = PageLoop()
    with pytest.raises(OSError, match="nobody is left"):
        loop.turn(lambda: False)
    assert not loop.is_running()
    done: list[int] = []
    loop.call_soon(done.append, 1)
    loop.settle()
    loop.close()
    assert done == [1]


def test_call_soon_threadsafe_wakes_a_loop_by_this_name() -> None:
    assert "_write_to_self" in names_in(asyncio.BaseEventLoop.call_soon_threadsafe)
    loop = PageLoop()
    done: list[int] = []
    loop.call_soon_threadsafe(done.append, 1)
    loop.settle()
    loop.close()
    assert done == [1]


def test_the_running_loop_can_be_set_aside_and_put_back() -> None:
    async def cell() -> bool:
        loop = asyncio.events._get_running_loop()
        asyncio.events._set_running_loop(None)
        gone = asyncio.events._get_running_loop() is None
        asyncio.events._set_running_loop(loop)
        return gone and asyncio.get_running_loop() is loop

    loop = PageLoop()
    assert loop.complete(cell())
    loop.close()


def test_a_task_can_be_left_and_entered_again() -> None:
    async def cell() -> bool:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task
        asyncio.tasks._leave_task(loop, task)
        gone = asyncio.current_task() is None
        asyncio.tasks._enter_task(loop, task)
        return gone and asyncio.current_task() is task

    loop = PageLoop()
    assert loop.complete(cell())
    loop.close()


def test_start_tls_takes_a_transport_that_says_it_can() -> None:
    assert "'_start_tls_compatible'" in inspect.getsource(asyncio.BaseEventLoop.start_tls)
    assert PageTransport._start_tls_compatible is True


def test_tls_ends_a_transport_by_this_name() -> None:
    protocol = asyncio.sslproto.SSLProtocol
    assert "_force_close" in names_in(protocol._fatal_error)
    loop = PageLoop()
    lost: list[Exception | None] = []

    class Protocol(asyncio.Protocol):
        def connection_lost(self, exc: Exception | None) -> None:
            lost.append(exc)

    end, _ = End.pair(("127.0.0.1", 1), ("127.0.0.1", 2))
    error = OSError("bad record")
    PageTransport(loop, end, Protocol())._force_close(error)
    loop.settle()
    loop.close()
    assert lost == [error]


def test_a_file_of_a_socket_asks_it_for_no_more_than_this() -> None:
    used = set(re.findall(r"self\._sock\.(\w+)", inspect.getsource(socket.SocketIO)))
    assert used == {"recv_into", "send", "fileno", "_decref_socketios"}


def test_makefile_counts_its_files_in_the_socket_by_this_name() -> None:
    assert "_io_refs" in names_in(_SOCKET.makefile)


def test_pyodide_says_that_it_is_no_other_system() -> None:
    """`minipop.page.install` goes by `sys.platform`; PEP 776 names the value."""
    assert sys.platform in {"linux", "darwin", "win32", "emscripten"}
