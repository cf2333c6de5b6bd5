"""Companies, institutes and agencies: who invests, and who runs a park.

They stand in this app because parks have operators and figures are about organisations, too.
"""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as StdnumError

from config.fields import refer_to, require_unique
from config.indexes import index_orders
from parks.models.ledger import LedgerModel, LedgerQuerySet, build_history
from parks.models.made_for import MAKERS_ALONE, OF_MAKERS, MadeFor
from parks.models.vocabularies import Named, Region


def validate_uscc(code: str) -> None:
    """Raise `ValidationError` unless the code is one by GB 32100-2015, check character included."""
    try:
        uscc.validate(code)
    except StdnumError as error:
        raise ValidationError(
            _(
                "“%(code)s” is not a unified social credit code: 18 characters, the last of "
                "which is a check character."
            ),
            code="invalid_uscc",
            params={"code": code},
        ) from error


class Organisation(LedgerModel, Named, MadeFor):
    """A legal person or agency."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("company")
        UNIVERSITY = "university", _("university")
        INSTITUTE = "institute", _("research institute")
        AGENCY = "agency", _("public agency")
        FUND = "fund", _("fund")
        ASSOCIATION = "association", _("association")

    class Ownership(models.TextChoices):
        CENTRAL_STATE = "central_state", _("central state-owned")
        LOCAL_STATE = "local_state", _("local state-owned")
        STATE = "state", _("state-owned, of which level is unknown")
        PRIVATE = "private", _("privately owned")
        FOREIGN = "foreign", _("foreign-owned")
        HMT = "hmt", _("owned from Hong Kong, Macao or Taiwan")
        MIXED = "mixed", _("mixed ownership")

    code_prefix = "org-"
    owns = ("tags",)
    audience = OF_MAKERS
    work = MAKERS_ALONE
    tells_apart = ("uscc",)
    history = build_history(unindexed=["region", "parent", "source", "park"])

    uscc = models.CharField(
        _("unified social credit code"),
        max_length=18,
        blank=True,
        validators=[validate_uscc],
        help_text=_("统一社会信用代码 by GB 32100-2015, 18 characters."),
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind, blank=True)
    ownership = models.CharField(_("ownership"), max_length=13, choices=Ownership, blank=True)
    region = refer_to(Region, _("registered in"))
    aliases = models.TextField(
        _("other names"), blank=True, help_text=_("Short names and earlier ones, one per line.")
    )
    parent = refer_to("self", _("parent organisation"), related_name="children")
    source = refer_to("parks.Source", _("source"), related_name="organisations")
    note = models.TextField(_("note"), blank=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["code"]
        indexes = index_orders(
            "organisation",
            code="code",
            chinese_name="name_zh",
            english_name="name_en",
            update="updated_at",
        )
        constraints = [
            *LedgerModel.Meta.constraints,
            *Named.Meta.constraints,
            require_unique(
                "organisation_uscc_once",
                ["uscc"],
                _("Another organisation has this credit code."),
                condition=~models.Q(uscc=""),
            ),
            models.CheckConstraint(
                name="organisation_not_its_own_parent",
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                violation_error_message=_("An organisation cannot be its own parent."),
            ),
        ]
