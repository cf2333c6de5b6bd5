"""What was completed of a project in the year of a plan, by its monthly reports."""

from django.db.models import OuterRef, Subquery, Sum

from projects.models import Funding


def find_completed() -> Subquery:
    """Find for each plan what was completed in the months of its year; None where unreported."""
    flows = Funding.objects.filter(
        project=OuterRef("project"),
        kind=Funding.Kind.COMPLETED,
        month__year=OuterRef("year"),
    )
    of_one = flows.order_by().values("project")
    return Subquery(of_one.annotate(total=Sum("amount_cny")).values("total"))
