"""What is asked: each question as the API takes it, and as a condition and an order in SQL."""

from dataclasses import dataclass

LIMIT = 100
API = "/api/v1"
YRD = "p.origin_id >= '31' AND p.origin_id < '35'"
AMOUNTS = "p.investment_cny >= 10000000 AND p.investment_cny <= 1000000000"
AMOUNTS_ASKED = "investment_min=1000万&investment_max=10亿&ordering=-investment_cny"
BY_AMOUNT = "p.investment_rank DESC, p.id DESC"
BY_CODE = "p.code_key"


@dataclass(frozen=True)
class Case:
    """One question: its key in the results, a query of the API, and the same in SQL."""

    key: str
    title: str
    query: str
    where: str
    order: str = BY_AMOUNT

    @property
    def list_address(self) -> str:
        return f"{API}/projects?limit={LIMIT}&{self.query}"

    @property
    def csv_address(self) -> str:
        return f"{API}/projects.csv?{self.query}"


ALL = Case("all", "all, by code", "ordering=code", "1 = 1", BY_CODE)
SELECTIVE = Case(
    "selective",
    "yrd, C39, 10m to 1bn, by amount",
    f"origin=yrd&sector=C39&{AMOUNTS_ASKED}",
    f"{YRD} AND p.sector_id >= 'C39' AND p.sector_id < 'C4' AND {AMOUNTS}",
)
BROAD = Case(
    "broad",
    "C, 10m to 1bn, by amount",
    f"sector=C&{AMOUNTS_ASKED}",
    f"p.sector_id >= 'C' AND p.sector_id < 'D' AND {AMOUNTS}",
)
LISTS = {case.key: case for case in (ALL, SELECTIVE, BROAD)}

# Thirteen combinations of filters as people ask them; `{park}` is the code of a park
TYPICAL = [
    "ordering=-investment_cny",
    "origin=110000&ordering=-investment_cny",
    "origin=京津冀&sector=C&investment_min=1亿&ordering=-investment_cny",
    "sector=C39&ordering=-investment_cny",
    "sector_division=C39&origin_group=yrd&ordering=-investment_cny",
    "park={park}&stage=signed&ordering=-investment_cny",
    "park={park}&ordering=-updated_at",
    "stage=operating&hitech=yes&ordering=-investment_cny",
    "reached=started&origin=prd&ordering=-investment_cny",
    "signed_from=2019&signed_to=2019-06&ordering=-signed_on",
    "signed_year=2020&sector=I65&ordering=-investment_cny",
    "investment_min=10亿&standing=active&ordering=-investment_cny",
    "updated_from=2020&ordering=-updated_at",
]

DIMENSIONS = ("origin_province", "sector_section", "signed_year")
GROUP_BY = ",".join(DIMENSIONS)
SUMMARY = f"{API}/projects/summary?group_by={GROUP_BY}"
FACETS = (
    f"{API}/projects/facets?facets="
    "origin_province,sector_section,stage,standing,hitech,function,kind,signed_year"
)
COUNT = f"{API}/projects?limit=1&count=exact"
RARE = f"{API}/projects?limit={LIMIT}&q=龘龘"
COMMON = f"{API}/projects?limit={LIMIT}&q=技术"
