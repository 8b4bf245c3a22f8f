"""The fuzzer, which never leaves its process: ``python -m tests.fuzz.run [options] [folders]``.

The options are libFuzzer's. Coverage is counted in minipop and in what reads NTLM's messages for it.
"""

import hashlib
import sys
import traceback

import atheris

with atheris.instrument_imports(include=["minipop", "spnego._ntlm_raw"]):
    import spnego._ntlm_raw.messages  # noqa: F401 - imported later otherwise, and not instrumented

    from tests.fuzz.target import play


def one(data: bytes) -> None:
    """Play one input; if anything goes wrong, say how to see it again."""
    try:
        play(data)
    except BaseException:
        traceback.print_exc()
        folder = next((a.partition("=")[2] for a in sys.argv if a.startswith("-artifact_prefix=")), "")
        name = f"{folder}crash-{hashlib.sha1(data).hexdigest()}"
        print(f"Play it again: .venv/bin/python -m tests.fuzz {name}", file=sys.stderr, flush=True)
        raise


if __name__ == "__main__":
    # To merge, libFuzzer starts itself again, by what it takes for its own name.
    atheris.Setup([f"{sys.executable} -m tests.fuzz.run", *sys.argv[1:]], one)
    atheris.Fuzz()
