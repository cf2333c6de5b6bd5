"""Columns that take longer to read than a request may wait are read beside requests."""

from collections.abc import Iterator

import pytest
from rest_framework.test import APIClient

from parks.recording.recording import recorded
from projects.models import Project
from projects.summaries import by_columns, reading_ahead
from projects.summaries.by_columns import forget_columns, wait_for_columns
from tests.factories import ProjectFactory
from tests.projects.summaries.test_by_columns import list_reads, many

__all__ = ["many"]

pytestmark = pytest.mark.django_db(transaction=True)

STAGES, HITECH = "summary?group_by=stage,standing,kind", "facets?facets=hitech"


@pytest.fixture(autouse=True)
def nothing_at_once(many: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """However little it is, no request waits for it; and the reader never rests."""
    monkeypatch.setattr(reading_ahead, "_REST", 0)
    ProjectFactory.create_batch(2)
    token = by_columns.MOST_READ.set(0)
    yield
    by_columns.MOST_READ.reset(token)
    forget_columns()


def is_in_memory(api: APIClient, question: str) -> bool:
    """Whether a question is answered from columns, which are there for the next one if it is not.

    Then it is asked which projects are meant, and nothing else.
    """
    read = list_reads(api, question)
    wait_for_columns()
    return len(read) == 1


def test_the_next_one_who_asks_has_what_was_missed(api: APIClient) -> None:
    assert [is_in_memory(api, STAGES) for _turn in range(2)] == [False, True]
    with recorded():
        Project.objects.all()[0].save()
    assert [is_in_memory(api, STAGES) for _turn in range(2)] == [False, True]


def test_the_reader_rests_after_it_has_read(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_ahead, "_REST", 10**6)
    is_in_memory(api, STAGES)
    assert [is_in_memory(api, HITECH) for _turn in range(3)] == [False] * 3
    forget_columns()
    assert [is_in_memory(api, HITECH) for _turn in range(2)] == [False, True]
