"""The currency of flows of money: what they are narrowed and counted by; none is converted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.amounts import CURRENCY_WORDS
from config.api.lists.filter_fields import ConditionFilter, split_values
from config.api.patterns import list_of
from config.currencies import YUAN, is_currency, store_currency
from config.currency_names import CURRENCY_NAMES
from config.mistakes import Mistake
from projects.dimensions.groupings import Asked, BothNames, Grouping


def name_currencies(codes: Collection[Any]) -> Mapping[Any, BothNames]:
    """Name currencies in both languages; one that has been stored and is unknown, by its code."""
    return {code: CURRENCY_NAMES.get(code, (str(code), str(code))) for code in codes}


@dataclass(frozen=True)
class OfCurrencies:
    """The currency in which a flow was reported; what is stored without one is in yuan."""

    label: str | Promise = _("currency")
    is_ordered: bool = False

    def grouping(self, asked: Asked) -> Grouping:
        return Grouping(
            lambda project: F("currency"),
            name_currencies,
            lambda key: (key or YUAN,),
            may_be_unknown=False,
        )


class CurrenciesField(forms.CharField):
    """Codes of currencies, separated by commas; gives them as they are stored."""

    def clean(self, value: Any) -> list[str]:
        words = split_values(super().clean(value))
        return [store_currency(self.read(word)) for word in words]

    def read(self, word: str) -> str:
        if is_currency(word):
            return word
        message = _("“%(word)s” is no currency of ISO 4217, such as CNY or USD.")
        meant = CURRENCY_WORDS.get(word.casefold())
        raise Mistake("unknown_value", message % {"word": word}, meant)


class CurrencyFilter(ConditionFilter):
    """Flows that were reported in one of these currencies; CNY are those in yuan."""

    field_class = CurrenciesField
    pattern = list_of("[A-Z]{3}")

    def condition(self, value: list[str]) -> Q:
        return Q(currency__in=value)
