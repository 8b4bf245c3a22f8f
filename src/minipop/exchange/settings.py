"""What an administrator sets for the service, read as it is typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from .edition import Connections, Edition, ExtendedProtection, LoginType, SecureLogin
from .editions import EDITIONS

E = TypeVar("E", bound=Enum)


class SettingsError(ValueError):
    """A setting does not exist or does not fit the edition; the text says which."""


@dataclass(frozen=True)
class Settings:
    """What an administrator sets for the service.

    Args:
        edition: the edition.
        login_type: LoginType, None for the edition's own.
        secure_login: how SecureLogin is read, since the sources disagree.
        gssapi_ntlm: EnableGSSAPIAndNTLMAuth, None for the edition's own.
        ntlm_v1: whether NTLMv1 is taken, which rests on DES and counts as broken; for old clients.
        extended_protection: ExtendedProtectionPolicy, None for the edition's own.
        allowed: the only addresses and subnets that may connect, None for all.
        connections: how many connections there may be, None for the edition's own.
        failed_logons: how many log-ons may fail on one connection, None for the edition's own.
        logon_timeout: seconds from the connection to the log-on, None for the edition's own.
        idle_timeout: seconds without a command after the log-on, None for the edition's own.
        protocol_log: ProtocolLogEnabled, whether the service writes a protocol log.
    """

    edition: Edition
    login_type: LoginType | None = None
    secure_login: SecureLogin = SecureLogin.DOCUMENTED
    gssapi_ntlm: bool | None = None
    ntlm_v1: bool = False
    extended_protection: ExtendedProtection | None = None
    allowed: tuple[str, ...] | None = None
    connections: Connections | None = None
    failed_logons: int | None = None
    logon_timeout: int | None = None
    idle_timeout: int | None = None
    protocol_log: bool = False

    @classmethod
    def of(
        cls,
        edition: str,
        login_type: str | None = None,
        *,
        secure_login: str | None = None,
        gssapi_ntlm: bool | None = None,
        ntlm_v1: bool = False,
        extended_protection: str | None = None,
        allowed: Iterable[str] | None = None,
        failed_logons: int | None = None,
        protocol_log: bool = False,
    ) -> "Settings":
        """Read the settings as they are typed; None for those that are not.

        Raises:
            SettingsError: there is no such edition or value, or the edition has no such setting.
        """
        if edition not in EDITIONS:
            raise SettingsError(f"unknown edition {edition!r}; known are {', '.join(EDITIONS)}")
        known = EDITIONS[edition]
        for setting, given, exists in (
            ("LoginType", login_type, known.login_type.value),
            ("LoginType, so no SecureLogin to read", secure_login, known.login_type.value),
            ("EnableGSSAPIAndNTLMAuth", gssapi_ntlm, known.gssapi_ntlm.value),
            ("ExtendedProtectionPolicy", extended_protection, known.extended_protection.value),
            ("list of addresses that may connect", allowed, known.address_list.value or None),
            # What the log of the virtual server held, up to 2003, is not on record; the others have none.
            ("ProtocolLogEnabled", protocol_log or None, known.login_type.value),
            ("NTLM", ntlm_v1 or None, "NTLM" in known.accepted.value or None),
        ):
            if given is not None and exists is None:
                raise SettingsError(f"edition {edition!r} has no {setting}")
        if failed_logons is not None and failed_logons < 1:
            raise SettingsError(f"failed_logons must be 1 or more, not {failed_logons}")
        return cls(
            known,
            one_of(LoginType, "LoginType", login_type),
            one_of(SecureLogin, "reading of SecureLogin", secure_login) or SecureLogin.DOCUMENTED,
            gssapi_ntlm,
            ntlm_v1,
            one_of(ExtendedProtection, "ExtendedProtectionPolicy", extended_protection),
            None if allowed is None else tuple(allowed),
            failed_logons=failed_logons,
            protocol_log=protocol_log,
        )

    def demand(self, mechanism: str) -> None:
        """See to it that the edition knows a mechanism for which something is to be started.

        Raises:
            SettingsError: it does not.
        """
        if mechanism not in self.edition.accepted.value:
            raise SettingsError(f"edition {self.edition.name!r} has no {mechanism}")

    @property
    def effective_login_type(self) -> LoginType | None:
        """The LoginType in force, None if the edition knows none."""
        return self.login_type or self.edition.login_type.value

    @property
    def plaintext_before_tls(self) -> bool:
        """Whether a password may cross 110 unencrypted: a setting of the service, never of a user."""
        if self.effective_login_type is None:
            return self.edition.plaintext_before_tls.value
        return self.effective_login_type is LoginType.PLAIN_TEXT_LOGIN

    @property
    def negotiated_before_tls(self) -> bool:
        """Whether NTLM and Kerberos may be used on 110 unencrypted."""
        if self.effective_login_type is None:
            return self.edition.negotiated_before_tls.value
        # 2007 has no EnableGSSAPIAndNTLMAuth, yet both mechanisms: it counts as on.
        enabled = self.edition.gssapi_ntlm.value if self.gssapi_ntlm is None else self.gssapi_ntlm
        if enabled is False:
            return False
        secure = self.effective_login_type is LoginType.SECURE_LOGIN
        return not secure or self.secure_login is SecureLogin.OBSERVED

    @property
    def effective_extended_protection(self) -> ExtendedProtection:
        """The ExtendedProtectionPolicy in force; where there is no such setting, none."""
        return self.extended_protection or self.edition.extended_protection.value or ExtendedProtection.NONE

    @property
    def effective_connections(self) -> Connections:
        """How many connections there may be."""
        return self.connections or self.edition.connections.value

    @property
    def effective_failed_logons(self) -> int:
        """How many log-ons may fail on one connection."""
        return self.failed_logons or self.edition.failed_logons.value

    @property
    def effective_logon_timeout(self) -> int:
        """Seconds from the connection to the log-on."""
        return self.logon_timeout or self.edition.logon_timeout.value

    @property
    def effective_idle_timeout(self) -> int:
        """Seconds without a command after the log-on."""
        return self.idle_timeout or self.edition.idle_timeout.value


def one_of(values: type[E], name: str, typed: str | None) -> E | None:
    """Read a value that was typed.

    Raises:
        SettingsError: there is no such value.
    """
    if typed is None:
        return None
    try:
        return values(typed)
    except ValueError:
        known = ", ".join(value.value for value in values)
        raise SettingsError(f"unknown {name} {typed!r}; known are {known}") from None
