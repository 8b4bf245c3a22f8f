"""How many sessions a user may have, by edition; and what the editions say of limits and timers."""

import pytest

from minipop.exchange import EDITIONS, Settings, SettingsError
from minipop.protocol import LogonRefused
from tests import known
from tests.exchange.muster import policy

ANNA = "anna@muster.example", "Sommer2026"


@pytest.mark.parametrize("edition", known.EDITIONS)
def test_how_many_connections_an_edition_allows(edition: str) -> None:
    assert Settings.of(edition).connections == known.EDITIONS[edition].connections


@pytest.mark.parametrize("edition", ["2000", "2003"])
def test_until_2003_idle_clients_had_ten_minutes(edition: str) -> None:
    assert Settings.of(edition).idle_timeout == 600


@pytest.mark.parametrize(("edition", "most"), [("2007", 10), ("2010", 16), ("2016", 16)])
def test_one_session_too_many_of_a_user_is_refused_after_the_log_on_and_cut_off(
    edition: str, most: int
) -> None:
    rules = policy(edition)
    opened = [rules.log_on(*ANNA) for _ in range(most)]
    with pytest.raises(LogonRefused) as refusal:
        rules.log_on(*ANNA)
    assert (refusal.value.reason, refusal.value.reply) == ("connections", "too_many_of_user")
    opened[3].close()
    rules.log_on(*ANNA)


def test_who_has_too_many_sessions_hears_of_it_only_with_the_right_password() -> None:
    rules = policy("2007")
    for _ in range(10):
        rules.log_on(*ANNA)
    with pytest.raises(LogonRefused) as refusal:
        rules.log_on(ANNA[0], "wrong")
    assert (refusal.value.reason, refusal.value.reply) == ("password", None)


def test_another_user_s_sessions_do_not_count() -> None:
    rules = policy("2007")
    for _ in range(10):
        rules.log_on(*ANNA)
    rules.log_on("bmueller@muster.example", "Winter ist kalt 7")


def test_an_exclusive_maildrop_is_in_use_rather_than_full() -> None:
    rules = policy("rfc", exclusive=True)
    rules.log_on(*ANNA)
    with pytest.raises(LogonRefused) as refusal:
        rules.log_on(*ANNA)
    assert refusal.value.reason == "in-use"


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_edition_lets_ten_log_ons_fail_unless_told_otherwise(edition: str) -> None:
    assert policy(edition).failed_logons == 10
    assert policy(edition, failed_logons=3).failed_logons == 3
    with pytest.raises(SettingsError, match="failed_logons must be 1 or more, not 0"):
        policy(edition, failed_logons=0)


def test_only_2000_and_2003_have_a_list_of_addresses() -> None:
    assert Settings.of("2003", allowed=["127.0.0.2"]).allowed == ("127.0.0.2",)
    for edition in EDITIONS:
        if edition not in ("2000", "2003"):
            with pytest.raises(SettingsError, match=f"edition '{edition}' has no list of addresses"):
                Settings.of(edition, allowed=["127.0.0.2"])
