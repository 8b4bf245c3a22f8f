"""The how-to page on `minipop probe`: its reports are real, and its findings are those of the probe."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from minipop import Lab
from minipop.probe import report, verdict
from tests.site import drawing
from tests.site.projects import ROOT
from website.data import Problem
from website.pages import probe

LANGUAGES = ("de", "en")


def page(lang: str) -> str:
    return (ROOT / "docs" / lang / "how-to" / "check-your-server.md").read_text("utf-8")


def filled(mark: str, lang: str = "en") -> str:
    """Return what is drawn for a mark on the page."""
    return drawing.drawn(mark, lang, page="how-to/check-your-server.md")


# --- Reports ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("edition", ["2003", "2016"])
def test_a_sample_is_the_same_at_every_build(edition: str, lang: str) -> None:
    first = filled(f"probe {edition}", lang)
    probe.observe.cache_clear()
    assert filled(f"probe {edition}", lang) == first
    assert "/tmp" not in first
    assert "trustme" not in first
    assert set(re.findall(r"\bPort (\d+)", first)) == {"110", "995"}


def test_the_sample_of_2003_shows_a_password_in_clear_and_the_exit_status_of_a_danger() -> None:
    drawn = filled("probe 2003")
    assert re.search(
        r"^Password \(USER, PLAIN, LOGIN\) +password and mail +not offered +all encr", drawn, re.M
    )
    assert re.search(r"^NTLM +password protected, +not offered +all encrypted$", drawn, re.M)
    assert re.search(r"^ +TLS +1.0 yes, 1.1 no, 1.2 no, 1.3 no$", drawn, re.M)  # as Windows Server 2003
    danger = "A password may be sent in clear text: the server accepts USER without TLS."
    assert f"danger     Port 110: {danger}" in drawn
    assert "14393" not in drawn  # the build of Windows Server 2016, on which Exchange 2003 does not run
    assert "Exchange 2003 has nothing newer than TLS 1.0: leave it on there" in " ".join(drawn.split())
    assert drawn.endswith("$ echo $?\n    3\n    ```")


def test_the_sample_of_2016_shows_the_tls_of_its_windows_and_the_certificate_of_set_up() -> None:
    drawn = filled("probe 2016", "de")
    assert "--lang de" in drawn
    assert re.search(r"^Kennwort \(USER.*\) +nicht angeboten( +alles verschlüsselt){2}$", drawn, re.M)
    assert re.search(r"^ +TLS +1.0 ja, 1.1 ja, 1.2 ja, 1.3 nein$", drawn, re.M)
    assert "Das Zertifikat ist selbstsigniert" in drawn
    assert "Windows 10.0.14393" in drawn  # Windows Server 2016
    assert "Prüfen Sie zuerst, ob dieser Server TLS 1.2 anbietet" in " ".join(drawn.split())
    assert "Befunde: 1 Gefahr, 1 Warnung, 1 Hinweis, 2 in Ordnung" in drawn
    assert drawn.endswith("$ echo $?\n    3\n    ```")


def test_an_edition_that_does_not_exist_stops_the_build() -> None:
    with pytest.raises(Problem, match=r"your-server\.md:1: <!-- probe 2004 -->: no edition 2004 to probe"):
        filled("probe 2004")


# --- Findings --------------------------------------------------------------------------------


def test_every_finding_stands_once_and_under_the_severity_that_the_probe_gives_it() -> None:
    page = filled("probe findings")
    for severity, below in zip(verdict.Severity, page.split("### ")[:0:-1], strict=True):
        codes = re.findall(r"^`([a-z0-9-]+)` \{#\1\}$", below, re.MULTILINE)
        assert codes == [code for code, known in verdict.severities().items() if known is severity]
    assert set(re.findall(r"^`(.+?)` \{", page, re.MULTILINE)) == set(report.texts("en")["findings"])


def test_only_what_the_probe_can_find_has_a_place(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/findings.yml").write_text("tls-older: index.md\n", encoding="utf-8")
    with pytest.raises(Problem, match=r"docs/findings\.yml: the probe has no finding tls-older"):
        probe.places(tmp_path)


def test_a_finding_has_its_code_its_meaning_its_lesson_and_its_remedy() -> None:
    drawn = filled("probe findings")
    assert drawn.startswith(
        "### Dangers {#danger}\n\n`password-in-clear` {#password-in-clear}\n:   A password "
    )
    lesson = "[Lesson 04](../learn/04-ports-and-mechanisms.ipynb#plain)"
    assert f"accepts … without TLS. → {lesson}\n\n    **To do:** Allow" in drawn
    assert "{ways}" not in drawn


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (
            "Set-PopSettings -EnableGSSAPIAndNTLMAuth $false oder",
            "`Set-PopSettings -EnableGSSAPIAndNTLMAuth $false` oder",
        ),
        ("Set-PopSettings -LoginType SecureLogin and", "`Set-PopSettings -LoginType SecureLogin` and"),
        ("Set-PopSettings -SSLBindings, -Banner)", "`Set-PopSettings -SSLBindings`, `-Banner`)"),
        ("die POP3-Dienste und --ca-file", "die POP3-Dienste und `--ca-file`"),
        ("unter SCHANNEL\\Protocols,", "unter `SCHANNEL\\Protocols`,"),
        ("accepted: {versions}.", "accepted: …"),
    ],
)
def test_what_is_typed_is_set_as_code(text: str, marked: str) -> None:
    assert probe._marked(text) == marked


# --- What the page says by itself ------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_explains_every_cell_of_the_table(lang: str) -> None:
    cells = set(report.texts(lang)["cells"].values())
    explained = re.findall(r"^\| ([^|`]+?) \| [^|]+ \|$", page(lang), re.MULTILINE)
    assert cells <= set(explained)


def script(lang: str) -> str:
    found = re.search(r"^```python\n(.*?)^```$", page(lang), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_script_of_the_page_runs_and_is_the_same_in_both_languages() -> None:
    assert script("de") == script("en")
    with Lab("2003") as lab:
        options = f"--port {lab.port} --tls-port {lab.tls_port} --ca-file {lab.ca_file}"
        there = ", ".join(map(repr, [lab.host, *options.split()]))
        code = "import sys\n" + script("de").replace('"mail.muster.example"', there)
        code = code.replace('".venv/bin/minipop"', 'sys.executable, "-m", "minipop"')
        done = run_python(code)
    assert done.stdout.splitlines() == [
        "danger password-in-clear plain",
        "warning ntlm-in-clear plain",
        "warning no-stls plain",
    ]
    gone = run_python(code)
    assert gone.returncode == 1
    assert gone.stderr.startswith("no POP3 server at 127.0.0.1: ")


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_names_every_option_and_links_the_schema(lang: str) -> None:
    options = tomllib.loads((ROOT / "src/minipop/probe/command.toml").read_text("utf-8"))["options"]
    for name in options:
        assert name == "host" or f"`{name}" in page(lang), name
    assert "assets/probe.schema.json" in page(lang)


def test_the_finding_names_what_helps_on_each_server() -> None:
    drawn = filled("probe findings")
    entry = drawn.partition("`password-in-clear`")[2].partition("\n\n`")[0]
    for name in ("Exchange", "Dovecot", "Courier", "Cyrus"):
        assert f"*{name}:* " in entry
