"""How PostgreSQL plans what it keeps prepared: for the values of each question, or once for all.

What lies between two amounts is planned for these: of no value in particular PostgreSQL expects
few rows, and sorts a tenth of the ledger for a page. What is found by a key is found in the same
way whatever its value, and to plan it takes longer than to do it: there PostgreSQL may choose.
"""

from typing import Any

from django.db import connection

ANEW = "force_custom_plan"
ONCE = "auto"  # once a plan for all values promises no less than those that were made before


def tell_planning(raw: Any, wanted: str) -> None:
    """Tell a connection to PostgreSQL how to plan, if it was told something else.

    It is kept with the connection, which goes from request to request. Within a transaction it
    stays as it is: if that is rolled back, so is what was told.
    """
    if raw.autocommit and getattr(raw, "told_planning", ANEW) != wanted:
        raw.execute(f"SET plan_cache_mode = {wanted}")
        raw.told_planning = wanted


def plan_checks_once() -> None:
    """Have PostgreSQL plan once, in this transaction, how it finds what new rows refer to.

    It looks for that at the end, row by row: planned anew each time that takes five times as long.
    """
    if connection.vendor == "postgresql":
        connection.connection.execute(f"SET LOCAL plan_cache_mode = {ONCE}")
