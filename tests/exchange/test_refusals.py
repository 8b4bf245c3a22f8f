r"""Why a log-on was refused, and what would have worked: told to the transcript, never to the client."""

import pytest

from minipop.protocol import LogonRefused
from tests.exchange.muster import policy

#   edition | name | password | rule | how it was read | instead
CASES = r"""
    2016 | bmueller                     | Winter ist kalt 7 | alias        | sAMAccountName            | bmueller@muster.example
    2016 | MUSTER\bmueller              | Winter ist kalt 7 | alias        | DOMAIN\sAMAccountName     | bmueller@muster.example
    2016 | bernd.mueller                | Winter ist kalt 7 | no-windows-account | alias               | bmueller@muster.example
    2016 | bernd.mueller@muster.example | Winter ist kalt 7 | form         | primary address           | bmueller@muster.example
    2016 | bm@muster.example            | Winter ist kalt 7 | form         | proxy address             | bmueller@muster.example
    2007 | MUSTER\bmueller\bernd.mueller| Winter ist kalt 7 | form         | DOMAIN\sAMAccountName\alias | bmueller@muster.example
    2010 | MUSTER/anna/info             | Sommer2026        | form         | DOMAIN/delegate alias/alias |
    2016 | anna@muster.example\info     | Sommer2026        | form         | delegate UPN\alias        | MUSTER\anna\info
    2016 | MUSTER\bmueller\info         | Winter ist kalt 7 | rights       | DOMAIN\sAMAccountName\alias |
    2016 | MUSTER\anna\nobody           | Sommer2026        | alias        | DOMAIN\sAMAccountName\alias |
    2016 | nobody@muster.example        | Sommer2026        | no-account   | userPrincipalName         |
    2016 | MUSTER\\anna                 | Sommer2026        | no-form      |                           |
    2016 | anna@muster.example          | wrong             | password     | userPrincipalName         |
    2016 | dora@muster.example          | Herbst2026        | pop-disabled | userPrincipalName         |
    2016 | dora@muster.example          | wrong             | password     | userPrincipalName         |
    online | anna@muster.example        | Sommer2026        | no-passwords | userPrincipalName         |
    online | anna@muster.example        | wrong             | no-passwords | userPrincipalName         |
    2003 | MUSTER/anna/info             | Sommer2026        | form         | DOMAIN/delegate alias/alias | MUSTER\anna\info
    rfc  | MUSTER\anna                  | Sommer2026        | form         | DOMAIN\sAMAccountName     | anna@muster.example
"""  # noqa: E501

ROWS = [[cell.strip() for cell in line.split("|")] for line in CASES.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}: {row[1]} ({row[3]})" for row in ROWS])
def test_a_refusal_names_its_rule_and_the_name_that_would_have_worked(row: list[str]) -> None:
    edition, name, password, rule, form, instead = row
    with pytest.raises(LogonRefused) as refusal:
        policy(edition).log_on(name, password)
    assert (refusal.value.reason, refusal.value.form, refusal.value.instead) == (rule, form, instead)
    assert password not in str(refusal.value)


@pytest.mark.parametrize("row", [row for row in ROWS if row[5]], ids=lambda row: row[1])
def test_the_name_that_is_proposed_really_works(row: list[str]) -> None:
    edition, _, password, _, _, instead = row
    assert len(policy(edition).log_on(instead, password).messages) == 1


def test_a_second_session_on_a_locked_mailbox_is_told_so() -> None:
    rules = policy("rfc", exclusive=True)
    rules.log_on("anna", "Sommer2026")
    with pytest.raises(LogonRefused) as refusal:
        rules.log_on("anna", "Sommer2026")
    assert (refusal.value.reason, refusal.value.reply) == ("in-use", "in_use")
