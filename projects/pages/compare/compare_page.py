"""The page that sets parks side by side: what is said of each, of when, and by which source."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from config import history
from config.api.asking import RefusedError
from config.error_pages import Remedy
from projects.pages.addresses import find_row_page
from projects.pages.compare.compare_others import show_moments, show_regions, show_years
from projects.pages.language import say_name
from projects.pages.lists.list_blocks import SUM_FILES, build_summary_block
from projects.pages.parts.blocks import Block, build_block, name_cell
from projects.pages.parts.claim_grid import describe_comparison
from projects.pages.parts.summary_tables import tabulate_cross
from projects.pages.views import PageView

_MOST_PARKS = 5  # that one chooses; more are shown where they are asked for
_WAYS = {"regions": show_regions, "signed_year": show_years, "as_of": show_moments}
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
        return {**self.build_form(), **_WAYS[name](self, given)}

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
            "rows": [
                describe_comparison({**row, "claims": row["parks"]}, dict.fromkeys(parks, "park"))
                for row in answer["rows"]
            ],
            "page": build_block(self.request, "parks/compare", self.query, "", None),
            "blocks": self.build_projects(parks, names),
        }

    def build_refused(self, refusal: RefusedError) -> Mapping[str, Any]:
        given = ",".join(str(value) for value in self.query.getlist("parks"))
        return self.build_form([code.strip() for code in given.split(",") if code.strip()])

    def list_remedies_of(self, error: Mapping[str, Any]) -> list[Remedy]:
        """List what was meant by a region that is misspelt: the API knows it as an origin."""
        given = [word.strip() for word in ",".join(self.query.getlist("regions")).split(",")]
        if error.get("parameter") != "origin" or not error.get("suggestion"):
            return super().list_remedies_of(error)
        wrong = next((word for word in given if f"“{word}”" in str(error["detail"])), given[0])
        meant = [error["suggestion"] if word == wrong else word for word in given]
        return super().list_remedies_of(
            {**error, "parameter": "regions", "suggestion": ",".join(meant)}
        )

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
                "What each source says, side by side. Values of different days or natures are not"
                " ranked; where nothing is reported, it says so."
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
            "regions": _("yrd,prd,jjj"),
            "signed_year": f"{today.year},{today.year - 1}",
            "as_of": write_moments(today),
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

    def build_projects(
        self, parks: Sequence[str], names: Mapping[str, Mapping[str, Any]]
    ) -> list[Block]:
        """Build what the projects of the parks add up to, and how far they are."""
        within = {**_COUNTED, "park": ",".join(parks)}
        totals = self.ask(
            "projects/summary", {**within, "group_by": "park", "measures": "count,investment_cny"}
        )
        title = _("Their projects")
        stages = {**within, "group_by": "stage,park"}
        answer = self.ask("projects/summary", stages)
        how_far = _("How far their projects are")
        counted = {row["park"]["value"] for row in totals["rows"]}
        others = [say_name(names[code]) for code in parks if code in names and code not in counted]
        block = build_summary_block(self, totals, title, _("Park"), "projects")
        return [
            replace(block, notes=[*block.notes, *say_uncounted(others)]),
            build_block(
                self.request,
                "projects/summary",
                stages,
                how_far,
                tabulate_cross(answer, how_far, _("Stage")),
                "stages",
                endings=SUM_FILES,
            ),
        ]


def say_uncounted(parks: Sequence[str]) -> list[str]:
    """Say which parks, by name, stand in no table, as none of their projects is counted."""
    names = pgettext("between names", ", ").join(parks)
    return [_("No project that counts in totals: %(parks)s.") % {"parks": names}] if parks else []


def write_moments(today: date) -> str:
    """Write today and a day a year before, or the first of which anything is recorded.

    Blank on the first day, which has none before it.
    """
    first = timezone.localdate(history.first_moment() or timezone.now())
    before = max(first, today.replace(day=min(today.day, 28), year=today.year - 1))
    return f"{today},{before}" if before < today else ""
