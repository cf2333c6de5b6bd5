"""How organisations are searched."""

from config.api.lists.ranked import TextSearch
from parks.models.naming import ORGANISATION_TEXTS


class OrganisationTextSearch(TextSearch):
    """In the code, the names, the other names and the credit code."""

    index = ORGANISATION_TEXTS
    names = ORGANISATION_TEXTS.parts["names"]
