"""Functions of public headers that nothing calls but their own file and tests. By words: one that shares its name with another passes.

Code in a header (templates, inline and member functions) calls for whoever calls it: what a function there calls is called if that function is.
Functions in a namespace detail are for the templates beside them, and pass.

tests/structure/uncalled.txt lists those that wait for somebody, one per line: 'name: waits for ...'.
"""

import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "scripts"))

import structure  # noqa: E402

LIST = "tests/structure/uncalled.txt"
WORD = re.compile(r"[A-Za-z_]\w*")
CALL = re.compile(r"(?<![\w~])([A-Za-z_]\w*)\s*(?:<[^<>;(){}]*>)?\s*\(")
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b")
FUNCTION = re.compile(r"(?<![\w~])(?P<name>[A-Za-z_]\w*)\s*\(")
NO_FUNCTION = {"operator", "decltype", "noexcept", "static_assert", "alignas", "sizeof", "requires", "explicit", "if", "for", "while", "switch",
               "return", "assert", "defined"}
SKIPPED = re.compile(r"\b(using|typedef|friend|operator|static_assert|override|concept)\b|=\s*(delete|default)\s*$")


def declarations(code):
    """Names of functions declared in namespaces, and publicly in classes, of a header without comments and literals."""
    return _read(code)[0]


def bodies(code):
    """[(name of a function, names that its body calls)] of the functions that a header defines, private and operators too."""
    return _read(code)[1]


def _read(code):
    code = re.sub(r"^\s*#.*$", "", code, flags=re.MULTILINE)
    scopes, statement, found, inside, begun, at = [], "", [], [], [], 0
    for at, character in enumerate(code):
        if character == "{":
            scopes.append(_scope(statement, scopes))
            found += _function(statement, scopes[:-1])
            begun.append((_defined(statement, scopes[:-1]), at))
            statement = ""
        elif character == "}":
            if scopes:
                scopes.pop()
                name, start = begun.pop()
                inside += [(name, set(CALL.findall(code[start:at])))] if name else []
            statement = ""
        elif character == ";":
            found += _function(statement, scopes)
            statement = ""
        elif character == ":" and scopes and scopes[-1][0] == "class" and re.fullmatch(r"\s*(public|protected|private)\s*", statement):
            scopes[-1] = ("class", scopes[-1][1], statement.strip() == "public")
            statement = ""
        else:
            statement += character
    return found, inside


def _defined(statement, scopes):
    """Name of the function whose body a brace opens; empty for what is none."""
    if any(kind == "block" for kind, _, _ in scopes):
        return ""
    if re.search(r"\boperator\b", statement):
        return "operator"
    bare = re.sub(r"\[\[.*?\]\]|\btemplate\s*<.*?>\s*(?=\w)", " ", statement, flags=re.DOTALL)
    match = next((match for match in FUNCTION.finditer(bare) if match.group("name") not in NO_FUNCTION), None)
    return match.group("name") if match else ""


def _scope(statement, scopes):
    """(kind, name, whether members are public) of what a brace opens."""
    heads = [match for match in SCOPE.finditer(re.sub(r"<[^<>]*>", "", statement))]
    if heads and "(" not in statement.split("=")[0].split("alignas")[0]:
        kind = heads[0].group()
        if kind == "namespace":
            return "namespace", "", not re.search(r"\bdetail\b", statement)
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
    return Counter(WORD.findall(tree.code(path)))


def called_inside(code, called):
    """What those functions of a header call that are called themselves, `called` by others or by one another."""
    reached, waiting = set(), bodies(code)
    while True:
        now = [body for body in waiting if body[0] == "operator" or called(body[0]) or body[0] in reached]
        if not now:
            return reached
        waiting = [body for body in waiting if body not in now]
        reached.update(word for name, inside in now for word in inside if word != name)


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
        def called(name):
            return uses[name] > sum(own[path][name] for path in pair)

        reached = called_inside(tree.code(header), called)
        for name in sorted(set(declarations(tree.code(header)))):
            if not called(name) and name not in reached:
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
