"""Small faults that a parsed module can have, as a person would make them."""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
TRANSLATORS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}
PATTERN = re.compile(r"[\\\[(|+*?^$]")


@dataclass(frozen=True)
class Fault:
    """A node that takes the place of another; `index` is its place in a list of nodes."""

    line: int
    text: str
    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST | None  # None leaves it out of the list

    @contextmanager
    def put_in(self) -> Iterator[None]:
        """Change the tree, and change it back afterwards."""
        before = getattr(self.parent, self.field)
        after: Any = self.node
        if self.index is not None:
            rest = before[self.index + 1 :]
            after = [*before[: self.index], *([self.node] if self.node else []), *rest]
        setattr(self.parent, self.field, after)
        try:
            yield
        finally:
            setattr(self.parent, self.field, before)


def find_faults(tree: ast.Module) -> Iterator[Fault]:
    """Find all faults of a module, in the order of its lines."""
    found = [*_find_below(tree, is_table=True)]
    yield from sorted(found, key=lambda fault: (fault.line, fault.text))


def _find_below(parent: ast.AST, *, is_table: bool) -> Iterator[Fault]:
    """Find the faults below a node; elements are left out only of tables, which no call makes."""
    if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        is_table = False
    if is_table and isinstance(parent, ast.Dict | ast.List | ast.Set | ast.Tuple):
        yield from _leave_out(parent)
    for field, value in ast.iter_fields(parent):
        nodes = value if isinstance(value, list) else [value]
        for index, node in enumerate(nodes):
            if not isinstance(node, ast.AST) or _is_passed_over(parent, field, node):
                continue
            place = index if isinstance(value, list) else None
            for other in _find_others(node):
                ast.copy_location(other, node)
                ast.fix_missing_locations(other)
                text = f"{_show(node)} -> {_show(other)}"
                line = getattr(node, "lineno", getattr(parent, "lineno", 0))
                yield Fault(line, text, parent, field, place, other)
            yield from _find_below(node, is_table=is_table)


def _is_passed_over(parent: ast.AST, field: str, node: ast.AST) -> bool:
    """Tell whether nothing depends on a node: annotations, docstrings, texts for people."""
    if field in ("annotation", "returns", "decorator_list", "type_params", "format_spec"):
        return True
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.Call):
        called = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        owner = getattr(getattr(node.func, "value", None), "id", "")
        return called in TRANSLATORS or owner == "logger"
    return isinstance(parent, ast.Assign) and "__all__" in map(ast.unparse, parent.targets)


def _leave_out(table: ast.AST) -> Iterator[Fault]:
    """Leave each element out of a table with several; of a mapping, its keys lose their value."""
    if isinstance(table, ast.Dict):
        for index, key in enumerate(table.keys):
            if key is not None and len(table.keys) > 1:
                never = ast.copy_location(ast.Constant(value=("left out", index)), key)
                yield Fault(key.lineno, f"without {_show(key)}", table, "keys", index, never)
        return
    elements = getattr(table, "elts", [])
    if len(elements) > 1 and not isinstance(getattr(table, "ctx", None), ast.Store):
        for index, element in enumerate(elements):
            yield Fault(element.lineno, f"without {_show(element)}", table, "elts", index, None)


def _find_others(node: ast.AST) -> Iterator[ast.AST]:
    """Find what could stand in the place of a node by mistake."""
    yield from _find_expressions(node)
    yield from _find_statements(node)


def _find_expressions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left, [operator], comparators):
            yield ast.Compare(left, [COMPARISONS[type(operator)]()], comparators)
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.And() if isinstance(operator, ast.Or) else ast.Or(), values)
        case ast.BinOp(left, operator, right) if type(operator) in OPERATORS:
            if not _is_text(left) and not _is_text(right):
                yield ast.BinOp(left, OPERATORS[type(operator)](), right)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(_negate(test), body, orelse)
        case ast.comprehension(target, source, [_test, *others], is_async):
            yield ast.comprehension(target, source, others, is_async)
        case ast.Constant(value):
            yield from (ast.Constant(other) for other in _find_other_values(value))


def _find_statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.AugAssign(target, operator, value) if type(operator) in OPERATORS:
            yield ast.AugAssign(target, OPERATORS[type(operator)](), value)
        case ast.If(test, body, orelse):
            yield ast.If(_negate(test), body, orelse)
        case ast.Return(value) if value is not None and not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(ast.Call()) | ast.Raise():
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()


def _negate(test: ast.expr) -> ast.expr:
    return test.operand if isinstance(test, ast.UnaryOp) else ast.UnaryOp(ast.Not(), test)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str)


def _find_other_values(value: object) -> Iterator[Any]:
    """Find values next to one: a number one more or less, a text without its middle letter."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield value - 1
    elif isinstance(value, str) and value:
        middle = len(value) // 2
        shorter = value[:middle] + value[middle + 1 :]
        if not PATTERN.search(value) or _is_pattern(shorter):
            yield shorter


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _show(node: ast.AST) -> str:
    """Print a node in one short line."""
    if isinstance(node, ast.If):
        return f"if {_show(node.test)}"
    text = ast.unparse(node) if not isinstance(node, ast.comprehension) else "a filter"
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
