"""Turns the modules of an archive into bytecode. Runs inside Pyodide, see compile.mjs, and nowhere else.

Only Pyodide itself knows its bytecode: it differs from release to release of Python.
"""

import importlib.util
import marshal
import zipfile

#: What stands at the head of a file of bytecode that is never compared with a source (PEP 552).
UNCHECKED = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
#: The time of every file, so that an archive has the same bytes whenever it is made.
DAWN = (1980, 1, 1, 0, 0, 0)


def compile_archive(source: str, target: str, root: str, stripped: str) -> None:
    """Write an archive with bytecode in the place of its modules, and everything else as it is.

    Nothing in it is compressed; bundle.py compresses it as a whole, which saves a sixth.

    Args:
        source: a zip file.
        target: where the other one goes.
        root: the folder that tracebacks name, with a slash at its end.
        stripped: names of modules without docstrings and assertions, one a line.
    """
    names = set(stripped.split())
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name.endswith(".py"):
                code = compile(
                    data, root + name, "exec", dont_inherit=True, optimize=2 if name in names else 0
                )
                name, data = f"{name}c", UNCHECKED + marshal.dumps(code)
            new.writestr(zipfile.ZipInfo(name, DAWN), data)
