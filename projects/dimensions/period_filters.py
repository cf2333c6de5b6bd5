"""What projects can be narrowed by in time: the steps of their way, by period and by bounds."""

from config.api.lists.code_filters import CodedFilterSet
from config.api.lists.filter_fields import FromFilter, ToFilter, YearsFilter
from config.dates import Precision
from projects.dimensions.filters import PeriodsFilter


class PeriodsFilterSet(CodedFilterSet):
    """The dates at which projects reached their stages."""

    signed_year = YearsFilter()
    signed_year_not = YearsFilter("signed_year", exclude=True)
    intended_year = PeriodsFilter("intended_on", unit=Precision.YEAR)
    intended_year_not = PeriodsFilter("intended_on", unit=Precision.YEAR, exclude=True)
    intended_quarter = PeriodsFilter("intended_on", unit=Precision.QUARTER)
    intended_quarter_not = PeriodsFilter("intended_on", unit=Precision.QUARTER, exclude=True)
    intended_month = PeriodsFilter("intended_on", unit=Precision.MONTH)
    intended_month_not = PeriodsFilter("intended_on", unit=Precision.MONTH, exclude=True)
    signed_quarter = PeriodsFilter("signed_on", unit=Precision.QUARTER)
    signed_quarter_not = PeriodsFilter("signed_on", unit=Precision.QUARTER, exclude=True)
    signed_month = PeriodsFilter("signed_on", unit=Precision.MONTH)
    signed_month_not = PeriodsFilter("signed_on", unit=Precision.MONTH, exclude=True)
    started_year = PeriodsFilter("started_on", unit=Precision.YEAR)
    started_year_not = PeriodsFilter("started_on", unit=Precision.YEAR, exclude=True)
    started_quarter = PeriodsFilter("started_on", unit=Precision.QUARTER)
    started_quarter_not = PeriodsFilter("started_on", unit=Precision.QUARTER, exclude=True)
    started_month = PeriodsFilter("started_on", unit=Precision.MONTH)
    started_month_not = PeriodsFilter("started_on", unit=Precision.MONTH, exclude=True)
    completed_year = PeriodsFilter("completed_on", unit=Precision.YEAR)
    completed_year_not = PeriodsFilter("completed_on", unit=Precision.YEAR, exclude=True)
    completed_quarter = PeriodsFilter("completed_on", unit=Precision.QUARTER)
    completed_quarter_not = PeriodsFilter("completed_on", unit=Precision.QUARTER, exclude=True)
    completed_month = PeriodsFilter("completed_on", unit=Precision.MONTH)
    completed_month_not = PeriodsFilter("completed_on", unit=Precision.MONTH, exclude=True)
    operating_year = PeriodsFilter("operating_on", unit=Precision.YEAR)
    operating_year_not = PeriodsFilter("operating_on", unit=Precision.YEAR, exclude=True)
    operating_quarter = PeriodsFilter("operating_on", unit=Precision.QUARTER)
    operating_quarter_not = PeriodsFilter("operating_on", unit=Precision.QUARTER, exclude=True)
    operating_month = PeriodsFilter("operating_on", unit=Precision.MONTH)
    operating_month_not = PeriodsFilter("operating_on", unit=Precision.MONTH, exclude=True)
    intended_from = FromFilter("intended_on")
    intended_to = ToFilter("intended_on")
    signed_from = FromFilter("signed_on")
    signed_to = ToFilter("signed_on")
    started_from = FromFilter("started_on")
    started_to = ToFilter("started_on")
    completed_from = FromFilter("completed_on")
    completed_to = ToFilter("completed_on")
    operating_from = FromFilter("operating_on")
    operating_to = ToFilter("operating_on")
