"""The page of the dispatch sheet: what it shows of which projects, to be saved like any page."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from api.asking import API_ROOT, find_view
from pages.addresses import join_address
from pages.views import PageView, build_value_refusal
from projects.condition_words import say_condition
from projects.dimensions.dimensions import DIMENSIONS
from projects.summaries.dispatch import DISPATCH, GROUPS, LONGEST_HEADING, TITLE
from sheets.amounts import active_language
from sheets.writing.columns import MONEY_UNIT_LABELS
from sheets.writing.printed_sheets import PAPERS

_RESOURCE = "projects/dispatch.xlsx"


class DispatchPageView(PageView):
    template_name = "pages/dispatch.html"
    section = "projects"
    is_cited = False

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        view, asked = find_view(_RESOURCE), self.query.copy()
        for name in ("header", "o"):  # of the admin's list
            asked.pop(name, None)
        own = {*DISPATCH.parameters, "ordering"}
        filters = {name: value for name, value in asked.items() if name not in own}
        total = self.ask("projects/summary", filters)["total"]
        usual = ",".join(view.table.names)
        chosen = ",".join(asked.getlist("columns") or [usual])
        file = {name: str(value) for name, value in asked.items()}
        file |= {"columns": chosen, "header": active_language()}
        for mistake in DISPATCH.read(file, view)[1]:
            raise build_value_refusal(mistake, mistake.place["parameter"])
        return {
            "title": str(TITLE),
            "count": total["count"],
            "conditions": [
                say_condition(name, str(value), self.request.user)
                for name, value in filters.items()
            ],
            "longest": LONGEST_HEADING,
            "asked_title": asked.get("title", ""),
            "selects": self.list_selects(),
            "columns": [
                (column.name, capfirst(str(column.label)), column.name in chosen.split(","))
                for column in [*view.table.columns, *view.table.more]
            ],
            "kept": [*filters.items(), *(i for i in asked.items() if i[0] == "ordering")],
            "file": join_address(f"{API_ROOT}/{_RESOURCE}", file),
        }

    def list_selects(self) -> list[tuple[str, str, Mapping[str, Any], str]]:
        """List what is chosen from: the parameter, its label, its words and the chosen one."""
        groups = {"": _("none"), **{name: DIMENSIONS[name].label for name in GROUPS}}
        units = {name: MONEY_UNIT_LABELS[name] for name in ("wan", "yi", "yuan")}
        papers = {name: name.upper() for name in PAPERS}
        choices: list[tuple[str, str, Mapping[str, Any]]] = [
            ("group_by", _("Subtotals by"), groups),
            ("unit", _("Unit of amounts"), units),
            ("paper", _("Paper"), papers),
        ]
        return [(*each, str(self.query.get(each[0], ""))) for each in choices]
