"""Runs a program beside minipop: ``supervise.py FOLDER PROGRAM ARGUMENTS…``; see `minipop.lab.subprocesses`.

Standard input is a pipe that minipop holds open. When it ends, the program is killed and its folder removed,
unless a line came before. Killed, because when asked to end, a program may wait for its clients, and none has
anything to finish.
"""

import os
import shutil
import signal
import subprocess
import sys


def supervise(folder: str, command: list[str]) -> None:
    """Run a program until standard input ends."""
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    for name in ("SIGHUP", "SIGINT", "SIGTERM"):
        if number := getattr(signal, name, None):  # Windows has no SIGHUP
            signal.signal(number, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):  # so that the program's end is the end of its output
        os.dup2(nowhere, output)
    keep = sys.stdin.readline()
    program.kill()
    program.wait()
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    supervise(sys.argv[1], sys.argv[2:])
