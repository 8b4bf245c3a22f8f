"""The cmdlets as data: their names and parameters, and which editions have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from minipop.exchange import EDITIONS, BackupRestore
from minipop.exchange.sources import (
    RECOVERY_DATABASE,
    RECOVERY_STORAGE_GROUP_2007,
    SET_MAILBOX,
    SET_POPSETTINGS,
    Source,
)

_NOT_ONES_OWN = {BackupRestore.NOTHING, BackupRestore.NOT_OPEN}
_OWN_SERVERS = [e.name for e in EDITIONS.values() if e.backup_restore.value not in _NOT_ONES_OWN]


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
        switches: the parameters that stand without a value.
        instead: what serves in an edition that does not have the cmdlet, where something does.
    """

    name: str
    parameters: tuple[str, ...]
    editions: tuple[str, ...]
    source: Source
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    switches: tuple[str, ...] = ()
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

_UNLOCK = Source("Microsoft, Unlock-ADAccount (module ActiveDirectory, since Windows Server 2008 R2)")

_FEATURES_TAB = "the tab “Exchange Features” of the user in Active Directory Users and Computers"
_VIRTUAL_SERVER = "the properties of the POP3 virtual server in Exchange System Manager"
_ACCOUNT_TAB = "“Account is locked out” on the tab “Account” in Active Directory Users and Computers"
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
            "ProtocolLogEnabled",
        ),
        since("2007"),
        SET_POPSETTINGS,
        only=dict.fromkeys(  # 2007 has the log, but in Microsoft.Exchange.Pop3.exe.config
            ("ExtendedProtectionPolicy", "EnableGSSAPIAndNTLMAuth", "ProtocolLogEnabled"), since("2010")
        ),
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
    Cmdlet(
        "Unlock-ADAccount",
        ("Identity",),
        since("2010"),
        _UNLOCK,
        instead=dict.fromkeys(since("2000", "2007"), _ACCOUNT_TAB),
    ),
)

_RECOVERABLE_ITEMS = Source(
    "Microsoft, Get-RecoverableItems and Restore-RecoverableItems (MicrosoftDocs/office-docs-powershell)"
)
_SEARCH_MAILBOX = Source("Microsoft, Search-Mailbox (MicrosoftDocs/office-docs-powershell)")
_RESTORE_REQUEST = Source("Microsoft, New-MailboxRestoreRequest (MicrosoftDocs/office-docs-powershell)")

_RECOVER_DELETED_ITEMS = "“Recover Deleted Items” in Outlook, or a backup"
_USERS_OR_BACKUP = dict.fromkeys(since("2000", "2007"), _RECOVER_DELETED_ITEMS)
_STORAGE_TAB = "“Deleted item retention” in Exchange System Manager"
_RECOVERY_SERVER = "a recovery server of its own, and ExMerge"
_SYSTEM_MANAGER = "Exchange System Manager: New, Recovery Storage Group, then the task “Recover Mailbox Data”"
_BEFORE_CMDLETS = {"2000": _RECOVERY_SERVER, "2003": _SYSTEM_MANAGER}
_NO_DATABASE = "nothing: the databases are Microsoft's, and no backup of them is open to a customer"
_SINCE_2010 = since("2010")
_THEIR_REQUEST = dict.fromkeys(_SINCE_2010, "New-MailboxDatabase -Recovery and New-MailboxRestoreRequest")
_ONE_OF_DELETED = ("Identity", "SubjectContains", "FilterStartTime", "FilterEndTime", "SourceFolder")

_RECOVERY = (
    *(
        Cmdlet(
            name,
            parameters,
            (*since("2016"), "online"),
            _RECOVERABLE_ITEMS,
            only={"RestoreTargetFolder": ("online",)},
            instead={**_USERS_OR_BACKUP, **dict.fromkeys(("2010", "2013"), "Search-Mailbox")},
        )
        for name, parameters in (
            ("Get-RecoverableItems", _ONE_OF_DELETED),
            ("Restore-RecoverableItems", (*_ONE_OF_DELETED, "RestoreTargetFolder")),
        )
    ),
    Cmdlet(
        "Search-Mailbox",
        (
            "Identity",
            "SearchQuery",
            "SearchDumpsterOnly",
            "TargetMailbox",
            "TargetFolder",
            "DeleteContent",
        ),
        _SINCE_2010,
        _SEARCH_MAILBOX,
        switches=("SearchDumpsterOnly", "DeleteContent"),
        instead={**_USERS_OR_BACKUP, "online": "Get-RecoverableItems, or New-ComplianceSearch"},
    ),
    Cmdlet(
        "Set-Mailbox",
        ("Identity", "RetainDeletedItemsFor", "SingleItemRecoveryEnabled"),
        (*since("2007"), "online"),
        SET_MAILBOX,
        only={"SingleItemRecoveryEnabled": (*_SINCE_2010, "online")},
        instead=dict.fromkeys(_BEFORE_2007, _STORAGE_TAB),
    ),
    Cmdlet(
        "New-StorageGroup",
        ("Name", "Server", "Recovery"),
        ("2007",),
        RECOVERY_STORAGE_GROUP_2007,
        switches=("Recovery",),
        instead={**_BEFORE_CMDLETS, **_THEIR_REQUEST, "online": _NO_DATABASE},
    ),
    Cmdlet(
        "New-MailboxDatabase",
        ("Name", "Server", "Recovery", "StorageGroup", "MailboxDatabaseToRecover", "EdbFilePath"),
        since("2007"),
        RECOVERY_DATABASE,
        only={
            "Server": _SINCE_2010,
            "Recovery": _SINCE_2010,
            "StorageGroup": ("2007",),
            "MailboxDatabaseToRecover": ("2007",),
        },
        switches=("Recovery",),
        instead={**_BEFORE_CMDLETS, "online": _NO_DATABASE},
    ),
    Cmdlet(
        "Mount-Database",
        ("Identity",),
        since("2007"),
        RECOVERY_DATABASE,
        instead={**_BEFORE_CMDLETS, "online": _NO_DATABASE},
    ),
    Cmdlet(  # Exchange 2010 had it until SP1
        "Restore-Mailbox",
        ("Identity", "RSGDatabase", "RSGMailbox", "TargetFolder"),
        ("2007",),
        RECOVERY_STORAGE_GROUP_2007,
        instead={**_BEFORE_CMDLETS, **_THEIR_REQUEST, "online": _NO_DATABASE},
    ),
    Cmdlet(
        "New-MailboxRestoreRequest",
        ("SourceDatabase", "SourceStoreMailbox", "TargetMailbox", "TargetRootFolder"),
        _SINCE_2010,
        _RESTORE_REQUEST,
        instead={
            **_BEFORE_CMDLETS,
            "2007": "New-StorageGroup -Recovery and Restore-Mailbox",
            "online": _NO_DATABASE,
        },
    ),
)

#: Every cmdlet of the Lab by its name in small letters, without the hyphen.
CMDLETS: dict[str, Cmdlet] = {known.name.replace("-", "").lower(): known for known in (*_SERVICE, *_RECOVERY)}
