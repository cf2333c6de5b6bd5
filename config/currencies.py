"""Currencies other than the yuan: their codes, and amounts of them, which are never converted."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.amounts import CURRENCY_WORDS
from config.api.problems.errors import ErrorCode

YUAN = "CNY"  # as filters and groups call it: amounts in yuan are stored without a currency
_ISO_4217 = re.compile("[A-Z]{3}")


def store_currency(code: str) -> str:
    """Give what is stored of a currency: blank for the yuan."""
    return "" if code == YUAN else code


def is_currency(code: str) -> bool:
    """Tell whether this is written as ISO 4217 writes its codes, and is no other name of one."""
    return bool(_ISO_4217.fullmatch(code)) and CURRENCY_WORDS.get(code.casefold(), code) == code


def check_other_currency(currency: str) -> None:
    """Take three capital letters of another currency than the yuan; ValidationError for others."""
    code = CURRENCY_WORDS.get(currency.casefold(), currency)
    if code == YUAN:
        message = _("An amount without a currency is in yuan: leave the currency out.")
        raise ValidationError(message, "unknown_value")
    if not is_currency(currency):
        message = _("“%(word)s” is not three capital letters of ISO 4217, such as USD.")
        suggestion = code if code != currency else None
        raise ValidationError(
            message, ErrorCode("unknown_value", suggestion=suggestion), {"word": currency}
        )


def write_money(value: int, currency: str) -> str:
    """Write whole units of another currency: 3,000,000 USD."""
    return f"{value:,} {currency}"
