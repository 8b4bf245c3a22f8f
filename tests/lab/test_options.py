"""What a Lab can be told: keywords that there are, and those that there are not."""

from inspect import signature
from typing import Any

import pytest

from minipop import Lab
from minipop.cli import _parser
from minipop.exchange import SettingsError
from minipop.lab.options import Options

#: What a Lab could be told by keyword before there was a table of options, and still can.
KEYWORDS = {
    "login_type",
    "secure_login",
    "gssapi_ntlm",
    "ntlm_v1",
    "extended_protection",
    "allowed",
    "failed_logons",
    "lockout_threshold",
    "lockout_observation_window",
    "lockout_duration",
    "protocol_log",
    "time_lapse",
    "kerberos",
    "issuer",
    "lang",
    "host",
    "port",
    "tls_port",
    "accounts",
    "maildir",
    "transcript",
    "allow_remote",
    "allow_public",
    "record",
    "certificate",
}


def test_a_notebook_shows_every_option_and_each_but_the_edition_is_a_keyword() -> None:
    edition, *others = signature(Lab).parameters.values()
    assert edition.name == "edition"
    assert {option.name for option in others} == KEYWORDS
    assert {option.kind for option in others} == {option.KEYWORD_ONLY for option in others}


def test_an_option_that_there_is_not_is_one_line_that_names_those_that_there_are() -> None:
    with pytest.raises(
        TypeError, match=r"^a Lab has no option 'login_typ'; there are edition, host, "
    ) as told:
        Lab("2016", login_typ="SecureLogin")
    assert "\n" not in str(told.value)
    assert all(name in str(told.value) for name in KEYWORDS)


def test_options_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Options().port = 110  # type: ignore[misc]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"time_lapse": 0}, "time_lapse must be greater than 0"),
        ({"lockout_threshold": 1000}, "lockoutThreshold must be 0 to 999, not 1000"),
        ({"lockout_threshold": 5, "lockout_duration": 10}, "lockoutDuration must be 0, or not less than"),
        ({"host": "0.0.0.0", "allow_remote": True, "record": True}, "0.0.0.0 is not loopback; only what"),
    ],
)
def test_values_that_cannot_be_are_told_before_anything_starts(options: dict[str, Any], error: str) -> None:
    with pytest.raises(SettingsError, match=error):
        Lab(**options)


def test_the_command_line_is_told_the_same_options_by_their_names() -> None:
    given = vars(_parser().parse_args(["serve", "--port", "0", "--i-know-this-is-a-lab"]))
    assert set(given) - {"command", "json", "run"} <= {"edition", *KEYWORDS}
    assert (given["port"], given["tls_port"], given["allow_public"], given["ntlm_v1"]) == (
        0,
        1995,
        True,
        False,
    )
