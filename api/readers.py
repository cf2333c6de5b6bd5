"""Readers of query parameters, and the patterns by which OpenAPI describes texts.

Patterns use the syntax that ECMAScript and Python share, as JSON Schema requires.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import unquote_plus

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _, gettext_lazy
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from config.mistakes import Mistake, Text, nearest, nearest_parameter
from config.texts import REFUSED, describe_refused, read_whole

# Characters that `config.texts` refuses, without noncharacters, most of which need other syntax
_NOT_IN_LINE = r"\x00-\x1f\x7f-\x9f"
_NOT_IN_LINES = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
LINE = f"^[^{_NOT_IN_LINE}]*$"
SEVERAL_LINES = f"^[^{_NOT_IN_LINES}]*$"
# Not empty, nor blanks only
FILLED_LINE = rf"^[^{_NOT_IN_LINE}]*[^\s{_NOT_IN_LINE}][^{_NOT_IN_LINE}]*$"
FILLED_LINES = rf"^[^{_NOT_IN_LINES}]*[^\s{_NOT_IN_LINES}][^{_NOT_IN_LINES}]*$"

_YEAR = "((19|20)[0-9]{2}|2100)"
_MONTH = "(0[1-9]|1[0-2])"
_DAY = "(0[1-9]|[12][0-9]|3[01])"
# As `sheets.dates` reads them
PERIODS = {
    "year": _YEAR,
    "quarter": f"{_YEAR}-Q[1-4]",
    "month": f"{_YEAR}-{_MONTH}",
    "day": f"{_YEAR}-{_MONTH}-{_DAY}",
}
PARTIAL_DATE = f"{_YEAR}(-Q[1-4]|-{_MONTH}(-{_DAY})?)?"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_OFFSET = "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])"
MOMENT = f"^({PARTIAL_DATE}|{PERIODS['day']}T{_TIME}{_OFFSET})$"


def list_of(one: str) -> str:
    """Return the pattern of a comma-separated list of one or more items."""
    return f"^({one})(,({one}))*$"


def array_of(words: Iterable[str], **bounds: Any) -> dict[str, Any]:
    """Describe a parameter that is a list of one or more of these words."""
    items = {"type": "string", "enum": [*words]}
    return {"type": "array", "items": items, "minItems": 1, **bounds}


def array_like(pattern: str, **bounds: Any) -> dict[str, Any]:
    """Describe a parameter that is a list of one or more texts of this pattern."""
    items = {"type": "string", "pattern": f"^{pattern}$"}
    return {"type": "array", "items": items, "minItems": 1, **bounds}


FIELD_NAME = r"\w+"
PUBLIC_CODE = "[A-Za-z0-9_-]+"
MEMBER = rf"[^,{_NOT_IN_LINE}]*[^,\s{_NOT_IN_LINE}][^,{_NOT_IN_LINE}]*"
LIST = list_of(MEMBER)
# Patterns of many parameters, with the names of their shared schemas
SHARED = {LIST: "Values", MOMENT: "Moment", f"^{PARTIAL_DATE}$": "PartialDate"} | {
    list_of(f"{PERIODS[unit]}|unknown"): f"{unit.capitalize()}s"
    for unit in ("year", "quarter", "month")
}


def _split_names(remedies: Mapping[str, Text]) -> dict[str, Text]:
    return {name: remedy for names, remedy in remedies.items() for name in names.split()}


# Headers that are refused because ignoring them would not do what the client means
_SEND_METHOD = gettext_lazy("Send the method itself; no header takes its place.")
_SEND_TOKEN = gettext_lazy("Send a token as “Authorization: Bearer ...”.")
_ANY_REQUEST = _split_names(
    {
        "X-HTTP-Method-Override X-HTTP-Method X-Method-Override": _SEND_METHOD,
        "X-API-Key X-Auth-Token X-Access-Token": _SEND_TOKEN,
    }
)
_WRITES = _split_names(
    {
        "Idempotency-Key X-Idempotency-Key": gettext_lazy(
            "What is sent twice is not remembered. PUT creates at a code that you choose, and "
            "with “If-None-Match: *” once only; an edit with If-Match is made once."
        ),
        "Content-Range": gettext_lazy(
            "A body is sent whole. PATCH changes the fields that it names."
        ),
    }
)
_CREATIONS: Mapping[str, Text] = {
    "If-Match": gettext_lazy(
        "A POST is of no version. PATCH and PUT compare If-Match; of many rows each says its own "
        "“version”."
    ),
    "If-None-Match": gettext_lazy("PUT with “If-None-Match: *” creates only what is not there."),
}
# Preferences that would change what is done; others may be ignored
_PREFERENCES: Mapping[str, Text] = {
    "count": gettext_lazy("The parameter “count=exact” counts the rows of a list."),
    "resolution": gettext_lazy("PUT creates a row or replaces it."),
    "tx": gettext_lazy("Nothing is tried out by a header; imports can be checked first."),
    "handling": gettext_lazy("Nothing is ignored that is not understood."),
}
PARAMETERS = _split_names(
    {
        "page offset start skip page_number page_token": gettext_lazy(
            "Pages have no numbers: follow “next” of the answer."
        ),
        "format output export download": gettext_lazy(
            "A file has a URL of its own, with .csv or .xlsx at its end."
        ),
        "expand include embed populate": gettext_lazy(
            "The URL of one row shows what belongs to it; some lists take “expand”."
        ),
        "group_by groupby aggregate measures by": gettext_lazy(
            "Totals have a URL of their own, with /summary at its end."
        ),
        "since modified_since": gettext_lazy(
            "To keep a copy, follow /changes; “updated_from” misses what was deleted or hidden."
        ),
        "lang language locale": gettext_lazy("The header Accept-Language chooses the language."),
        "api_key apikey access_token token": _SEND_TOKEN,
        "_method method": _SEND_METHOD,
    }
)


def find_header_errors(request: Request, *, is_edit: bool = False) -> Iterator[Mistake]:
    """Find the headers that ask for what is not offered; `is_edit` is a POST of an existing row."""
    refused = dict(_ANY_REQUEST)
    if request.method not in SAFE_METHODS:
        refused |= _WRITES
    if request.method == "POST" and not is_edit:
        refused |= _CREATIONS
    for name, remedy in refused.items():
        given = request.headers.get(name)
        if given is not None and (name, given.strip()) != ("If-Match", "*"):
            yield _refuse_header(name, remedy)
    for preference in request.headers.get("Prefer", "").split(","):
        word = preference.partition("=")[0].strip().lower()
        if word in _PREFERENCES:
            yield _refuse_header("Prefer", _PREFERENCES[word])


def _refuse_header(name: str, remedy: Text) -> Mistake:
    detail = _("The header “%(name)s” is not understood here. %(remedy)s")
    return Mistake("unsupported_header", detail % {"name": name, "remedy": remedy}).at(header=name)


def describe_methods(method: str, allowed: Sequence[str], remedy: Text = "") -> str:
    """Describe the methods that a URL allows."""
    detail = _("“%(method)s” is not possible here; possible are: %(allowed)s.")
    return f"{detail % {'method': method, 'allowed': ', '.join(allowed)}} {remedy}".strip()


MAX_PARAMETERS = 40
MAX_VALUES = 200  # in one parameter, separated by commas
MAX_CODES = 500  # in one of these: the rows of the longest page
_OF_CODES = frozenset({"code", "code_not"})

Value = TypeVar("Value")
Query = Mapping[str, str]
# The value, as far as it is valid, and all mistakes
Reading = tuple[Value, list[Mistake]]


class Reader(Generic[Value]):
    """Reads some parameters of a query into one value, which the view keeps."""

    parameters: ClassVar[Collection[str]] = ()  # if they are the same for all views and actions
    lists: ClassVar[Collection[str]] = ()  # arrays in OpenAPI: repeated, or with commas
    several: ClassVar[Collection[str]] = ()  # several values with commas, texts in OpenAPI

    def names(self, view: Any) -> Collection[str]:
        """Return the parameters that the current action of a view accepts."""
        return self.parameters

    def takes_one(self, name: str, view: Any) -> bool:
        """Return whether a parameter takes only one value."""
        return name not in self.lists and name not in self.several

    def read(self, query: Query, view: Any) -> Reading[Value]:
        """Read the value, as far as it is valid, and all mistakes in it.

        The query lacks malformed parameters; the view has the values of the readers before.
        """
        raise NotImplementedError

    def hold(self, value: Value) -> AbstractContextManager[None]:
        """Return the context in which the next readers read and the view answers."""
        return nullcontext()


# The readers of a view, by action
Readers = Mapping[str, Sequence[Reader[Any]]]


def describe_unknown_word(
    name: str, word: str, words: Collection[str], candidates: Collection[str] | None = None
) -> Mistake:
    """Describe a value of a parameter that is not one of its words."""
    detail = _("“%(word)s” is not one of: %(words)s.") % {"word": word, "words": ", ".join(words)}
    choices = None if candidates is None else [*candidates]
    return Mistake("unknown_value", detail, nearest(word, words), choices).at(parameter=name)


class FlagReader(Reader[bool]):
    """Reads whether a parameter is the second of two words; the first is the default."""

    def __init__(self, name: str, words: Sequence[str] = ("false", "true")) -> None:
        self.name, self.words = name, words

    def names(self, view: Any) -> Collection[str]:
        return (self.name,)

    def read(self, query: Query, view: Any) -> Reading[bool]:
        word = query.get(self.name, self.words[0])
        wrong = [] if word in self.words else [describe_unknown_word(self.name, word, self.words)]
        return word == self.words[1], wrong


def read_whole_parameter(
    query: Query, name: str, default: Value, least: int, most: int
) -> Reading[int | Value]:
    """Read a whole number; return the default if it is missing or invalid."""
    if name not in query:
        return default, []
    try:
        return read_whole(query[name], least, most), []
    except ValidationError as error:
        return default, [Mistake(str(error.code), error.messages[0]).at(parameter=name)]


def read_distinct_names(
    parameter: str, text: str, known: Collection[str], unknown: Any
) -> Reading[list[str]]:
    """Read distinct comma-separated names; `unknown` is the message for an unknown `name`."""
    names = text.split(",")
    errors = []
    for place, name in enumerate(names):
        if name not in known:
            detail, suggestion = unknown % {"name": name}, nearest(name, known)
            errors.append(Mistake("unknown_value", detail, suggestion, [*known]))
        elif name in names[:place]:
            detail = _("“%(key)s” is named twice.") % {"key": name}
            errors.append(Mistake("repeated_value", detail))
    return names, [error.at(parameter=parameter) for error in errors]


def join_repeated(request: HttpRequest, find_lists: Callable[[], Collection[str]]) -> None:
    """Rewrite repeated lists with commas, so that ETags, links and kept responses are the same."""
    repeated = {name for name, values in request.GET.lists() if len(values) > 1}
    if not repeated or repeated.isdisjoint(lists := find_lists()):
        return
    terms: dict[str | int, str] = {}
    for place, term in enumerate(request.META["QUERY_STRING"].split("&")):
        encoded, _sign, value = term.partition("=")
        name = unquote_plus(encoded)
        if name not in lists:
            terms[place] = term
        else:
            terms[name] = f"{terms[name]},{value}" if name in terms else f"{name}={value}"
    request.META["QUERY_STRING"] = "&".join(terms.values())
    del request.GET  # Django reads it again


def find_form_errors(
    query: QueryDict, understood: Collection[str], takes_one: Callable[[str], bool]
) -> Iterator[Mistake]:
    """Find malformed parameters, before any value is interpreted."""
    if sum(len(values) for _name, values in query.lists()) > MAX_PARAMETERS:
        detail = _("A request takes at most %(max)d parameters.") % {"max": MAX_PARAMETERS}
        yield Mistake("too_many_parameters", detail).at(parameter=list(query)[-1])
        return
    for name, values in query.lists():
        if name not in understood:
            detail = _("Unknown query parameter “%(name)s”. Nothing was returned.") % {"name": name}
            suggestion = nearest_parameter(name, understood)
            if suggestion != "group_by":  # which says enough where totals are
                detail = f"{detail} {PARAMETERS.get(name.casefold(), '')}".strip()
            yield Mistake("unknown_parameter", detail, suggestion).at(parameter=name)
        elif len(values) > 1:
            detail = (
                _("“%(name)s” is given more than once, and takes one value.")
                if takes_one(name)
                else _(
                    "“%(name)s” is given more than once; put several values into one, separated "
                    "by commas."
                )
            )
            yield Mistake("repeated_parameter", detail % {"name": name}).at(parameter=name)
        else:
            yield from _find_value_errors(name, values[0])


def _find_value_errors(name: str, value: str) -> Iterator[Mistake]:
    if not value.strip():
        detail = _("“%(name)s” is empty. Leave it out to ask for everything.") % {"name": name}
        yield Mistake("empty_value", detail).at(parameter=name)
    elif found := REFUSED.search(value):
        yield Mistake("control_character", describe_refused(found[0])).at(parameter=name)
    elif "\N{REPLACEMENT CHARACTER}" in value:
        # Django's replacement for bytes that are not UTF-8, such as GB 18030
        detail = _("“%(name)s” is not encoded as UTF-8.") % {"name": name}
        yield Mistake("not_utf8", detail).at(parameter=name)
    elif value.count(",") >= (most := MAX_CODES if name in _OF_CODES else MAX_VALUES):
        detail = _("“%(name)s” takes at most %(max)d values.")
        yield Mistake("too_many_values", detail % {"name": name, "max": most}).at(parameter=name)
