"""The fuzzer, which never leaves its process: ``python -m evidence.fuzz.run [options] [folders]``.

The options are libFuzzer's. Coverage is counted in minipop and in what reads NTLM's messages for it. Half of
the changes are libFuzzer's own, to bytes; the others are to lines: a session depends on their order.
"""

import hashlib
import random
import shlex
import sys
import traceback

import atheris

with atheris.instrument_imports(include=["minipop", "spnego._ntlm_raw"]):
    import spnego._ntlm_raw.messages  # noqa: F401 - imported later otherwise, and not instrumented

    from evidence.fuzz.target import CUT, play

#: Lines that a client says; some of them bring it in.
LINES = [
    *(
        b"CAPA",
        b"STLS",
        b"USER anna",
        b"USER anna@muster.example",
        b"PASS Sommer2026",
        b"PASS x",
        b"APOP a b",
    ),
    *(b"USER anna@muster.example\r\nPASS Sommer2026", b"AUTH", b"AUTH PLAIN", b"AUTH LOGIN", b"AUTH NTLM"),
    *(b"AUTH XOAUTH2", b"*", b"=", b"", b"STAT", b"LIST", b"UIDL", b"RSET", b"NOOP", b"QUIT", b"XTND"),
    *(b"AGFubmFAbXVzdGVyLmV4YW1wbGUAU29tbWVyMjAyNg==", b"YW5uYUBtdXN0ZXIuZXhhbXBsZQ==", b"U29tbWVyMjAyNg=="),
    b"TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
    *(
        verb + number
        for verb in (b"LIST", b"UIDL", b"RETR", b"DELE")
        for number in (b" 1", b" 2", b" 3", b" 4")
    ),
    *(b"TOP 1 0", b"TOP 2 1", b"TOP 3 99"),
]


def change(data: bytes, longest: int, seed: int) -> bytes:
    """Change an input: its bytes, or its lines."""
    dice = random.Random(seed)
    if dice.random() < 0.5:
        return bytes(atheris.Mutate(data, longest))
    head, lines = data[:1] or b"0", data[1:].split(b"\r\n")
    at = dice.randrange(len(lines))
    match dice.randrange(7):
        case 0:
            del lines[at]
        case 1:
            lines[at : at + 1] = [lines[at]] * 2
        case 2:
            dice.shuffle(lines)
        case 3:
            lines[at] = CUT + lines[at]
        case 4:
            head = bytes([dice.randrange(256)])
        case _:
            lines.insert(at, dice.choice(LINES))
    return (head + b"\r\n".join(lines))[:longest]


def one(data: bytes) -> None:
    """Play one input; if anything goes wrong, say how to see it again."""
    try:
        play(data)
    except BaseException:
        traceback.print_exc()
        folder = next((a.partition("=")[2] for a in sys.argv if a.startswith("-artifact_prefix=")), "")
        name = f"{folder}crash-{hashlib.sha1(data).hexdigest()}"
        print(f"Play it again: .venv/bin/python -m evidence.fuzz {name}", file=sys.stderr, flush=True)
        raise


if __name__ == "__main__":
    # To merge, libFuzzer starts itself again, by what it takes for its own name.
    itself = f"{shlex.quote(sys.executable)} -m evidence.fuzz.run"
    atheris.Setup([itself, *sys.argv[1:]], one, custom_mutator=change)
    atheris.Fuzz()
