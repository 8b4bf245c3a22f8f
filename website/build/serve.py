"""While `make serve` runs, an edit of what draws or of minipop shows on the next rebuild.

MkDocs loads its hook once per process, and Python a module once; both are forgotten here, so that tables
drawn from minipop's own data follow its source.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mkdocs.config.config_options import Hooks
from mkdocs.livereload import LiveReloadServer

from website.records import RECORDS


def watch(server: LiveReloadServer, root: Path) -> LiveReloadServer:
    """Watch the records as well, and forget what was loaded before each rebuild.

    Args:
        server: MkDocs' server.
        root: the project's folder.
    """
    build = server.builder
    sys.dont_write_bytecode = True  # __pycache__ in a watched folder would ask for a second rebuild

    def build_afresh() -> None:
        Hooks._load_hook.cache_clear()
        for name in [name for name in sys.modules if name.split(".")[0] in ("website", "minipop")]:
            del sys.modules[name]
        build()

    for path, _ in RECORDS.values():
        if (root / path).is_file():
            server.watch(str(root / path))
    server.builder = build_afresh
    return server
