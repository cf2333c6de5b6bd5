"""The pages of signing events: all, and one with what it declared and what became of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from pages.language import label_word
from pages.lists.list_blocks import (
    build_claim_block,
    build_overview_blocks,
    build_project_block,
    list_known_cells,
)
from pages.lists.record_lists import REGION_FIELD, WORDS_FIELD, FormField, TableListView
from pages.parts import blocks
from pages.parts.claims import say_nature, write_claimed
from pages.parts.rows import AskList, RowNames
from pages.parts.summary_tables import join_texts, list_amounts
from pages.records.park_pages import build_declared, build_rates, declaration_cell
from pages.views import PageView
from projects.models import SigningEvent

ShownEvent = Mapping[str, Any]
_NAMED = {"park": "parks", "region": "regions"}
_NAMED_OF_ONE = {**_NAMED, "source": "sources"}
# Which claims of an event say what it declared as a whole
_DECLARED = {
    "subject_type": "event",
    "indicator": "declared_projects,declared_investment",
    "is_narrowed": "false",
    "superseded": "false",
    "ordering": "as_of",
    "limit": "500",
}
_OUTCOME = ("projects", "signed", "started", "operating")
_WHAT = {"projects": gettext_lazy("Projects"), "investment_total_cny": gettext_lazy("Investment")}


class EventListView(TableListView):
    """The page at /events: each with what it declared, and how many of its projects are known."""

    section = "events"
    resource = row_list = "events"
    row_label = gettext_lazy("Event")
    shown = "code held_on kind region park"
    heading = gettext_lazy("Signing events")
    lead = gettext_lazy(
        "What was declared when contracts and intents were signed in public, and of how many of "
        "these projects the ledger knows."
    )
    ordering = "-held_on"
    fields = (
        WORDS_FIELD,
        REGION_FIELD,
        FormField("kind", gettext_lazy("Kind"), choices=SigningEvent.Kind.choices),
        FormField("held_from", gettext_lazy("Held from"), "2023"),
        FormField("held_to", gettext_lazy("Held up to"), "2024-06"),
    )
    named = _NAMED

    def list_columns(self, rows: Sequence[ShownEvent], names: RowNames) -> list[blocks.PageColumn]:
        declared = read_declared(self.ask, [row["code"] for row in rows])
        known = list_known_cells(self.ask, rows)
        return [*super().list_columns(rows, names), *list_count_columns(declared, known)]


class EventPageView(PageView):
    template_name = "pages/record.html"
    section = "events"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        code = kwargs["code"]
        event = self.ask(f"events/{code}", self.query)
        overview = self.ask(f"events/{code}/overview", self.query)
        follow_through = overview["follow_through"]
        declared = self.read_claims(follow_through["declared"])
        has_projects = follow_through["itemised"]["projects"] > 0
        call = self.call_api(f"events/{code}/follow-through", self.query)
        files = blocks.build_tools(f"events/{code}/follow-through", {})
        rates = build_rates(follow_through["itemised"], call)
        title = _("Projects of the event, the largest first")
        return {
            **self.build_head(
                f"events/{code}", event, blocks.build_tools("figures", {"event": code})
            ),
            "lead": say_outcome(follow_through, declared.get("projects")),
            "facts": self.list_event_facts(event),
            "first": [
                replace(self.build_declared(overview, declared), tools=files, call=call),
                *([replace(rates, tools=files)] if has_projects else []),
            ],
            "summaries": build_overview_blocks(self, overview),
            "blocks": [
                build_claim_block(self, _("All that it declared"), {"event": code}, {"subject"}),
                *([build_project_block(self, title, {"event": code})] if has_projects else []),
            ],
        }

    def list_event_facts(self, event: ShownEvent) -> list[tuple[str, blocks.PageCell]]:
        names = RowNames(self.ask, [event], _NAMED_OF_ONE)
        return [
            (_("Held on"), blocks.day_cell(event["held_on"])),
            (_("Kind"), blocks.PageCell(label_word(SigningEvent.Kind, event["kind"]))),
            (_("Place"), blocks.text_cell(event["place"])),
            (_("Region"), names.link_row(event, "region")),
            (_("Park"), names.link_row(event, "park")),
            (_("Host"), blocks.text_cell(event["host"])),
            (_("Source"), names.link_row(event, "source")),
            (_("Note"), blocks.note_cell(event["note"])),
        ]

    def build_declared(
        self, overview: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> blocks.Block:
        """Build the table of declared and known projects, with the coverage."""
        answer, bases = overview["follow_through"], list_amounts(overview["stages"]["total"])
        itemised, url = answer["itemised"], answer["list_url"]
        amount = itemised["investment_total_cny"]
        known = {
            "projects": blocks.count_cell(itemised["projects"], url),
            "investment_total_cny": blocks.number_cell(
                blocks.write_sum(amount),
                url if amount else "",
                join_texts(bases),
                amount,
                "investment_cny",
            ),
        }
        rows = [
            (blocks.PageCell(str(_WHAT[name])), claims.get(name), cell)
            for name, cell in known.items()
        ]
        return replace(build_declared(rows), notes=list_gaps(answer))

    def read_claims(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        named = {name: claim["code"] for name, claim in declared.items() if claim}
        if not named:
            return {}
        found = self.ask("figures", {"code": ",".join(named.values())})["results"]
        claims = {claim["code"]: claim for claim in found}
        return {name: claims[code] for name, code in named.items() if code in claims}


def read_declared(ask: AskList, codes: Sequence[str]) -> dict[tuple[str, str], Any]:
    """Read the newest claims of events about what they declared, by event and indicator."""
    if not codes:
        return {}
    claims = ask("figures", {**_DECLARED, "event": ",".join(codes)})["results"]
    return {(claim["event"], claim["indicator"]): claim for claim in claims}


def list_count_columns(
    declared: Mapping[tuple[str, str], Any],
    known: Mapping[str, tuple[blocks.PageCell, blocks.PageCell]],
) -> list[blocks.PageColumn]:
    def declare(event: ShownEvent, indicator: str) -> blocks.PageCell:
        return declaration_cell(declared.get((event["code"], indicator)))

    columns: dict[str, Callable[[ShownEvent], blocks.PageCell]] = {
        _("Projects declared"): partial(declare, indicator="declared_projects"),
        _("Investment declared"): partial(declare, indicator="declared_investment"),
        _("Projects known"): lambda event: known[event["code"]][0],
        _("Of them under construction or further"): lambda event: known[event["code"]][1],
    }
    return [
        blocks.PageColumn(label, "", "number", make_cell) for label, make_cell in columns.items()
    ]


def say_outcome(answer: Mapping[str, Any], declared: Mapping[str, Any] | None) -> str:
    """Write what an event declared, and what became of the projects that are known by name."""
    itemised, said = answer["itemised"], []
    if declared:
        claim = {"declared": write_claimed(declared), "nature": say_nature(declared)}
        said.append(_("%(declared)s were declared (%(nature)s).") % claim)
    if itemised["projects"]:
        text = _(
            "Of the projects of the event %(projects)s are known by name: %(signed)s of them "
            "signed, %(started)s under construction or further, %(operating)s operating."
        )
        said.append(text % {name: blocks.write_count(itemised[name]) for name in _OUTCOME})
    elif declared:
        said.append(_("None of them is known by name, so what became of them is not known."))
    return " ".join(said)


def list_gaps(answer: Mapping[str, Any]) -> list[str]:
    """List the notes on the numbers beside the declared ones."""
    itemised = answer["itemised"]
    if not itemised["projects"]:
        return []
    missing, first = itemised["investment_missing"], answer["first_signings"]
    notes = {
        ngettext(
            "%(count)d project has no amount in yuan.",
            "%(count)d projects have no amount in yuan.",
            missing,
        ): missing,
        ngettext(
            "%(count)d project signed here for the first time, a contract or an intent.",
            "%(count)d projects signed here for the first time, a contract or an intent.",
            first,
        ): first,
    }
    return [text % {"count": count} for text, count in notes.items() if count]
