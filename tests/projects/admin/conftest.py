"""What clerks begin with in a browser."""

import pytest

from parks.models import Park
from tests import factories


@pytest.fixture
def park(transactional_db: None) -> Park:
    """The park of an editor called `clerk`, with what its projects are described by."""
    factories.IndicatorFactory.create()
    factories.SourceFactory.create(title="日报")
    person = factories.UserFactory.create(username="clerk", is_staff=True)
    member = factories.MembershipFactory.create(user=person, park__name_zh="科技城", role="editor")
    return member.park
