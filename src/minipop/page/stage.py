"""The stage of a page: all servers on its one loop, with certificates that were issued with the site."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from minipop.server import CERTIFICATES, TlsIdentity
from minipop.server.tls import read_identity

from . import tls
from .loop import PageLoop

T = TypeVar("T")

#: Where `website.page.certificates` puts them: a folder for each organization, in it ``ca.pem`` and, of each
#: of `CERTIFICATES`, two issues: ``valid-0.pem``, ``valid-1.pem``, … with key and certificate. Their keys are
#: public, because everyone can download them; nothing outside the page trusts that CA.
ISSUED = Path(__file__).parent / "certificates"

#: The file in that folder with the keys that sign access tokens; see `minipop.page.libraries`.
SIGNING_KEYS = "signing-keys.json"

#: How many issues there are of each; after the last, `PageAuthority.renew` begins again with the first.
ISSUES = 2


class PageRunner:
    """The loop of the page, for one of its servers; see `minipop.lab.stage.Runner`.

    Args:
        loop: the one loop of the page, which all servers share: a client of any of them turns it.
    """

    def __init__(self, loop: PageLoop) -> None:
        self._loop = loop

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._loop.complete(coroutine)

    def between_commands(self, action: Callable[[], T]) -> T:
        async def settled() -> T:
            return action()

        self._loop.settle()
        return self.run(settled())

    def close(self) -> None:
        """Let connections end that are ending; the loop goes on, for others."""
        self._loop.settle()


class PageAuthority:
    """Certificates that were issued beforehand; see `minipop.lab.stage.Authority`.

    Args:
        folder: an organization's; see `ISSUED`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._renewed = dict.fromkeys(CERTIFICATES, 0)

    @property
    def ca_file(self) -> Path:
        return self._folder / "ca.pem"

    def identity(self, which: str = "valid") -> TlsIdentity:
        return self.read_identity(self._folder / f"{which}-{self._renewed[which] % ISSUES}.pem")

    def read_identity(self, file: Path) -> TlsIdentity:
        return read_identity(file)

    def renew(self, which: str = "valid") -> None:
        self._renewed[which] += 1


class PageStage:
    """The page as a stage; see `minipop.lab.stage.Stage`.

    Args:
        loop: the loop of the page.
        certificates: see `ISSUED`.
    """

    def __init__(self, loop: PageLoop, certificates: Path = ISSUED) -> None:
        self._loop = loop
        self._certificates = certificates
        self._authorities: dict[str, PageAuthority] = {}

    @property
    def skipped(self) -> float:
        """Seconds by which the clock of the page has jumped so far; see `PageLoop.skipped`."""
        return self._loop.skipped

    def runner(self) -> PageRunner:
        return PageRunner(self._loop)

    def authority(self, organization: str = "minipop") -> PageAuthority:
        if organization not in self._authorities:
            self._authorities[organization] = PageAuthority(self._certificates / organization)
        return self._authorities[organization]

    def encrypts(self) -> bool:
        return tls.kind() == "real"
