"""The rules of docs/architecture.md, checked: floors, walls, include cycles, CMake's dependency lists.

Each check takes a Tree and returns a list of lines 'file:line: what is wrong, and what the rule says'; an empty list means it holds.
"""

import functools
import pathlib
import re
import sys
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"))

import cpp_text  # noqa: E402

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = (".h", ".cpp")
PAGES = ("benchmarks", "datasets", "docs", "recipes", "tests", "web")


@dataclass(frozen=True)
class Module:
    name: str
    floor: int
    torch: bool


@dataclass(frozen=True)
class Wall:
    headers: tuple  # folders ("torch/") and files ("zlib.h")
    modules: tuple  # modules that may include them
    files: tuple  # single files that may
    every: bool  # every module may
    sources_only: bool  # not from public headers
    tests: bool  # tests may


class Tree:
    """The sources under a root, with the tables of its docs/architecture.md."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        page = (self.root / "docs/architecture.md").read_text(encoding="utf-8")
        self.modules = {module.name: module for module in _modules(page)}
        self.walls = list(_walls(page))
        self.files = sorted(
            path for top in ("basewise", "apps", "tests", "benchmarks", "examples") for path in (self.root / top).rglob("*")
            if path.suffix in SOURCES and path.is_file())

    @functools.cache
    def text(self, path):
        return path.read_text(encoding="utf-8", errors="replace")

    @functools.cache
    def lines(self, path):
        """A source as cpp_text.Line."""
        return cpp_text.source_lines(self.text(path))

    @functools.cache
    def code(self, path):
        """A source without comments and without what its literals say."""
        return cpp_text.code_of(self.text(path), literals=False)

    def pages(self):
        """Markdown pages that people write; options.md is printed by the program."""
        found = list(self.root.glob("*.md")) + [path for top in PAGES for path in (self.root / top).rglob("*.md")]
        return sorted(path for path in found if "node_modules" not in path.parts and path.name != "options.md")

    def name(self, path):
        return path.relative_to(self.root).as_posix()

    def includes(self, path):
        """(line number, quote, what) of each #include."""
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if match := INCLUDE.match(line):
                yield number, match.group(1), match.group(2)

    def module_of(self, path):
        """The module that a file belongs to, or None for tests/, benchmarks/ and examples/."""
        parts = path.relative_to(self.root).parts
        if parts[0] == "apps":
            return self.modules.get("apps")
        return self.modules.get(parts[1]) if parts[0] == "basewise" and len(parts) > 2 else None

    def module_lists(self, module):
        """(public, private, torch) as the module's CMakeLists.txt names them, or None."""
        path = self.root / "basewise" / module / "CMakeLists.txt"
        match = re.search(r"basewise_module\(\s*(\w+)([^)]*)\)", path.read_text(encoding="utf-8")) if path.exists() else None
        if not match:
            return None
        lists, current = {"PUBLIC": set(), "PRIVATE": set(), "TEST": set()}, None
        words = match.group(2).split()
        for word in words:
            if word in lists:
                current = word
            elif current and word in self.modules:
                lists[current].add(word)
        return lists["PUBLIC"], lists["PRIVATE"], "TORCH" in words


def _rows(page, first_header):
    """The cells of the table whose head starts with this cell."""
    lines = iter(page.splitlines())
    for line in lines:
        if line.startswith(f"| {first_header} |"):
            next(lines)
            break
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def _quoted(cell):
    return tuple(re.findall(r"`([^`]+)`", cell))


def _modules(page):
    for floor, name, torch, _ in _rows(page, "floor"):
        yield Module(_quoted(name)[0], int(floor), torch == "yes")


def _walls(page):
    for headers, who in _rows(page, "foreign headers"):
        names = _quoted(who)
        yield Wall(headers=_quoted(headers), modules=tuple(n for n in names if "/" not in n), files=tuple(f"basewise/{n}" for n in names if "/" in n),
                   every="every module" in who, sources_only=who.startswith("sources"), tests=who.endswith("tests"))


def is_test(name):
    return name.endswith("_test.cpp") or name.startswith(("tests/", "benchmarks/")) or "/detail/test_" in name


def check_floors(tree):
    """A module includes its own headers and those of lower floors; a torch-free one nothing that knows torch; detail/ is private."""
    problems = []
    for path in tree.files:
        here, name = tree.module_of(path), tree.name(path)
        if name.startswith(("basewise/", "apps/")) and here is None:
            problems.append(f"{name}: its module is not in the table of docs/architecture.md")
            continue
        for line, quote, what in tree.includes(path):
            if not what.startswith("basewise/"):
                continue
            parts = what.split("/")
            there = tree.modules.get(parts[1])
            if there is None or not (tree.root / what).exists():
                problems.append(f'{name}:{line}: "{what}" names no header of ours')
            elif quote == "<" and here is not None:  # a project that uses an installed basewise may write <...>
                problems.append(f"{name}:{line}: <{what}> is ours: include it with quotes")
            elif here is None:
                if "detail" in parts:
                    problems.append(f'{name}:{line}: "{what}": detail/ is for module {there.name} alone')
            elif there != here:
                if there.floor >= here.floor:
                    problems.append(f'{name}:{line}: {here.name} (floor {here.floor}) includes "{what}" (floor {there.floor}): '
                                    "only lower floors may be included")
                elif there.torch and not here.torch:
                    problems.append(f'{name}:{line}: {here.name} is torch-free and includes "{what}" of {there.name}, which is not')
                if "detail" in parts:
                    problems.append(f'{name}:{line}: "{what}": detail/ is for module {there.name} alone')
            elif "detail" in parts and is_public_header(name):
                problems.append(f'{name}:{line}: a public header includes "{what}": detail/ is not installed')
    return problems


def is_public_header(name):
    return name.startswith("basewise/") and name.endswith(".h") and "/detail/" not in name


def _matches(wall, what):
    return any(what == header or (header.endswith("/") and what.startswith(header)) for header in wall.headers)


def _lets_in(wall, name, module):
    if wall.tests and is_test(name):
        return True
    if wall.sources_only and is_public_header(name):
        return False
    return wall.every or (module is not None and module.name in wall.modules)


def check_walls(tree):
    """Foreign headers enter only where the table of walls lets them."""
    problems = []
    for path in tree.files:
        name, module = tree.name(path), tree.module_of(path)
        for line, _, what in tree.includes(path):
            for wall in tree.walls:
                if not _matches(wall, what) or name in wall.files:
                    continue
                if not _lets_in(wall, name, module):
                    who = wall.files + wall.modules + ("every module",) * wall.every + ("tests",) * wall.tests
                    problems.append(f"{name}:{line}: <{what}> is walled in: only {'sources of ' if wall.sources_only else ''}{', '.join(who)} may include it")
    return problems


def check_cycles(tree):
    """No header reaches itself."""
    edges = {}
    for path in tree.files:
        if path.suffix == ".h":
            targets = [tree.root / what for _, _, what in tree.includes(path)] + [path.parent / what for _, _, what in tree.includes(path)]
            edges[path] = [target.resolve() for target in targets if target.suffix == ".h" and target.is_file()]
    problems, state = [], {}

    def visit(node, trail):
        state[node] = "open"
        for target in edges.get(node, []):
            if state.get(target) == "open":
                circle = trail[trail.index(target):] + [target]
                problems.append(" -> ".join(tree.name(header) for header in circle) + ": headers include each other in a circle")
            elif target not in state:
                visit(target, trail + [target])
        state[node] = "done"

    for node in edges:
        if node not in state:
            visit(node, [node])
    return problems


def check_cmake_lists(tree):
    """The dependency lists of a module agree with the table and with its includes: headers need PUBLIC, sources either list."""
    problems = []
    for module in tree.modules.values():
        lists = tree.module_lists(module.name)
        if lists is None:
            continue
        public, private, torch = lists
        cmake = f"basewise/{module.name}/CMakeLists.txt"
        if torch != module.torch:
            problems.append(f"{cmake}: {'has' if torch else 'lacks'} TORCH, and docs/architecture.md says {'yes' if module.torch else 'no'}")
        for name in sorted(public | private):
            other = tree.modules[name]
            if other.floor >= module.floor:
                problems.append(f"{cmake}: {module.name} (floor {module.floor}) links {name} (floor {other.floor}): only lower floors may be linked")
            elif other.torch and not module.torch:
                problems.append(f"{cmake}: {module.name} is torch-free and links {name}, which is not")
        for path in tree.files:
            if tree.module_of(path) != module or path.name.endswith("_test.cpp"):
                continue
            listed = public if is_public_header(tree.name(path)) else public | private
            for line, _, what in tree.includes(path):
                other = what.split("/")[1] if what.startswith("basewise/") else None
                if other in tree.modules and other != module.name and other not in listed:
                    kind = "PUBLIC" if listed is public else "PUBLIC or PRIVATE"
                    problems.append(f'{tree.name(path)}:{line}: includes "{what}", and {cmake} does not name {other} under {kind}')
    return problems


def reaches_torch(tree, path, seen=None):
    """Whether a header includes basewise/tensor/torch.h, itself or through others."""
    seen = set() if seen is None else seen
    if path in seen:
        return False
    seen.add(path)
    return any(what == "basewise/tensor/torch.h" or ((tree.root / what).is_file() and reaches_torch(tree, tree.root / what, seen))
               for _, _, what in tree.includes(path))


def check_torch_users(tree):
    """A header that names at:: or torch:: includes the door to torch, itself or through a header that does."""
    problems = []
    for path in tree.files:
        text = re.sub(r"//.*", "", path.read_text(encoding="utf-8", errors="replace"))
        if path.suffix == ".h" and tree.name(path) != "basewise/tensor/torch.h" and re.search(r"\b(at|torch|c10)::", text):
            if not reaches_torch(tree, path):
                problems.append(f"{tree.name(path)}: names torch types without including basewise/tensor/torch.h")
    return problems


def check_own_header_first(tree):
    """x.cpp includes x.h before anything else, so that building x.cpp proves that x.h needs nothing before it."""
    problems = []
    for path in tree.files:
        own = tree.name(path.with_suffix(".h"))
        if path.suffix == ".cpp" and own.startswith("basewise/") and (tree.root / own).exists():
            first = next(tree.includes(path), (1, "", "nothing"))
            if first[2] != own:
                problems.append(f'{tree.name(path)}:{first[0]}: its first include is {first[2]}; it must be "{own}"')
    return problems


def check_length(tree, limit=500):
    """No file of ours is longer than 500 lines."""
    lengths = ((tree.name(path), len(path.read_text(encoding="utf-8", errors="replace").splitlines())) for path in tree.files)
    return [f"{name}: {length} lines, and {limit} is the most" for name, length in lengths if length > limit]


@dataclass(frozen=True)
class Table:
    where: str  # "docs/cli.md:7"
    names: frozenset  # in quotes in its first two columns
    rows: frozenset  # (first cell, another cell) without marks

    def repeats(self, other, names_too):
        """Whether most names, or most of what stands beside them, are in the other one too."""
        by_name = len(self.names & other.names) >= max(5, 0.75 * min(len(self.names), len(other.names)))
        first, second = ({row for row, _ in table.rows} for table in (self, other))
        same = {row for row, _ in self.rows & other.rows}
        return (names_too and by_name) or len(same) >= max(3, 0.5 * min(len(first), len(second)))


def _tables(text, where):
    """The tables of a page."""
    lines, start, fence = [], 0, False
    for number, line in enumerate(text.split("\n") + [""], 1):
        fence ^= line.lstrip().startswith("```")
        if line.startswith("|") and not fence:
            start = start or number
            lines.append([cell.strip() for cell in line.strip("|").split("|")])
        elif start:
            names = re.findall(r"[\w./]+", " ".join(name for cells in lines for cell in cells[:2] for name in _quoted(cell)))
            rows = {(re.sub(r"[`*]", "", cells[0]), re.sub(r"[`*]", "", cell)) for cells in lines[2:] for cell in cells[1:] if len(cell) > 3}
            yield Table(f"{where}:{start}", frozenset(names), frozenset(rows))
            lines, start = [], 0


def check_tables(tree):
    """No table repeats another: half of its rows with the same beside the same; in the docs also five names or more, three quarters of the
    smaller one's."""
    seen, problems = [], []
    for page in tree.pages():
        ours = len(page.relative_to(tree.root).parts) == 1 or page.parent == tree.root / "docs"
        for table in _tables(tree.text(page), tree.name(page)):
            problems += [f"{table.where}: this table repeats that of {other.where}; keep one and link to it"
                         for other, theirs in seen if table.repeats(other, ours and theirs)]
            seen.append((table, ours))
    return problems



_JSON = re.compile(r"\b\w*[Jj]son::(?:parse|accept|sax_parse|from_\w+)\s*\(|\.dump\s*\(")
_JSON_BY_ITSELF = ("basewise/core/json.cpp", "basewise/io/safetensors.cpp")  # the latter has bounds of its format, narrower ones


def check_json(tree):
    """JSON is read and written by basewise/core/json.h alone: bounded when it is read, never refused when it is written."""
    problems = []
    for path in tree.files:
        name = tree.name(path)
        if name in _JSON_BY_ITSELF or is_test(name) or not name.startswith(("basewise/", "apps/")):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if _JSON.search(line.split("//")[0]):
                problems.append(f"{name}:{number}: read JSON with parse_json or read_json, write it with json_text (basewise/core/json.h)")
    return problems


_STARTS = re.compile(r"\b(?:system|popen|execl|execlp|execv|execvp|posix_spawnp)\s*\(")


def check_programs(tree):
    """Programs are started by path: a name would be looked for in the current folder, where PATH holds it."""
    problems = []
    for path in tree.files:
        name = tree.name(path)
        if is_test(name) or not name.startswith(("basewise/", "apps/")):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if _STARTS.search(line.split("//")[0]):
                problems.append(f"{name}:{number}: start programs with run_program (basewise/core/program.h), or by a path, with posix_spawn")
    return problems


ALL = (check_floors, check_walls, check_cycles, check_cmake_lists, check_torch_users, check_own_header_first, check_length, check_tables, check_json, check_programs)
