"""Find a term of a vocabulary by its code, by SQL that is compiled once."""

from functools import lru_cache
from typing import Any

from django.db import connections, router


def find_by_code(model: Any, code: str) -> Any:
    """Find the term with exactly this code, its key; None if there is none."""
    using = router.db_for_read(model)
    sql, columns, compiler, converters = _compile(model, using)
    with connections[using].cursor() as cursor:
        cursor.execute(sql, [code])
        rows = cursor.fetchall()
    for row in compiler.apply_converters(rows, converters):
        return model.from_db(using, columns, row)
    return None


@lru_cache(maxsize=32)  # there are four vocabularies
def _compile(model: Any, using: str) -> tuple[str, list[str], Any, Any]:
    """Compile the statement: with its columns, and how their values become those of Python."""
    rows = model._default_manager.filter(code="")
    compiler = rows.order_by().query.get_compiler(using)
    sql, _params = compiler.as_sql()
    expressions = [expression for expression, _sql, _alias in compiler.select]
    columns = [expression.target.attname for expression in expressions]
    return sql, columns, compiler, compiler.get_converters(expressions)
