"""The cmdlets as data: their names and parameters, and which editions have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from minipop.exchange import EDITIONS
from minipop.exchange.sources import SET_POPSETTINGS, Source

_OWN_SERVERS = [name for name in EDITIONS if name not in ("online", "rfc")]


def since(first: str, last: str = "se") -> tuple[str, ...]:
    """Return the editions for one's own servers from one to another, both included."""
    return tuple(_OWN_SERVERS[_OWN_SERVERS.index(first) : _OWN_SERVERS.index(last) + 1])


@dataclass(frozen=True)
class Cmdlet:
    """A cmdlet.

    Args:
        name: as it is written.
        parameters: those that the Lab knows, as they are written.
        editions: the editions that have it.
        source: the source for all of that.
        only: the editions that have a parameter, where not all of `editions` do.
        instead: what serves in an edition that does not have the cmdlet, where something does.
    """

    name: str
    parameters: tuple[str, ...]
    editions: tuple[str, ...]
    source: Source
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)

    def parameter(self, plain: str) -> str:
        """Return a parameter as it is written, given its name in small letters.

        Raises:
            StopIteration: there is none; then a method and this table do not agree.
        """
        return next(name for name in self.parameters if name.lower() == plain)


_SET_CAS_MAILBOX = Source("Microsoft, Set-CASMailbox (MicrosoftDocs/office-docs-powershell)")
_GET_CAS_MAILBOX = Source("Microsoft, Get-CASMailbox (MicrosoftDocs/office-docs-powershell)")
_RESTART = Source("Microsoft, Restart-Service; “Restart both POP3 services” (Set-PopSettings)")

_FEATURES_TAB = "the tab “Exchange Features” of the user in Active Directory Users and Computers"
_VIRTUAL_SERVER = "the properties of the POP3 virtual server in Exchange System Manager"
_BEFORE_2007 = ("2000", "2003")
_MICROSOFT_S = "nothing: Microsoft runs the service, on outlook.office365.com, port 995, by TLS"

_SERVICE = (
    Cmdlet(
        "Set-CASMailbox",
        ("Identity", "PopEnabled"),
        (*since("2007"), "online"),
        _SET_CAS_MAILBOX,
        instead=dict.fromkeys(_BEFORE_2007, _FEATURES_TAB),
    ),
    Cmdlet(
        "Get-CASMailbox",
        ("Identity",),
        (*since("2007"), "online"),
        _GET_CAS_MAILBOX,
        instead=dict.fromkeys(_BEFORE_2007, _FEATURES_TAB),
    ),
    Cmdlet(
        "Set-PopSettings",
        (
            "LoginType",
            "MaxConnections",
            "MaxConnectionFromSingleIP",
            "MaxConnectionsPerUser",
            "PreAuthenticatedConnectionTimeout",
            "AuthenticatedConnectionTimeout",
            "ExtendedProtectionPolicy",
            "EnableGSSAPIAndNTLMAuth",
        ),
        since("2007"),
        SET_POPSETTINGS,
        only=dict.fromkeys(("ExtendedProtectionPolicy", "EnableGSSAPIAndNTLMAuth"), since("2010")),
        instead={**dict.fromkeys(_BEFORE_2007, _VIRTUAL_SERVER), "online": _MICROSOFT_S},
    ),
    Cmdlet(
        "Get-PopSettings",
        (),
        since("2007"),
        SET_POPSETTINGS,
        instead={**dict.fromkeys(_BEFORE_2007, _VIRTUAL_SERVER), "online": _MICROSOFT_S},
    ),
    Cmdlet(
        "Restart-Service",
        ("Name",),
        since("2007"),
        _RESTART,
        instead={**dict.fromkeys(_BEFORE_2007, "the console Services"), "online": _MICROSOFT_S},
    ),
)

#: Every cmdlet of the Lab by its name in small letters, without the hyphen.
CMDLETS: dict[str, Cmdlet] = {known.name.replace("-", "").lower(): known for known in _SERVICE}
