"""Texts of Django's own pages and messages that our catalogue translates better than Django's.

`make messages` keeps only texts that it finds in a file of the site, so they are listed here.
"""

from django.utils.translation import gettext_noop

SAID_BETTER = (
    gettext_noop("Home"),
    gettext_noop("Welcome,"),
    gettext_noop("Log out"),
    gettext_noop("Add"),
    gettext_noop("Action:"),
    gettext_noop("Filter"),
    gettext_noop("Save and add another"),
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("Search"),
    gettext_noop("Error:"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop(" By %(filter_title)s "),
    gettext_noop("Model name"),
    gettext_noop("Add link"),
    gettext_noop("Change or view list link"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("None available"),
    gettext_noop("groups"),
    gettext_noop("staff status"),
    gettext_noop(
        "Please enter the correct %(username)s and password for a staff account. Note that both "
        "fields may be case-sensitive."
    ),
    gettext_noop("A valid biginteger is required."),
    gettext_noop("This field cannot be null."),
    gettext_noop("This field may not be null."),
    gettext_noop("%(model)s instance with %(field)s %(value)r is not a valid choice."),
    gettext_noop("%(name)s with ID “%(key)s” doesn’t exist. Perhaps it was deleted?"),
)
