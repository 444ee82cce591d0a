"""Puts a definition into a Python file and leaves every other byte as it was. Pure."""

from __future__ import annotations

import ast

from codey.editing.imports import import_places, imported
from codey.editing.indent import dedent, leading, shift, string_lines, unit_of
from codey.editing.symbols import Definition, candidates, parse, span_of
from codey.errors import RefusedEditError
from codey.utils.text import ending, newline_of, split_lines

Splice = tuple[int, int, list[str]]
"""Lines start to end (indexes from 0, end excluded) and what takes their place."""


def put_definition(source: str, new: str, symbol: str | None) -> str:
    r"""Replaces or adds a definition.

    The new text may also bring the imports, constants and helper functions that it needs; those
    that the file lacks are added. Other statements of it (an example call, a main guard) are not
    taken over. Parts of the file that the new text merely repeats stay as they are.

    Args:
        source: The text of the file, line endings as they are.
        new: The definition, at any indentation.
        symbol: The definition to replace, `name` or `Class.method`; a method that its class does
            not have yet is added to it. None: every definition in `new` replaces the one of the same
            name, or is appended (before a main guard at the end of the file).

    Raises:
        RefusedEditError: One of the two is not valid Python, the symbol is not there or not unique,
            or `new` does not define it or also changes something else.
    """
    return _Splicer(source, new).put(symbol)


class _Splicer:
    """One replacement in progress: the file, the reply, and the splices collected so far."""

    def __init__(self, source: str, new: str) -> None:
        self.tree = parse(source, "The file")
        self.lines = split_lines(source)
        self.newline = newline_of(source)
        self.blank = [self.newline, self.newline]
        new = new.replace("\r\n", "\n").replace("\r", "\n")
        if leading(new.lstrip("\n")):
            new = dedent(new)
        self.reply = parse(new, "The new definition")
        self.new_lines = split_lines(new)
        self.frozen = string_lines(new, self.reply)
        self.units = (unit_of(self.reply, self.new_lines), unit_of(self.tree, self.lines))
        self.splices: list[Splice] = []

    def put(self, symbol: str | None) -> str:
        if symbol is None:
            self._put_all()
        else:
            self._put_symbol(symbol)
        self._add_imports()
        lines = list(self.lines)
        # From the bottom up, so that the indexes above stay true; at the same line the replacement
        # before the insertion that goes in front of it.
        for start, end, text in sorted(self.splices, key=lambda splice: splice[:2], reverse=True):
            lines[start:end] = text
        return "".join(lines)

    def _put_all(self) -> None:
        offered = [node for node in self.reply.body if isinstance(node, Definition)]
        if not offered:
            raise RefusedEditError("The reply contains no function or class.")
        replaced = [old for node in offered if (old := self._replace_same(node)) is not None]
        names = {old.name for old in replaced}
        fresh: list[ast.stmt] = [
            item
            for item in self.reply.body
            if (isinstance(item, Definition) and item.name not in names)
            or (isinstance(item, (ast.Assign, ast.AnnAssign)) and not self._assigned(item))
        ]
        if replaced:
            self._add_before(min(map(self._statement_around, replaced)), fresh)
        else:
            self._append(fresh)

    def _put_symbol(self, symbol: str) -> None:
        found = candidates(self.tree, symbol)
        owner = None if found else self._owner(symbol)
        node = self._offered(found[0][0] if found else symbol)
        others = self._others(node)
        if owner is not None:
            self._append_to_class(owner, node)
            self._add_before(self._statement_around(owner), others)
        else:
            old = self._which(found, node)
            self.splices.append(self._replacement(old, node))
            self._add_before(self._statement_around(old), others)

    def _offered(self, symbol: str) -> Definition:
        """The definition in the reply that is meant for a symbol: bare, or inside its class."""
        bare = symbol.rpartition(".")[2]
        found = [node for _, node in candidates(self.reply, symbol)]
        if not found and "." in symbol:
            found = [node for node in self.reply.body if isinstance(node, Definition) and node.name == bare]
        if not found:
            raise RefusedEditError(f"The reply does not define {symbol}.")
        return found[-1]

    def _which(self, found: list[tuple[str, Definition]], node: Definition) -> Definition:
        """The one definition that is replaced; decorators tell a property from its setter."""
        if len(found) > 1:
            decorators = list(map(ast.dump, node.decorator_list))
            found = [item for item in found if list(map(ast.dump, item[1].decorator_list)) == decorators]
        if len(found) != 1:
            raise RefusedEditError(f"{node.name} is defined several times; which one is meant is not clear.")
        return found[0][1]

    def _owner(self, symbol: str) -> ast.ClassDef:
        """The class that a method, new to it, belongs to."""
        owner = candidates(self.tree, symbol.rpartition(".")[0])
        if len(owner) == 1 and isinstance(owner[0][1], ast.ClassDef):
            return owner[0][1]
        raise RefusedEditError(f"There is no {symbol} in the file.")

    def _others(self, node: Definition) -> list[ast.stmt]:
        """What else of the reply's top level is new to the file; refused where it changes the file."""
        others: list[ast.stmt] = []
        for item in self.reply.body:
            if item is node:
                continue
            if isinstance(item, ast.ClassDef) and node in ast.walk(item):
                self._same_siblings(item, node)
            elif isinstance(item, Definition):
                if not self._unchanged(item, candidates(self.tree, item.name)):
                    others.append(item)
            elif isinstance(item, (ast.Assign, ast.AnnAssign)) and not self._assigned(item):
                others.append(item)
        return others

    def _same_siblings(self, item: ast.ClassDef, node: Definition) -> None:
        """A class that was sent for the sake of one method must not change the others."""
        for sibling in item.body:
            if isinstance(sibling, Definition) and sibling is not node:
                name = f"{item.name}.{sibling.name}"
                if not self._unchanged(sibling, candidates(self.tree, name)):
                    raise RefusedEditError(f"The reply also adds {name}, which was not asked for.")

    def _unchanged(self, item: Definition, found: list[tuple[str, Definition]]) -> bool:
        """False where the file has no such definition.

        Raises:
            RefusedEditError: It has another one.
        """
        if not found:
            return False
        if any(ast.dump(item) == ast.dump(old) for _, old in found):
            return True
        raise RefusedEditError(f"The reply also changes {found[0][0]}, which was not asked for.")

    def _assigned(self, item: ast.Assign | ast.AnnAssign) -> bool:
        """Whether the file has this very assignment; refused where it assigns the name otherwise."""
        names = _targets(item)
        for old in self.tree.body:
            if isinstance(old, (ast.Assign, ast.AnnAssign)) and _targets(old) & names:
                if ast.dump(old) == ast.dump(item):
                    return True
                raise RefusedEditError(f"The reply also changes {min(names)}, which was not asked for.")
        return False

    def _replace_same(self, node: Definition) -> Definition | None:
        """Replaces the top-level definition of the same name; None where there is none."""
        same = [old for old in self.tree.body if isinstance(old, Definition) and old.name == node.name]
        if not same:
            return None
        old = self._which([(node.name, item) for item in same], node)
        self.splices.append(self._replacement(old, node))
        return old

    def _new_text(self, node: ast.stmt) -> list[str]:
        assert node.end_lineno is not None
        start = span_of(node, "").start if isinstance(node, Definition) else node.lineno
        return self.new_lines[start - 1 : node.end_lineno]

    def _block(self, node: ast.stmt, indent: str) -> list[str]:
        """The lines of a statement of the reply as they shall stand in the file."""
        start = (span_of(node, "").start if isinstance(node, Definition) else node.lineno) - 1
        lines = self._new_text(node)
        frozen = {line - 1 - start for line in self.frozen}
        moved = shift(lines, leading(lines[0]), indent, self.units, frozen)
        return [line.rstrip("\r\n") + self.newline for line in moved]

    def _replacement(self, old: Definition, node: Definition) -> Splice:
        span = span_of(old, old.name)
        block = self._block(node, leading(self.lines[span.start - 1]))
        if not ending(self.lines[span.end - 1]):
            block[-1] = block[-1].rstrip("\r\n")
        return span.start - 1, span.end, block

    def _append_to_class(self, owner: ast.ClassDef, node: Definition) -> None:
        assert owner.end_lineno is not None
        first = owner.body[0]
        start = span_of(first, "").start if isinstance(first, Definition) else first.lineno
        if start == owner.lineno:
            raise RefusedEditError(f"The class {owner.name} is written on one line.")
        self._close_line(owner.end_lineno)
        block = [self.newline, *self._block(node, leading(self.lines[start - 1]))]
        self.splices.append((owner.end_lineno, owner.end_lineno, block))

    def _statement_around(self, node: Definition) -> int:
        """Index of the first line of the top-level statement that contains a definition."""
        for item in self.tree.body:
            if item is node or node in ast.walk(item):
                return (span_of(item, "").start if isinstance(item, Definition) else item.lineno) - 1
        return len(self.lines)

    def _statements(self, items: list[ast.stmt]) -> list[str]:
        """Top-level statements of the reply, two blank lines around definitions."""
        block: list[str] = []
        for index, item in enumerate(items):
            if index and (isinstance(item, Definition) or isinstance(items[index - 1], Definition)):
                block += self.blank
            block += self._block(item, "")
        return block

    def _add_before(self, at: int, items: list[ast.stmt]) -> None:
        if items:
            self.splices.append((at, at, [*self._statements(items), *self.blank]))

    def _append(self, items: list[ast.stmt]) -> None:
        """Adds statements at the end of the file, but before a main guard, which may call them."""
        at = self._end_of_code()
        self._close_line(at)
        block = [*(self.blank if at else []), *self._statements(items)]
        rest = self.lines[at:]
        have = next((index for index, line in enumerate(rest) if line.strip()), None)
        if have is not None:
            block += self.blank[have:]
        self.splices.append((at, at, block))

    def _end_of_code(self) -> int:
        """Index after the last line that has something on it, a main guard at the end left out."""
        body = self.tree.body
        if len(body) > 1 and _is_main_guard(body[-1]):
            end = body[-2].end_lineno
            assert end is not None
            return end
        return next((i for i in range(len(self.lines), 0, -1) if self.lines[i - 1].strip()), 0)

    def _close_line(self, number: int) -> None:
        """Gives the line before an insertion an ending, where it is the file's last and has none."""
        if number and not ending(self.lines[number - 1]):
            self.lines[number - 1] += self.newline

    def _add_imports(self) -> None:
        """Adds the imports of the reply that the file does not have."""
        for at, statements in import_places(self.tree, self.lines, self.reply):
            block = [line for item in statements for line in self._block(item, "")]
            if at and self.lines[at - 1].strip() and not imported(self._ending_at(at)):
                block.insert(0, self.newline)
            if self.lines[at:] and self.lines[at].strip() and not imported(self._starting_at(at)):
                block += self.blank
            self._close_line(at)
            self.splices.append((at, at, block))

    def _ending_at(self, at: int) -> ast.stmt | None:
        return next((item for item in self.tree.body if item.end_lineno == at), None)

    def _starting_at(self, at: int) -> ast.stmt | None:
        return next((item for item in self.tree.body if item.lineno == at + 1), None)


def _targets(item: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = item.targets if isinstance(item, ast.Assign) else [item.target]
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def _is_main_guard(item: ast.stmt) -> bool:
    return isinstance(item, ast.If) and "__name__" in ast.dump(item.test)
