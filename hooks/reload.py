"""MkDocs hook: while `make serve` runs, an edit of a hook or of minipop shows on the next rebuild.

MkDocs loads a hook once per process, and Python a module once; both are forgotten here, so that
tables drawn from minipop's own data follow its source.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from mkdocs.config.config_options import Hooks
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer


def on_serve(server: LiveReloadServer, config: MkDocsConfig, builder: Callable[[], None]) -> LiveReloadServer:
    """Forget what was loaded before each rebuild."""
    build = server.builder
    sys.dont_write_bytecode = True  # __pycache__ in a watched folder would ask for a second rebuild

    def build_afresh() -> None:
        Hooks._load_hook.cache_clear()
        for name in [name for name in sys.modules if name.split(".")[0] in ("hooks", "minipop")]:
            del sys.modules[name]
        build()

    server.builder = build_afresh
    return server
