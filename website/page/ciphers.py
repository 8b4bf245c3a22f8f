"""ChaCha20-Poly1305 of npm's @noble/ciphers, as one module: four files would be four requests.

Pure Python would need seconds for the largest message of the lessons.
"""

from __future__ import annotations

import re
from pathlib import Path

#: The files of the package that are needed, each after those that it imports.
MODULES = ("utils", "_arx", "_poly1305", "chacha")
#: What the page uses of them.
EXPORTED = "chacha20poly1305"

_IMPORT = re.compile(r'^import (\{[^}]+\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:const|function|class) (\w+))", re.MULTILINE)
_COMMENT = re.compile(r"^ */\*\*.*?\*/\n", re.MULTILINE | re.DOTALL)  # documentation; /*! is the licence


def joined(package: Path) -> str:
    """Return a module with the functions of several, each in a scope of its own.

    Args:
        package: the folder of the npm package.

    Raises:
        ValueError: a file is not written as this expects.
    """
    scopes = [_scope(name, (package / f"{name}.js").read_text("utf-8")) for name in MODULES]
    return "".join(scopes) + f"export const {{ {EXPORTED} }} = {MODULES[-1]};\n"


def _scope(name: str, source: str) -> str:
    body = _IMPORT.sub(r"const \1 = \2;", _COMMENT.sub("", source))
    names = [found[2] for found in _EXPORT.finditer(body)]
    body = _EXPORT.sub(r"\1", body)
    if re.search(r"^(?:import|export)\b", body, re.MULTILINE):
        raise ValueError(f"@noble/ciphers: {name}.js imports or exports in a way that is not known here")
    return f"const {name} = (() => {{\n{body}\nreturn {{ {', '.join(names)} }};\n}})();\n"
