"""The URLs of resources: a list, its files, and its rows by code."""

from collections.abc import Mapping
from typing import Any

from rest_framework.routers import DynamicRoute, Route, SimpleRouter

from config.api.renderers import CSVRenderer, GeoJSONRenderer, JSONLinesRenderer, XLSXRenderer

FILE_RENDERERS = {
    "csv": CSVRenderer,
    "jsonl": JSONLinesRenderer,
    "geojson": GeoJSONRenderer,
    "xlsx": XLSXRenderer,
}
FILE_ROUTES = [
    Route(
        url=rf"^{{prefix}}\.{ending}$",
        mapping={"get": ending},
        name=f"{{basename}}-{ending}",
        detail=False,
        initkwargs={"renderer_classes": [renderer]},
    )
    for ending, renderer in FILE_RENDERERS.items()
]


class LedgerRouter(SimpleRouter):
    """As Django REST framework's, without a slash at the end; with the files a list gives."""

    routes: list[Route | DynamicRoute] = [*FILE_ROUTES, *SimpleRouter.routes]

    def __init__(self) -> None:
        super().__init__(trailing_slash=False)

    def get_method_map(self, viewset: Any, method_map: Mapping[str, str]) -> dict[str, str]:
        """Leave out the files that the list does not give."""
        bound: dict[str, str] = super().get_method_map(viewset, method_map)
        endings = getattr(viewset, "file_endings", ())
        return {
            method: action
            for method, action in bound.items()
            if action not in FILE_RENDERERS or action in endings
        }
