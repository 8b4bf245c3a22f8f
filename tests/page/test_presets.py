"""The links of the error decoder to the terminal: each leads to the reply that it stands at."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from minipop.page.terminal import Choice, Terminal
from website.pages.terminal import choice_of

PRESETS: dict[str, str] = yaml.safe_load((Path(__file__).parents[2] / "docs/presets.yml").read_text("utf-8"))


def play(preset: str) -> list[str]:
    """Open a terminal with a preset, send its lines as the page does, and return the names of all lines."""
    words, _, lines = preset.partition(":")
    terminal = Terminal()
    view = terminal.open(Choice(**{choice_of(word): word for word in words.split()}))
    said = [entry["name"] for entry in view["entries"]]

    def send(line: str) -> dict[str, Any]:
        view = terminal.line(line)
        said.extend(entry["name"] for entry in view["entries"])
        return view

    try:
        for line in filter(None, map(str.strip, lines.split(";"))):
            if line == "PASS":
                view = send(f"PASS {view['wire']['password']}")
            elif line == "LOGON":
                while view["logon"] and not any(name.endswith("failure") for name in said):
                    view = send(view["logon"])
            else:
                view = send(line)
    finally:
        terminal.close()
    json.dumps(view)
    return said


@pytest.mark.parametrize("reply", PRESETS)
def test_a_preset_leads_to_the_reply_that_it_stands_at(reply: str) -> None:
    assert reply in play(PRESETS[reply])


def test_most_replies_have_one() -> None:
    assert len(PRESETS) > 30
