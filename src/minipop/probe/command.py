"""The sub-command ``minipop probe HOST``."""

import argparse
import getpass
import io
import ipaddress
import json
import math
import os
import sys
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .observation import Target


class BadInput(Exception):
    """The command line or the password cannot be used; the text says why in one line."""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add ``probe`` to the sub-commands."""
    texts = tomllib.loads((files(__package__) / "command.toml").read_text("utf-8"))
    parser = commands.add_parser("probe", **texts["parser"])
    types = {
        "--port": port_number,
        "--tls-port": port_number,
        "--timeout": _seconds,
        "--pause": _pause,
        "--deadline": _seconds,
        "--expect": _ways,
    }
    for name, told in texts["options"].items():
        if name in types:
            told["type"] = types[name]
        parser.add_argument(name, **told)
    parser.set_defaults(run=run, refuse=_refuse_line)


def run(options: argparse.Namespace) -> int:
    """Probe, print the report, and return the exit status.

    Returns:
        0 if nothing is worse than a notice, 1 after a warning, 3 after a danger; 2 after bad input or if
        neither port answers as a POP3 server, with one line on standard error. With ``--expect`` it is
        that of `minipop.probe.expectations`.
    """
    from . import expectations, report, verdict  # here, because `minipop serve` needs none of it
    from .probe import probe

    expected: tuple[str, ...] = options.expect or ()
    try:
        seen = probe(_target(options), options.user, _password(options))
    except BadInput as error:
        text = f"minipop probe: {error}"
        print(text, file=sys.stderr)
        return _refuse(text, as_json=options.json, monitored=bool(expected))
    status = verdict.EXIT[verdict.worst(verdict.findings(seen))] if seen.answered else 2
    if expected:
        status = expectations.status(seen, expected)
    elif not seen.answered:
        print(f"minipop probe: {report.why_unanswered(seen, options.lang)}", file=sys.stderr)
    if options.json:
        print_now(json_line(report.as_json(seen, expected)))
    elif expected or seen.answered:
        print_now(report.as_text(seen, options.lang, expected))
    return status


def _refuse(text: str, *, as_json: bool, monitored: bool) -> int:
    """Say on standard output, too, why nothing was probed, if a program reads that; return the status."""
    from .report import bad_input_as_json

    status = 3 if monitored else 2  # because 2 would tell Nagios that the server is down
    if as_json:
        print_now(json_line(bad_input_as_json(text, status)))
    elif monitored:
        print_now(f"POP3 UNKNOWN - {text}")
    return status


def _refuse_line(given: Sequence[str], text: str) -> int:
    """Do the same for a command line that cannot be read."""
    monitored = any(word == "--expect" or word.startswith("--expect=") for word in given)
    return _refuse(text, as_json="--json" in given, monitored=monitored)


def _target(options: argparse.Namespace) -> "Target":
    from .observation import Target

    host = _host(options.host)
    name = host if options.name is None else options.name
    if not _is_name(name):
        raise BadInput(f"{options.name!r} is no name that a certificate could hold")
    if options.ca_file is not None:
        _check_ca_file(options.ca_file)
    _check_pair(options.cert, options.key)
    return Target(
        host,
        name,
        options.port,
        options.tls_port,
        options.ca_file,
        options.timeout,
        options.pause,
        60 + 20 * options.pause if options.deadline is None else options.deadline,
        options.cert,
        options.key,
    )


def _host(text: str) -> str:
    """Return the host, an IPv6 address without its brackets."""
    host = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise BadInput(f"{text!r} is no host; a port is given with --port and --tls-port") from None
    if not _is_name(host) or not host.isprintable() or any(c in host for c in " /@"):
        raise BadInput(f"{text!r} is no host; a host is a name or an address")
    return host


def _is_name(text: str) -> bool:
    """Tell whether a text can be looked up, and stand in a certificate."""
    try:
        return bool(text.encode("idna")) and not text.startswith(".")
    except UnicodeError:
        return False


def _check_ca_file(file: str) -> None:
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        raise BadInput(f"{file}: no certificates in PEM form") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{file}: {getattr(error, 'strerror', None) or error}") from None


def _check_pair(cert: str | None, key: str | None) -> None:
    from . import tls

    if cert is None:
        if key is not None:
            raise BadInput("--key needs --cert")
        return
    try:
        tls.unverified(None, (cert, key))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        files_named = cert if key is None else f"{cert}, {key}"
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise BadInput(f"{files_named}: no certificate with its key: {reason}") from None


def _password(options: argparse.Namespace) -> str:
    """Return the password, asked for or read: on a command line, other users of the machine would see it."""
    if options.user is None:
        if options.password_stdin:
            raise BadInput("--password-stdin needs --user")
        return ""
    if not options.user or not options.user.isprintable():
        raise BadInput(f"{options.user!r} is no name to log on with")
    if options.password_stdin:
        password = _password_line()
    elif sys.stdin.isatty():
        password = getpass.getpass(f"Password of {options.user} (is not shown): ", sys.stderr)
    else:
        raise BadInput("there is no terminal to ask for the password; pass it with --password-stdin")
    if not password or any(c in password for c in "\0\r\n"):
        raise BadInput("that is no password to log on with: it is empty or holds a control character")
    return password


def _password_line() -> str:
    """Read a line of standard input in UTF-8, without the mark that Windows' editors put before it."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8")  # Windows takes a file for one in an old code page
    try:
        line = sys.stdin.readline().rstrip("\r\n")
        line.encode("utf-8")
    except UnicodeError:
        raise BadInput("the password on standard input is no UTF-8 text") from None
    for mark in ("\ufeff", "\u00ef\u00bb\u00bf"):  # the same three bytes as UTF-8 and as Latin-1 see them
        line = line.removeprefix(mark)
    return line


def json_line(value: object) -> str:
    """Write a value as JSON on one line, in ASCII unless standard output is UTF-8, as JSON has to be."""
    encoding = sys.stdout.encoding or "utf-8"
    return json.dumps(value, ensure_ascii=encoding.lower() != "utf-8")


def print_now(text: str) -> bool:
    """Print at once; tell whether the reader of the output is still there."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        discard_output()
        return False
    return True


def discard_output() -> None:
    """Let standard output go nowhere from now on, because Python flushes it once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def port_number(text: str, lowest: int = 1) -> int:
    """Read a port of the command line.

    Raises:
        ArgumentTypeError: it is not one.
    """
    port = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else -1
    if not lowest <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; a port is a number from {lowest} to 65535")
    return port


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; it takes more than 0 and at most 3600 seconds"
        )
    return seconds


def _pause(text: str) -> float:
    return 0.0 if text == "0" else _seconds(text)


def _ways(text: str) -> tuple[str, ...]:
    ways = tuple(part.strip().lower() for part in text.split(","))
    if not set(ways) <= {"plain", "stls", "tls"}:
        raise argparse.ArgumentTypeError(f"{text!r} names no ways in; there are plain, stls and tls")
    return ways
