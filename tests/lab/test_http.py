"""The issuer's HTTP: a request as bytes in, its answer as bytes out, however the bytes are cut."""

import itertools

import pytest

from minipop.lab.issuer.http import Form, HttpExchange, Response

HEAD = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
REQUEST = HEAD + b"name=anna"


def echo(form: Form) -> Response:
    return Response(200, str(dict(form)).encode(), "text/plain")


def exchange() -> HttpExchange:
    return HttpExchange({("POST", "/echo"): echo, ("GET", "/echo"): echo})


def status(answer: bytes | None) -> int:
    assert answer is not None
    version, code, _ = answer.split(b" ", 2)
    assert version == b"HTTP/1.0"
    return int(code)


def test_wherever_a_request_is_cut_it_is_answered_once_it_is_complete_and_not_before() -> None:
    for cut in range(1, len(REQUEST)):
        receiving = exchange()
        assert receiving.receive(REQUEST[:cut]) is None
        answer = receiving.receive(REQUEST[cut:])
        assert status(answer) == 200
        assert answer is not None
        assert answer.endswith(b"\r\n\r\n{'name': 'anna'}")


def test_a_get_needs_no_body_and_line_feeds_alone_end_lines_as_well() -> None:
    assert status(exchange().receive(b"GET /echo?name=anna HTTP/1.1\n\n")) == 200


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (b"GET /other HTTP/1.1\r\n\r\n", 404),
        (b"PUT /echo HTTP/1.1\r\n\r\n", 501),
        (b"POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nContent-Length: 16385\r\n\r\n", 413),
        (b"GET /" + b"x" * 70_000, 414),
        (b"GET /echo HTTP/1.1\r\nX: " + b"x" * 70_000, 431),
        (b"GET /echo HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n", 431),
    ],
)
def test_what_is_no_request_is_refused(request_: bytes, code: int) -> None:
    assert status(exchange().receive(request_)) == code


def test_no_request_is_waited_for_without_end() -> None:
    receiving, received = exchange(), itertools.count(1)
    while receiving.receive(b"X: y\r\n" * 1_000) is None:
        assert next(received) < 20
