"""How exactly an amount of a row is meant: by its cell, by the column beside it, or as before."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from config.amounts import WRITTEN_BEFORE, Qualifier
from config.imports import CellFault
from projects.importing.cells.measured_cells import Money
from projects.importing.resources import Resource
from projects.importing.rows import Cells
from projects.importing.stored import Stored

OWN_HEDGE = "hedge"  # the qualifier that the cell of an amount gives, among the values of a row
_PLAIN = ("", Qualifier.EXACT)


def qualify(cells: Cells, stored: Stored | None, money: Money, given: Money | None) -> Money:
    """Qualify the investment as the row does, `given` if it has one; else as it is stored."""
    own = given.qualifier if given else ""
    known = stored.find_hedge(money) if stored else ""
    hedge = choose_hedge(own, cells.find_word("investment_qualifier"), known)
    for before in stored.amounts if stored else ():
        number = str(before.with_qualifier(Qualifier.EXACT))
        if fault := find_dropped_hedge(hedge, before.qualifier, number):
            cells.warn("investment_cny", fault)
    return money.with_qualifier(hedge or money.qualifier)


def choose_hedge(own: str, said: str, before: str) -> str:
    """Choose the qualifier of an amount; blank if nothing says one.

    `own` is that of the amount's cell, `said` that of the column of qualifiers, `before` the
    stored one if the amount is the stored amount. CellFault (`contradicting`) if two differ.
    """
    own = "" if own in _PLAIN else own
    if own and said not in ("", own):
        detail = _("The amount itself says “%(own)s”.") % {"own": own}
        raise CellFault("contradicting", detail, own)
    return said or own or before


def find_dropped_hedge(hedge: str, before: str, number: str) -> CellFault | None:
    """Find what to warn of if a new amount has no hedge, and the stored `number` has one."""
    if hedge or before in _PLAIN:
        return None
    detail = _(
        "%(old)s is stored, and the new number has no such hedge. To keep one, write it in the "
        "cell or in the column of qualifiers."
    )
    old = f"{WRITTEN_BEFORE['zh'][before]}{number}"
    return CellFault("hedge_dropped", detail % {"old": old})


def settle_hedge(cells: Cells, values: Mapping[str, Any]) -> dict[str, Any]:
    """Join the qualifier that an amount's cell gives with that of the column of qualifiers."""
    settled = {name: value for name, value in values.items() if name != OWN_HEDGE}
    try:
        hedge = choose_hedge(values.get(OWN_HEDGE, ""), values.get("qualifier", ""), "")
    except CellFault as fault:
        cells.fail("qualifier", fault)
        return settled
    return settled | ({"qualifier": hedge} if hedge else {})


def drop_hedge(
    cells: Cells, resource: Resource, shown: Mapping[str, str], stored: Mapping[str, str]
) -> dict[str, str]:
    """Give a new amount of a stored row the usual qualifier, unless the row gives it one."""
    changed = [n for n in resource.hedged if n in shown and shown[n] != stored.get(n, "")]
    if not (stored and changed) or "qualifier" in shown:
        return {}
    column: Any = resource.model._meta.get_field("qualifier")
    usual, before = column.default.value, stored["qualifier"]
    fault = find_dropped_hedge("", before, stored[changed[0]])
    if fault and before != usual:
        cells.warn(changed[0], fault)
    return {"qualifier": usual}


def keep_hedge(
    resource: Resource, changed: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Send the qualifier of a row with its new amount, although it is the stored one."""
    if "qualifier" not in values or changed.keys().isdisjoint(resource.hedged):
        return {}
    return {"qualifier": values["qualifier"]}
