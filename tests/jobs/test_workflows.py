"""Saved workflows: versions, conflicts, drafts."""

import pytest

from nodegraph.jobs.errors import Conflict, NotFound
from nodegraph.jobs.workflows import KEPT_VERSIONS
from tests.jobs.conftest import Kept


def test_every_save_is_a_version(kept: Kept) -> None:
    first = kept.workflows.save("ann", "w", "{1}")
    kept.clock.now += 5
    second = kept.workflows.save("ann", "w", "{2}", first.version)

    assert (first.version, second.version) == (1, 2)
    assert kept.workflows.load("ann", "w") == second
    assert kept.workflows.load("ann", "w", 1) == first
    listed = kept.workflows.versions("ann", "w")
    assert [(one.version, one.saved_at, one.size) for one in listed] == [
        (2, kept.clock.now, 3),
        (1, kept.clock.now - 5, 3),
    ]


def test_two_tabs_never_overwrite_each_other(kept: Kept) -> None:
    kept.workflows.save("ann", "w", "{1}")
    kept.workflows.save("ann", "w", "{2}", 1)

    with pytest.raises(Conflict, match="version 2 by now, this edit began from version 1") as error:
        kept.workflows.save("ann", "w", "{other}", 1)
    assert error.value.version == 2
    with pytest.raises(Conflict, match="began from nothing"):
        kept.workflows.save("ann", "w", "{new}")
    assert kept.workflows.load("ann", "w").document == "{2}"


def test_a_deleted_workflow_is_gone_and_its_versions_never_come_back(kept: Kept) -> None:
    kept.workflows.save("ann", "w", "{1}")
    kept.workflows.journal("ann", "w", "{draft}", 1)
    kept.workflows.delete("ann", "w")

    for version in (None, 1, 2):
        with pytest.raises(NotFound):
            kept.workflows.load("ann", "w", version)
    with pytest.raises(NotFound):
        kept.workflows.versions("ann", "w")
    with pytest.raises(NotFound):
        kept.workflows.delete("ann", "w")
    assert kept.workflows.list("ann") == ([], 0)
    assert kept.workflows.draft("ann", "w") is None
    with pytest.raises(Conflict, match="deleted meanwhile"):
        kept.workflows.save("ann", "w", "{old tab}", 1)

    again = kept.workflows.save("ann", "w", "{again}")
    assert again.version == 3
    with pytest.raises(Conflict):
        kept.workflows.save("ann", "w", "{old tab}", 1)


def test_the_list_is_by_name_in_pages_and_of_one_owner(kept: Kept) -> None:
    for name in ("c", "a", "b"):
        kept.workflows.save("ann", name, "{}")
    kept.workflows.save("ann", "b", "{2}", 1)
    kept.workflows.save("bob", "z", "{}")

    first, total = kept.workflows.list("ann", limit=2)
    rest, _ = kept.workflows.list("ann", limit=2, offset=2)

    assert total == 3
    assert [(one.name, one.version) for one in (*first, *rest)] == [("a", 1), ("b", 2), ("c", 1)]
    with pytest.raises(NotFound):
        kept.workflows.load("bob", "a")


def test_only_the_newest_versions_are_kept(kept: Kept) -> None:
    for number in range(KEPT_VERSIONS + 3):
        kept.workflows.save("ann", "w", "{}", number or None)

    versions = [one.version for one in kept.workflows.versions("ann", "w", limit=1000)]

    assert versions == list(range(KEPT_VERSIONS + 3, 3, -1))
    with pytest.raises(NotFound, match="in version 3"):
        kept.workflows.load("ann", "w", 3)


def test_a_draft_is_kept_until_it_is_saved(kept: Kept) -> None:
    kept.workflows.save("ann", "w", "{1}")
    kept.workflows.journal("ann", "w", "{a}", 1)
    kept.workflows.journal("ann", "w", "{b}", 1)
    kept.workflows.journal("ann", "unsaved", "{c}")

    draft = kept.workflows.draft("ann", "w")
    assert draft is not None
    assert (draft.document, draft.version) == ("{b}", 1)
    assert [one.name for one in kept.workflows.drafts("ann")] == ["unsaved", "w"]
    assert kept.workflows.drafts("bob") == []
    assert kept.workflows.load("ann", "w").document == "{1}"

    kept.workflows.save("ann", "w", "{b}", 1)
    assert kept.workflows.draft("ann", "w") is None
    kept.workflows.drop_draft("ann", "unsaved")
    assert kept.workflows.drafts("ann") == []


def test_an_unsaved_edit_is_not_overwritten_by_a_tab_that_has_not_seen_it(kept: Kept) -> None:
    first = kept.workflows.journal("ann", "w", "{a}", over=None)
    second = kept.workflows.journal("ann", "w", "{b}", over=first.revision)

    for seen in (None, first.revision):
        with pytest.raises(Conflict, match="another unsaved edit"):
            kept.workflows.journal("ann", "w", "{other}", over=seen)
    assert kept.workflows.draft("ann", "w") == second
    assert kept.workflows.journal("ann", "w", "{b}", over=None).revision == second.revision
    kept.workflows.journal("ann", "w", "{whatever}")


def test_saving_drops_the_edit_that_is_saved_and_no_other(kept: Kept) -> None:
    kept.workflows.journal("ann", "w", "{of another tab}")
    mine = kept.workflows.journal("ann", "~1", "{old}")
    newer = kept.workflows.journal("ann", "~1", "{newer}")

    kept.workflows.save("ann", "w", "{1}", draft=("~1", mine.revision))
    assert {one.name for one in kept.workflows.drafts("ann")} == {"~1", "w"}
    kept.workflows.save("ann", "w", "{2}", 1, draft=("~1", newer.revision))
    assert [one.name for one in kept.workflows.drafts("ann")] == ["w"]
    assert not kept.workflows.drop_draft("ann", "w", "another revision")
    assert kept.workflows.drop_draft("ann", "w")


def test_a_workflow_moves_with_its_versions_and_its_draft(kept: Kept) -> None:
    kept.workflows.save("ann", "new", "{before}")
    kept.workflows.delete("ann", "new")
    kept.workflows.save("ann", "old", "{1}")
    kept.workflows.save("ann", "old", "{2}", 1)
    kept.workflows.journal("ann", "old", "{draft}", 2)

    moved = kept.workflows.move("ann", "old", "new")

    assert (moved.name, moved.version, moved.document) == ("new", 4, "{2}")
    assert [one.version for one in kept.workflows.versions("ann", "new")] == [4, 3]
    draft = kept.workflows.draft("ann", "new")
    assert draft is not None
    assert (draft.version, draft.document) == (4, "{draft}")
    with pytest.raises(NotFound):
        kept.workflows.load("ann", "old")
    with pytest.raises(Conflict):
        kept.workflows.save("ann", "old", "{old tab}", 2)
    with pytest.raises(Conflict):
        kept.workflows.save("ann", "new", "{older tab}", 1)


def test_a_workflow_moves_over_nothing(kept: Kept) -> None:
    kept.workflows.save("ann", "a", "{a}")
    kept.workflows.save("ann", "b", "{b}")
    kept.workflows.journal("ann", "c", "{c}")

    for to in ("b", "a"):
        with pytest.raises(Conflict, match="already"):
            kept.workflows.move("ann", "a", to)
    with pytest.raises(Conflict, match="unsaved edit"):
        kept.workflows.move("ann", "a", "c")
    with pytest.raises(NotFound):
        kept.workflows.move("ann", "gone", "d")
    with pytest.raises(NotFound):
        kept.workflows.move("bob", "a", "d")
    assert kept.workflows.move("ann", "a", "d").document == "{a}"
    again = kept.workflows.save("ann", "a", "{again}")
    assert again.version == 3


def test_the_list_is_searched(kept: Kept) -> None:
    for name in ("Cats/Big one", "dogs", "100%"):
        kept.workflows.save("ann", name, "{}")

    assert [one.name for one in kept.workflows.list("ann", search="big")[0]] == ["Cats/Big one"]
    assert kept.workflows.list("ann", search="%")[1] == 1
    assert kept.workflows.list("ann", search="none") == ([], 0)
