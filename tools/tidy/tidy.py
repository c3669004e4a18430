#!/usr/bin/env python3
"""The style test: what a reviewer would otherwise have to remember (docs/STYLE.md gives the reasons).

    tools/tidy/tidy.py [ROOT]

Prints one line for each breach as file:line: rule: detail, then `tidy: N passed, M failed`; exits 1 on a breach.
One check of one file counts as one. Exceptions are named in the lists beside this file and may only shrink: a list
that allows more than the tree needs is itself a breach."""
import os
import re
import sys

FUNCTION_LINES_MAX = 60
TEST_LINES_MAX = 120  # a test is a document: a table of cases may be longer than a thought
LINE_CHARACTERS_MAX = 120
FILE_BYTES_MAX = 600_000
EXACT_FLOORS = ("base", "units", "book")
DECISION_FLOORS = ("numerics", "tax", "risk", "objective", "checks", "problem", "solution")
MAY_READ_FILES = ("inputs", "generation", "run", "testing")
SKIPPED_FOLDERS = re.compile(r"^(\.git|build.*|out|__pycache__|\.cache)$")
TEXT_FILES = re.compile(r"(\.(h|cc|def|py|sh|md|toml|txt|json|cmake|csv|yml)|^(do|run|NOTICE)|^\.\S+)$")
CODE_FILES = re.compile(r"(\.(h|cc|py|sh|cmake)|^(do|run|CMakeLists\.txt))$")

CLOCKS = re.compile(r"\b(system|steady|high_resolution)_clock\b|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\b|"
                    r"\bgetenv\b|\brandom_device\b")
FILES = re.compile(r"<fstream>|<filesystem>|\bstd::[io]?fstream\b|\bfopen\b|std::filesystem")
INEXACT_LIBM = re.compile(r"\bstd::(exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|tanh)\b")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
# Written with brackets so that these lines do not match themselves.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(w[o]rk|r[o]ot|h[o]me)/")
OUTSIDE_WORDS = re.compile(r"\b(iss[u]es?|sess[i]ons?|help[e]rs?|ag[e]nts?|pypi\.[o]rg|npmjs\.[c]om|crates\.[i]o)\b",
                           re.I)
SETTINGS = "src/book/policy.cc"  # names settings, many of which begin like a rule
PAGE_OF_STORIES = "story.md"  # each story of tests/cases has one
RULE_FAMILIES = ("data model price corporate_action wash_sale restriction request mode short_term budget cash turnover "
                 "position names band trade_min verification gate").split()
RULE_LITERAL = re.compile(r'"((?:' + "|".join(RULE_FAMILIES) + r')_[a-z_]+)"')


class Tidy:
    def __init__(self, root):
        self.root = root
        self.passed = 0
        self.breaches = []
        self.files = sorted(self._walk())
        self.text = {}
        for path in self.files:
            if TEXT_FILES.search(os.path.basename(path)):
                with open(os.path.join(root, path), encoding="utf-8") as file:
                    self.text[path] = file.read()
        self.floors = self._floors()

    def _walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if not SKIPPED_FOLDERS.match(name)]
            for name in names:
                if name != ".git":
                    yield os.path.relpath(os.path.join(folder, name), self.root)

    def _floors(self):
        """Floor -> the floors it may name, in the order of CMakeLists.txt."""
        floors = {}
        for call in re.findall(r"(?m)^floor\(([^)]*)\)", self.text["CMakeLists.txt"]):
            name, *rest = call.split("LIBRARIES")[0].split()
            floors[name] = rest[1:]  # after USES
        return floors

    def that(self, holds, where, rule, detail=""):
        if holds:
            self.passed += 1
        else:
            self.breaches.append(f"{where}: {rule}: {detail}")

    def none(self, hits, path, rule):
        """One pass where there are no hits; else one breach each. A hit is (line number, detail)."""
        for line, detail in hits:
            self.that(False, f"{path}:{line}", rule, detail)
        if not hits:
            self.passed += 1

    def grep(self, path, pattern, text=None):
        lines = (self.text[path] if text is None else text).splitlines()
        return [(i, match[0]) for i, line in enumerate(lines, 1) if (match := pattern.search(line))]

    def sources(self):
        """(path, floor) of every C++ file of src/."""
        for path in self.text:
            match = re.match(r"src/(\w+)/\w+\.(h|cc|def)$", path)
            if match:
                yield path, match[1]

    def exceptions(self, name):
        """Lines `subject number` of a list beside this file; # begins a comment."""
        listed = {}
        for line in self.text.get(f"tools/tidy/{name}", "").splitlines():
            if line.strip() and not line.startswith("#"):
                subject, number = line.rsplit(maxsplit=1)
                listed[subject] = int(number)
        return listed

    def ratchet(self, counts, where, list_name, rule, base_of):
        """Every count is at most `base_of(subject)`, or exactly what the list allows for it."""
        allowed = self.exceptions(list_name)
        for subject, count in counts.items():
            most = allowed.get(subject, base_of(subject))
            self.that(count <= most, where[subject], rule, f"{subject} has {count}, at most {most}")
        for subject, most in allowed.items():
            self.that(counts.get(subject, 0) == most, f"tools/tidy/{list_name}", rule,
                      f"{subject} is listed with {most} and has {counts.get(subject, 0)}: shrink the list")


COMMENT = r"//[^\n]*|/\*.*?\*/"
LITERAL = r"""R"\(.*?\)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-zA-Z])'(?:\\.|[^'\\\n])+'"""


def without_comments(text, keep_literals=False):
    """The same lines with comments, and where asked strings and characters, blanked out."""
    def blank(match):
        return match[0] if keep_literals and match[0][0] != "/" else re.sub(r"[^\n]", " ", match[0])
    return re.sub(f"{COMMENT}|{LITERAL}", blank, text, flags=re.S)


def name_of(head):
    """The name in a function's head; a test's is TEST(Suite,Name)."""
    head = " ".join(head.split())
    test = re.search(r"\b(TEST\w*|RC_GTEST\w*)\(([^()]*?)(?:, ?\([^()]*\))?\)$", head)
    named = re.search(r"([\w:~]+)\s*\(", head)
    return f"{test[1]}({test[2].replace(' ', '')})" if test else named[1] if named else "?"


def functions_of(text):
    """(name, first line, number of lines) of every function body at namespace or class scope."""
    code = re.sub(r"(?m)^[ \t]*#.*(?:\\\n.*)*", "", without_comments(text))
    stack, head, line, found = [], "", 1, []
    for character in code:
        if character == "\n":
            line += 1
        if character == "{":
            inside = any(kind == "function" for kind, _, _ in stack)
            kind = "block"
            if not inside and re.search(r"\b(namespace|class|struct|enum|union)\b[^()=]*$", head):
                kind = "scope"
            elif not inside and "(" in head and not re.search(r"=\s*$|=\s*\[[^\]]*\][^=]*$", head):
                kind = "function"
            start = line - head.lstrip().count("\n")
            stack.append((kind, name_of(head), start))
            head = ""
        elif character == "}":
            if stack:
                kind, name, start = stack.pop()
                if kind == "function":
                    found.append((name, start, line - start + 1))
            head = ""
        elif character == ";":
            head = ""
        else:
            head += character
    return found


def check_includes(tidy):
    floors = tidy.floors
    for path, floor in tidy.sources():
        tidy.that(floor in floors, path, "every folder of src/ is a floor of CMakeLists.txt", floor)
        allowed = {floor, *floors.get(floor, [])}
        if path.endswith("_test.cc"):
            allowed |= {"testing", *floors.get("testing", [])}
        hits = []
        for i, line in enumerate(tidy.text[path].splitlines(), 1):
            match = re.match(r'#include "([^"]+)"', line)
            if match and match[1].split("/")[0] not in allowed:
                hits.append((i, f"{floor} may not include {match[1]}"))
        tidy.none(hits, path, "includes point to lower floors")


def check_story(tidy):
    """src/README.md has one row a floor, in the order of CMakeLists.txt, with the same floors it may use."""
    rows = re.findall(r"(?m)^\| `(\w+)/` \|.*\| ([^|]*) \|$", tidy.text.get("src/README.md", ""))
    tidy.that([name for name, _ in rows] == list(tidy.floors), "src/README.md", "rows are the floors of CMakeLists.txt",
              f"{[name for name, _ in rows]} against {list(tidy.floors)}")
    for name, uses in rows:
        tidy.that(re.findall(r"\w+", uses) == tidy.floors.get(name), "src/README.md", "a row's may-use is the floor's",
                  f"{name}: {uses}")


def check_function_length(tidy):
    lengths, where = {}, {}
    for path in tidy.text:
        if path.endswith((".cc", ".h")):
            for name, start, lines in functions_of(tidy.text[path]):
                subject = f"{path} {name}"
                if lines > lengths.get(subject, 0):
                    lengths[subject], where[subject] = lines, f"{path}:{start}"
    is_test = re.compile(r"_test\.cc |^src/testing/")
    tidy.ratchet(lengths, where, "long_functions.txt", "functions are short",
                 lambda subject: TEST_LINES_MAX if is_test.search(subject) else FUNCTION_LINES_MAX)


def check_exact_floors(tidy):
    counts, where = {}, {}
    for path, floor in tidy.sources():
        if floor in EXACT_FLOORS and not path.endswith("_test.cc"):
            hits = tidy.grep(path, re.compile(r"\b(double|float)\b"), without_comments(tidy.text[path]))
            counts[path], where[path] = len(hits), f"{path}:{hits[0][0] if hits else 0}"
    tidy.ratchet(counts, where, "doubles.txt", "no double on exact floors", lambda _: 0)


def check_seams(tidy):
    """Below run/: no clock, no environment, no files (inputs/ reads them); no libm whose last bit is not defined."""
    for path, floor in tidy.sources():
        if path.endswith("_test.cc"):
            continue
        code = without_comments(tidy.text[path])
        if floor not in ("run", "testing"):
            tidy.none(tidy.grep(path, CLOCKS, code), path, "no clock, environment or chance below run/")
        if floor not in MAY_READ_FILES:
            tidy.none(tidy.grep(path, FILES, code), path, "no files below run/ but in inputs/")
        if floor in DECISION_FLOORS:
            tidy.none(tidy.grep(path, INEXACT_LIBM, code), path, "no libm on the decision path")


def check_rules(tidy):
    """A literal that begins like a rule is one of rules.def, or a word of docs/data.md: a column, a setting, a kind."""
    known = set(re.findall(r"LOTWRIGHT_RULE\((\w+),", tidy.text["src/book/rules.def"]))
    known |= set(re.findall(r"\w+", tidy.text.get("docs/data.md", "")))
    for path, _ in tidy.sources():
        if path.endswith((".cc", ".h")) and not path.endswith("_test.cc") and path != SETTINGS:
            code = without_comments(tidy.text[path], keep_literals=True)
            names = [(i, name) for i, line in enumerate(code.splitlines(), 1) for name in RULE_LITERAL.findall(line)]
            tidy.none([(i, name) for i, name in names if name not in known], path, "rule names are in rules.def")


def check_tests_built(tidy):
    for path in tidy.text:
        if path.endswith("_test.cc"):
            match = re.match(r"src/(\w+)/\w+_test\.cc$", path)
            tidy.that(bool(match) and match[1] in tidy.floors, path, "a test is in a floor's target (src/<floor>/)")


def check_settings_documented(tidy):
    data = tidy.text.get("docs/data.md", "")
    for name in re.findall(r'\{\{"([\w<>]+)",', tidy.text.get(SETTINGS, "")):
        tidy.that(f"`{name}" in data, "docs/data.md", "every setting is documented", name)


def check_words(tidy):
    for path, text in tidy.text.items():
        if path == "LICENSE":
            continue
        tidy.none(tidy.grep(path, MACHINE_PATHS), path, "no paths of one machine")
        tidy.none(tidy.grep(path, OUTSIDE_WORDS), path, "the tree speaks only of the product")
        if path.endswith(".csv"):
            continue
        tidy.none(tidy.grep(path, UNFINISHED), path, "nothing is left unfinished")
        if CODE_FILES.search(os.path.basename(path)):
            long = [(i, f"{len(line)} characters") for i, line in enumerate(text.splitlines(), 1)
                    if len(line) > LINE_CHARACTERS_MAX]
            tidy.none(long, path, f"lines have at most {LINE_CHARACTERS_MAX} characters")
        trailing = re.compile(r"[ \t]+$")
        tidy.none(tidy.grep(path, trailing), path, "no blanks at the end of a line")


def check_documents(tidy):
    """A document that is named is there: by its path from the root, or beside the file that names it."""
    for path, text in tidy.text.items():
        if path.endswith((".h", ".cc", ".def", ".py", ".md", ".toml")) or path in ("do", "CMakeLists.txt"):
            hits = []
            for i, line in enumerate(text.splitlines(), 1):
                for name in re.findall(r"(?<![\w/.])(?:\.\./)?([\w/]+\.md)\b", line):
                    near = os.path.normpath(os.path.join(os.path.dirname(path), name))
                    if name != PAGE_OF_STORIES and name not in tidy.text and near not in tidy.text:
                        hits.append((i, name))
            tidy.none(hits, path, "a document that is named is there")


def check_headers(tidy):
    for path, _ in tidy.sources():
        if path.endswith(".h"):
            first = f"// {path.removeprefix('src/')} — "
            tidy.that(tidy.text[path].startswith(first), f"{path}:1", "a header opens with its name and purpose", first)
            tidy.that("#pragma once" in tidy.text[path], f"{path}:1", "a header is guarded by #pragma once")


def check_sizes(tidy):
    for path in tidy.files:
        size = os.path.getsize(os.path.join(tidy.root, path))
        tidy.that(size <= FILE_BYTES_MAX, path, "no large files", f"{size} bytes")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    tidy = Tidy(os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(here)))
    for check in (check_includes, check_story, check_function_length, check_exact_floors, check_seams, check_rules,
                  check_tests_built, check_settings_documented, check_words, check_documents, check_headers,
                  check_sizes):
        check(tidy)
    for line in tidy.breaches:
        print(line)
    print(f"tidy: {tidy.passed} passed, {len(tidy.breaches)} failed")
    sys.exit(1 if tidy.breaches else 0)


if __name__ == "__main__":
    main()
