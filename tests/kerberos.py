"""A client of AUTH GSSAPI, played by python-gssapi, and an administrator, played by kadmin.local."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from minipop.lab.realm import Realm, missing

if TYPE_CHECKING:
    import gssapi

#: For tests that need Kerberos; under CI a skipped test is a failed one.
needs_kerberos = pytest.mark.skipif(missing() is not None, reason=missing() or "")

KERBEROS = "1.2.840.113554.1.2.2"  # RFC 4121, section 4.1
SPNEGO = "1.3.6.1.5.5.2"  # RFC 4178, section 4


def initiator(
    cache: Path, *, service: str = "pop@localhost", mutual: bool = True, mechanism: str = KERBEROS
) -> gssapi.SecurityContext:
    """Return the client's side of a dialogue, which has a ticket; KRB5_CONFIG must lead to the realm."""
    import gssapi

    flags = int(gssapi.RequirementFlag.integrity)
    if mutual:
        flags |= gssapi.RequirementFlag.mutual_authentication
    return gssapi.SecurityContext(
        name=gssapi.Name(service, gssapi.NameType.hostbased_service),
        creds=gssapi.Credentials(usage="initiate", store={"ccache": f"FILE:{cache}"}),
        flags=flags,
        mech=gssapi.OID.from_int_seq(mechanism),
        usage="initiate",
    )


def administer(realm: Realm, *commands: str) -> None:
    """Change the realm's database while its KDC runs."""
    lines = "".join(f"{command}\n" for command in commands)
    environment = {**os.environ, **realm.environment(), "PATH": f"{os.environ['PATH']}:/usr/sbin"}
    done = subprocess.run(["kadmin.local"], input=lines, capture_output=True, text=True, env=environment)
    assert done.stdout.count(" created.") == len(commands), done.stderr
