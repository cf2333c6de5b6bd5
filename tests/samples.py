"""Which tests and cases `make test` runs; `make test-long` runs all, most on SQLite alone."""

import os
from collections.abc import Sequence
from typing import Any

IS_LONG = bool(os.environ.get("LEDGER_LONG"))
LEFT_OUT = () if IS_LONG else ("long",) if os.environ.get("LEDGER_SLOW") else ("long", "slow")
# Whose turn it is where each database is asked one half, by `sample(cases, 2, HERE)`. Not asked of
# Django, as browsers are started without settings, too.
HERE = int(os.environ.get("DATABASE_URL", "").startswith("postgres"))
# Where what is asked is answered alike by both databases, the full number of cases is for one
IS_LONGEST = IS_LONG and not HERE


def sample(cases: Sequence[Any], one_in: int, turn: int = 0) -> list[Any]:
    """Take one of so many cases, always the same ones; in a long run take all on SQLite.

    Who asks in another turn gets others: after `one_in` turns each was asked.
    """
    return [*cases] if IS_LONGEST else [*cases[turn % one_in :: one_in]]
