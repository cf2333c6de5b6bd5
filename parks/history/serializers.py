"""A history as JSON: versions, what each changed, and what happened to the rows below."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api.fields import MomentField
from parks.history.versions import OPERATIONS

ANYTHING = {
    "type": ["string", "number", "boolean", "array", "null"],
    "items": {"type": ["string", "null"]},
}


@extend_schema_field(ANYTHING)
class DataField(serializers.Field):
    """What a field held: the code of a row, whole yuan, a date as text ..."""


class FieldChangeSerializer(serializers.Serializer):
    """A field that a version changed."""

    field = serializers.CharField(help_text=_("The name of the field, as in the row itself."))
    label = serializers.CharField(help_text=_("What people call it; localised."))
    old = DataField(help_text=_("What it held before, for programs; null for unknown."))
    new = DataField(help_text=_("What it holds since."))
    old_text = serializers.CharField(
        allow_null=True, help_text=_("The same in words; localised, amounts as 1.5亿元.")
    )
    new_text = serializers.CharField(allow_null=True)
    derived = serializers.BooleanField(
        help_text=_("Worked out from other rows: nobody typed it in.")
    )


class RowChangeSerializer(serializers.Serializer):
    """What happened at the same time to a row that belongs to this one."""

    resource = serializers.CharField(help_text=_("As in the changes feed, such as `milestone`."))
    kind = serializers.CharField(help_text=_("The same in words; localised."))
    code = serializers.CharField(allow_null=True, help_text=_("Its code, if it has one."))
    id = serializers.IntegerField(allow_null=True, help_text=_("Its number, if it has no code."))
    name = serializers.CharField(help_text=_("Which one it is, in words; localised."))
    op = serializers.ChoiceField([*OPERATIONS])
    changes = FieldChangeSerializer(many=True)


class VersionSerializer(serializers.Serializer):
    """A version of a row: who wrote it, when and why, and what it changed."""

    version = serializers.IntegerField()
    at = MomentField(help_text=_("When it was written; `as_of` takes it."))
    op = serializers.ChoiceField([*OPERATIONS])
    by = serializers.CharField(
        help_text=_("The account, for those who have a role; for others its role in words.")
    )
    role = serializers.CharField(
        allow_null=True,
        help_text=_("`superuser`, `vocabulary_editor`, `editor`, `import`, `program` ..."),
    )
    token = serializers.CharField(
        allow_null=True, help_text=_("The name of the token, for those who have a role.")
    )
    request_id = serializers.CharField(allow_null=True, help_text=_("For those who have a role."))
    batch = serializers.CharField(allow_null=True, help_text=_("The import it belongs to."))
    reason = serializers.CharField(help_text=_("Why, if somebody said so."))
    changes = FieldChangeSerializer(many=True)
    rows = RowChangeSerializer(many=True)


class RestorationSerializer(serializers.Serializer):
    """What going back to a version changed, or with `dry_run` would change."""

    version = serializers.IntegerField(help_text=_("Which the row has then."))
    restored = serializers.IntegerField(help_text=_("Which it went back to."))
    changes = FieldChangeSerializer(many=True)
    rows = RowChangeSerializer(
        many=True, help_text=_("What happens to other rows: those below it, and what follows.")
    )
