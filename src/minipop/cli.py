"""The command line: ``minipop serve``, ``matrix``, ``probe`` and ``explain``."""

import argparse
import io
import signal
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from importlib.resources import files

from . import __version__
from .exchange import DEFAULT, EDITIONS, AccountsError, LoginType, SettingsError
from .explain import add_parser as add_explain
from .lab import LANGUAGES, Lab, MaildirError, Options, RealmError
from .probe import add_parser as add_probe
from .probe.command import discard_output, json_line, port_number, print_now
from .server import AddressError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: the words of the command line, None for those of this process.

    Returns:
        The exit status: 0, or 2 after bad input, with one line on standard error; 0 as well if the reader of
        the output has hung up, as ``head`` does, and the command had not ended before.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What cannot be shown is written by its number. Into a pipe, Windows writes an old code page.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()  # here, because what fails at exit is told as an error
    except BrokenPipeError:
        discard_output()
        return 0


def _run(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        return status
    except (SettingsError, AccountsError, AddressError, RealmError, MaildirError) as error:
        print(f"minipop: {error}", file=sys.stderr)
        return 2


def _serve(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; sessions then end without deleting anything."""
    import threading  # here, because the other commands need none

    given = {field.name: getattr(options, field.name) for field in fields(Options) if field.name in options}
    given["gssapi_ntlm"] = given["gssapi_ntlm"] and given["gssapi_ntlm"] == "on"
    lab = Lab(**given, transcript=False)  # because nothing of a service shows it
    asked_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_stop.set())
    with lab:
        text = json_line(lab.description()) if options.json else _greeting(lab)
        if print_now(text):
            while not asked_to_stop.wait(1):  # because on Windows, Ctrl+C does not end a wait
                pass
    return 0


def _matrix(options: argparse.Namespace) -> int:
    """Run the sessions of both matrices and print what came of them."""
    from .lab import logon_matrix, logon_matrix_text  # here, because a server does not need them

    edition = options.edition or DEFAULT
    ports = logon_matrix.port_matrix(edition)
    names = logon_matrix.name_matrix(editions=[options.edition] if options.edition else list(EDITIONS))
    if options.json:
        text = json_line(logon_matrix_text.as_json(ports, names, edition))
    else:
        tables = (
            logon_matrix_text.ports_as_text(ports, edition, options.lang),
            logon_matrix_text.names_as_text(names, options.lang),
        )
        text = "\n\n\n".join(tables)
    print(text)
    return 0


def _greeting(lab: Lab) -> str:
    """Return what an administrator has to know; passwords of the built-in world alone, which are public."""
    described, edition = lab.description(), lab.settings.edition
    lines = [
        (f"110-style ({'plain, STLS' if edition.stls.value else 'plain'})", f"{lab.host}:{lab.port}"),
        ("995-style (TLS)", f"{lab.host}:{lab.tls_port}"),
        ("CA certificate", lab.ca_file),
        ("LoginType", described["login_type"] or "none in this edition"),
    ]
    if described["krb5"]:
        lines.append(("Kerberos: export KRB5_CONFIG=", described["krb5"]["config"]))
    if issuer := described["issuer"]:
        lines.append(("issuer of tokens", issuer["authority"]))
        lines.append(("  a service: id, secret", f"{issuer['client_id']}  {issuer['client_secret']}"))
        lines.append(("  a mail program: id", issuer["public_client_id"]))
    elif "XOAUTH2" in lab.policy.mechanisms(tls=True):
        lines.append(("issuer of tokens", "none, so every token is refused; --issuer starts one"))
    if lab.settings.ntlm_v1:
        lines.append(("UNSAFE: NTLMv1 is accepted. It is based on DES and considered broken.", ""))
    for account in described["accounts"]:
        if account["upn"] and account["password"]:
            off = "" if account["pop_enabled"] else "  (POP3 off)"
            lines.append((account["upn"], account["password"] + off))
    support = edition.support_text("en")
    first = f"minipop {__version__}, edition {edition.name}: {edition.title}" + (support and f", {support}")
    return "\n".join([first, *(f"  {name:<28}{text}" for name, text in lines), "Stop with Ctrl+C."])


def _add_options(serve: argparse.ArgumentParser) -> None:
    """Add the options of ``serve.toml``, each with the type that its default asks for."""
    places = {
        "editions": ", ".join(EDITIONS),
        "login_types": ", ".join(t.value for t in LoginType),
        "default_edition": DEFAULT,
    }
    options = tomllib.loads((files(__package__) / "serve.toml").read_text("utf-8"))
    for name, told in options.items():
        told["help"] = told["help"].format_map(places)
        default = told.setdefault("default", getattr(Options, name))
        if default is False:
            told["action"] = "store_true"
        elif isinstance(default, int):
            told["type"] = partial(port_number, lowest=0) if name.endswith("port") else int
        serve.add_argument(told.pop("flag", f"--{name.replace('_', '-')}"), dest=name, **told)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage before it.

    A command whose output programs read sets a default ``refuse``: it is given the words of the command line
    and that line, and returns the exit status.
    """

    _given: Sequence[str] = ()

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        self._given = args or ()
        known, others = super().parse_known_args(args, namespace)
        if others and self.get_default("refuse"):
            self.error(f"unrecognized arguments: {' '.join(others)}")
        return known, others

    def error(self, message: str) -> "None":  # type: ignore[override]
        line = f"{self.prog}: {message}; see {self.prog} --help"
        refuse = self.get_default("refuse")
        self.exit(refuse(self._given, line) if refuse else 2, f"{line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="minipop", description="A small POP3 server that behaves like Exchange.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    serve = commands.add_parser("serve", help="serve sample mailboxes until Ctrl+C")
    _add_options(serve)
    serve.add_argument("--json", action="store_true", help="print one line of JSON when both ports answer")
    serve.set_defaults(run=_serve)
    matrix = commands.add_parser("matrix", help="try every way to log on, and print the results")
    add = matrix.add_argument
    add("--edition", help=f"only this edition (default: {DEFAULT} for ports, all for names)")
    add("--lang", choices=LANGUAGES, default="en", help="language of the tables (default en)")
    add("--json", action="store_true", help="print one line of JSON")
    matrix.set_defaults(run=_matrix)
    add_probe(commands)
    add_explain(commands)
    return parser
