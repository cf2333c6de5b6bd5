"""Pictures of targets: `/targets.svg` and `/targets.png`, of those that the filters select."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from config import history
from config.api.as_of import AS_OF
from config.api.lists.filters import FILTERS
from config.api.lists.pagination import ORDERING
from config.api.readers import Readers
from config.snapshots import snapshot
from parks.models import Park, Region
from projects.charts.target_bars import build_targets_spec
from projects.charts.views import LOOK, LOOK_PARAMETERS, Style, answer_picture
from projects.tracking.target_views import TargetViewSet


class TargetPicturesViewSet(TargetViewSet):
    """Targets with what is reached, and where the months of the year stand."""

    readers: ClassVar[Readers] = dict.fromkeys(("svg", "png"), (AS_OF, FILTERS, ORDERING, LOOK))
    described_parameters = LOOK_PARAMETERS

    @extend_schema(
        summary=gettext_lazy("Targets and what is reached, as a chart in SVG"),
        description=gettext_lazy("Each bar is a link to the list of what is reached."),
        responses={(200, "image/svg+xml"): OpenApiTypes.STR},
    )
    def svg(self, request: Request) -> Any:
        """Draw the targets as SVG."""
        return answer_picture("svg", "targets", self.build_spec, self.get_value(LOOK))

    @extend_schema(
        summary=gettext_lazy("Targets and what is reached, as a chart in PNG"),
        description=gettext_lazy("For reports."),
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def png(self, request: Request) -> Any:
        """Draw the targets as PNG."""
        return answer_picture("png", "targets", self.build_spec, self.get_value(LOOK))

    def build_spec(self, style: Style) -> dict[str, Any]:
        """Build the Vega-Lite spec of the targets that the filters select."""
        with snapshot():
            targets = list(self.compute_rows())
            names = self.find_subjects(targets, style.language)
        day = str(history.today())
        return build_targets_spec(targets, names, day=day, language=style.language, dark=style.dark)

    def find_subjects(self, targets: Sequence[Mapping[str, Any]], language: str) -> dict[str, str]:
        """Find the names of parks and regions of targets, by code."""
        found: dict[str, str] = {}
        order = ("name_zh", "name_en") if language == "zh" else ("name_en", "name_zh")
        for model, name in ((Park, "park"), (Region, "region")):
            codes = {target[name] for target in targets if target[name]}
            rows = model.objects.filter(code__in=codes).values_list("code", *order)
            found |= {code: first or second for code, first, second in rows}
        return found
