"""The page on settings: its data is whole, agrees with the editions and the shell, and is drawn as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from minipop.exchange import EDITIONS, Settings
from minipop.exchange.sources import Evidence
from minipop.lab.shell.cmdlets import cmdlets
from minipop.lab.shell.ranges import UNLIMITED, ranges, time_span
from minipop.protocol import ReplyName
from tests.known import editions
from tests.site import checks
from tests.site.drawing import drawn
from tests.site.projects import ROOT
from website.pages.settings import VERSIONS, Server, load
from website.words import words

DATA = load(ROOT)
SERVER: dict[str, Server] = DATA.server
PARTS = (DATA.server, DATA.mailbox, DATA.others)

#: A column of the page stands for these editions.
EDITIONS_OF = {"2007": ["2007"], "2010": ["2010"], "2013": ["2013"], "2016": editions("2016")}


def columns() -> list[tuple[str, str]]:
    """Return each column with each of its editions."""
    return [(column, edition) for column, editions in EDITIONS_OF.items() for edition in editions]


def values(parameter: str, column: str) -> list[object]:
    """Return the default, or those among which the sources disagree."""
    value = SERVER[parameter].default[column]
    return value if isinstance(value, list) else [value]


# -- the data is whole ----------------------------------------------------------------------------------


def test_every_setting_has_its_sources() -> None:
    assert [len(part) for part in PARTS] == [26, 6, 7]
    assert all(setting.sources for part in PARTS for setting in part.values())


def test_every_version_has_a_value() -> None:
    assert set(EDITIONS_OF) == set(VERSIONS)
    assert all(set(setting.default) == set(VERSIONS) for setting in SERVER.values())


# -- it agrees with what minipop does -------------------------------------------------------------------


@pytest.mark.parametrize(("column", "edition"), columns())
def test_defaults_are_those_of_the_editions(column: str, edition: str) -> None:
    known = EDITIONS[edition]
    settings = Settings.of(edition)
    facts: dict[str, tuple[object, Any]] = {
        "LoginType": (known.login_type.value and known.login_type.value.value, known.login_type),
        "EnableGSSAPIAndNTLMAuth": (
            {None: "absent", True: "$true", False: "$false"}[known.gssapi_ntlm.value],
            known.gssapi_ntlm,
        ),
        "ExtendedProtectionPolicy": (
            known.extended_protection.value.value if known.extended_protection.value else "absent",
            known.extended_protection,
        ),
        "MaxCommandSize": (known.line_limit.value, known.line_limit),
        "PreAuthenticatedConnectionTimeout": (time_span(known.logon_timeout.value), known.logon_timeout),
        "AuthenticatedConnectionTimeout": (time_span(known.idle_timeout.value), known.idle_timeout),
        "Banner": (known.replies[ReplyName.GREETING].value, known.replies[ReplyName.GREETING]),
    }
    for name, most in zip(
        ("MaxConnections", "MaxConnectionFromSingleIP", "MaxConnectionsPerUser"),
        known.connections.value,
        strict=True,
    ):
        facts[name] = ("unlimited" if most is None else most, known.connections)
    compared = 0
    for name, (value, fact) in facts.items():
        stated = values(name, column)
        if fact.source.kind is not Evidence.ASSUMED and stated != ["unstated"]:
            assert value in stated, f"{name} of {edition}: the page says {stated}, minipop {value}"
            compared += 1
    assert compared >= 5
    assert values("ProtocolLogEnabled", column)[0] in ("config", "unstated", "$false")
    assert settings.protocol_log is False


@pytest.mark.parametrize("parameter", ranges())
def test_ranges_are_those_of_the_shell(parameter: str) -> None:
    lowest, highest = SERVER[parameter].ends
    known = ranges()[parameter]["se"]
    ends: list[object] = [known.lowest, known.highest]
    if "Timeout" in parameter:
        ends = [time_span(known.lowest), time_span(known.highest)]
    assert [lowest, highest] == ends
    for edition in ("2007", "2010"):
        limit = ranges()[parameter][edition].highest
        if limit not in (UNLIMITED, known.highest) and "Timeout" not in parameter:
            assert f"{edition} bis {limit}" in SERVER[parameter].note["de"]


def test_what_the_shell_can_set_is_on_the_page_and_absent_where_it_is_refused() -> None:
    known = cmdlets()["setpopsettings"]
    assert set(known.parameters) <= set(SERVER)
    for name in known.parameters:
        without = [
            edition for edition in known.editions if edition not in known.only.get(name, known.editions)
        ]
        assert (values(name, "2007")[0] in ("absent", "config")) == ("2007" in without)


def test_defaults_of_retention_are_those_of_the_editions() -> None:
    retention = DATA.others["DeletedItemRetention"].default
    assert retention == f"{EDITIONS['se'].retention_days.value}.00:00:00"
    assert DATA.others["SingleItemRecoveryEnabled"].default == "$false"
    assert EDITIONS["se"].single_item_recovery.value is False
    assert EDITIONS["online"].single_item_recovery.value is True


# -- it is drawn as it is -------------------------------------------------------------------------------


def row(table: str, first: str) -> list[str]:
    """Return the cells of a row, code as an author would write it."""
    plain = re.sub("<code[^>]*>(.*?)</code>", r"`\1`", table).replace("<wbr>", "")
    (found,) = [line for line in plain.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in found.split("|")[1:-1]]


def numbers(*keys: str) -> str:
    """Return the links to sources."""
    listed = DATA.cited()
    return ", ".join(f"[{listed.index(key) + 1}](#source-{listed.index(key) + 1})" for key in keys)


def test_rows_are_drawn_in_the_readers_language() -> None:
    german, english = drawn("settings server", "de"), drawn("settings server", "en")
    assert row(german, "Parameter") == [
        "Parameter",
        "2007",
        "2010",
        "2013",
        "2016 bis SE",
        "Werte und Wirkung",
        "Quellen",
    ]
    assert row(german, "`MaxConnections`") == [
        "`MaxConnections`",
        "`2000`",
        "`2000` oder unbegrenzt",
        "unbegrenzt",
        "unbegrenzt",
        "`1` bis `2147483647`<br>Verbindungen insgesamt. In 2007 bis 25000. "
        "Für 2010 nennt die Hilfe als Standardwert 2000, die Seite des Cmdlets unbegrenzt (2147483647).",
        numbers("aa997988-2007", "aa997988-2010", "set-popsettings-2018", "set-popsettings"),
    ]
    assert row(english, "`SuppressReadReceipt`")[1:6] == [
        "absent",
        *["`$false`"] * 3,
        "`$true`, `$false`<br>Suppresses the read receipt on download. The one on opening remains.",
    ]
    assert row(drawn("settings mailbox", "en"), "`PopSuppressReadReceipt`")[1:4] == [
        "`$false`",
        "yes",
        "2010 to SE, Exchange Online",
    ]
    assert row(drawn("settings others", "de"), "`PopMaxConcurrency`")[1:3] == [
        "Drosselungsrichtlinie",
        "`20`",
    ]


def test_all_words_for_values_are_used() -> None:
    used = {value for name in SERVER for column in VERSIONS for value in values(name, column)}
    known = words("en", "setting-values")
    assert {value for value in used if value in known} == set(known)


def test_the_built_page_has_the_tables(site: Path) -> None:
    for page in ("reference/settings", "en/reference/settings"):
        body = checks.article(checks.page(site, f"{page}/index.html"))
        rows = [len(table.find_all("tr")) - 1 for table in body.find_all("table")]
        assert rows == [len(part) for part in PARTS]
        assert len(body.select("[id^=source-]")) == len(DATA.cited())
