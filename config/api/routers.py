"""The URLs of resources: a list, its files, and its rows by code."""

from rest_framework.routers import DynamicRoute, Route, SimpleRouter

from config.api.files.responses import (
    CSVRenderer,
    GeoJSONRenderer,
    JSONLinesRenderer,
    XLSXRenderer,
)

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
