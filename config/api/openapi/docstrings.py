"""What docstrings say of bodies and filters in the OpenAPI document, in the active language.

Of a body or a filter its docstring speaks to whoever reads the document. `tools.docs.docstrings`
collects what the document shows of them for translators.
"""

from inspect import cleandoc
from typing import Any

from django.utils.translation import gettext as translate


def translate_docstring(described: type) -> str:
    """Translate the first paragraph of the docstring of a class, on one line; blank for none."""
    first = cleandoc(described.__doc__ or "").partition("\n\n")[0]
    return translate(" ".join(first.split())) if first else ""


def translate_docstrings(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Translate what docstrings say of the bodies of a document: a postprocessing hook."""
    for schema in result["components"].get("schemas", {}).values():
        if said := schema.get("description"):
            schema["description"] = translate(str(said))
    return result
