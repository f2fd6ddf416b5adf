"""Every public header compiles alone.

x.cpp begins with #include "x.h" (structure.check_own_header_first holds it to that), so the build itself has compiled that header alone.
A header without such a source is compiled here: included twice and nothing else, with warnings as errors. The command is that of a source of the same module in the build's compile_commands.json. Headers of modules with torch keep the precompiled
header there (it holds torch alone), which makes one take 6 s instead of 20; structure.check_torch_users sees that they ask for torch.
What compiled once is remembered in CACHE by the hash of its command and of everything of ours that it includes.
"""

import concurrent.futures
import hashlib
import json
import pathlib
import shlex
import subprocess

from structure import is_public_header

DROPPED_WITH_VALUE = {"-o", "-MF", "-MT", "-MQ"}


class HeaderCompiler:
    def __init__(self, tree, build):
        self.tree, self.build = tree, pathlib.Path(build).resolve()
        self.commands = {}
        for entry in json.loads((self.build / "compile_commands.json").read_text(encoding="utf-8")):
            source = pathlib.Path(entry["file"])
            if source.is_relative_to(tree.root / "basewise") and not source.name.endswith("_test.cpp") and source.suffix == ".cpp":
                module = source.relative_to(tree.root / "basewise").parts[0]
                self.commands.setdefault(module, self._bare(entry["command"], source))
        self.plain = next(iter(sorted(self.commands.items())))[1] if self.commands else None

    @staticmethod
    def _bare(command, source):
        """The compiler and its flags, without launcher, input, output and dependency files."""
        words = shlex.split(command)
        first = next(i for i, word in enumerate(words) if pathlib.Path(word).name.startswith(("c++", "g++", "clang++", "x86_64", "aarch64")))
        bare, skip = [], False
        for word in words[first:]:
            if skip:
                skip = False
            elif word in DROPPED_WITH_VALUE:
                skip = True
            elif word not in ("-c", "-MD", "-MMD", "-fsyntax-only", str(source)):
                bare.append(word)
        return bare

    def command(self, header):
        """None when the build has no source of the header's module (a build without torch)."""
        module = self.tree.module_of(header)
        command = self.commands.get(module.name)
        if command is None and not module.torch:
            command = self.commands.get("core", self.plain)
        return command and command + ["-fsyntax-only", "-x", "c++", "-I", str(self.tree.root), "-"]

    def closure(self, header, seen):
        if header not in seen:
            seen.add(header)
            for _, _, what in self.tree.includes(header):
                if (self.tree.root / what).is_file():
                    self.closure(self.tree.root / what, seen)
        return seen

    def key(self, header):
        digest = hashlib.sha256(" ".join(self.command(header)).encode())
        for path in sorted(self.closure(header, set())):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def compile(self, header):
        """The compiler's complaint, or an empty string."""
        include = f'#include "{self.tree.name(header)}"\n'
        run = subprocess.run(self.command(header), input=include * 2, capture_output=True, text=True, cwd=self.build, check=False)
        return "" if run.returncode == 0 else run.stderr or f"the compiler exited with {run.returncode}"


def check_headers(tree, build, cache=None, jobs=2):
    """(problems, names compiled or remembered, names left out because the build lacks their module)."""
    compiler = HeaderCompiler(tree, build)
    headers = [path for path in tree.files if is_public_header(tree.name(path)) and not path.with_suffix(".cpp").exists()
               and tree.name(path) != "basewise/tensor/torch.h"]  # that one is precompiled, alone
    usable = [header for header in headers if compiler.command(header)]
    known = set(json.loads(cache.read_text(encoding="utf-8"))) if cache and cache.exists() else set()
    keys = {header: compiler.key(header) for header in usable}
    todo = [header for header in usable if keys[header] not in known]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        complaints = dict(zip(todo, pool.map(compiler.compile, todo)))
    if cache:
        cache.write_text(json.dumps([keys[header] for header in usable if not complaints.get(header)]), encoding="utf-8")
    problems = [f"{tree.name(header)} does not compile alone:\n{text}" for header, text in complaints.items() if text]
    return problems, [tree.name(header) for header in usable], [tree.name(header) for header in headers if header not in usable]
