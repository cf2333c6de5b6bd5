"""The URLs of resources: a list, its files, and its rows by code."""

from rest_framework.routers import DynamicRoute, Route, SimpleRouter

from config.api.files.responses import (
    CSVRenderer,
    GeoJSONRenderer,
    JSONLinesRenderer,
    XLSXRenderer,
)


class LedgerRouter(SimpleRouter):
    """As Django REST framework's, without a slash at the end; with a list's `.csv`, `.xlsx`,
    `.jsonl` and `.geojson`, where it gives these."""

    routes: list[Route | DynamicRoute] = [
        Route(
            url=r"^{prefix}\.csv$",
            mapping={"get": "csv"},
            name="{basename}-csv",
            detail=False,
            initkwargs={"renderer_classes": [CSVRenderer]},
        ),
        Route(
            url=r"^{prefix}\.jsonl$",
            mapping={"get": "jsonl"},
            name="{basename}-jsonl",
            detail=False,
            initkwargs={"renderer_classes": [JSONLinesRenderer]},
        ),
        Route(
            url=r"^{prefix}\.geojson$",
            mapping={"get": "geojson"},
            name="{basename}-geojson",
            detail=False,
            initkwargs={"renderer_classes": [GeoJSONRenderer]},
        ),
        Route(
            url=r"^{prefix}\.xlsx$",
            mapping={"get": "xlsx"},
            name="{basename}-xlsx",
            detail=False,
            initkwargs={"renderer_classes": [XLSXRenderer]},
        ),
        *SimpleRouter.routes,
    ]

    def __init__(self) -> None:
        super().__init__(trailing_slash=False)
