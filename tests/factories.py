"""Rows for tests: each factory makes one valid row, and everything that the row needs."""

from datetime import date
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.db.models import Model
from factory.django import DjangoModelFactory

from parks.models import (
    Figure,
    Indicator,
    Membership,
    Organisation,
    OrganisationTag,
    Park,
    Person,
    Post,
    Region,
    RegionGroup,
    RegionGroupMember,
    Sector,
    SectorGroup,
    SectorGroupMember,
    Source,
    Tag,
    TimelineEntry,
)
from parks.recording.recording import recorded
from projects.models import (
    Assignment,
    Edition,
    EventFigure,
    Funding,
    Investor,
    LightExcuse,
    LightRule,
    Milestone,
    Obstacle,
    Participation,
    PlanMove,
    ProgressNote,
    Project,
    ProjectFigure,
    ProjectTag,
    Return,
    SigningEvent,
    Target,
    YearPlan,
)
from projects.models.words import HEADLINE_INDICATOR
from tests.factory_values import first_day, precision, region_above, region_level
from tests.passwords import PASSWORD


class RecordedFactory(DjangoModelFactory[Any]):
    """A row and all that it needs, or a batch of them, written as one revision."""

    class Meta:
        abstract = True

    @classmethod
    def _generate(cls, strategy: str, params: Any) -> Any:
        with recorded():
            return super()._generate(strategy, params)

    @classmethod
    def create_batch(cls, size: int, **params: Any) -> list[Any]:
        with recorded():
            return super().create_batch(size, **params)


class RegionFactory(DjangoModelFactory[Region]):
    """`RegionFactory(code="330300")`: level and parent follow from the code."""

    class Meta:
        model = Region
        django_get_or_create = ["code"]

    code = factory.Sequence(lambda n: f"{n % 900_000 + 100_000}")
    level = factory.LazyAttribute(lambda region: region_level(region.code))
    parent = factory.LazyAttribute(lambda region: region_above(region.code))
    name_zh = factory.LazyAttribute(lambda region: f"地区{region.code}")
    name_en = factory.LazyAttribute(lambda region: f"Region {region.code}")


def add_regions(group: RegionGroup, create: bool, codes: Any, **dates: Any) -> None:
    for code in codes or []:
        RegionGroupMember.objects.create(
            group=group, region=RegionFactory.create(code=code), **dates
        )


class RegionGroupFactory(DjangoModelFactory[RegionGroup]):
    """`RegionGroupFactory(code="yrd", members=["310000", "330000"])`."""

    class Meta:
        model = RegionGroup
        django_get_or_create = ["code"]
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"region-group-{n}")
    name_zh = factory.LazyAttribute(lambda group: f"地区组{group.code}")
    name_en = factory.LazyAttribute(lambda group: f"Group {group.code}")

    members = factory.PostGeneration(add_regions)


class SectorFactory(DjangoModelFactory[Sector]):
    """`SectorFactory(code="C3973")`: level and parent follow from the code."""

    class Meta:
        model = Sector
        django_get_or_create = ["code"]

    code = factory.Sequence(lambda n: f"C{n % 9000 + 1000}")
    level = factory.LazyAttribute(lambda sector: list(Sector.Level)[max(len(sector.code) - 2, 0)])
    parent = factory.LazyAttribute(
        lambda sector: (
            Sector.objects.filter(
                code__in=[sector.code[:length] for length in range(1, len(sector.code))]
            )
            .order_by("-code")
            .first()
        )
    )
    name_zh = factory.LazyAttribute(lambda sector: f"行业{sector.code}")
    name_en = factory.LazyAttribute(lambda sector: f"Sector {sector.code}")


def add_sectors(group: SectorGroup, create: bool, codes: Any, **rest: Any) -> None:
    for code in codes or []:
        SectorGroupMember.objects.create(
            group=group, sector=SectorFactory.create(code=code), **rest
        )


def take_out_sectors(group: SectorGroup, create: bool, codes: Any) -> None:
    add_sectors(group, create, codes, excluded=True)


class SectorGroupFactory(DjangoModelFactory[SectorGroup]):
    """`SectorGroupFactory(code="ic", members=["C3973", "I6520"], excluded=[])`."""

    class Meta:
        model = SectorGroup
        django_get_or_create = ["code"]
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"sector-group-{n}")
    name_zh = factory.LazyAttribute(lambda group: f"行业组{group.code}")
    name_en = factory.LazyAttribute(lambda group: f"Group {group.code}")

    members = factory.PostGeneration(add_sectors)
    excluded = factory.PostGeneration(take_out_sectors)


class SourceFactory(DjangoModelFactory[Source]):
    class Meta:
        model = Source

    class Params:
        on = None  # a partial date such as "2024-03"

    code = factory.Sequence(lambda n: f"source-{n}")
    title = factory.Sequence(lambda n: f"第{n}篇报道")
    publisher = "天津日报"
    published_on = factory.LazyAttribute(lambda source: first_day(source.on))
    published_on_precision = factory.LazyAttribute(lambda source: precision(source.on))


class IndicatorFactory(DjangoModelFactory[Indicator]):
    """The indicator of investments unless another code is asked for."""

    class Meta:
        model = Indicator
        django_get_or_create = ["code"]

    code = HEADLINE_INDICATOR
    name_zh, name_en = "投资额", "Investment in a project"
    kind = Indicator.Kind.MONEY
    unit = "CNY"
    is_summable = True


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    code = factory.Sequence(lambda n: f"organisation-{n}")
    name_zh = factory.Sequence(lambda n: f"第{n}科技有限公司")
    name_en = factory.Sequence(lambda n: f"Company {n}")


class ParkFactory(DjangoModelFactory[Park]):
    class Meta:
        model = Park

    code = factory.Sequence(lambda n: f"park-{n}")
    name_zh = factory.Sequence(lambda n: f"第{n}科技园")
    name_en = factory.Sequence(lambda n: f"Park {n}")
    default_publication = "published"
    region = factory.SubFactory(
        RegionFactory, code="120115", name_zh="宝坻区", name_en="Baodi District"
    )


class ClaimFactory(RecordedFactory):
    """What the factories of claims share; `on` is the day, month or year of `as_of`."""

    class Meta:
        abstract = True

    class Params:
        on = None

    code = factory.Sequence(lambda n: f"figure-{n}")
    indicator = factory.SubFactory(IndicatorFactory)
    amount_cny = 100_000_000
    as_of = factory.LazyAttribute(lambda claim: first_day(claim.on))
    as_of_precision = factory.LazyAttribute(lambda claim: precision(claim.on))


class FigureFactory(ClaimFactory):
    """The area of a park, unless told otherwise."""

    class Meta:
        model = Figure

    park = factory.SubFactory(ParkFactory)
    indicator = factory.SubFactory(
        IndicatorFactory, code="area", name_zh="面积", name_en="Area", kind="area", unit="km2"
    )
    amount_cny = None
    value = "14.5"


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person

    code = factory.Sequence(lambda n: f"person-{n}")
    name_zh, name_en = "王浩", "Wang Hao"


class PostFactory(DjangoModelFactory[Post]):
    class Meta:
        model = Post

    code = factory.Sequence(lambda n: f"post-{n}")
    person = factory.SubFactory(PersonFactory)
    name_zh, name_en = "副区长", "Deputy mayor of the district"


class TimelineEntryFactory(DjangoModelFactory[TimelineEntry]):
    """Something about a park; `on` is the day, month or year."""

    class Meta:
        model = TimelineEntry

    class Params:
        on = None

    code = factory.Sequence(lambda n: f"entry-{n}")
    park = factory.SubFactory(ParkFactory)
    kind, name_zh, name_en = "agreement", "签署合作协议", "Agreement signed"
    happened_on = factory.LazyAttribute(lambda entry: first_day(entry.on))
    happened_on_precision = factory.LazyAttribute(lambda entry: precision(entry.on))


def claim_investment(
    project: Project, create: bool, amount_cny: int | None, basis: str = "reported", **rest: Any
) -> None:
    if amount_cny is None:
        return
    ProjectFigureFactory.create(
        project=project, amount_cny=amount_cny, investment_basis=basis, **rest
    )


def meet_milestones(project: Project, create: bool, milestones: Any, **rest: Any) -> None:
    if not milestones:
        return
    dates = milestones if isinstance(milestones, dict) else dict.fromkeys(milestones)
    for stage, on in dates.items():
        MilestoneFactory.create(project=project, type=stage, on=on, **rest)


class ProjectFactory(RecordedFactory):
    """A project, with its amount and milestones when asked for.

    `ProjectFactory(investment=150_000_000, investment__basis="agreed")` writes a claim;
    `ProjectFactory(met={"signed": "2024-03", "started": None})` writes milestones (`None` is met
    at an unknown date), and so does `ProjectFactory(met=["signed"])`.
    """

    class Meta:
        model = Project
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"project-{n}")
    name_zh = factory.Sequence(lambda n: f"第{n}号产业项目")
    name_en = factory.Sequence(lambda n: f"Project {n}")
    park = factory.SubFactory(ParkFactory)
    standing = "active"
    standing_reason = factory.LazyAttribute(
        lambda project: "" if project.standing == "active" else "市里来函"
    )

    investment = factory.PostGeneration(claim_investment)
    met = factory.PostGeneration(meet_milestones)

    @classmethod
    def _generate(cls, strategy: str, params: Any) -> Any:
        project = super()._generate(strategy, params)
        if project.pk and ("met" in params or "investment" in params):
            project.refresh_from_db()  # what the database makes of the dates that were derived
        return project


class MilestoneFactory(RecordedFactory):
    """A met milestone. `on` and `planned` are partial dates such as `2024-03`."""

    class Meta:
        model = Milestone

    class Params:
        on, planned = None, None

    project = factory.SubFactory(ProjectFactory)
    type, status = "signed", "met"
    actual_on = factory.LazyAttribute(lambda milestone: first_day(milestone.on))
    actual_on_precision = factory.LazyAttribute(lambda milestone: precision(milestone.on))
    planned_on = factory.LazyAttribute(lambda milestone: first_day(milestone.planned))
    planned_on_precision = factory.LazyAttribute(lambda milestone: precision(milestone.planned))
    reason = factory.LazyAttribute(lambda row: "协议已撤回" if row.status == "revoked" else "")


class InvestorFactory(RecordedFactory):
    class Meta:
        model = Investor

    project = factory.SubFactory(ProjectFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = factory.LazyAttribute(
        lambda one: "co" if Investor.objects.filter(project=one.project.pk).exists() else "lead"
    )


class ProjectFigureFactory(ClaimFactory):
    """An amount of investment, unless another indicator is asked for."""

    class Meta:
        model = ProjectFigure

    project = factory.SubFactory(ProjectFactory)
    investment_basis = factory.LazyAttribute(
        lambda claim: "reported" if claim.indicator.code == HEADLINE_INDICATOR else ""
    )


class FundingFactory(RecordedFactory):
    """What was paid into a project in a month, `FundingFactory(on="2024-03")`."""

    class Meta:
        model = Funding

    class Params:
        on, amount = "2024-03", 10_000_000

    project = factory.SubFactory(ProjectFactory)
    kind, currency = "paid_in", ""
    month = factory.LazyAttribute(lambda funding: first_day(funding.on))
    reported_value = factory.LazyAttribute(lambda one: one.amount if one.currency else None)
    reported_cny = factory.LazyAttribute(lambda one: None if one.currency else one.amount)
    note = factory.LazyAttribute(
        lambda one: "核减" if (one.reported_cny or one.reported_value or 0) < 0 else ""
    )


class ProgressNoteFactory(RecordedFactory):
    """What was noted of a project on a day, `ProgressNoteFactory(noted_on=date(2026, 6, 1))`."""

    class Meta:
        model = ProgressNote

    project = factory.SubFactory(ProjectFactory)
    noted_on = date(2026, 6, 1)
    text = factory.Sequence(lambda n: f"第{n}次调度：桩基施工")


class AssignmentFactory(RecordedFactory):
    """A person who answers for a project."""

    class Meta:
        model = Assignment

    project = factory.SubFactory(ProjectFactory)
    role = "responsible"
    name = factory.Sequence(lambda n: f"张{n}")


class ObstacleFactory(RecordedFactory):
    """What blocks a project, `ObstacleFactory(raised_on=date(2026, 5, 1))`."""

    class Meta:
        model = Obstacle

    project = factory.SubFactory(ProjectFactory)
    problem = factory.Sequence(lambda n: f"第{n}号地块未腾空")


class ReturnFactory(RecordedFactory):
    """A project that the district sent back."""

    class Meta:
        model = Return

    project = factory.SubFactory(ProjectFactory)
    reason = "投资额与合同不符"


class PlanMoveFactory(RecordedFactory):
    """That the start of a project was moved by a year."""

    class Meta:
        model = PlanMove

    project = factory.SubFactory(ProjectFactory)
    from_on, to_on, moved_on = date(2026, 5, 1), date(2027, 5, 1), date(2026, 6, 1)
    from_on_precision = to_on_precision = "month"
    step, days_moved, reason = "started", 365, "征地延期"


class LightRuleFactory(RecordedFactory):
    """A step that is three months late is red, in all parks without rules of their own."""

    class Meta:
        model = LightRule

    code = factory.Sequence(lambda n: f"rule-{n}")
    kind, step, threshold, colour = "late", "started", 3, "red"


class LightExcuseFactory(RecordedFactory):
    """Why a project is late with good reason, in June 2026."""

    class Meta:
        model = LightExcuse

    project = factory.SubFactory(ProjectFactory)
    reason, approved_by = "土地指标未下达", "管委会"
    from_on, until_on = date(2026, 6, 1), date(2026, 6, 30)


class YearPlanFactory(RecordedFactory):
    """What is to be invested in a project in 2026."""

    class Meta:
        model = YearPlan

    project = factory.SubFactory(ProjectFactory)
    year, planned_cny = 2026, 200_000_000


class TagFactory(RecordedFactory):
    """A tag of organisations that counts for them alone, `TagFactory(code="gazelle")`."""

    class Meta:
        model = Tag

    code = factory.Sequence(lambda n: f"tag-{n}")
    name_zh = factory.Sequence(lambda n: f"称号{n}")
    bearer = "organisation"


class OrganisationTagFactory(RecordedFactory):
    """An undated tag of an organisation."""

    class Meta:
        model = OrganisationTag

    organisation = factory.SubFactory(OrganisationFactory)
    tag = factory.SubFactory(TagFactory)


class ProjectTagFactory(RecordedFactory):
    """An undated tag of a project."""

    class Meta:
        model = ProjectTag

    project = factory.SubFactory(ProjectFactory)
    tag = factory.SubFactory(TagFactory, bearer="project")


class TargetFactory(RecordedFactory):
    """So many projects to be signed by a park in 2026."""

    class Meta:
        model = Target

    code = factory.Sequence(lambda n: f"target-{n}")
    year, measure, value = 2026, "signed_count", 4


class TargetOfParkFactory(TargetFactory):
    """The same of a park of its own, of projects of another size each time."""

    park = factory.SubFactory(ParkFactory)
    size_floor_cny = factory.Sequence(int)


class EditionFactory(RecordedFactory):
    """March 2026, closed by a park."""

    class Meta:
        model = Edition

    park = factory.SubFactory(ParkFactory)
    month = date(2026, 3, 1)
    name = factory.LazyAttribute(lambda edition: f"{edition.month:%Y-%m} 期报")
    publication = "published"


class SigningEventFactory(DjangoModelFactory[SigningEvent]):
    class Meta:
        model = SigningEvent

    class Params:
        on = None

    code = factory.Sequence(lambda n: f"event-{n}")
    name_zh = factory.Sequence(lambda n: f"第{n}次签约仪式")
    name_en = factory.Sequence(lambda n: f"Signing {n}")
    kind = "signing"
    held_on = factory.LazyAttribute(lambda event: first_day(event.on))
    held_on_precision = factory.LazyAttribute(lambda event: precision(event.on))


class EventFigureFactory(ClaimFactory):
    class Meta:
        model = EventFigure

    event = factory.SubFactory(SigningEventFactory)
    indicator = factory.SubFactory(
        IndicatorFactory,
        code="declared_projects",
        name_zh="公布项目数",
        name_en="Projects declared",
        kind="count",
        unit="projects",
    )
    amount_cny = None
    value = "152"


class ParticipationFactory(RecordedFactory):
    class Meta:
        model = Participation

    event = factory.SubFactory(SigningEventFactory)
    project = factory.SubFactory(ProjectFactory)
    role = "signed"


class UserFactory(DjangoModelFactory):
    """A person who may sign in and do nothing more; the password is `PASSWORD`."""

    class Meta:
        model = get_user_model()

    class Params:
        superuser = factory.Trait(is_staff=True, is_superuser=True)

    username = factory.Sequence(lambda n: f"person-{n}")
    password = factory.django.Password(PASSWORD)


class MembershipFactory(DjangoModelFactory[Membership]):
    """What a person is in a park: its editor, unless another role is given."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory, is_staff=True)
    park = factory.SubFactory(ParkFactory)
    role = "editor"


# The factory of each model; of two the last one
FACTORIES: dict[type[Model], Any] = {
    each._meta.model: each
    for each in [*globals().values()]
    if isinstance(each, type) and issubclass(each, DjangoModelFactory) and each._meta.model
}
