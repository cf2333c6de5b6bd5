"""Questions that planners ask, each with the page that answers it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from projects.pages.parts.blocks import Tool
from projects.pages.parts.row_names import AskList, ask_by_codes


@dataclass(frozen=True)
class PlannersQuestion:
    """A question, and the address of the page that answers it."""

    text: str | Promise
    href: str
    about: tuple[str, ...] = ()  # rows of the API that the ledger must have: parks/baodi-zgc


_TOWN = "parks/baodi-zgc"
_QUESTIONS = (
    PlannersQuestion(
        gettext_lazy("Signed projects from the Yangtze River Delta over 100 million yuan, by year"),
        "/projects?origin=yrd&investment_min=1亿&counts_in_totals=true&view=charts",
    ),
    PlannersQuestion(
        gettext_lazy("Where do the projects of the Science Town come from?"),
        "/parks/baodi-zgc#origins",
        (_TOWN,),
    ),
    PlannersQuestion(
        gettext_lazy("Is the share of the two deltas higher than a year before?"),
        "/#origins",
    ),
    PlannersQuestion(
        gettext_lazy("Where does the 17.6 billion of the Science Town come from?"),
        "/figures?park=baodi-zgc&indicator=invested",
        (_TOWN,),
    ),
    PlannersQuestion(
        gettext_lazy("What became of the 152 projects intended in November 2023?"),
        "/events/jjj-chain-2023",
        ("events/jjj-chain-2023",),
    ),
    PlannersQuestion(
        gettext_lazy("Signed long ago, and not under construction"),
        "/projects?stage=signed,registered,approved&standing=active&signed_to=2019"
        "&ordering=-investment_cny",
    ),
    PlannersQuestion(
        gettext_lazy("Which projects have been without news for long?"),
        "/projects?stale=true&standing=active",
    ),
    PlannersQuestion(
        gettext_lazy("Which projects are past the day planned for their next step?"),
        "/projects?overdue=true",
    ),
    PlannersQuestion(
        gettext_lazy("How large are the signed projects?"),
        "/projects?counts_in_totals=true&view=charts#size_band",
    ),
    PlannersQuestion(
        gettext_lazy("From which provinces do they come?"),
        "/projects?counts_in_totals=true&view=tiles",
    ),
    PlannersQuestion(
        gettext_lazy("Intents that have not become contracts"),
        "/projects?stage=intended",
    ),
    PlannersQuestion(
        gettext_lazy("Projects from abroad"),
        "/projects?origin_province=foreign",
    ),
    PlannersQuestion(
        gettext_lazy("Which projects have no known amount?"),
        "/projects?counts_in_totals=true&missing=amount",
    ),
    PlannersQuestion(
        gettext_lazy("Where do sources contradict each other?"),
        "/projects?claims_in_conflict=true",
    ),
    PlannersQuestion(
        gettext_lazy("Two parks side by side"),
        "/compare?parks=baodi-zgc,tj-binhai-zgc",
        (_TOWN, "parks/tj-binhai-zgc"),
    ),
)


def list_questions(ask: AskList) -> list[Tool]:
    """List the questions that this ledger can answer: what they are about is in it."""
    wanted: dict[str, list[str]] = {}
    for question in _QUESTIONS:
        for row in question.about:
            resource, code = row.split("/")
            wanted.setdefault(resource, []).append(code)
    found = {
        f"{resource}/{row['code']}"
        for resource, codes in wanted.items()
        for row in ask_by_codes(ask, resource, sorted({*codes}))
    }
    return [
        Tool(str(question.text), question.href)
        for question in _QUESTIONS
        if found.issuperset(question.about)
    ]
