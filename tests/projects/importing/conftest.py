"""What most sheets are read into: a park, and a project that rows may be like."""

from parks.models import Park
from projects.models import Project
from tests.factories import InvestorFactory, ParkFactory, ProjectFactory
from tests.seeded import kept_rows


@kept_rows
def town() -> Park:
    return ParkFactory.create(code="town", name_zh="科技城")


@kept_rows
def fab(town: Park) -> Project:
    """300 million yuan of 中芯国际."""
    project = ProjectFactory.create(
        code="fab", name_zh="晶圆厂", name_en="", park=town, investment=300_000_000
    )
    InvestorFactory.create(project=project, organisation__name_zh="中芯国际")
    return project
