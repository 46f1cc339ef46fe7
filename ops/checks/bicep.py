#!/usr/bin/env python3
"""Bicep: syntax by the grammar of tree-sitter, and what can be told without the compiler: each module gets exactly the
parameters it needs, parameter files name parameters that exist and leave out none, every resource says its API version.
Types and names of properties are not checked.

bicep.py FOLDER
"""

import re
import sys
from pathlib import Path

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

PARSER = Parser(Language(tree_sitter_bicep.language()))
PARAM = re.compile(r"^param (\w+) [^=\n]+?(=)?(?: |$)", re.MULTILINE)


def errors(node: Node, file: Path):
    if node.is_error or node.is_missing:
        row, column = node.start_point
        yield f"{file}:{row + 1}:{column + 1}: syntax"
        return
    for child in node.children:
        if child.has_error or child.is_missing:
            yield from errors(child, file)


def parameters(text: str) -> dict[str, bool]:
    """Name → whether it must be given."""
    return {m[1]: not re.match(rf"param {m[1]} [^\n]*=", text[m.start():]) for m in PARAM.finditer(text)}


def module_calls(text: str):
    for m in re.finditer(r"^module (\w+) '([^']+)' = (?:if \([^\n]*\) )?\{(.*?)^\}", text, re.MULTILINE | re.DOTALL):
        body = re.search(r"^  params: \{(.*?)^  \}", m[3], re.MULTILINE | re.DOTALL)
        given = set(re.findall(r"^    (\w+):", body[1], re.MULTILINE)) if body else set()
        yield m[1], m[2], given


def main(folder: Path) -> int:
    wrong, count = [], 0
    for file in sorted([*folder.rglob("*.bicep"), *folder.rglob("*.bicepparam")]):
        count += 1
        text = file.read_text()
        # The grammar knows no parameter files; their assignments look like those of variables.
        source = re.sub(r"^param ", "var ", text, flags=re.M) if file.suffix == ".bicepparam" else text
        wrong += errors(PARSER.parse(source.encode()).root_node, file)
        for name, path, given in module_calls(text):
            target = file.parent / path
            if not target.is_file():
                wrong.append(f"{file}: module {name}: there is no {path}")
                continue
            wanted = parameters(target.read_text())
            wrong += [f"{file}: module {name}: has no parameter {p}" for p in sorted(given - wanted.keys())]
            wrong += [f"{file}: module {name}: lacks {p}" for p, needed in wanted.items() if needed and p not in given]
            outputs = set(re.findall(r"^output (\w+) ", target.read_text(), re.MULTILINE))
            for used in set(re.findall(rf"\b{name}!?\.outputs\.(\w+)", text)) - outputs:
                wrong.append(f"{file}: module {name} has no output {used}")
        for used in re.findall(r"load(?:Text|Json|Yaml)Content\('([^']+)'\)", text):
            if not (file.parent / used).is_file():
                wrong.append(f"{file}: there is no {used}")
        for type_ in re.findall(r"^resource \w+ '([^']+)'", text, re.MULTILINE):
            if not re.fullmatch(r"Microsoft\.\w+(/\w+)+@\d{4}-\d{2}-\d{2}(-preview)?", type_):
                wrong.append(f"{file}: {type_} is no type with a version")
        declared = set(re.findall(r"^(?:param|var) (\w+)", text, re.MULTILINE))
        if file.suffix == ".bicep":
            for name in declared:
                if len(re.findall(rf"\b{name}\b", text)) < 2:
                    wrong.append(f"{file}: {name} is never used")
        if file.suffix == ".bicepparam":
            using = re.search(r"^using '([^']+)'", text, re.MULTILINE)
            wanted = parameters((file.parent / using[1]).read_text())
            given = set(re.findall(r"^param (\w+) =", text, re.MULTILINE))
            wrong += [f"{file}: {using[1]} has no parameter {p}" for p in sorted(given - wanted.keys())]
            wrong += [f"{file}: lacks {p}" for p, needed in wanted.items() if needed and p not in given]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong or count == 0 else 0


sys.exit(main(Path(sys.argv[1])))
