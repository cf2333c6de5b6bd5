"""The filter by code, of all lists whose rows have one: so many rows are read by one request."""

import re
from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext as _

from config.api.lists.filter_fields import ConditionFilter, WordsField
from config.api.lists.filters import LedgerFilterSet
from config.api.patterns import PUBLIC_CODE, array_like
from config.api.readers import MAX_CODES
from config.mistakes import Mistake


class CodesField(WordsField):
    """Codes, separated by commas, as they are written."""

    def read(self, word: str) -> str:
        if re.fullmatch(PUBLIC_CODE, word):
            return word
        detail = _("“%(word)s” is no code; “q” searches in names.") % {"word": word}
        raise Mistake("invalid", detail)


class CodesFilter(ConditionFilter):
    """Rows with one of these codes; that of a row that is gone or hidden is no mistake.

    Who keeps a copy asks for what the feed told of, and some of it is gone by then: that is what
    the answer says. `fold` gives a code in the case in which `field_name` holds it.
    """

    field_class = CodesField
    schema: ClassVar[dict[str, Any]] = array_like(PUBLIC_CODE, maxItems=MAX_CODES)

    def __init__(
        self, field_name: str = "code_key", *, fold: Callable[[str], str] = str.lower, **kwargs: Any
    ) -> None:
        self.fold = fold
        super().__init__(field_name, **kwargs)

    def condition(self, value: list[str]) -> Q:
        return Q(**{f"{self.field_name}__in": {self.fold(word) for word in value}})


class CodedFilterSet(LedgerFilterSet):
    """Filters of a list whose rows have codes of the ledger, which are the same in either case."""

    code = CodesFilter()
