"""Functions of public headers that nothing calls but their own file and tests. By words: one that shares its name with another passes.

tests/structure/uncalled.txt lists those that wait for somebody, one per line: 'name: waits for ...'.
"""

import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "scripts"))

import structure  # noqa: E402

LIST = "tests/structure/uncalled.txt"
TOKEN = re.compile(r"[A-Za-z_]\w*|::|[^\s\w]")
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b")
FUNCTION = re.compile(r"(?<![\w~])(?P<name>[A-Za-z_]\w*)\s*\(")
NO_FUNCTION = {"operator", "decltype", "noexcept", "static_assert", "alignas", "sizeof", "requires", "explicit", "if", "for", "while", "switch",
               "return", "assert", "defined"}
SKIPPED = re.compile(r"\b(using|typedef|friend|operator|static_assert|override|concept)\b|=\s*(delete|default)\s*$")


def declarations(code):
    """Names of functions declared in namespaces, and publicly in classes, of a header without comments and literals."""
    code = re.sub(r"^\s*#.*$", "", code, flags=re.MULTILINE)
    scopes, statement, found, at = [], "", [], 0
    for at, character in enumerate(code):
        if character == "{":
            scopes.append(_scope(statement, scopes))
            found += _function(statement, scopes[:-1])
            statement = ""
        elif character == "}":
            if scopes:
                scopes.pop()
            statement = ""
        elif character == ";":
            found += _function(statement, scopes)
            statement = ""
        elif character == ":" and scopes and scopes[-1][0] == "class" and re.fullmatch(r"\s*(public|protected|private)\s*", statement):
            scopes[-1] = ("class", scopes[-1][1], statement.strip() == "public")
            statement = ""
        else:
            statement += character
    return found


def _scope(statement, scopes):
    """(kind, name, whether members are public) of what a brace opens."""
    heads = [match for match in SCOPE.finditer(re.sub(r"<[^<>]*>", "", statement))]
    if heads and "(" not in statement.split("=")[0].split("alignas")[0]:
        kind = heads[0].group()
        if kind == "namespace":
            return "namespace", "", True
        if kind != "enum":
            name = re.search(r"\b(?:class|struct|union)\s+(?:\w+\s+)*?(\w+)\s*(?:final\s*)?(?::|$)", statement.strip())
            return "class", name.group(1) if name else "", kind == "struct"
    return "block", "", False


def _function(statement, scopes):
    if any(kind == "block" or not public for kind, _, public in scopes) or SKIPPED.search(statement):
        return []
    bare = re.sub(r"\[\[.*?\]\]|\btemplate\s*<.*?>\s*(?=\w)", " ", statement, flags=re.DOTALL)
    match = next((match for match in FUNCTION.finditer(bare) if match.group("name") not in NO_FUNCTION), None)
    before = bare[:match.start()] if match else ""
    if not match or not before.strip() or "=" in before or match.group("name") in {name for _, name, _ in scopes} or "~" in before[-2:]:
        return []
    return [match.group("name")]


def words(tree, path):
    return Counter(re.findall(r"[A-Za-z_]\w*", tree.code(path)))


def uncalled(tree):
    """(header, name) of each function that nothing outside of x.h, x.cpp and tests names."""
    uses, own = Counter(), {}
    for path in tree.files:
        name = tree.name(path)
        if structure.is_test(name) or not name.startswith(("basewise/", "apps/")):
            continue
        counted = words(tree, path)
        uses.update(counted)
        own[path] = counted
    result = []
    for header in (path for path in own if structure.is_public_header(tree.name(path))):
        pair = [path for path in own if path.stem == header.stem and tree.module_of(path) == tree.module_of(header)]
        for name in sorted(set(declarations(tree.code(header)))):
            if uses[name] == sum(own[path][name] for path in pair):
                result.append((tree.name(header), name))
    return result


def listed(tree):
    """{name: reason}"""
    path = tree.root / LIST
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(match.groups() for match in (re.fullmatch(r"(\w+): (.+)", line) for line in lines) if match)


def problems(tree):
    found, waiting = uncalled(tree), listed(tree)
    names = {name for _, name in found}
    wrong = [f"{header}:1: nothing calls {name}() but its own file and tests; drop it, make it private, or say in {LIST} what it waits for"
             for header, name in found if name not in waiting]
    return wrong + [f"{LIST}: {name}() is called, or gone: take it off the list" for name in waiting if name not in names]
