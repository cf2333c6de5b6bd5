"""Small faults that a parsed module can have, as a person would make them."""

import ast
import os
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
TYPES = {"Callable", "Literal", "Mapping", "Sequence", "dict", "tuple"}
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


def find_function(tree: ast.Module, line: int) -> ast.FunctionDef | None:
    """Find the function or method around a line that is in no other function."""
    nodes = [*tree.body]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.ClassDef):
            nodes += node.body
        elif isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
            return node
    return None


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
            for other in () if _is_tried_above(parent, field, node) else _find_others(node):
                ast.copy_location(other, node)
                ast.fix_missing_locations(other)
                text = _show_change(node, other)
                line = getattr(node, "lineno", getattr(parent, "lineno", 0))
                yield Fault(line, text, parent, field, place, other)
            yield from _find_below(node, is_table=is_table)


def _is_tried_above(parent: ast.AST, field: str, node: ast.AST) -> bool:
    """Tell whether a node is a condition, whose opposite its `if` is tried with already."""
    is_test = field == "test" and isinstance(parent, ast.If | ast.IfExp)
    is_negated = isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)
    is_opposite = isinstance(node, ast.Compare) and not isinstance(
        node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE
    )
    return is_test and isinstance(node, ast.UnaryOp) or (is_test or is_negated) and is_opposite


def _is_passed_over(parent: ast.AST, field: str, node: ast.AST) -> bool:
    """Tell whether no test on SQLite can notice a fault: types, docstrings, texts for people."""
    if field in ("annotation", "returns", "decorator_list", "type_params", "format_spec"):
        return True
    if isinstance(node, ast.FunctionDef) and node.name == "as_postgresql":
        return True
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    is_branch = isinstance(parent, ast.If | ast.IfExp) and field in ("test", "body")
    if is_branch and _is_on_postgresql(parent.test):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or _is_passed_over(node, "value", node.value)
    if isinstance(node, ast.Assign):
        name = ast.unparse(node.targets[0])
        return name == "__all__" or name.startswith("postgresql") or _is_type(node.value)
    if isinstance(parent, ast.Call) and getattr(parent.func, "id", "") == "ContextVar":
        return field == "args"  # a name for people
    if isinstance(node, ast.keyword):
        return node.arg in ("strict", "encoding")
    if isinstance(node, ast.Call):
        called = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        owner = getattr(getattr(node.func, "value", None), "id", "")
        return called in TRANSLATORS or owner == "logger"
    return False


def _is_type(value: ast.AST) -> bool:
    """Tell whether a value is a type of its own: `Literal["zh", "en"]`, `tuple[str, int]`."""
    return isinstance(value, ast.Subscript) and getattr(value.value, "id", "") in TYPES


def _is_on_postgresql(test: ast.AST) -> bool:
    return isinstance(test, ast.Compare) and ast.unparse(test).endswith(".vendor == 'postgresql'")


def _leave_out(table: ast.AST) -> Iterator[Fault]:
    """Leave each element out of a table with several; of a mapping, its keys lose their value."""
    if isinstance(table, ast.Dict):
        for index, key in enumerate(table.keys):
            if key is not None and len(table.keys) > 1:
                never = ast.copy_location(ast.Constant(value=("left out", index)), key)
                yield Fault(
                    key.lineno, f"without {_shorten(_show(key))}", table, "keys", index, never
                )
        return
    elements = getattr(table, "elts", [])
    if len(elements) > 1 and not isinstance(getattr(table, "ctx", None), ast.Store):
        for index, element in enumerate(elements):
            yield Fault(
                element.lineno, f"without {_shorten(_show(element))}", table, "elts", index, None
            )


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


def _show_change(before: ast.AST, after: ast.AST) -> str:
    """Print two nodes in a short line, from shortly before the place where they differ."""
    first, second = _show(before), _show(after)
    same = len(os.path.commonprefix([first, second]))
    start = max(0, same - 20) if max(len(first), len(second)) > 60 else 0
    return f"{_shorten(first[start:])} -> {_shorten(second[start:])}"


def _show(node: ast.AST) -> str:
    if isinstance(node, ast.If):
        return f"if {_show(node.test)}"
    if isinstance(node, ast.comprehension):
        return " ".join(["a filter", *map(_show, node.ifs)])
    return " ".join(ast.unparse(node).split())


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
