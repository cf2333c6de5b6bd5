"""What the tables say that the code does not: the meaning of each column and filter of projects.

`tools/docs/tables.py` takes names, kinds and words from the code and refuses to write a table
with a meaning missing here, so a new field is not forgotten.
"""

from tools.docs.list_meanings import OF_OTHER_LISTS

COLUMNS = {
    "code": "names the row in URLs; never changes, never given to another row",
    "name_zh": "Chinese name; at least one of the two names is given",
    "name_en": "English name",
    "park": "code of the park",
    "park_name_zh": "Chinese name of the park",
    "park_name_en": "English name of the park",
    "national_code": "国家项目代码 by GB/T 40058-2021, of one project alone; empty is unknown",
    "kind": "what kind of project it is; only where the source says it",
    "function": "what is done there",
    "site_mode": "how the project has its site",
    "land_mu": "land in mu; 1 mu is 1/15 hectare, about 667 m²",
    "origin": "region code of the place the investor comes from; empty is unknown",
    "origin_name_zh": "Chinese name of that region",
    "origin_name_en": "English name of that region",
    "origin_basis": "how the origin is known",
    "origin_text": "the origin in the words of the source",
    "sector": "industry by GB/T 4754-2017, with the letter of its section; empty is unknown",
    "sector_name_zh": "Chinese name of that sector",
    "sector_name_en": "English name; that of a group or class is not official, mostly our own",
    "sector_basis": "how the sector is known",
    "sector_text": "the sector in the words of the source",
    "stage": "the highest milestone met; derived",
    "stage_on": "the day that stage was reached; derived",
    "intended_on": "the day a letter of intent was signed; derived",
    "signed_on": "the day the contract was signed; derived",
    "started_on": "the day construction started; derived",
    "completed_on": "the day construction was completed; derived",
    "operating_on": "the day operation began; derived",
    "agreement_type": "the most binding paper signed; empty where no source says; derived",
    "hitech": "whether the sector is in the official list of high-tech industries; derived",
    "investment_cny": "headline investment in whole yuan; empty is unknown, never 0",
    "investment_qualifier": "how the source qualified the amount",
    "investment_basis": "what the amount rests on",
    "paid_in_cny": "sum of the monthly flows of paid-in capital (到位); derived",
    "counts_in_totals": "whether totals of signed projects count it; derived",
    "totals_exclusion": "why they do not; empty if they do; derived",
    "news_on": "the last day of which anything is known: a report, milestone or flow; derived",
    "next_planned_on": "the last day planned for the next step; derived",
    "is_stale": "there should have been news by today; inferred, and changes nothing",
    "standing": "whether the project still goes on; another question than its stage",
    "standing_on": "since when",
    "standing_reason": "why",
    "is_umbrella": "its amount is the amount of other projects: leave it out of sums",
    "duplicate_of": "code of the project that this row repeats",
    "part_of": "code of the project that this one is a part of: add both only if both count",
    "reported_on": "the date of the newest report about the project",
    "source": "code of the source",
    "publication": "who can read the row",
    "note": "anything else worth knowing",
    "open_issues": "存在问题: what holds the project up",
    "responsible_unit": "责任单位: the office in charge",
    "latest_progress": "最新进展: what the newest note of progress says; for roles of its park",
    "latest_progress_on": "the day of that note",
    "next_step": "下一步计划: what that note says is to be done next",
    "next_step_due_on": "by which day",
    "investors": "names of the investors, separated by `；`",
    "version": "goes up by one or more with every change of the row or of what belongs to it",
    "created_at": "when the row was written first, UTC",
    "updated_at": "when the row was changed last, UTC",
}

# For lists whose own words below do not say it: the meaning, and an example.
FILTERS = {
    "code": ("one of these, up to 500; codes of no row that you see are left out", "code=SEED"),
    "q": ("every one of these words stands in the code or a name", "q=中关村"),
    "region": ("in this region, everything below it included", "region=天津"),
}

LIST_FILTERS = {
    "projects": {
        "q": (
            "every one of these words stands in the code, a name, the note, the name of an "
            "investor or, for roles of the park, in who is responsible; best first",
            "q=海尔",
        ),
        "origin": ("the investor comes from there", "origin=yrd"),
        "origin_group": ("the investor comes from this group of clusters", "origin_group=yrd"),
        "origin_economic_region": (
            "the investor comes from this economic region",
            "origin_economic_region=east",
        ),
        "origin_named_group": (
            "the investor comes from this group of any kind",
            "origin_named_group=gba,xiongan",
        ),
        "origin_country": (
            "from one of these countries; `CN` is all of China, with Hong Kong, Macao and Taiwan",
            "origin_country=DE",
        ),
        "origin_province": (
            "exactly this province; `foreign` is all that lies abroad",
            "origin_province=110000",
        ),
        "origin_city": (
            "exactly this city; `foreign` is all that lies abroad",
            "origin_city=foreign",
        ),
        "sector": ("the industry, everything below it included", "sector=ic"),
        "sector_section": ("exactly this section", "sector_section=C"),
        "sector_division": ("exactly this division", "sector_division=C39"),
        "sector_group": ("the industry is in this group", "sector_group=ic"),
        "hitech": ("a high-tech industry or not", "hitech=yes"),
        "park": ("in one of these parks", "park=baodi-zgc,caofeidian"),
        "park_region": ("in a park that lies there", "park_region=120000"),
        "park_province": (
            "in a park of exactly this province; `foreign` is a park abroad",
            "park_province=120000",
        ),
        "national_code": (
            "has one of these national project codes",
            "national_code=2403-120115-89-05-123456",
        ),
        "counts_in_totals": ("counts in totals of signed projects", "counts_in_totals=true"),
        "totals_exclusion": ("left out of them for this reason", "totals_exclusion=umbrella"),
        "fulfilled": (
            "signed, and a later milestone, approval or money is known",
            "fulfilled=true",
        ),
        "has_intent": ("an intent was signed, whatever came of it", "has_intent=true"),
        "has_paid_in": (
            "somebody reported what was paid in, also if it was nothing",
            "has_paid_in=true",
        ),
        "rate_not_known": (
            "in the denominator of this rate, and nobody knows whether it has reached it",
            "rate_not_known=start_rate",
        ),
        "stale": ("there should have been news by today", "stale=true"),
        "overdue": ("under way, and past the day planned for its next step", "overdue=true"),
        "due": ("under way, and its next step is planned for the 90 days to come", "due=true"),
        "planned_from": (
            "its next step is planned for a period that begins then or later",
            "planned_from=2027",
        ),
        "planned_to": (
            "its next step is planned for a period that ends then or earlier",
            "planned_to=2027-Q1",
        ),
        "intended_planned_from": (
            "an intent is planned for then or later",
            "intended_planned_from=2024",
        ),
        "intended_planned_to": (
            "an intent is planned for then or earlier",
            "intended_planned_to=2027",
        ),
        "signed_planned_from": (
            "a contract is planned for then or later",
            "signed_planned_from=2024",
        ),
        "signed_planned_to": (
            "a contract is planned for then or earlier",
            "signed_planned_to=2027",
        ),
        "started_planned_from": (
            "the start of construction was or is planned for then or later, met or not",
            "started_planned_from=2015",
        ),
        "started_planned_to": (
            "the start of construction was or is planned for then or earlier, met or not",
            "started_planned_to=2027-Q4",
        ),
        "completed_planned_from": (
            "completion is planned for then or later",
            "completed_planned_from=2015",
        ),
        "completed_planned_to": (
            "completion is planned for then or earlier",
            "completed_planned_to=2027",
        ),
        "operating_planned_from": (
            "operation is planned for then or later",
            "operating_planned_from=2015",
        ),
        "operating_planned_to": (
            "operation is planned for then or earlier",
            "operating_planned_to=2027",
        ),
        "news_from": ("the last news is of then or later", "news_from=2024"),
        "news_to": ("the last news is of then or earlier", "news_to=2024-03"),
        "silent_months_min": (
            "nobody wrote for so many months or longer (未更新), or no date is known at all; notes "
            "of progress count for those who see them",
            "silent_months_min=3",
        ),
        "stalled_months_min": (
            "no milestone was met and no money flowed for so many months or longer (无进展), or "
            "none ever",
            "stalled_months_min=6",
        ),
        "latest_progress_from": (
            "the newest note of progress is of then or later; only the park's roles see it",
            "latest_progress_from=2024",
        ),
        "latest_progress_to": (
            "the newest note of progress is of then or earlier; only the park's roles see it",
            "latest_progress_to=2024-06",
        ),
        "next_step_due_from": (
            "the next step is due then or later; only the park's roles see it",
            "next_step_due_from=2024",
        ),
        "next_step_due_to": (
            "the next step is due then or earlier; only the park's roles see it",
            "next_step_due_to=2024-06",
        ),
        "next_step_overdue": (
            "the next step that was noted was due before today; only the park's roles see it",
            "next_step_overdue=false",
        ),
        "missing": (
            "at least one of these is not known: `amount`, `origin`, `sector`, `source`, `date` "
            "(the day of its stage)",
            "missing=amount,source",
        ),
        "completeness": ("how many of these five are not known", "completeness=lacks_more"),
        "claims_in_conflict": (
            "two claims that hold say different numbers of one thing, day and basis",
            "claims_in_conflict=true",
        ),
        "responsible_unit": (
            "this office is in charge, as far as one may see it; only the park's roles do",
            "responsible_unit=unknown",
        ),
        "has_open_issues": (
            "there are open issues, as far as one may see them; only the park's roles do",
            "has_open_issues=false",
        ),
        "stage": ("exactly at this stage", "stage=signed"),
        "reached": ("at this stage or further", "reached=signed"),
        "standing": ("still going on or not", "standing=active"),
        "publication": ("published, or what only the park's roles see", "publication=draft"),
        "kind": ("what kind of project it is", "kind=relocation"),
        "function": ("what is done there", "function=rnd"),
        "site_mode": ("how it has its site", "site_mode=lease"),
        "land_mu_min": ("at least so many mu; unknown areas are left out", "land_mu_min=42.5"),
        "land_mu_max": ("at most so many mu; unknown areas are left out", "land_mu_max=100"),
        "agreement_type": ("what was signed", "agreement_type=contract"),
        "investment_min": ("at least so much; unknown amounts are left out", "investment_min=1亿"),
        "investment_max": ("at most so much; unknown amounts are left out", "investment_max=5e7"),
        "size_band": (
            "an amount from the first number on, and below the second",
            "size_band=1亿-5亿",
        ),
        "investment_basis": ("what the amount rests on", "investment_basis=agreed"),
        "event": ("took part in one of these events", "event=baiyangdian-2015"),
        "organisation": ("has one of these investors", "organisation=sinopec"),
        "source": ("known from one of these sources", "source=S090"),
        "has_source": ("whether a source is named", "has_source=true"),
        "signed_year": ("contract signed in one of these years", "signed_year=2023,2024"),
        "intended_year": ("letter of intent signed in this year", "intended_year=2023"),
        "intended_quarter": ("letter of intent signed in this quarter", "intended_quarter=2023-Q4"),
        "intended_month": ("letter of intent signed in this month", "intended_month=2023-11"),
        "signed_quarter": ("contract signed in this quarter", "signed_quarter=2023-Q4"),
        "signed_month": ("contract signed in this month", "signed_month=2023-11"),
        "started_year": ("construction started in this year", "started_year=2023"),
        "started_quarter": ("construction started in this quarter", "started_quarter=2023-Q4"),
        "started_month": ("construction started in this month", "started_month=2023-11"),
        "completed_year": ("completed in this year", "completed_year=2023"),
        "completed_quarter": ("completed in this quarter", "completed_quarter=2023-Q4"),
        "completed_month": ("completed in this month", "completed_month=2023-11"),
        "operating_year": ("operating since this year", "operating_year=2023"),
        "operating_quarter": ("operating since this quarter", "operating_quarter=2023-Q4"),
        "operating_month": ("operating since this month", "operating_month=2023-11"),
        "intended_from": ("letter of intent signed in or after", "intended_from=2023"),
        "intended_to": ("letter of intent signed in or before", "intended_to=2023-06"),
        "signed_from": ("contract signed in or after", "signed_from=2023"),
        "signed_to": ("contract signed in or before", "signed_to=2024-Q2"),
        "started_from": ("construction started in or after", "started_from=2024-01-15"),
        "started_to": ("construction started in or before", "started_to=2024"),
        "completed_from": ("completed in or after", "completed_from=2020"),
        "completed_to": ("completed in or before", "completed_to=2022"),
        "operating_from": ("operating since then or later", "operating_from=2020"),
        "operating_to": ("operating since then or earlier", "operating_to=2022"),
        "updated_from": (
            "row changed at or after; [not to keep a copy](#dates)",
            "updated_from=2024-03-01T08:00:00Z",
        ),
        "updated_to": ("row changed at or before", "updated_to=2024-03-31"),
    },
    "fundings": {
        "funding_kind": ("what kind of money", "funding_kind=paid_in"),
        "funding_year": ("of this year", "funding_year=2023"),
        "funding_quarter": ("of this quarter", "funding_quarter=2023-Q4"),
        "funding_month": ("of this month", "funding_month=2023-11"),
        "funding_from": ("of this month or later", "funding_from=2023-Q4"),
        "funding_to": ("of this month or earlier", "funding_to=2024"),
    },
    **OF_OTHER_LISTS,
}
