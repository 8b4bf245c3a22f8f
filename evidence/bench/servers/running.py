"""How the servers of the benchmark say where they listen: as ``minipop serve --json`` does."""

import json
import signal


def announce(port: int, tls_port: int | None) -> None:
    """Print one line of JSON.

    Args:
        port: the 110-style port.
        tls_port: the 995-style port, None if there is none.
    """
    print(json.dumps({"host": "127.0.0.1", "port": port, "tls_port": tls_port}), flush=True)


def serve(port: int, tls_port: int) -> None:
    """Announce a server that runs in another thread, and wait for SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    announce(port, tls_port)
    signal.sigwait({signal.SIGTERM})
