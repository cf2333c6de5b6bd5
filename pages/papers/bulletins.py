"""The page at /bulletin, whose documents are 招商引资和项目建设情况周报, 月报 and 季报."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from api.asking import ask_api
from api.lists.filters import parse_moments
from api.problems.handlers import Remedy
from config.mistakes import Mistake
from pages.addresses import find_page, join_address
from pages.charts.table import NO_AMOUNT
from pages.language import say_name
from pages.lists.list_blocks import build_listed_block, build_project_block
from pages.lists.record_lists import TableListView
from pages.lists.work_pages import LightListView, ObstacleListView, PlanMoveListView, TargetListView
from pages.papers.papers import OF_MONEY, PaperForm
from pages.parts.blocks import (
    PAPER_FILES,
    TABLE_FILES,
    Block,
    PageCell,
    PageColumn,
    PageTable,
    Picture,
    Tool,
    build_tools,
    keep_filled,
    number_cell,
)
from pages.parts.summary_tables import SummaryRow, join_texts, list_amounts, read_total, share_cell
from pages.periods import PERIOD_TITLES, Period, find_newest_periods
from pages.records.park_pages import build_flow_block
from pages.records.project_page import ShownRow
from pages.records.record_pages import tabulate_edition
from pages.views import PageView, build_value_refusal
from parks.views import select_worked_parks
from projects.models import TargetMeasure
from projects.tracking.targets import REACHES
from sheets.amounts import active_language
from sheets.dates import DateError, Precision

# The steps of projects that a report lists, each with the head of its list
_STEPS = {
    "signed": gettext_lazy("Projects signed in the period"),
    "started": gettext_lazy("Projects started in the period"),
    "completed": gettext_lazy("Projects completed in the period"),
    "operating": gettext_lazy("Projects that began to operate in the period"),
}
# What only roles see: the page of the list, its filters, and its title; of lights, who is late
_OF_ROLES: Mapping[str, tuple[type[TableListView], Mapping[str, str], Any]] = {
    "lights": (LightListView, {"light": "red,yellow"}, gettext_lazy("Red and yellow lights")),
    "late": (LightListView, {"overdue": "true"}, gettext_lazy("Past the planned day")),
    "past-promise": (
        LightListView,
        {"overdue_promise": "true"},
        gettext_lazy("Past the promised day"),
    ),
    "due": (LightListView, {"due": "true"}, gettext_lazy("Next step planned within 90 days")),
    "obstacles": (ObstacleListView, {"open": "true"}, gettext_lazy("Open obstacles")),
}
_MOST_DRAWN, _TARGET_HEIGHT = 20, 44  # targets in a picture, and pixels of one
_MOST = 30  # rows of a list in a document
BULLETIN = PaperForm(
    "",
    dict.fromkeys(
        ("steps", "targets", *_STEPS, "flows", "stages", "figures", *_OF_ROLES, "moves"), _MOST
    ),
    is_one_page=False,
)


def find_row_path(resource: str, code: str) -> str:
    """Return the path of the row with a code that somebody typed; Http404 if it cannot be one."""
    if not re.fullmatch(r"[\w-]+", code):
        raise Http404
    return f"{resource}/{code}"


def split_amount(row: SummaryRow) -> PageCell:
    """Make the cell of what is invested by basis: the first opens its list, others are its note."""
    first, *others = list_amounts(row) or [number_cell(NO_AMOUNT, row["list_url"])]
    return replace(first, note=join_texts(others))


def list_newest_reports(of: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List the titles and addresses of the newest reports of a park, a region or all."""
    return [
        (str(PERIOD_TITLES[kind]), join_address("/bulletin", {**of, "period": text}))
        for kind, text in find_newest_periods().items()
    ]


class BulletinPageView(PageView):
    """The page at /bulletin: what a park, a region or all did in a period; or an edition."""

    template_name = "pages/record.html"
    section = "parks"
    edition: ShownRow | None = None

    @property
    def moment(self) -> str | None:
        return self.edition["closed_at"] if self.edition else super().moment

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        self.read_question()
        days = f"{self.period.first} – {self.period.last}"
        return {
            "title": self.period.title,
            "heading": self.subject,
            "park": self.of_targets.get("park", ""),
            "facts": [(_("Subject"), PageCell(self.subject)), (_("Period"), PageCell(days))],
            "page": Block("", tools=build_tools("bulletin", self.asked, PAPER_FILES)),
            "first": [self.tabulate_steps(), *keep_filled([self.list_targets()])],
            "blocks": [
                *keep_filled(self.list_projects()),
                *self.sum_up(),
                *keep_filled(self.list_work()),
            ],
        }

    def read_question(self) -> None:
        """Read the edition, or the park or region and the period; by default the last month."""
        self.asked = {name: str(self.query[name]) for name in self.query if name != "as_of"}
        for name in self.asked.keys() - {"edition", "park", "region", "period"}:
            text = _("Unknown query parameter “%(name)s”. Nothing was returned.") % {"name": name}
            raise build_value_refusal(Mistake("unknown_parameter", text), name)
        self.refuse_second_subject()
        park, region = self.asked.get("park"), self.asked.get("region")
        period = self.asked.get("period") or find_newest_periods()[Precision.MONTH]
        if code := self.asked.get("edition"):
            edition = ask_api(self.request, find_row_path("editions", code))
            self.edition, park, region = edition, edition["park"], None
            period = edition["month"]
        self.where, self.of_targets, self.subject = {}, {}, _("All parks")
        if park:
            row = self.ask(find_row_path("parks", park))
            self.where = self.of_targets = {"park": row["code"]}
            self.subject = say_name(row)
        elif region:
            row = self.ask(find_row_path("regions", region))
            parks = self.ask("parks", {"region": row["code"], "limit": "500"})["results"]
            if not parks:
                raise build_value_refusal(
                    Mistake("no_parks", _("There is no park in this region.")), "region"
                )
            self.where = {"park": ",".join(each["code"] for each in parks)}
            self.of_targets, self.subject = {"region": row["code"]}, say_name(row)
        try:
            self.period = Period.parse(period)
        except DateError as error:
            raise build_value_refusal(error, "period") from error
        if not self.edition and self.period.first > timezone.localdate():
            text = _("“%(value)s” is in the future.") % {"value": period}
            raise build_value_refusal(Mistake("in_the_future", text), "period")

    def refuse_second_subject(self) -> None:
        """Refuse a park with a region, and an edition, which has a month, with any of them."""
        for first, others in (("edition", ("park", "region", "period")), ("park", ("region",))):
            for second in others:
                if first in self.asked and second in self.asked:
                    told = {"first": first, "second": second}
                    text = _("Give “%(first)s” or “%(second)s”, not both.") % told
                    raise build_value_refusal(Mistake("contradiction", text), second)

    def list_remedies_of(self, error: Mapping[str, Any]) -> list[Remedy]:
        """Lead from a wrong period to the newest reports, too."""
        remedies = super().list_remedies_of(error)
        if error.get("parameter") != "period":
            return remedies
        of = {name: self.query[name] for name in ("park", "region") if name in self.query}
        return [*remedies, *(Remedy(*each) for each in list_newest_reports(of))]

    def date_title(self, title: str) -> str:
        """Add the day of which a part is to its title, if the period was over before it."""
        moment = self.moment
        day = timezone.localdate(parse_moments(moment)[1] if moment else None)
        if day <= self.period.last:
            return title
        return _("%(title)s, as of %(day)s") % {"title": title, "day": day}

    def tabulate_steps(self) -> Block:
        """Tabulate how many projects met each step in each span, and what is invested in them."""
        spans, rows = self.period.list_spans(), []
        for step in _STEPS:
            cells = [PageCell(capfirst(str(TargetMeasure(f"{step}_count").label)))]
            for _label, first, last in spans:
                answer = self.ask("projects/summary", self.date_step(step, first, last))
                total = read_total(answer)
                cells += [share_cell(total), split_amount(total)]
            rows.append(cells)
        columns = [PageColumn(_("Step"))]
        for label, _first, _last in spans:
            heads = (label, _("%(span)s: investment") % {"span": label})
            columns += [PageColumn(head, kind="number") for head in heads]
        title = _("Signed, started and completed")
        asked = self.date_step("signed", self.period.first, self.period.last)
        call = self.call_api("projects/summary", asked)
        more = [Tool(*each) for each in list_newest_reports(self.of_targets)]
        return Block(title, PageTable(title, columns, rows), "steps", call=call, more=more)

    def date_step(self, step: str, first: date, last: date) -> dict[str, str]:
        """Build the filters of projects that met a step in a span, as targets count them."""
        dated = {f"{step}_from": str(first), f"{step}_to": str(last)}
        return {**self.where, **REACHES[TargetMeasure(f"{step}_count")].filters, **dated}

    def list_projects(self) -> Iterator[Block]:
        for step, title in _STEPS.items():
            asked = self.date_step(step, self.period.first, self.period.last)
            with_park = "park" not in self.of_targets
            yield build_project_block(self, str(title), asked, step, with_park=with_park)

    def list_targets(self) -> Block:
        """List the targets of the year, each with all that is reached, and their picture."""
        asked = {**self.of_targets, "year": str(self.period.last.year)}
        title = self.date_title(str(TargetListView.heading))
        block = build_listed_block(self, TargetListView, asked, "targets", title)
        query = {**asked, "lang": active_language()}
        rows = len(block.table.rows) if block.table else 0
        if not 0 < rows <= _MOST_DRAWN:
            return block
        height = _TARGET_HEIGHT * rows
        picture = Picture(block.title, self.picture_root, "targets", query, (height, height))
        return replace(block, picture=picture)

    def sum_up(self) -> Iterator[Block]:
        """Sum up the money of the year, the stages, and the changes since the last edition."""
        months = {
            "funding_year": f"{self.period.last:%Y}",
            "funding_to": f"{self.period.last:%Y-%m}",
        }
        asked = {**self.where, **months, "measures": "amount_cny"}
        flows = self.ask("fundings/summary", {**asked, "group_by": OF_MONEY})
        if flows["rows"]:
            yield build_flow_block(self, flows)
        stages = self.ask("projects/summary", {**self.where, "group_by": "stage"})
        if stages["rows"]:
            title = self.date_title(_("All projects by stage"))
            yield self.build_summary(stages, title, _("Stage"), "stages")
        if self.edition:
            title, address = _("Changes since the last edition"), f"editions/{self.edition['code']}"
            rows = self.edition["figures"]
            table = tabulate_edition(title, _("Measure"), rows, self.link_part)
            yield self.build_block(f"{address}/figures", {}, table, "figures", endings=TABLE_FILES)

    def link_part(self, row: ShownRow, part: str) -> str:
        """Return the address of the list that makes a part of a figure of the edition."""
        return find_page(row[f"{part}_list_url"]) if row[part] else ""

    def list_work(self) -> Iterator[Block]:
        """List who is late, what is due and what blocks, in the parks that the user works in."""
        worked = select_worked_parks(self.request.user)
        if codes := self.where.get("park"):
            worked = worked.filter(code__in=codes.split(","))
        own = ",".join(worked.order_by("code").values_list("code", flat=True))
        if not own:
            return
        where = {"park": own} if self.where else {}
        moved = {"moved_from": str(self.period.first), "moved_to": str(self.period.last)}
        moves = (PlanMoveListView, moved, _("Plans moved in the period"))
        parts: dict[str, Any] = {**_OF_ROLES, "moves": moves}
        for anchor, (listed, filters, title) in parts.items():
            dated = str(title) if anchor == "moves" else self.date_title(str(title))
            yield build_listed_block(self, listed, {**where, **filters}, anchor, dated)
