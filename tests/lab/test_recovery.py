"""Every way back for what POP3 deleted, judged by what lies where afterwards."""

import poplib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from evidence.patience import PATIENCE
from evidence.raw import context
from minipop import Lab
from minipop.exchange import SettingsError
from minipop.mailbox import Mailbox
from tests.known import editions

BOUNCE = "Undeliverable"  # the second of the three messages in Bernd's Inbox
BEFORE_2010 = ["2000", "2003", "2007"]
SINCE_2010 = editions("2010", "online")
WITH_CMDLET = editions("2016", "online")
OWN_SINCE_2010 = editions("2010")


def deleted_by_pop3(edition: str, **settings: Any) -> Lab:
    """Return a Lab in which a POP3 client has deleted the bounce, and only that, in Bernd's Inbox."""
    lab = Lab(edition, **settings)
    bernd = lab.mailbox("bernd.mueller")
    drop = bernd.open_maildrop()
    drop.delete([drop.messages[1]])
    drop.close()
    return lab


def bernd(lab: Lab) -> Mailbox:
    return lab.mailbox("bernd.mueller")


def where(lab: Lab) -> set[str]:
    """Tell in which folders the bounce is."""
    box = bernd(lab)
    folders = {**box.folders, **{f"hidden {name}": folder for name, folder in box.hidden.items()}}
    return {name for name, folder in folders.items() if any(BOUNCE in s for s in folder.subjects)}


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A Lab of 2016 whose POP3 client has deleted the bounce over the wire."""
    with Lab("2016") as started:
        pop = poplib.POP3_SSL(
            started.host, started.tls_port, context=context(started.ca_file), timeout=PATIENCE
        )
        pop.user("bmueller@muster.example")
        pop.pass_("Winter ist kalt 7")
        pop.dele(2)
        pop.quit()
        yield started


# -- the user ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", BEFORE_2010)
def test_before_2010_an_old_outlook_shows_the_inbox_s_dumpster_only_with_dumpster_always_on(
    edition: str,
) -> None:
    lab = deleted_by_pop3(edition)
    assert lab.recover_deleted_items("bernd.mueller") == []
    assert where(lab) == {"hidden Inbox"}
    (message,) = lab.recover_deleted_items("bernd.mueller", dumpster_always_on=True)
    assert BOUNCE in message.subject
    assert where(lab) == {"Inbox"}


@pytest.mark.parametrize("edition", BEFORE_2010)
def test_the_dumpster_of_deleted_items_is_always_shown(edition: str) -> None:
    lab = Lab(edition)
    box = lab.mailbox("anna")
    box.delete(box.deleted_items[0])
    assert len(lab.recover_deleted_items("anna")) == 1
    assert len(box.deleted_items) == 2


@pytest.mark.parametrize("edition", SINCE_2010)
def test_since_2010_users_find_it_and_get_it_into_deleted_items_where_pop3_does_not_see_it(
    edition: str,
) -> None:
    lab = deleted_by_pop3(edition)
    assert len(lab.recover_deleted_items("bernd.mueller", "UNDELIVERABLE")) == 1
    assert where(lab) == {"Deleted Items"}
    assert len(bernd(lab).open_maildrop().messages) == 2
    bernd(lab).move(bernd(lab).deleted_items[0], "Inbox")
    assert where(lab) == {"Inbox"}


def test_a_subject_that_is_not_there_brings_nothing_back() -> None:
    lab = deleted_by_pop3("2016")
    assert lab.recover_deleted_items("bernd.mueller", "xyzzy") == []
    assert where(lab) == {"hidden Deletions"}


def test_an_rfc_server_keeps_nothing_and_says_so() -> None:
    lab = deleted_by_pop3("rfc")
    assert where(lab) == set()
    for act in (lab.recover_deleted_items, lab.purge_deleted_items):
        with pytest.raises(SettingsError, match="edition 'rfc' does not keep deleted mail"):
            act("bernd.mueller")


# -- Get-RecoverableItems and Restore-RecoverableItems -------------------------------------------------


def test_an_administrator_restores_it_to_the_inbox_over_a_running_server(lab: Lab) -> None:
    (item,) = lab.shell.get_recoverable_items("bernd.mueller", subject_contains=BOUNCE.lower())
    assert (item.source_folder, item.last_parent) == ("RecoverableItems", "Inbox")
    assert f"{item.last_modified_time:%Y-%m-%d %H:%M}" == "2026-11-23 08:00"
    assert where(lab) == {"hidden Deletions"}
    lab.shell.restore_recoverable_items("bernd.mueller", subject_contains=BOUNCE)
    assert where(lab) == {"Inbox"}
    assert lab.shell.lines == [
        "Get-RecoverableItems -Identity bernd.mueller -SubjectContains undeliverable",
        "Restore-RecoverableItems -Identity bernd.mueller -SubjectContains Undeliverable",
    ]
    assert lab.shell.restore_recoverable_items("bernd.mueller", subject_contains=BOUNCE) == []


@pytest.mark.parametrize("edition", WITH_CMDLET)
def test_editions_that_have_the_cmdlet_restore_with_it(edition: str) -> None:
    lab = deleted_by_pop3(edition)
    lab.shell.restore_recoverable_items("bernd.mueller", source_folder="RecoverableItems")
    assert where(lab) == {"Inbox"}


def test_what_its_user_moved_to_deleted_items_comes_back_to_the_inbox() -> None:
    lab = Lab("2016")
    bernd(lab).move(bernd(lab).inbox[1], "Deleted Items")
    (item,) = lab.shell.restore_recoverable_items("bernd.mueller", source_folder="DeletedItems")
    assert item.last_parent == ""
    assert where(lab) == {"Inbox"}


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2026-11-23", None, 1),
        ("2026-11-24", None, 0),
        (None, "2026-11-23T07:59:59", 0),
        (None, "2026-11-23T10:00:00+02:00", 1),
        ("2026-11-22", "2026-11-24", 1),
    ],
)
def test_the_times_of_a_search_are_those_of_the_deletion(
    start: str | None, end: str | None, found: int
) -> None:
    lab = deleted_by_pop3("2016")
    items = lab.shell.get_recoverable_items("bernd.mueller", filter_start_time=start, filter_end_time=end)
    assert len(items) == found


def test_only_the_cloud_restores_to_another_folder() -> None:
    lab = deleted_by_pop3("online")
    lab.shell.restore_recoverable_items("bernd.mueller", restore_target_folder="Zurück")
    assert where(lab) == {"Zurück"}
    with pytest.raises(SettingsError, match="has no Restore-RecoverableItems -RestoreTargetFolder"):
        deleted_by_pop3("2016").shell.restore_recoverable_items(
            "bernd.mueller", restore_target_folder="Zurück"
        )


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda s: s.get_recoverable_items("nobody"), "no mailbox 'nobody'"),
        (lambda s: s.get_recoverable_items("anna", source_folder="Trash"), "unknown SourceFolder 'Trash'"),
        (lambda s: s.get_recoverable_items("anna", filter_start_time="soon"), "FilterStartTime must be"),
        (lambda s: s.search_mailbox("anna", search_query="size:3"), "understands only subject:, from:, to:"),
        (lambda s: s.search_mailbox("anna", target_mailbox="dora"), "TargetMailbox and TargetFolder"),
        (lambda s: s.search_mailbox("anna", target_folder="x"), "TargetMailbox and TargetFolder"),
        (lambda s: s.set_mailbox("anna", retain_deleted_items_for=-1), "must be 0 to 24855 days"),
        (lambda s: s.mount_database("RDB1"), "no recovery database 'RDB1'"),
    ],
)
def test_bad_input_gets_one_clear_line_and_is_not_noted(act: Callable[[Any], object], text: str) -> None:
    lab = Lab("2016")
    with pytest.raises(SettingsError) as raised:
        act(lab.shell)
    assert text in str(raised.value)
    assert "\n" not in str(raised.value)
    assert lab.shell.lines == []


# -- purged, and the days that it is kept --------------------------------------------------------------


def test_without_single_item_recovery_a_purge_is_the_end() -> None:
    lab = deleted_by_pop3("2016")
    assert len(lab.purge_deleted_items("bernd.mueller")) == 1
    assert where(lab) == set()
    assert lab.shell.restore_recoverable_items("bernd.mueller") == []


def test_with_single_item_recovery_users_lose_it_and_administrators_find_it_in_purges() -> None:
    lab = deleted_by_pop3("2016")
    lab.shell.set_mailbox("bernd.mueller", single_item_recovery_enabled=True)
    assert lab.shell.lines == ["Set-Mailbox -Identity bernd.mueller -SingleItemRecoveryEnabled $true"]
    lab.purge_deleted_items("bernd.mueller")
    assert where(lab) == {"hidden Purges"}
    assert lab.recover_deleted_items("bernd.mueller") == []
    (item,) = lab.shell.restore_recoverable_items("bernd.mueller", source_folder="PurgedItems")
    assert item.last_parent == "Inbox"
    assert where(lab) == {"Inbox"}


def test_single_item_recovery_is_on_in_the_cloud_alone() -> None:
    for edition, folders in (("online", {"hidden Purges"}), ("se", set())):
        lab = deleted_by_pop3(edition)
        lab.purge_deleted_items("bernd.mueller")
        assert where(lab) == folders


def test_fourteen_days_close_every_way_that_leads_over_the_server() -> None:
    lab = deleted_by_pop3("2016")
    lab.shell.set_mailbox("bernd.mueller", single_item_recovery_enabled=True)
    lab.purge_deleted_items("bernd.mueller")
    lab.fast_forward(days=15)
    assert where(lab) == set()
    assert lab.shell.restore_recoverable_items("bernd.mueller") == []
    assert lab.shell.search_mailbox("bernd.mueller", search_query=BOUNCE, search_dumpster_only=True) == []


def test_thirty_days_are_more_than_fourteen_and_the_most_that_the_cloud_allows() -> None:
    lab = deleted_by_pop3("online")
    lab.shell.set_mailbox("bernd.mueller", retain_deleted_items_for=30)
    lab.fast_forward(days=29)
    assert where(lab) == {"hidden Deletions"}
    with pytest.raises(SettingsError, match="0 to 30 days"):
        lab.shell.set_mailbox("bernd.mueller", retain_deleted_items_for=31)


def test_set_mailbox_leaves_alone_what_was_not_typed() -> None:
    lab = Lab("2016")
    lab.shell.set_mailbox("anna", single_item_recovery_enabled=True)
    lab.shell.set_mailbox("anna", retain_deleted_items_for=3)
    retention = lab.mailbox("anna").retention
    assert (retention.days, retention.single_item_recovery) == (3, True)


def test_days_of_a_mailbox_are_typed_with_the_switch_for_retention_and_end_with_it() -> None:
    lab = Lab("2016")
    lab.shell.set_mailbox("anna", use_database_retention_defaults=False, retain_deleted_items_for=30)
    assert lab.shell.lines == [
        "Set-Mailbox -Identity anna -UseDatabaseRetentionDefaults $false -RetainDeletedItemsFor 30"
    ]
    assert lab.mailbox("anna").retention.days == 30
    lab.shell.set_mailbox("anna", use_database_retention_defaults=True)
    assert lab.mailbox("anna").retention.days == 14
    with pytest.raises(SettingsError, match="has no Set-Mailbox -UseDatabaseRetentionDefaults"):
        Lab("online").shell.set_mailbox("anna", use_database_retention_defaults=False)


# -- Search-Mailbox ------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", OWN_SINCE_2010)
def test_search_mailbox_copies_from_purges_to_another_mailbox_and_from_there_back(edition: str) -> None:
    lab = deleted_by_pop3(edition)
    lab.shell.set_mailbox("bernd.mueller", single_item_recovery_enabled=True)
    lab.purge_deleted_items("bernd.mueller")
    lab.shell.search_mailbox(
        "bernd.mueller",
        search_query="subject:Undeliverable",
        search_dumpster_only=True,
        target_mailbox="dora",
        target_folder="Bernd",
    )
    assert len(lab.mailbox("dora").folders["Bernd"]) == 1
    assert where(lab) == {"hidden Purges"}  # copied, not moved
    lab.shell.search_mailbox(
        "dora", search_query=BOUNCE, target_mailbox="bernd.mueller", target_folder="Inbox"
    )
    assert where(lab) == {"Inbox", "hidden Purges"}
    assert lab.shell.lines[1] == (
        "Search-Mailbox -Identity bernd.mueller -SearchQuery subject:Undeliverable -SearchDumpsterOnly"
        " -TargetMailbox dora -TargetFolder Bernd"
    )


def test_search_mailbox_sees_all_folders_unless_it_is_told_to_see_recoverable_items_alone() -> None:
    lab = deleted_by_pop3("2016")
    assert len(lab.shell.search_mailbox("bernd.mueller")) == 3
    assert len(lab.shell.search_mailbox("bernd.mueller", search_dumpster_only=True)) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("undeliverable", 1),
        ('subject:"pop3 abschalten"', 0),
        ("from:bernd", 0),
        ("from:muster.example", 2),
        ('from:muster.example subject:"your quotation"', 1),
        ('from:muster.example subject:"angebot ihr"', 0),
    ],
)
def test_all_words_of_a_query_must_be_met(query: str, found: int) -> None:
    lab = Lab("2016")
    assert len(lab.shell.search_mailbox("bernd.mueller", search_query=query)) == found


@pytest.mark.parametrize(("recovery", "left"), [(False, set()), (True, {"hidden Purges"})])
def test_delete_content_deletes_past_what_the_user_can_recover(recovery: bool, left: set[str]) -> None:
    lab = Lab("2016")
    lab.shell.set_mailbox("bernd.mueller", single_item_recovery_enabled=recovery)
    lab.shell.search_mailbox("bernd.mueller", search_query=BOUNCE, delete_content=True)
    assert where(lab) == left
    assert len(bernd(lab).inbox) == 2


# -- the wrong edition ---------------------------------------------------------------------------------

GET: Callable[[Any], object] = lambda shell: shell.get_recoverable_items("anna")  # noqa: E731
SEARCH: Callable[[Any], object] = lambda shell: shell.search_mailbox("anna")  # noqa: E731
SIR: Callable[[Any], object] = lambda s: s.set_mailbox("anna", single_item_recovery_enabled=True)  # noqa: E731


@pytest.mark.parametrize(
    ("edition", "act", "text"),
    [
        *((e, GET, "instead: “Recover Deleted Items” in Outlook, or a backup") for e in BEFORE_2010),
        *((e, GET, "instead: Search-Mailbox") for e in ("2010", "2013")),
        ("rfc", GET, f"only {', '.join(WITH_CMDLET)} have it"),
        *((e, SEARCH, f"only {', '.join(OWN_SINCE_2010)} have it; instead:") for e in BEFORE_2010),
        ("online", SEARCH, "instead: Get-RecoverableItems, or New-ComplianceSearch"),
        ("2003", SIR, "instead: “Deleted item retention” in Exchange System Manager"),
        ("2007", SIR, "has no Set-Mailbox -SingleItemRecoveryEnabled"),
    ],
)
def test_another_edition_says_which_have_the_cmdlet_and_what_serves_instead(
    edition: str, act: Callable[[Any], object], text: str
) -> None:
    lab = Lab(edition)
    with pytest.raises(SettingsError) as raised:
        act(lab.shell)
    assert f"edition {edition!r} has no" in str(raised.value)
    assert text in str(raised.value)
    assert "\n" not in str(raised.value)
