#!/usr/bin/env python3
"""The gallery of errors: one smallest input for each way to fail, with its exact message.

tests/errors/base is a small sound book. Each tests/errors/NAME.case says in a few lines what is spoilt in it, the
command, its exit code and everything it says; NAME begins with the rule it is about. docs/errors.md is written from
these runs: `tests/errors.py --update` writes it, and the answers into the cases, where the diff is to be read.

A case is a sentence, changes, commands with their answers:

    swap FILE | TEXT | NEW     the one place of TEXT in FILE becomes NEW
    add FILE | TEXT            a line at the end
    put FILE | TEXT            the whole file; \\n, \\r, \\t, \\\\ and \\xHH as in C, {N*TEXT} is TEXT N times
    drop FILE                  no such file
    gzip FILE, cut FILE        as FILE.gz; as FILE.gz cut short
    folder FILE, fifo FILE, loop FILE, locked FILE     something else, or nobody may read it
    $ lotwright ...            BOOK is the spoilt book, OUT a folder for outputs; NEW paths are left in place
    $ cat OUT/FILE             what is in a file of the outputs
    = N                        its exit code; the lines behind it are what it says

In every case: no crash, no hang, no defect of the engine, and nothing written by a run that ends with 2."""
import concurrent.futures
import csv
import gzip
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, "build", "lotwright")
CASES = os.path.join(ROOT, "tests", "errors")
PAGE = os.path.join(ROOT, "docs/errors.md")
NOBODY = 65534
SECONDS_MAX = 20


class Skipped(Exception):
    """A case that this machine cannot play, with the reason."""


# ---- cases

def unescaped(text):
    """The bytes that a change writes."""
    text = re.sub(r"\{(\d+)\*(.*?)\}", lambda found: found[2] * int(found[1]), text, flags=re.S)
    return re.sub(rb"\\(x[0-9a-fA-F]{2}|[nrt\\])",
                  lambda found: {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}.get(
                      found[1]) or bytes([int(found[1][1:], 16)]), text.encode())


class Case:
    """One file of the gallery."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-len(".case")]
        self.title, self.changes, self.steps = [], [], []  # steps: (command, [answer lines])
        with open(path, encoding="utf-8") as file:
            for line in file.read().splitlines():
                line = line.rstrip()
                if line.startswith("$ "):
                    self.steps.append((line[2:], []))
                elif self.steps:
                    self.steps[-1][1].append(line)
                elif re.match(r"(swap|add|put|drop|gzip|cut|folder|fifo|loop|locked|limit|as_user) ?", line):
                    self.changes.append(line)
                elif line:
                    self.title.append(line)

    @property
    def rule(self):
        return self.name.split(".")[0]

    def text(self, answers):
        """The file as it should be, with `answers` for what was expected."""
        lines = self.title + [""] + self.changes  # "swap FILE | TEXT |" has nothing behind the last bar
        for (command, _), answer in zip(self.steps, answers):
            lines += ["$ " + command] + answer
        return "\n".join(lines) + "\n"


# ---- setting up

def change(book, line):
    word, _, rest = line.partition(" ")
    name, *texts = (rest + " ").split(" | ") if rest.endswith(" |") else rest.split(" | ")
    path = os.path.join(book, name)

    def content():
        with open(path, "rb") as file:
            return file.read()

    def write(data, to=path):
        os.makedirs(os.path.dirname(to), exist_ok=True)
        with open(to, "wb") as file:
            file.write(data)

    if word == "swap":
        old, new = (unescaped(text) for text in texts)
        assert content().count(old) == 1, f"{line}: the text stands {content().count(old)} times in {name}"
        write(content().replace(old, new))
    elif word == "add":
        write(content() + unescaped(texts[0]) + b"\n")
    elif word == "put":
        write(unescaped(texts[0]) if texts else b"")
    elif word == "locked":
        os.chmod(path, 0)
    else:
        data = content()
        os.remove(path)
        if word in ("gzip", "cut"):
            packed = gzip.compress(data, mtime=0)
            write(packed if word == "gzip" else packed[:-12], path + ".gz")
        elif word == "folder":
            os.mkdir(path)
        elif word == "fifo":
            os.mkfifo(path)
        elif word == "loop":
            os.symlink(name, path)


# ---- playing

def as_nobody():
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def limits(case):
    """What is done in the child before the program starts: fewer rights, less room."""
    steps = []
    for line in case.changes:
        if line == "as_user":
            if os.geteuid() == 0:
                steps.append(as_nobody)
        elif line.startswith("limit "):
            import resource
            most = int(line.split()[1])
            steps.append(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
    return (lambda: [step() for step in steps]) if steps else None


def rows(path):
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        return list(csv.DictReader(file))


def answer_of_run(out):
    lines = []
    for row in rows(os.path.join(out, "exceptions.csv")):
        who = f" {row['account_id']}" if row["account_id"] else f" household {row['household_id']}" if row[
            "household_id"] else ""
        lines.append(f"exceptions.csv:{who} {row['severity']} {row['rule']}: {row['message']}")
    for row in rows(os.path.join(out, "orders.csv")):
        lines.append(f"orders.csv: {row['account_id']} {row['side']} {row['quantity']} {row['security_id']}, "
                     f"{row['reason']}")
    return lines


def answer_of_evaluate(text):
    told = json.loads(text)
    lines = [f"finding {one['rule']}: {one['file']} line {one['line']}: {one['message']}" for one in told["findings"]]
    for one in told["broken_rules"]:
        where = " ".join(filter(None, (one["account_id"], one["security_id"], one["lot_id"])))
        lines.append(f"broken {one['rule']}: {where}: {one['message']}")
    return lines


def leftovers(folder, known):
    return sorted(set(os.listdir(folder)) - known)


class Play:
    """A case in a folder of its own."""

    def __init__(self, case, folder):
        self.case, self.folder = case, folder
        self.book, self.out = os.path.join(folder, "BOOK"), os.path.join(folder, "OUT")
        self.faults = []
        shutil.copytree(os.path.join(CASES, "base"), self.book)
        os.chmod(folder, 0o777)
        for line in case.changes:
            if line.split(" ")[0] not in ("limit", "as_user"):
                change(self.book, line)

    def answers(self):
        return [self.answer(command) for command, _ in self.case.steps]

    def answer(self, command):
        words = [os.path.join(self.folder, word) if re.match(r"(BOOK|OUT)\b", word) else word
                 for word in shlex.split(command)]
        to = None
        if ">" in words:
            to = words[words.index(">") + 1]
            words = words[:words.index(">")]
        if words[0] == "cat":
            with open(words[1], encoding="utf-8") as file:
                return file.read().splitlines()
        before = set(os.listdir(self.folder))
        run = self.run(words, to)
        if run is None:
            return ["= hangs"]
        lines = [f"= {run.returncode}"] + run.stderr.splitlines()
        if run.returncode == 0 and "--help" not in words and "evaluate" in words:
            lines += answer_of_evaluate(run.stdout)
        elif run.returncode != 2 and "run" in words and os.path.exists(os.path.join(self.out, "run.json")):
            lines += answer_of_run(self.out)
        elif run.returncode == 0 or "run" not in words:
            lines += (run.stdout or "").splitlines()
        self.look_after(run, command, before)
        return [line.replace(self.folder + "/", "").rstrip() for line in lines]

    def run(self, words, to):
        assert words[0] == "lotwright"
        with open(to or os.devnull, "w", encoding="utf-8") as file:
            child = subprocess.Popen([PROGRAM, *words[1:]], stdout=file if to else subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True, errors="replace", cwd=self.folder,
                                     preexec_fn=limits(self.case))
            try:
                stdout, stderr = child.communicate(timeout=SECONDS_MAX)
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                self.faults.append("it hangs")
                return None
        return subprocess.CompletedProcess(words, child.returncode, stdout, stderr)

    def look_after(self, run, command, before):
        if run.returncode not in (0, 1, 2, 3, 4):
            name = signal.Signals(-run.returncode).name if run.returncode < 0 else run.returncode
            self.faults.append(f"{command}: it crashed: {name}")
        if "defect of the engine" in run.stderr:
            self.faults.append(f"{command}: a defect: {run.stderr}")
        left = leftovers(self.folder, before | ({"OUT"} if run.returncode != 2 else set()))
        if left:
            self.faults.append(f"{command}: it left {left} behind")


def play(case):
    """The answers of a case, and what must never be."""
    with tempfile.TemporaryDirectory(prefix="lotwright-errors-") as folder:
        if "as_user" in case.changes and os.geteuid() == 0:
            seen = subprocess.run([PROGRAM, "--version"], capture_output=True, preexec_fn=as_nobody, check=False)
            if seen.returncode != 0:
                raise Skipped("another user cannot run the program here")
        game = Play(case, folder)
        answers = game.answers()
        return answers, game.faults


# ---- the page

def rules():
    with open(os.path.join(ROOT, "src/book/rules.def"), encoding="utf-8") as file:
        return dict(re.findall(r'(?m)^LOTWRIGHT_RULE\((\w+), "(.*)"\)', file.read()))


def unreachable():
    """Rules that no input shows, each with the reason."""
    with open(os.path.join(CASES, "not_shown.txt"), encoding="utf-8") as file:
        return dict(line.split(": ", 1) for line in file.read().splitlines() if line and not line.startswith("#"))


def abridged(answer):
    """The page shows the first and the last lines of a long answer; the case has them all."""
    shown = 16
    return answer if len(answer) <= shown else answer[:6] + [f"... {len(answer) - 8} lines more"] + answer[-2:]


def section(case, answers):
    lines = [" ".join(case.title), "", "```"] + case.changes
    for (command, _), answer in zip(case.steps, answers):
        lines += ["$ " + command] + abridged(answer)
    return "\n".join(lines + ["```", ""])


INTRODUCTION = """# Errors: the smallest input for each, and what is said

Written by `tests/errors.py --update` from the cases in `tests/errors`, which `./do test` plays; not to be edited. Every
case spoils one thing in the small sound book `tests/errors/base`. `swap FILE | TEXT | NEW` puts NEW in the place of
TEXT, `add` adds a line, `put` writes the whole file, `drop` takes it away, `= 2` is the exit code. `check` shows a line
a finding; of `run` the rows of `exceptions.csv` and `orders.csv` are shown, of `evaluate` findings and broken rules.

The rules are in the order of `src/book/rules.def`, as in `exceptions.csv`.
"""


def page(played):
    """docs/errors.md from [(case, answers)], by rule."""
    text, missing = INTRODUCTION, unreachable()
    meanings = rules()
    groups = [(name, meaning) for name, meaning in meanings.items()]
    for name, meaning in groups + [("works", "odd and good: read like any other file"),
                                   ("command", "the command line")]:
        own = [(case, answers) for case, answers in played if case.rule == name]
        if not own and name not in missing:
            continue
        text += f"\n## {name}\n\n{meaning[0].upper() + meaning[1:]}.\n\n"
        if not own:
            text += f"No case: {missing[name]}\n"
        text += "\n".join(section(case, answers) for case, answers in own)
    return text


# ---- the test

def cover(count, played):
    """Every rule is told by some case, or listed with the reason why it cannot be."""
    told = set()
    for _, answers in played:
        told |= set(re.findall(r"[a-z]+(?:_[a-z0-9]+)+", "\n".join(line for answer in answers for line in answer)))
    missing = unreachable()
    for name in rules():
        count(name in told or name in missing, f"{name} has no case in tests/errors, nor a reason in not_shown.txt")
    for name in missing:
        count(name not in told, f"{name} stands in not_shown.txt and a case shows it: take it out")


class Count:
    def __init__(self):
        self.passed = self.failed = 0

    def __call__(self, holds, complaint):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"  FAILED {complaint}", flush=True)


def difference(expected, found):
    return "\n".join([f"    - {line}" for line in expected if line not in found] +
                     [f"    + {line}" for line in found if line not in expected]) or "    the order of the lines"


def try_play(case):
    try:
        return play(case)
    except Skipped as why:
        return str(why)


def run(update=False, only=()):
    count, played = Count(), []
    names = sorted(name for name in os.listdir(CASES) if name.endswith(".case"))
    cases = [Case(os.path.join(CASES, name)) for name in names if not only or any(word in name for word in only)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(try_play, cases))
    for case, result in zip(cases, results):
        if isinstance(result, str):
            print(f"  skipped: {case.name}: {result}")
            played.append((case, [answer for _, answer in case.steps]))
            continue
        answers, faults = result
        played.append((case, answers))
        expected = [answer for _, answer in case.steps]
        if update:
            with open(case.path, "w", encoding="utf-8") as file:
                file.write(case.text(answers))
        else:
            count(answers == expected, f"{case.name}: other words than in the case:\n" + "\n".join(
                difference(*pair) for pair in zip(expected, answers) if pair[0] != pair[1]))
        count(not faults, f"{case.name}: {'; '.join(faults)}")
    if not only:
        cover(count, played)
        text = page(played)
        if update:
            with open(PAGE, "w", encoding="utf-8") as file:
                file.write(text)
        with open(PAGE, encoding="utf-8") as file:
            count(file.read() == text, "docs/errors.md is not what the cases give: run tests/errors.py --update")
    print(f"  gallery of errors: {len(cases)} cases, {count.passed} passed, {count.failed} failed")
    return count.passed, count.failed


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(1 if run("--update" in words, [word for word in words if word != "--update"])[1] else 0)
