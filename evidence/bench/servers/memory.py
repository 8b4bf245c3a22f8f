"""minipop with its mail in memory: a Lab whose mailboxes hold the messages of the benchmark.

The command has no such choice, `--accounts` without `--maildir` has empty mailboxes.
"""

import sys
from pathlib import Path

from evidence.bench.mail import BOXES, message
from evidence.bench.servers.running import serve
from minipop import Lab


def main(accounts: Path) -> None:
    """Serve until SIGTERM."""
    lab = Lab(login_type="PlainTextLogin", accounts=accounts, transcript=False)
    kinds = {
        box: [message(number, box.octets) for number in range(box.messages)] for box in set(BOXES.values())
    }
    for alias, box in BOXES.items():
        mailbox = lab.mailbox(alias)
        for content in kinds[box]:
            mailbox.deliver(content, read=True)
    with lab:
        serve(lab.port, lab.tls_port)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
