"""The pages of what parks work with: what needs attention, and lists with the columns of files."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from api.problems.handlers import answer_error_page
from config.texts import find_whole
from pages.addresses import ROW_PAGES, find_page, join_address
from pages.charts.targets import build_targets_spec
from pages.charts.views import Style
from pages.language import say_name
from pages.lists.record_lists import PARK_FIELD, REGION_FIELD, FormField, ListedRow, TableListView
from pages.parts import blocks
from pages.parts.claims import write_claimed
from pages.parts.rows import RowNames, light_cell
from pages.views import RECENT, PageView
from parks.access import select_readable
from parks.models import SavedList
from projects.admin.project_list import SaveListForm, list_saved
from projects.models import Light, Obstacle, TargetMeasure
from projects.models.words import MILESTONE_TYPES, OriginScope, Stage
from projects.tracking.views import CONCERNS
from sheets.amounts import LEDGER_CURRENCY, LEDGER_LAND, active_language, round_half_up, say_money
from sheets.writing.columns import Column

UNIT_FIELD = FormField("responsible_unit", gettext_lazy("Office in charge"))
FLAG = (("true", gettext_lazy("yes")), ("false", gettext_lazy("no")))


class WorkListView(TableListView):
    """A page of a list for the roles of parks."""

    section = "attention"
    is_for_roles = True
    is_cited = False
    lead = gettext_lazy("Of the parks in which you have a role.")


class LightListView(WorkListView):
    resource = "lights"
    heading = gettext_lazy("Lights")
    lead = gettext_lazy("What the rules of each park say of its projects today.")
    shown = "code park light excuse until_on responsible_unit responsible_person"
    fields = (
        PARK_FIELD,
        FormField("light", gettext_lazy("Light"), choices=Light.choices),
        UNIT_FIELD,
    )

    def choose_cell(self, column: Column) -> Callable[[ListedRow], blocks.PageCell]:
        return light_cell if column.name == "light" else super().choose_cell(column)


class ObstacleListView(WorkListView):
    resource = "obstacles"
    heading = gettext_lazy("Obstacles")
    lead = gettext_lazy("What blocks projects, who is to solve it by when, and what was solved.")
    shown = (
        "project park problem kind responsible_unit responsible_person raised_on due_on "
        "solution solved_on"
    )
    fields = (
        PARK_FIELD,
        FormField("kind", gettext_lazy("Kind"), choices=Obstacle.Kind.choices),
        UNIT_FIELD,
        FormField("open", gettext_lazy("Open"), choices=FLAG),
        FormField("open_days_min", gettext_lazy("Days open, from"), "31"),
        FormField("overdue", gettext_lazy("Overdue"), choices=FLAG),
    )


class PlanMoveListView(WorkListView):
    resource = "plan-moves"
    heading = gettext_lazy("Moves of plans and promises")
    lead = gettext_lazy("Which planned or promised days moved, by how many days, why and by whom.")
    shown = "project park step from_on to_on days_moved reason moved_on moved_by responsible_unit"
    fields = (
        PARK_FIELD,
        FormField("step", gettext_lazy("Step"), choices=MILESTONE_TYPES),
        FormField("moved_from", gettext_lazy("Moved from"), "2026-06"),
        FormField("moved_to", gettext_lazy("Moved up to"), "2026-06"),
        FormField("is_promise", gettext_lazy("Promises"), choices=FLAG),
    )

    def choose_cell(self, column: Column) -> Callable[[ListedRow], blocks.PageCell]:
        """Mark the days that were promised, and those that were dropped."""
        if column.name == "from_on":
            return lambda row: blocks.PageCell(
                row["from_on"], note=_("promised") * row["is_promise"]
            )
        if column.name == "to_on":
            return lambda row: blocks.PageCell(row["to_on"] or _("cancelled"))
        return super().choose_cell(column)


class ProgressListView(WorkListView):
    resource = "progress"
    heading = gettext_lazy("Progress notes")
    shown = (
        "project park text noted_on next_step due_on noted_by responsible_unit "
        "responsible_person source"
    )
    fields = (
        PARK_FIELD,
        FormField("noted_from", gettext_lazy("Noted from"), "2026-06"),
        FormField("noted_to", gettext_lazy("Noted up to"), "2026-06"),
    )


class PlanListView(WorkListView):
    resource = "plans"
    heading = gettext_lazy("Plans of the year")
    lead = gettext_lazy("What is to be invested in each project in a year, and what was completed.")
    shown = "project park year planned_cny completed_cny responsible_unit source note"
    fields = (PARK_FIELD, FormField("year", gettext_lazy("Year"), "2026"))


class ResultListView(TableListView):
    resource = "results"
    section = "projects"
    heading = gettext_lazy("Promised and actual results")
    lead = gettext_lazy("What contracts promise for a year, beside what projects reported of it.")
    named = {"project": "projects", "park": "parks", "indicator": "indicators"}
    shown = (
        "project park indicator year promised actual difference land_mu promised_per_mu "
        "actual_per_mu"
    )
    fields = (PARK_FIELD, FormField("year", gettext_lazy("Year"), "2026"))

    def make_number(self, name: str, value: Any, row: ListedRow) -> blocks.PageCell:
        """Write results as claims are written, with hedge and unit."""
        if name in ("year", "land_mu"):
            return super().make_number(name, value, row)
        unit, of = row["unit"], name.removesuffix("_per_mu")
        if of != name:  # CNY per mu per year, or jobs per mu
            kind, per, time = unit.partition(" per ")
            unit = f"{kind} per {LEDGER_LAND}{per}{time}"
        number = int(round_half_up(value, 0)) if unit.startswith(LEDGER_CURRENCY) else value
        hedge = row.get(f"{of}_qualifier") or "exact"
        claim = {"value": number, "unit": unit, "qualifier": hedge, "currency": ""}
        return blocks.number_cell(write_claimed(claim), value=value)


class TargetListView(TableListView):
    resource = "targets"
    section = "parks"
    heading = gettext_lazy("Targets")
    lead = gettext_lazy("What parks and regions are to reach in a year, and how far they are.")
    named = {"park": "parks", "region": "regions", "source": "sources"}
    shown = (
        "park region year measure size_floor_cny origin_scope value reached percent "
        "months_percent gap_points same_period previous change_percent source"
    )
    words = {"origin_scope": OriginScope.choices}
    fields = (
        PARK_FIELD,
        REGION_FIELD,
        FormField("year", gettext_lazy("Year"), "2026"),
        FormField("measure", gettext_lazy("Measure"), choices=TargetMeasure.choices),
    )

    def plan_drawing(self, page: Mapping[str, Any], names: RowNames) -> blocks.Picture | None:
        rows = page["results"]
        found = {row["code"]: say_name(row) for row in names.found.values()}
        styles = [Style(language=active_language(), width=width) for width in blocks.PICTURE_WIDTHS]
        specs = [build_targets_spec(rows, found, day="", style=style) for style in styles]
        shown = {"code": ",".join(row["code"] for row in rows)}
        return (
            blocks.frame_picture(self.picture_root, self.resource, shown, specs) if rows else None
        )

    def make_number(self, name: str, value: Any, row: ListedRow) -> blocks.PageCell:
        """Write sums in the currency of the measure; what is reached opens its list."""
        currency = TargetMeasure(row["measure"]).currency
        if name == "size_floor_cny" and not value:
            return blocks.PageCell()
        if name not in ("value", "reached", "same_period", "previous"):
            return super().make_number(name, value, row)
        if currency == LEDGER_CURRENCY:
            text = blocks.write_amount(value)
        else:
            text = say_money(value, currency) if currency else blocks.write_count(value)
        url = row["reached"]["list_url"] if name == "reached" else ""
        return blocks.number_cell(text, url, value=value)


class EditionListView(TableListView):
    resource = "editions"
    section = "parks"
    heading = gettext_lazy("Editions")
    lead = gettext_lazy("Months that parks closed: the figures of that moment have an address.")
    named = {"park": "parks"}
    shown = "name park month closed_at publication note"
    fields = (PARK_FIELD, FormField("month", gettext_lazy("Month"), "2026-06"))

    def choose_cell(self, column: Column) -> Callable[[ListedRow], blocks.PageCell]:
        if column.name == "name":
            return lambda row: blocks.text_cell(
                row["name"] or row["month"], f"/editions/{row['code']}"
            )
        return super().choose_cell(column)


TABLE_PAGES: Sequence[type[TableListView]] = (
    *(LightListView, ObstacleListView, PlanMoveListView, ProgressListView, PlanListView),
    *(ResultListView, TargetListView, EditionListView),
)


class AttentionPageView(PageView):
    template_name = "pages/record.html"
    section = "attention"
    takes_as_of = False
    is_cited = False
    is_for_roles = True

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        answer = self.ask("attention", self.query)
        shown = [row for name in CONCERNS for row in answer[name]["results"]]
        parks = [{"park": code} for code in answer["parks"]]
        names = RowNames(self.ask, [*shown, *parks], {"park": "parks"})
        about = (_("Parks"), blocks.number_cell(blocks.write_count(len(parks)), "/parks"))
        if len(parks) == 1:
            about = (_("Park"), names.link_row(parks[0], "park"))
        return {
            "title": _("What needs attention"),
            "facts": [(_("As of"), blocks.day_cell(answer["day"])), about],
            "page": blocks.Block("", call=self.call_api("attention", self.query)),
            "first": [tabulate_concerns(answer)],
            "blocks": [
                build_concern(name, answer[name], names)
                for name in CONCERNS
                if answer[name]["count"]
            ],
        }


def tabulate_concerns(answer: Mapping[str, Any]) -> blocks.Block:
    title = _("What to look at")
    columns = [
        blocks.PageColumn(_("Projects that are")),
        blocks.PageColumn(_("Projects"), kind="number"),
    ]
    rows = [
        [
            blocks.PageCell(
                capfirst(answer[name]["title"]), f"#{name}" if answer[name]["count"] else ""
            ),
            blocks.count_cell(answer[name]["count"], answer[name]["list_url"]),
        ]
        for name in CONCERNS
    ]
    waiting = answer["imports"]
    imports = blocks.number_cell(blocks.write_count(waiting["count"]), "/admin/parks/importbatch/")
    rows.append([blocks.PageCell(capfirst(waiting["title"])), imports])
    work = [page for page in TABLE_PAGES if page.is_for_roles]  # which is in no bar
    asked = {"park": ",".join(answer["parks"])} if len(answer["parks"]) == 1 else {}
    more = [
        blocks.Tool(str(page.heading), join_address(f"/{page.resource}", asked)) for page in work
    ]
    more.append(blocks.Tool(_("Monthly report"), join_address("/bulletin", asked)))
    return blocks.Block(title, blocks.PageTable(title, columns, rows), "concerns", more=more)


def say_promise(row: Mapping[str, Any]) -> blocks.PageCell:
    """Make a cell of the promised day that passed first, and how late that step is."""
    told = {"step": dict(MILESTONE_TYPES).get(row["promised_step"]), "days": row["days_late"]}
    note = _("%(step)s, %(days)s days late") % told if row["promised_until"] else ""
    return blocks.PageCell(row["promised_until"] or "", note=note)


def build_concern(name: str, concern: Mapping[str, Any], names: RowNames) -> blocks.Block:
    columns = [
        blocks.name_column(_("Project"), "projects"),
        names.link_column(_("Park"), "park"),
        blocks.word_column(_("Stage"), "stage", Stage),
        blocks.period_column(_("Next step planned"), "next_planned_on"),
        blocks.period_column(_("Last news"), "news_on"),
        blocks.text_column(_("Office in charge"), "responsible_unit", note="responsible_person"),
        blocks.text_column(_("Noted as next"), "next_step", note="next_step_due_on"),
        blocks.text_column(_("Returned because"), "return_reason"),
        blocks.text_column(_("Obstacle"), "obstacle", note="obstacle_since"),
        blocks.PageColumn(_("Promised"), make_cell=say_promise),
    ]
    return blocks.Block(
        concern["title"],
        blocks.fill_known_columns(concern["title"], columns, concern["results"]),
        name,
        tools=blocks.build_tools("projects", QueryDict(urlsplit(concern["list_url"]).query)),
        call=concern["list_url"],
        more=[blocks.Tool(_("All of these projects"), find_page(concern["list_url"]))],
    )


class SavedPageView(LoginRequiredMixin, PageView):
    """The page at /saved: views that a user saved, or shares in a park, and the last records."""

    template_name = "pages/saved.html"
    http_method_names = [*PageView.http_method_names, "post"]
    takes_as_of = False
    is_cited = False
    is_for_roles = True

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        return {
            "title": _("Saved views"),
            "address": self.query.get("address", ""),
            "form": SaveListForm(self.request.user),
            "saved": list_saved(self.request.user),
            "recent": self.list_recent(),
        }

    def list_recent(self) -> list[blocks.PageCell]:
        """List the names of the records that the user looked at last and may still read."""
        seen = [path.strip("/").split("/")[-2:] for path in self.request.session.get(RECENT, [])]
        rows = [{resource: code} for resource, code in seen]
        names = RowNames(self.ask, rows, {resource: resource for resource in ROW_PAGES})
        known = [row for row in rows if names.found.keys() & row.items()]
        return [names.link_row(row, resource) for row in known for resource in row]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Save a view under a name, or delete one."""
        if key := request.POST.get("delete"):
            saved = select_readable(SavedList, request.user).filter(pk=find_whole(key)).first()
            if saved is None or not saved.may_be_changed_by(request.user):
                raise PermissionDenied
            saved.delete()
            return HttpResponseRedirect(saved.address)
        form = SaveListForm(request.user, request.POST)
        if form.is_valid():
            return HttpResponseRedirect(form.save().address)
        wrong = [str(text) for each in form.errors.values() for text in each]
        return answer_error_page(request, HTTPStatus.BAD_REQUEST, _("Saved views"), wrong, [])
