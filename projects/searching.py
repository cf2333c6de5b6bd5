"""How projects are searched: in their own texts, and in the names of who invests."""

from django.db.models import Exists, OuterRef, Q

from config.api.lists.ranked import NO_HITS, Hits, TextSearch, match_any
from config.searching import MOST_KEYS, match_text
from parks.access import rights_of
from parks.models import Organisation
from parks.models.naming import ORGANISATION_TEXTS
from projects.models import Investor
from projects.models.naming import PROJECT_TEXTS

NAMES_OF_INVESTORS = ("name_zh", "name_en", "aliases")


class ProjectTextSearch(TextSearch):
    """In code, names, note and the names of investors; inside also in who is responsible."""

    index = PROJECT_TEXTS
    names = PROJECT_TEXTS.parts["names"]

    def elsewhere(self, word: str, by_index: bool) -> Hits:
        found = self.in_part("note", "note", word, by_index)
        rights = rights_of(self.actor)
        if rights.is_superuser or rights.parks:
            inside = Q() if rights.is_superuser else Q(park__in=rights.parks)
            found |= self.in_part("work", "responsible_unit", word, by_index) & Hits(inside)
        return found | self.of_investors(word, by_index)

    def in_part(self, part: str, column: str, word: str, by_index: bool) -> Hits:
        keys = self.look_up(part, [word]) if by_index else None
        return Hits(match_text(column, word), keys)

    def of_investors(self, word: str, by_index: bool) -> Hits:
        """Find the projects with a folded word in the name of an investor."""
        investors = Investor.objects.filter(project=OuterRef("pk"))
        keys = ORGANISATION_TEXTS.find("names", [word]) if by_index else None
        if keys is None:
            columns = [f"organisation__{name}" for name in NAMES_OF_INVESTORS]
            return Hits(Q(Exists(investors.filter(match_any(columns, word)))))
        named = Organisation.objects.filter(match_any(NAMES_OF_INVESTORS, word), pk__in=keys)
        organisations = list(named.values_list("pk", flat=True)) if keys else []
        if not organisations:
            return NO_HITS
        invested = Investor.objects.filter(organisation__in=organisations).order_by()
        projects = frozenset(invested.values_list("project_id", flat=True)[: MOST_KEYS + 1])
        condition = Q(Exists(investors.filter(organisation__in=organisations)))
        return Hits(condition, projects if len(projects) <= MOST_KEYS else None)
