"""The two tables on log-on, as outcomes of sessions: port × mechanism × LoginType, and names × editions.

For each cell a session takes place in a Lab. What an eavesdropper reads is searched for in the bytes that
crossed the socket. “Not readable” is reported only if a control found the same texts by the same search:
the same mechanism in clear, where the service lets it through.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from minipop.exchange import DEFAULT, EDITIONS, Account, LoginType, Settings
from minipop.wire import Reading, read

from . import world
from .clients import MECHANISMS, LogonFailed, Mechanism, Transport, session, user_pass
from .data import table
from .lab import Lab
from .realm import missing

#: The language of the Labs; the tables themselves can be written in either.
LANG = "en"

#: Who logs on for the table of ports (an alias), and a line of that user's first message.
USER = "anna"
MESSAGE = world.words(LANG)["lines"]["welcome"]

#: Whose log-on names the table of names shows, and whose mailbox some of them try to open (aliases).
USERS = ("anna", "bernd.mueller", "cweiss", "dora")
DELEGATES = ("anna", "bernd.mueller")
SHARED = "info"


class ControlFailed(RuntimeError):
    """The control did not find a text, so that “not readable” would prove nothing."""


class Overheard(NamedTuple):
    """What an eavesdropper read of a session.

    Args:
        name: the log-on name, in what the client sent.
        password: the password or, with XOAUTH2, the token, in what the client sent.
        message: a line of a message, in what the server sent.
    """

    name: Reading
    password: Reading
    message: Reading

    def readable(self) -> list[str]:
        """Return the names of the fields that were readable."""
        return [name for name, reading in self._asdict().items() if reading]


@dataclass(frozen=True)
class PortCell:
    """One cell of the table of ports.

    Args:
        transport: how the client reached the service.
        mechanism: how it logged on.
        login_type: LoginType, None where the edition has none.
        reply: the server's last reply to the log-on, or to STLS if that was refused already.
        overheard: what an eavesdropper read, None if the client was refused.
    """

    transport: Transport
    mechanism: str
    login_type: str | None
    reply: str
    overheard: Overheard | None

    @property
    def accepted(self) -> bool:
        """Whether the client was let in."""
        return self.overheard is not None


def port_matrix(
    edition: str = DEFAULT, mechanisms: Sequence[Mechanism] | None = None, **settings: Any
) -> list[PortCell]:
    """Run a session for each transport, mechanism and LoginType, and search its bytes for password and mail.

    Args:
        edition: the edition.
        mechanisms: the mechanisms; None for those that `mechanisms_of` gives.
        settings: further settings of the `Lab`, such as ``secure_login``.

    Returns:
        The cells by transport, then mechanism, then LoginType from the loosest to the strictest.

    Raises:
        SettingsError: no such edition.
        ControlFailed: password or mail was found neither in a session nor in the control, the same
            mechanism without TLS, where it must be readable.
    """
    Settings.of(edition)  # because there may be no such edition
    tried = mechanisms_of(edition) if mechanisms is None else mechanisms
    rows = [(transport, mechanism) for transport in Transport for mechanism in tried]
    columns = []
    for login_type in _login_types(edition):
        with _lab(edition, tried, login_type=login_type, **settings) as lab:
            columns.append([_port_cell(lab, login_type, *row) for row in rows])
    cells = [cell for row in zip(*columns, strict=True) for cell in row]
    for mechanism in tried:
        _demand_control(edition, mechanism, [c for c in cells if c.mechanism == mechanism.name])
    return cells


def mechanisms_of(edition: str) -> list[Mechanism]:
    """Return the mechanisms worth trying: all for passwords, and what else the edition knows.

    GSSAPI is among them only on a machine that has MIT Kerberos.
    """
    wanted = {"USER/PASS", "PLAIN", "LOGIN", *Settings.of(edition).edition.accepted.value}
    if missing():
        wanted.discard("GSSAPI")
    return [row for name, row in MECHANISMS.items() if name.removeprefix("AUTH ") in wanted]


def _lab(edition: str, mechanisms: Sequence[Mechanism], **settings: Any) -> Lab:
    """Make a Lab that records, with the realm and the issuer that the mechanisms need."""
    names = {mechanism.name for mechanism in mechanisms}
    known = EDITIONS[edition].accepted.value
    return Lab(
        edition,
        lang=LANG,
        kerberos="AUTH GSSAPI" in names and "GSSAPI" in known,
        issuer="AUTH XOAUTH2" in names and "XOAUTH2" in known,
        record=True,
        **settings,
    )


def _login_types(edition: str) -> list[str | None]:
    """Return every LoginType, the loosest first; None alone for an edition that has none."""
    if EDITIONS[edition].login_type.value is None:
        return [None]
    return [login_type.value for login_type in LoginType]


def _port_cell(lab: Lab, login_type: str | None, transport: Transport, mechanism: Mechanism) -> PortCell:
    try:
        reply, overheard = _overhear(lab, transport, mechanism)
    except LogonFailed as refusal:
        return PortCell(transport, mechanism.name, login_type, refusal.reply, None)
    return PortCell(transport, mechanism.name, login_type, reply, overheard)


def _overhear(lab: Lab, transport: Transport, mechanism: Mechanism) -> tuple[str, Overheard]:
    """Fetch a message in a session; return the reply to the log-on, and what an eavesdropper read."""
    user = _account(USER)
    secret = mechanism.secret(lab, user)
    with session(lab, transport, lambda pop: mechanism.log_on(pop, lab, user, secret)) as (pop, reply):
        if MESSAGE.encode() not in pop.retr(1)[1]:
            raise ControlFailed("the client did not get the line of the message that is searched for")
    capture = lab.wire[-1]
    client, server = capture.sent_by("C"), capture.sent_by("S")
    return reply, Overheard(read(client, user.upn or ""), read(client, secret), read(server, MESSAGE))


def _demand_control(edition: str, mechanism: Mechanism, cells: Iterable[PortCell]) -> None:
    """Find in clear whatever was not readable in some cell; see `port_matrix` for errors."""
    heard = [cell.overheard for cell in cells if cell.overheard]
    hidden = {name for one in heard for name in Overheard._fields if name not in one.readable()}
    if not hidden:
        return
    control = MECHANISMS[mechanism.control] if mechanism.control else mechanism
    in_clear = mechanism.clear_in or edition
    with _lab(in_clear, [control], login_type=_login_types(in_clear)[0]) as lab:
        try:
            _, overheard = _overhear(lab, Transport.PLAIN, control)
        except LogonFailed as refusal:
            raise ControlFailed(
                f"{mechanism.name} has no control: in clear the server refuses it with {refusal.reply!r}"
            ) from None
    if missed := ", ".join(sorted(hidden - set(overheard.readable()))):
        raise ControlFailed(
            f"{mechanism.name}: in clear the search does not find {missed} either, so it proves nothing"
        )


# -- names --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LogonName:
    """A log-on name to be tried: a row of the table of names.

    Args:
        account: the alias of the account whose password is given.
        form: the form of the name, for people.
        name: the name.
    """

    account: str
    form: str
    name: str


@dataclass(frozen=True)
class NameCell:
    """One cell of the table of names.

    Args:
        edition: the edition.
        logon: the name that was tried.
        reply: the server's last reply.
        opened: the alias of the mailbox that was opened, None if the client was refused.
    """

    edition: str
    logon: LogonName
    reply: str
    opened: str | None

    @property
    def accepted(self) -> bool:
        """Whether the client was let in."""
        return self.opened is not None


def name_matrix(
    names: Sequence[LogonName] | None = None, editions: Sequence[str] = tuple(EDITIONS)
) -> list[NameCell]:
    """Try each name in each edition with the right password, over TLS on 995.

    Args:
        names: the names; None for `world_names`.
        editions: the editions.

    Returns:
        The cells by name, then edition.

    Raises:
        SettingsError: no such edition.
        KeyError: a name belongs to no account of the built-in world.
    """
    rows = list(world_names()) if names is None else names
    columns = []
    for edition in editions:
        with Lab(edition, lang=LANG) as lab:
            columns.append([_name_cell(lab, row) for row in rows])
    return [cell for row in zip(*columns, strict=True) for cell in row]


def world_names() -> Iterator[LogonName]:
    """Give the names in every form: people's own, then those that aim at the shared mailbox."""
    forms = table("logon-names.toml")
    for user in map(_account, USERS):
        for form, pattern in forms["own"].items():
            yield LogonName(user.alias, form, pattern.format(user=user))
        for proxy in user.proxies:
            yield LogonName(user.alias, "proxy address", proxy)
    for user in map(_account, DELEGATES):
        for form, pattern in forms["delegate"].items():
            yield LogonName(user.alias, form, pattern.format(user=user, mailbox=_account(SHARED)))


def _name_cell(lab: Lab, logon: LogonName) -> NameCell:
    before, edition = _sessions_ended(lab), lab.settings.edition.name
    password = _account(logon.account).password or ""
    try:
        with session(lab, Transport.TLS, lambda pop: user_pass(pop, logon.name, password)) as (_, reply):
            pass
    except LogonFailed as refusal:
        return NameCell(edition, logon, refusal.reply, None)
    after = _sessions_ended(lab)
    return NameCell(edition, logon, reply, next(alias for alias in after if after[alias] > before[alias]))


def _sessions_ended(lab: Lab) -> dict[str, int]:
    return {account.alias: lab.mailbox(account.alias).sessions_ended for account in lab.accounts}


def _account(alias: str) -> Account:
    return {account.alias: account for account in world.accounts(LANG)}[alias]
