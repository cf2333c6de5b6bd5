"""Currencies other than the yuan: their codes, and amounts of them, which are never converted."""

from django.utils.translation import gettext_lazy as _

from config.amounts import CURRENCY_WORDS, active_language, format_cny
from config.currency_names import CURRENCY_NAMES
from config.mistakes import Mistake

YUAN = "CNY"  # as filters and groups call it: amounts in yuan are stored without a currency


def store_currency(code: str) -> str:
    """Give what is stored of a currency: blank for the yuan."""
    return "" if code == YUAN else code


def is_currency(code: str) -> bool:
    """Tell whether this is the code that ISO 4217 gives to a currency."""
    return code in CURRENCY_NAMES


def check_other_currency(currency: str) -> None:
    """Take the code of another currency than the yuan; ValidationError for all else."""
    code = CURRENCY_WORDS.get(currency.casefold(), currency)
    if code == YUAN:
        message = _("An amount without a currency is in yuan: leave the currency out.")
        raise Mistake("unknown_value", message)
    if not is_currency(currency):
        message = _("“%(word)s” is no currency of ISO 4217, such as USD.")
        suggestion = code if code != currency else None
        raise Mistake("unknown_value", message % {"word": currency}, suggestion)


def say_currency(code: str) -> str:
    """Name a currency in the language active now; one that is unknown by its code."""
    chinese, english = CURRENCY_NAMES.get(code, (code, code))
    return chinese if active_language() == "zh" else english


def write_money(value: int, currency: str) -> str:
    """Write whole units of another currency: 3,000,000 USD."""
    return f"{value:,} {currency}"


def say_money(value: int, currency: str) -> str:
    """Write whole units of a currency, where blank is yuan, in the language active now."""
    if currency:
        return write_money(value, currency)
    return format_cny(value, language=active_language())
