"""Debian's packages of servers that cannot be installed beside Dovecot, unpacked into a folder.

Each Debian package of a POP3 server conflicts with the others, so they are fetched with ``apt-get download``,
unpacked with ``dpkg-deb -x``, and run from there. Nothing of the system changes.
"""

import os
import subprocess
from pathlib import Path

from evidence.patience import PATIENCE
from evidence.program import Failed
from evidence.record import ROOT

#: The packages of each server, with the libraries that a small Debian lacks.
PACKAGES = {
    "courier": ("courier-pop", "courier-base", "courier-authlib", "libcourier-unicode4", "libnss-wrapper"),
    "cyrus": (
        *("cyrus-pop3d", "cyrus-common", "libsasl2-modules", "libsasl2-modules-db", "sasl2-bin"),
        *("libpcre3", "libical3", "libxapian30", "libclamav12", "libzephyr4", "libwrap0"),
    ),
}

_LIBRARIES = ("usr/lib", "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu")


def unpacked(server: str) -> Path:
    """Return the folder that holds a server's files as they lie below ``/``; fetched the first time.

    Raises:
        Failed: this is no Debian, or a package cannot be fetched.
    """
    folder = ROOT / ".venv" / "debian" / server
    if (folder / ".ready").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for package in PACKAGES[server]:
            _run(folder, "apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package)
        for archive in folder.glob("*.deb"):
            _run(folder, "dpkg-deb", "-x", str(archive), ".")
            archive.unlink()
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failed(
            f"{server} cannot be fetched: {getattr(error, 'stderr', '') or error}".strip()
        ) from error
    (folder / ".ready").touch()
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which programs of the folder find their libraries."""
    libraries = ":".join(str(folder / place) for place in _LIBRARIES)
    return {**os.environ, "LD_LIBRARY_PATH": libraries, "SASL_PATH": f"{folder / _LIBRARIES[1]}/sasl2"}


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=10 * PATIENCE)
