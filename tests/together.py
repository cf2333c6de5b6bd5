"""One test that tries many cases, each from the same rows."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from tests.answers import clear_kept
from tests.samples import IS_LONG


def together(names: str | Iterable[str], cases: Iterable[Any]) -> Any:
    """Give a test these cases as `parametrize` does, but all of them in one run of it.

    To begin and to end a test, and to tell of it, takes longer than most cases do. What its
    fixtures make is made once; what a case does to rows is taken back. All that fail are told.
    """
    named = names.split(",") if isinstance(names, str) else names
    fields, tried = [each.strip() for each in named], [*cases]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def try_all(**fixtures: Any) -> None:
            failures = []
            for case in tried:
                values = case if len(fields) > 1 else [case]
                forget_requests()
                try:
                    with taken_back():
                        test(**fixtures, **dict(zip(fields, values, strict=True)))
                except Exception as failure:
                    failure.add_note(f"with {', '.join(fields)} = {case!r}")
                    failures.append(failure)
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(tried)} cases", failures)

        asked = inspect.signature(test).parameters
        assert tried
        assert {*fields} <= {*asked}
        own = [each for name, each in asked.items() if name not in fields]
        try_all.__signature__ = inspect.Signature(own)  # type: ignore[attr-defined]
        return try_all

    return decorate


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back what is done to rows, as after a test."""
    if not connection.in_atomic_block:  # a test without a database
        yield
        return
    with transaction.atomic():
        yield
        if not connection.needs_rollback and (IS_LONG or connection.vendor == "postgresql"):
            connection.check_constraints()  # see `no_checking_of_links` in `conftest.py`
        transaction.set_rollback(True)


def forget_requests() -> None:
    """Forget what requests leave to the next one in a process: their language, and kept answers.

    Rows that tests make past the recording leave no mark, by which kept answers are told.
    """
    translation.activate(settings.LANGUAGE_CODE)
    clear_kept()
