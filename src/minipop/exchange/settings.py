"""What an administrator sets for the service, read as it is typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from .edition import ConnectionLimits, Edition, ExtendedProtection, LoginType, SecureLogin
from .editions import EDITIONS

E = TypeVar("E", bound=Enum)


class SettingsError(ValueError):
    """A setting does not exist or does not fit the edition; the text says which."""


@dataclass(frozen=True)
class Settings:
    """What is set for the service; `of` fills in the edition's own values.

    Args:
        edition: the edition.
        login_type: LoginType; None where the edition has none.
        secure_login: how SecureLogin is read, since the sources disagree.
        gssapi_ntlm: EnableGSSAPIAndNTLMAuth; None where the edition has no such setting.
        ntlm_v1: whether NTLMv1 is taken, which rests on DES and counts as broken; for old clients.
        extended_protection: ExtendedProtectionPolicy.
        allowed: the only addresses and subnets that may connect, None for all.
        connections: how many connections there may be.
        failed_logons: how many log-ons may fail on one connection.
        logon_timeout: seconds from the connection to the log-on.
        idle_timeout: seconds without a command after the log-on.
        protocol_log: ProtocolLogEnabled, whether the service writes a protocol log.
    """

    edition: Edition
    login_type: LoginType | None
    secure_login: SecureLogin
    gssapi_ntlm: bool | None
    ntlm_v1: bool
    extended_protection: ExtendedProtection
    allowed: tuple[str, ...] | None
    connections: ConnectionLimits
    failed_logons: int
    logon_timeout: int
    idle_timeout: int
    protocol_log: bool

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
        must_be_known("edition", edition, EDITIONS)
        own = EDITIONS[edition]
        for setting, given, exists in (
            ("LoginType", login_type, own.login_type.value),
            ("LoginType, so SecureLogin does not apply", secure_login, own.login_type.value),
            ("EnableGSSAPIAndNTLMAuth", gssapi_ntlm, own.gssapi_ntlm.value),
            ("ExtendedProtectionPolicy", extended_protection, own.extended_protection.value),
            ("list of addresses that may connect", allowed, own.address_list.value or None),
            # What the log of the virtual server held, up to 2003, is not on record; the others have none.
            ("ProtocolLogEnabled", protocol_log or None, own.login_type.value),
            ("NTLM", ntlm_v1 or None, "NTLM" in own.accepted.value or None),
        ):
            if given is not None and exists is None:
                raise SettingsError(
                    f"edition {edition!r} has no {setting}; leave it out, or choose another edition"
                )
        if failed_logons is not None and failed_logons < 1:
            raise SettingsError(f"failed_logons must be 1 or more, not {failed_logons}")
        protection = one_of(ExtendedProtection, "ExtendedProtectionPolicy", extended_protection)
        return cls(
            own,
            one_of(LoginType, "LoginType", login_type) or own.login_type.value,
            one_of(SecureLogin, "interpretation of SecureLogin", secure_login) or SecureLogin.DOCUMENTED,
            own.gssapi_ntlm.value if gssapi_ntlm is None else gssapi_ntlm,
            ntlm_v1,
            protection or own.extended_protection.value or ExtendedProtection.NONE,
            None if allowed is None else tuple(allowed),
            own.connections.value,
            failed_logons or own.failed_logons.value,
            own.logon_timeout.value,
            own.idle_timeout.value,
            protocol_log,
        )

    def demand(self, mechanism: str) -> None:
        """Refuse what is to be started for a mechanism that the edition does not have.

        Raises:
            SettingsError: it does not.
        """
        if mechanism not in self.edition.accepted.value:
            raise SettingsError(
                f"edition {self.edition.name!r} has no {mechanism}; leave it out, or choose another edition"
            )

    @property
    def plaintext_before_tls(self) -> bool:
        """Whether a password may cross 110 unencrypted: a setting of the service, never of a user."""
        if self.login_type is None:
            return self.edition.plaintext_before_tls.value
        return self.login_type is LoginType.PLAIN_TEXT_LOGIN

    @property
    def negotiated_before_tls(self) -> bool:
        """Whether NTLM and Kerberos may be used on 110 unencrypted."""
        if self.login_type is None:
            return self.edition.negotiated_before_tls.value
        # None counts as on, because Exchange 2007 has both mechanisms without the setting.
        if self.gssapi_ntlm is False:
            return False
        return self.login_type is not LoginType.SECURE_LOGIN or self.secure_login is SecureLogin.OBSERVED


def one_of(values: type[E], name: str, typed: str | None) -> E | None:
    """Read a value that was typed.

    Raises:
        SettingsError: there is no such value.
    """
    if typed is None:
        return None
    must_be_known(name, typed, [value.value for value in values])
    return values(typed)


def must_be_known(kind: str, value: str, known: Iterable[str]) -> None:
    """Refuse a value that is not one of those that there are.

    Raises:
        SettingsError: it is not.
    """
    if value not in known:
        raise SettingsError(f"unknown {kind} {value!r}; choose one of {', '.join(known)}")
