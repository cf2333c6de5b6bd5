"""Land that projects have: of which it can be said what a mu of it is to bring."""

from django.db.models import Q

from parks.models.claims import ClaimQuerySet
from projects.lifecycle.words import InvestmentBasis
from projects.models import Project, ProjectFigure

FIXED_INVESTMENT = "fixed_investment"  # the indicator of 固定资产投资
IS_LEASED = Q(site_mode=Project.SiteMode.LEASE)
# Land that is bought (出让), of a known area: leased floors have none of their own
IS_BOUGHT = Q(site_mode=Project.SiteMode.LAND, land_mu__gt=0)
HAS_AGREED_PER_MU = IS_BOUGHT & Q(
    investment_basis=InvestmentBasis.AGREED, investment_cny__isnull=False
)


def find_fixed_investments() -> ClaimQuerySet:
    """Find the standing claims of what is invested in fixed assets of a whole project, in yuan."""
    claims = ProjectFigure.objects.standing().of_the_whole().order_by()
    return claims.filter(indicator=FIXED_INVESTMENT, amount_cny__isnull=False)


def has_investment_intensity() -> Q:
    """Select the projects on bought land of which such a claim stands."""
    return IS_BOUGHT & Q(pk__in=find_fixed_investments().values("project"))
