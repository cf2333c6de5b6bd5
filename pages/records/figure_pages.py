"""The page of figures: from where a number comes, and what else is said of the same."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from pages.addresses import find_page, join_address
from pages.language import label_word, say_name
from pages.lists.record_lists import (
    PARK_FIELD,
    REGION_FIELD,
    WORDS_FIELD,
    FormField,
    RecordListView,
)
from pages.parts.blocks import (
    Block,
    PageCell,
    Tool,
    day_cell,
    list_neighbours,
    name_cell,
    note_cell,
    text_cell,
)
from pages.parts.claims import (
    ShownClaim,
    find_subject,
    plan_series,
    say_nature,
    say_part,
    source_cell,
    speaker_cell,
    tabulate_all_claims,
    value_cell,
)
from pages.parts.rows import PART_LISTS, SUBJECT_LISTS, RowNames
from parks.models import Claim, Figure, Nature
from sheets.amounts import Qualifier

_FIELDS = (
    PARK_FIELD,
    FormField("indicator", gettext_lazy("Indicator"), rows="indicators"),
    WORDS_FIELD,
    REGION_FIELD,
    FormField("nature", gettext_lazy("Kind of statement"), choices=Nature.choices),
    FormField(
        "superseded",
        gettext_lazy("Does it still hold"),
        choices=(
            ("false", gettext_lazy("still holds")),
            ("true", gettext_lazy("superseded or withdrawn")),
        ),
    ),
    FormField("said_by", gettext_lazy("Said by"), gettext_lazy("name of a person")),
    FormField("attribution", gettext_lazy("Whose words"), choices=Claim.Attribution.choices),
    FormField("as_of_max", gettext_lazy("Said up to"), "2023-08-17"),
)
# Conditions by which each row would say the same in a column
_SAID_ONCE = {name: "subject" for name in SUBJECT_LISTS} | {
    "indicator": "indicator",
    "source": "source",
}
_NEWEST_FIRST = "-as_of"
_HEADLINES_SHOWN = 30


class FigureListView(RecordListView):
    """The page at /figures: all claims, or one with all that is known of it."""

    resource = "figures"
    section = "figures"
    fields = _FIELDS
    heading = gettext_lazy("Figures and where they come from")
    lead = gettext_lazy(
        "Each number as it was printed: of whom, of when, said by whom, and in which source. What "
        "another claim has replaced, or who said it has withdrawn, is struck."
    )

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        asked = self.query.copy()
        asked.setdefault("ordering", _NEWEST_FIRST)
        page = self.ask("figures", asked)
        claims = page["results"]
        shown = self.build_form()
        if "code" in self.query and len(claims) == 1:
            names = RowNames(self.ask, claims, {**SUBJECT_LISTS, **PART_LISTS})
            facts = list_claim_facts(claims[0], names)
            return {**shown, "facts": facts, "blocks": [self.build_others(claims[0])]}
        first = [] if self.query.keys() - {"as_of"} else [self.build_headlines()]
        return {**shown, "blocks": [*first, self.build_claims(page, asked)]}

    def build_headlines(self) -> Block:
        """Build the table of headline figures, parks with the most of them first."""
        rows = self.ask("indicators", {"fields": "code,headline_rank", "limit": "500"})["results"]
        ranks = {row["code"]: row["headline_rank"] for row in rows if row["headline_rank"]}
        question = {
            "subject_type": "park",
            "superseded": "false",
            "indicator": ",".join(sorted(ranks, key=ranks.__getitem__)),
        }
        asked = {**question, "ordering": _NEWEST_FIRST, "limit": "500"}
        claims = self.ask("figures", asked)["results"] if ranks else []
        known = Counter(claim["park"] for claim in claims)
        claims.sort(
            key=lambda claim: (-known[claim["park"]], claim["park"], ranks[claim["indicator"]])
        )
        title = _("The headline figures of parks")
        table = tabulate_all_claims(self.ask, claims[:_HEADLINES_SHOWN])
        more = [Tool(_("All of these claims"), find_page(self.call_api("figures", question)))]
        return self.build_block("figures", question, table, "headlines", title=title, more=more)

    def build_claims(self, page: Mapping[str, Any], asked: QueryDict) -> Block:
        left_out = {
            column
            for name, column in _SAID_ONCE.items()
            if name in asked and "," not in str(asked[name]) and name != "region"
        }
        title = _("Claims") if "ordering" in self.query else _("Claims, newest first")
        told = {claim["indicator"] for claim in page["results"] if "indicator" in asked}
        lead = self.tell_indicators(",".join(sorted(told)))
        table = tabulate_all_claims(self.ask, page["results"], left_out)
        more = list_neighbours(page)
        block = self.build_block("figures", asked, table, "claims", title=title, more=more)
        one = {name: asked[name] for name in (*SUBJECT_LISTS, "indicator") if name in asked}
        return replace(block, lead=lead, picture=plan_series(self, one) if len(one) > 1 else None)

    def tell_indicators(self, codes: str) -> str:
        """Write what some indicators mean, so that those which look alike are told apart."""
        rows = self.ask("indicators", {"code": codes})["results"] if codes else []
        told = [{"name": say_name(row), "meaning": say_name(row, "definition")} for row in rows]
        return " ".join(_("%(name)s: %(meaning)s.") % each for each in told if each["meaning"])

    def build_others(self, claim: ShownClaim) -> Block:
        question = {**ask_same(claim), "ordering": _NEWEST_FIRST}
        page = self.ask("figures", question)
        lead = self.tell_indicators(claim["indicator"])
        title = _("What is said of the same, newest first")
        table = tabulate_all_claims(self.ask, page["results"], {"indicator"})
        picture = plan_series(self, ask_same(claim))
        block = self.build_block("figures", question, table, "others", title=title)
        return replace(block, lead=lead, picture=picture)


def list_claim_facts(claim: ShownClaim, names: RowNames) -> list[tuple[str, PageCell]]:
    same = join_address("/figures", ask_same(claim))
    successor = claim["superseded_by"] or ""
    successor_page = join_address("/figures", {"code": successor}) if successor else ""
    return [
        (_("About what"), names.link_row(claim, find_subject(claim))),
        (_("Indicator"), name_cell(claim, same, "indicator_name")),
        (_("Value"), value_cell(claim)),
        (label_claim("qualifier"), PageCell(str(Qualifier(claim["qualifier"]).label))),
        (label_claim("nature"), PageCell(say_nature(claim))),
        (label_claim("as_of"), day_cell(claim["as_of"])),
        (label_claim("as_of_basis"), PageCell(label_word(Claim.AsOfBasis, claim["as_of_basis"]))),
        (label_claim("period_from"), day_cell(claim["period_from"])),
        (label_claim("period_to"), day_cell(claim["period_to"])),
        (label_claim("period_text"), text_cell(claim["period_text"])),
        (label_claim("base_period"), text_cell(claim["base_period"])),
        (_("Scope"), text_cell(say_part(claim, names))),
        (label_claim("printed_conversion"), text_cell(claim["printed_conversion"])),
        (_("Words as reported"), text_cell(claim["as_reported"])),
        (_("Said by"), speaker_cell(claim)),
        (label_claim("attribution"), PageCell(label_word(Claim.Attribution, claim["attribution"]))),
        (_("Source"), source_cell(claim)),
        (label_claim("superseded_by"), PageCell(successor, successor_page)),
        (label_claim("note"), note_cell(claim["note"])),
        (label_claim("code"), PageCell(claim["code"], claim["claim_url"])),
    ]


def label_claim(name: str) -> str:
    field: Any = Figure._meta.get_field(name)
    return capfirst(str(field.verbose_name))


def ask_same(claim: ShownClaim) -> dict[str, str]:
    """Build the question for all claims of the same indicator about the same subject."""
    subject = find_subject(claim)
    return {subject: claim[subject], "indicator": claim["indicator"]}
