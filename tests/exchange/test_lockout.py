"""Lock-out as Active Directory's: [MS-SAMR] 3.1.5.14.6, Microsoft's pages on the Account Lockout Policy."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import spnego

from minipop.exchange import ExchangePolicy, Lockout, LockoutPolicy, SettingsError
from minipop.protocol import LogonRefused, Session
from tests.exchange.muster import ACCOUNTS, TRUST, policy
from tests.support import drain, send

UPN, RIGHT = "anna@muster.example", "Sommer2026"


class Domain:
    """A lock-out on a clock that the test moves."""

    def __init__(self, threshold: int = 3, window: int = 30, duration: int = 30) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)
        self.lockout = Lockout(LockoutPolicy(threshold, window, duration), lambda: self.now)
        self.rules = self.serving("2016")

    def serving(self, edition: str) -> ExchangePolicy:
        """Return the rules of a service whose accounts are those of this domain."""
        return policy(edition, trust=TRUST, lockout=self.lockout)

    def passes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    def tries(self, password: str = "wrong", name: str = UPN, rules: ExchangePolicy | None = None) -> str:
        """Try a password; return which rule refused it, empty for none."""
        try:
            (rules or self.rules).log_on(name, password)
        except LogonRefused as refusal:
            return refusal.reason
        return ""


def test_by_default_no_account_is_ever_locked() -> None:
    rules = policy("2016")
    for _ in range(1_000):
        with pytest.raises(LogonRefused):
            rules.log_on(UPN, "wrong")
    rules.log_on(UPN, RIGHT)


def test_at_the_threshold_an_account_is_locked_even_for_the_right_password() -> None:
    domain = Domain(threshold=3)
    assert [domain.tries() for _ in range(3)] == ["password"] * 3
    assert domain.tries(RIGHT) == "locked-out"
    assert domain.tries() == "locked-out"


def test_below_the_threshold_it_is_not() -> None:
    domain = Domain(threshold=3)
    assert [domain.tries(), domain.tries(), domain.tries(RIGHT)] == ["password", "password", ""]


def test_another_account_is_not_locked() -> None:
    domain = Domain(threshold=1)
    domain.tries()
    assert domain.tries("Winter ist kalt 7", "bmueller@muster.example") == ""


def test_the_right_password_begins_the_count_anew() -> None:
    domain = Domain(threshold=3)
    tried = [domain.tries(password) for password in ("wrong", "wrong", RIGHT, "wrong", "wrong", RIGHT)]
    assert tried == ["password", "password", "", "password", "password", ""]


def test_so_does_one_that_is_right_but_opens_no_mailbox() -> None:
    domain = Domain(threshold=2)
    dora = "dora@muster.example"
    tried = [domain.tries(password, dora) for password in ("wrong", "Herbst2026", "wrong", "Herbst2026")]
    assert tried == ["password", "pop-disabled", "password", "pop-disabled"]


@pytest.mark.parametrize(
    ("minutes", "then"), [(29, "locked-out"), (30, "locked-out"), (30.01, ""), (31, "")], ids=str
)
def test_bad_passwords_count_together_if_no_more_than_the_window_lies_between_them(
    minutes: float, then: str
) -> None:
    domain = Domain(threshold=3, window=30, duration=600)
    domain.tries()
    domain.tries()
    domain.passes(minutes)
    domain.tries()
    assert domain.tries(RIGHT) == then


def test_the_window_begins_anew_with_each_bad_password() -> None:
    domain = Domain(threshold=3, window=30)
    for _ in range(3):
        domain.tries()
        domain.passes(29)
    assert domain.tries(RIGHT) == "locked-out"


def test_an_account_stays_locked_for_the_duration() -> None:
    domain = Domain(threshold=1, window=10, duration=30)
    domain.tries()
    domain.passes(29.99)
    assert domain.tries(RIGHT) == "locked-out"
    domain.passes(0.01)
    assert domain.tries(RIGHT) == ""


def test_what_is_tried_meanwhile_does_not_prolong_it() -> None:
    domain = Domain(threshold=2, window=30, duration=30)
    domain.tries()
    domain.tries()
    for _ in range(3):
        domain.passes(10)
        tried = domain.tries()
    assert tried == "password"  # the time was over: this one counts, and is the first
    assert domain.tries(RIGHT) == ""


def test_a_duration_of_0_lasts_until_an_administrator_unlocks_the_account() -> None:
    domain = Domain(threshold=2, duration=0)
    domain.tries()
    domain.tries()
    domain.passes(99_999)
    assert domain.tries(RIGHT) == "locked-out"
    domain.lockout.unlock(ACCOUNTS[0])
    assert domain.tries() == "password"  # and the count begins anew
    assert domain.tries(RIGHT) == ""


# -- who counts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [UPN, "anna", r"MUSTER\anna", "ANNA", r"MUSTER\anna\info", "MUSTER/anna/info"]
)
def test_every_name_that_leads_to_an_account_counts_for_it(name: str) -> None:
    domain = Domain(threshold=2)
    domain.tries()
    assert domain.tries(name=name) == "password"
    assert domain.tries(RIGHT) == "locked-out"


@pytest.mark.parametrize("name", ["anna.arndt@muster.example", "a.arndt@muster.example"])
def test_a_form_that_the_edition_does_not_understand_never_reaches_the_directory(name: str) -> None:
    domain = Domain(threshold=1)
    assert domain.tries(name=name) == "form"
    assert domain.tries(RIGHT) == ""


def test_where_no_password_logs_on_none_is_bad() -> None:
    domain = Domain(threshold=1)
    assert domain.tries(rules=domain.serving("online")) == "no-passwords"
    assert domain.tries(RIGHT) == ""


def test_invented_names_and_accounts_without_a_password_take_no_memory() -> None:
    domain = Domain(threshold=1)
    for n in range(1_000):
        assert domain.tries(name=f"nobody{n}@muster.example") == "no-account"
        domain.tries(name="info")
    assert domain.lockout._records == {}


def test_a_token_opens_the_mailbox_all_the_same() -> None:
    # It was issued elsewhere, and so was a Kerberos ticket: neither asks the directory for a password.
    domain = Domain(threshold=1)
    domain.tries()
    session = Session(domain.serving("rfc"))
    drain(session)
    token = base64.b64encode(f"user={UPN}\x01auth=Bearer annas\x01\x01".encode())
    assert send(session, b"AUTH XOAUTH2\r\n" + token + b"\r\n").count(b"+OK") == 1


# -- what the client sees -------------------------------------------------------------------------------


def user_pass(session: Session, password: str) -> bytes:
    return send(session, f"USER {UPN}\r\nPASS {password}\r\n".encode())


def plain(session: Session, password: str) -> bytes:
    return send(session, b"AUTH PLAIN " + base64.b64encode(f"\0{UPN}\0{password}".encode()) + b"\r\n")


def login(session: Session, password: str) -> bytes:
    answers = (base64.b64encode(text.encode()) + b"\r\n" for text in (UPN, password))
    return send(session, b"AUTH LOGIN\r\n" + b"".join(answers))


def ntlm(session: Session, password: str) -> bytes:
    client = spnego.client(
        r"MUSTER\anna", password, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm
    )
    send(session, b"AUTH NTLM\r\n")
    challenge = send(session, base64.b64encode(client.step() or b"") + b"\r\n").removeprefix(b"+ ")
    return send(session, base64.b64encode(client.step(base64.b64decode(challenge)) or b"") + b"\r\n")


Way = Callable[[Session, str], bytes]
WAYS: list[Way] = [user_pass, plain, login, ntlm]


def says(domain: Domain, way: Way, password: str) -> bytes:
    session = Session(domain.rules, tls=True)
    drain(session)
    return way(session, password)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_counts_and_a_locked_account_looks_like_a_wrong_password(way: Way) -> None:
    domain = Domain(threshold=3)
    wrong = {says(domain, way, "wrong") for _ in range(3)}
    assert len(wrong) == 1
    assert wrong.pop().endswith(b" failure: unknown user name or bad password.\r\n")
    for other in WAYS:
        assert domain.tries(RIGHT) == "locked-out"
        assert says(domain, other, RIGHT) == says(Domain(), other, "wrong"), other
    domain.passes(30)
    assert b"+OK User successfully" in says(domain, way, RIGHT)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_begins_the_count_anew(way: Way) -> None:
    domain = Domain(threshold=2)
    domain.tries()
    says(domain, way, RIGHT)
    assert domain.tries() == "password"
    assert domain.tries(RIGHT) == ""


# -- the policy -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy_", "error"),
    [
        ((-1, 30, 30), "lockoutThreshold must be 0 to 999, not -1"),
        ((1_000, 30, 30), "lockoutThreshold must be 0 to 999, not 1000"),
        ((3, 0, 30), "lockOutObservationWindow must be 1 to 99999, not 0"),
        ((3, 100_000, 0), "lockOutObservationWindow must be 1 to 99999, not 100000"),
        ((3, 30, -1), "lockoutDuration must be 0 to 99999, not -1"),
        ((3, 30, 100_000), "lockoutDuration must be 0 to 99999, not 100000"),
        ((3, 30, 29), "lockoutDuration must be 0, or not less than lockOutObservationWindow"),
    ],
)
def test_a_value_that_windows_does_not_take_is_refused(policy_: tuple[int, int, int], error: str) -> None:
    with pytest.raises(SettingsError, match=error):
        LockoutPolicy(*policy_)


@pytest.mark.parametrize("taken", [(0, 1, 1), (999, 99_999, 99_999), (3, 99_999, 0)])
def test_its_ends_are_taken(taken: tuple[int, int, int]) -> None:
    LockoutPolicy(*taken)
