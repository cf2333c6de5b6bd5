"""The page that sets parks side by side: what is said of each, of when, and by which source."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parks.models import Nature
from projects.pages.addresses import find_row_page, join_address
from projects.pages.asking import RefusedError
from projects.pages.blocks import Block, build_tools, call_api, name_cell, text_cell
from projects.pages.claims import say_time, source_cell, value_cell
from projects.pages.compare_others import build_moments, build_regions, build_years
from projects.pages.language import say_name
from projects.pages.list_blocks import build_summary_block
from projects.pages.summary_tables import tabulate_cross
from projects.pages.views import PageView

_MOST_PARKS = 5  # that one chooses; more are shown where they are asked for
_WAYS = {"regions": build_regions, "signed_year": build_years, "as_of": build_moments}
_LABELS = {
    "regions": gettext_lazy("Regions of origin"),
    "signed_year": gettext_lazy("Years of signing"),
    "as_of": gettext_lazy("What was known on"),
}
_COUNTED = {"counts_in_totals": "true"}


class ComparePageView(PageView):
    """The page at /compare: a row an indicator and nature, a column a park."""

    template_name = "pages/compare.html"
    section = "compare"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        if "parks" in self.query:
            return self.build_parks()
        name = self.find_way()
        if not name:  # what else was asked for is refused
            return self.build_parks() if self.query.keys() - {"as_of"} else self.build_form()
        given = ",".join(self.query.getlist(name))
        return {**self.build_form(), "blocks": _WAYS[name](self, given)}

    @property
    def moment(self) -> str | None:
        """Give the moment of which the page is; several moments are set side by side."""
        return None if self.find_way() == "as_of" else super().moment

    def find_way(self) -> str:
        """Find what beside parks is compared: the name of its parameter, blank for nothing."""
        if "parks" in self.query:
            return ""
        given = [name for name in _WAYS if name in self.query]
        several = "," in self.query.get("as_of", "")
        return next((name for name in given if name != "as_of" or several), "")

    def build_parks(self) -> Mapping[str, Any]:
        """Build parks side by side."""
        answer = self.ask("parks/compare", self.query)
        parks = answer["parks"]
        names = {park["code"]: park for park in self.ask_parks(",".join(parks))}
        return {
            **self.build_form(parks),
            "heads": [
                name_cell(names.get(code, {"code": code}), find_row_page("parks", code))
                for code in parks
            ],
            "rows": [describe_comparison(row, parks) for row in answer["rows"]],
            "page": Block(
                "",
                tools=build_tools("parks/compare", self.query, ("xlsx", "csv")),
                call=call_api(self.request, "parks/compare", self.query),
            ),
            "blocks": self.build_projects(parks),
        }

    def build_refused(self, refusal: RefusedError) -> Mapping[str, Any]:
        given = ",".join(str(value) for value in self.query.getlist("parks"))
        return self.build_form([code.strip() for code in given.split(",") if code.strip()])

    def ask_parks(self, codes: str = "") -> list[Mapping[str, Any]]:
        """Ask for parks by their codes, or for all that can be compared."""
        which = {"code": codes} if codes else {"is_placeholder": "false"}
        question = {**which, "fields": "code,name_zh,name_en", "limit": "500"}
        rows: list[Mapping[str, Any]] = self.ask("parks", question)["results"]
        return rows

    def build_form(self, chosen: Sequence[str] = ()) -> dict[str, Any]:
        """Build the head of the page, with as many lists to choose from as may be compared."""
        parks = sorted((say_name(park), park["code"]) for park in self.ask_parks())
        places = max(_MOST_PARKS, len(chosen))
        return {
            "title": _("Side by side"),
            "lead": _(
                "What each source says of each park. Values of different days or natures are"
                " set side by side and not ranked; an empty cell says that nothing is reported."
            ),
            "ways": self.list_forms(),
            "choices": [
                {
                    "label": _("Park %(number)d") % {"number": place + 1},
                    "options": [
                        {
                            "value": code,
                            "label": name,
                            "is_chosen": place < len(chosen) and code == chosen[place],
                        }
                        for name, code in parks
                    ],
                }
                for place in range(places)
            ],
        }

    def list_forms(self) -> list[dict[str, Any]]:
        """List the forms of what else may be compared, each with an example or what was sent."""
        today = timezone.localdate()
        examples = {
            "regions": "yrd,prd,jjj",
            "signed_year": f"{today.year},{today.year - 1}",
            "as_of": f"{today},{today.replace(day=min(today.day, 28), year=today.year - 1)}",
        }
        return [
            {
                "name": name,
                "label": _LABELS[name],
                "value": ",".join(self.query.getlist(name)) or examples[name],
                "is_shown": name in self.query,
            }
            for name in _WAYS
        ]

    def build_projects(self, parks: Sequence[str]) -> list[Block]:
        """Build what the projects of the parks add up to, and how far they are."""
        within = {**_COUNTED, "park": ",".join(parks)}
        totals = self.ask(
            "projects/summary", {**within, "group_by": "park", "measures": "count,investment_cny"}
        )
        title = _("Their projects")
        stages = {**within, "group_by": "stage,park"}
        answer = self.ask("projects/summary", stages)
        how_far = _("How far their projects are")
        return [
            build_summary_block(self, totals, title, _("Park"), "projects"),
            Block(
                how_far,
                tabulate_cross(answer, how_far, _("Stage")),
                "stages",
                tools=build_tools("projects/summary", stages, ("xlsx", "csv", "png", "svg")),
                call=call_api(self.request, "projects/summary", stages),
            ),
        ]


def describe_comparison(row: Mapping[str, Any], parks: Sequence[str]) -> dict[str, Any]:
    """Describe a row of a comparison: its indicator and nature, and what is said of each park."""
    claims = [row["parks"][code] for code in parks]
    times = {say_time(claim) for claim in claims if claim}
    return {
        "name": name_cell(row, note=str(Nature(row["nature"]).label)),
        "warning": _("of different days") if len(times) > 1 else "",
        "claims": [
            describe_compared(claim, code) for code, claim in zip(parks, claims, strict=True)
        ],
    }


def describe_compared(claim: Mapping[str, Any] | None, park: str) -> dict[str, Any] | None:
    """Describe what is said of a park: value, day, part, source, and what else is said."""
    if claim is None:
        return None
    question = {"park": park, "indicator": claim["indicator"]}
    return {
        "value": value_cell(claim),
        "time": say_time(claim),
        "part": text_cell(claim["scope_text"]),
        "source": source_cell(claim),
        "others": claim["others"],
        "href": join_address("/figures", question),
    }
