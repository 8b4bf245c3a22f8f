"""The Content-Security-Policy of a built site: `python -m website.build.csp [SITE [CONFIGURATION]]`.

Material writes a few short scripts into its pages. Each is allowed by its hash, every other is refused. The
scripts are the same on all sites but for the one on the 404 page, which names the path of SITE_URL. Without
a configuration the policy is printed, for any web server; with one (deploy/nginx.conf), it is renewed there.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from pathlib import Path

from bs4 import BeautifulSoup

DATA = ("application/json", "application/ld+json")  # no scripts to a browser: never run, so never refused

_LINE = re.compile(r'(?<=add_header Content-Security-Policy ")[^"]+(?=")')


def policy(site: Path) -> str:
    """Return the policy that lets all pages of a site work and nothing else."""
    hashes = sorted(
        {f"'sha256-{_hash(script)}'" for page in site.rglob("*.html") for script in _scripts(page)}
    )
    assert hashes, f"no page with scripts in {site}"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'wasm-unsafe-eval' {' '.join(hashes)}",  # Python of the Lab in the page
            "worker-src 'self'",  # the Lab again, and what keeps it for use offline
            "connect-src 'self'",  # the index of the search
            "style-src 'self'",
            "style-src-attr 'unsafe-inline'",  # columns of a table that are aligned
            "img-src 'self' data:",  # icons in style sheets, figures in lessons
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _scripts(page: Path) -> list[str]:
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    return [tag.get_text() for tag in soup.select("script:not([src])") if tag.get("type") not in DATA]


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def renew(configuration: Path, site: Path) -> None:
    """Write the policy of a site into a configuration of nginx.

    Raises:
        ValueError: the configuration has no such line, or more than one.
    """
    text, count = _LINE.subn(policy(site), configuration.read_text("utf-8"))
    if count != 1:
        raise ValueError(f"{configuration}: {count} lines with a Content-Security-Policy, not one")
    configuration.write_text(text, encoding="utf-8")


def main(site: str = "site", configuration: str | None = None) -> None:
    """Print the policy, or renew it where it stands."""
    if configuration is None:
        print(policy(Path(site)))
    else:
        renew(Path(configuration), Path(site))


if __name__ == "__main__":
    main(*sys.argv[1:])
