#!/usr/bin/env python3
"""Stories: small books with what a desk wants, what the engine must do, and what it does.

    tests/cases.py [NAME ...] [--update] [--program PATH]     all, or those whose names contain one of the words

A story is a folder tests/cases/NAME:

    story.md     who, what they want, what the engine must do and why, in dollars that a pencil can check
    book/        the smallest book that tells it; further folders beside it (CASE/NAME) where one is not enough
    commands     what is run, below
    expected/    what came of it, byte by byte

`commands` has a line each; # begins a comment:

    run BOOK --out OUT            the words of `lotwright`; BOOK, CASE and OUT are folders, OUT/july one of its own
    explain BOOK A1 > a1.txt      what it says (stdout, then stderr) is compared with expected/a1.txt
    = 3                           the exit code of the line above, where it is not 0
    copy OUT/a.csv OUT/b/c.csv    a file or folder of one command becomes another's
    files orders.csv blocks.csv   which files are compared of what commands with --out write (else those of FILES)
    columns accounts.csv a,b      which columns of one are
    unchecked REASON              why the independent checker cannot judge this story

story.md says by hand what must come of a run, and `--update` never touches it. A block ```orders (```orders july for
OUT/july) has all orders, a block ```exceptions all exceptions, in any order, # for remarks; no block of exceptions
says that there are none of severity hold or review. Of a ledger a block ```sales has all lines of Form 8949:

    maria-ira  buy  58 USEQ           account, side, quantity, security
    maria-ira  price_missing  hold    account (or household, or -), rule, severity
    maria  58  L1  long_term  70.00   account, quantity, lot, term, gain

Every run is audited as well (`audit-run --book --replay`).

`--update` prints what differs, writes it into expected/, and leaves reading it to you."""
import concurrent.futures
import csv
import difflib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STORIES = os.path.join(ROOT, "tests", "cases")
PROGRAM = os.path.join(ROOT, "build", "lotwright")
CHECKER = os.path.join(os.path.dirname(ROOT), "shared", "tools", "check_run.py")
FILES = {"run": ["orders.csv", "lot_sales.csv", "exceptions.csv", "accounts.csv"],
         "ledger": ["form8949.csv", "lots.csv", "schedule_d.csv", "findings.csv"],
         "tax-report": ["tax_accounts.csv", "tax_lots.csv"]}
COLUMNS = {"accounts.csv": "account_id status value investable_value cash_before cash_after gain_short gain_long "
                           "exceptions".split(),
           "exceptions.csv": "account_id household_id rule severity observed limit message".split()}
SECONDS_MAX = 60


class Unreadable(Exception):
    """A story that does not say what it should."""


def text_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


class Story:
    """One folder of tests/cases."""

    def __init__(self, name):
        self.name, self.folder = name, os.path.join(STORIES, name)
        self.steps = []  # [words, where stdout goes or "", exit code]
        self.files, self.columns, self.unchecked = [], dict(COLUMNS), ""
        for line in self.read("commands").splitlines():
            line = line.split(" #")[0].strip() if not line.startswith("#") else ""
            if line:
                self.hear(line)
        self.page = self.read("story.md")

    def read(self, name):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            raise Unreadable(f"{name} is missing")
        return text_of(path)

    def hear(self, line):
        word, _, rest = line.partition(" ")
        if word == "=" and self.steps:
            self.steps[-1][2] = int(rest)
        elif word == "files":
            self.files = rest.split()
        elif word == "columns":
            file, _, names = rest.partition(" ")
            self.columns[file] = [name.strip() for name in names.split(",")]
        elif word == "unchecked":
            self.unchecked = rest
        else:
            command, _, to = line.rpartition(" > ") if " > " in line else (line, "", "")
            self.steps.append([shlex.split(command), to.strip(), 0])

    def block(self, kind, name):
        """The lines of the block ```KIND NAME as lists of words; None where there is none."""
        found = re.search(rf"(?ms)^```{kind} ?{re.escape(name)}[ \t]*\n(.*?)^```", self.page)
        if not found:
            return None
        lines = (line.split("#")[0].split() for line in found[1].splitlines())
        return sorted(line for line in lines if line)

    def expected(self):
        """Name -> text of what is in expected/."""
        found, top = {}, os.path.join(self.folder, "expected")
        for where, _, names in os.walk(top):
            for name in names:
                path = os.path.join(where, name)
                found[os.path.relpath(path, top)] = text_of(path)
        return found


# ---- playing

def of_columns(text, names):
    """The CSV with these columns alone."""
    rows = list(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        if not set(names) <= set(row):
            raise Unreadable(f"no such column: {', '.join(sorted(set(names) - set(row)))}")
        writer.writerow(row)
    return out.getvalue()


def copy(source, to):
    os.makedirs(os.path.dirname(to), exist_ok=True)
    shutil.copytree(source, to) if os.path.isdir(source) else shutil.copyfile(source, to)


class Played:
    """One playing of a story: what came of it, and what is wrong whatever was expected."""

    def __init__(self, story, program, into):
        self.story, self.into, self.found, self.faults = story, into, {}, []
        self.checked = 0
        self.program = program
        for words, to, code in story.steps:
            self.step(words, to, code)

    def folder(self, word):
        places = {"BOOK": os.path.join(self.story.folder, "book"), "CASE": self.story.folder,
                  "OUT": os.path.join(self.into, "out")}
        return re.sub(r"^(BOOK|CASE|OUT)(?=/|$)", lambda found: places[found[1]], word)

    def step(self, words, to, code):
        line = " ".join(words)
        if words[0] == "copy":
            return copy(*map(self.folder, words[1:]))
        run = subprocess.run([self.program, *map(self.folder, words)], cwd=ROOT, capture_output=True, text=True,
                             errors="replace", timeout=SECONDS_MAX)
        said = run.stdout + re.sub(r"(?m)^book read in .* s\n", "", run.stderr)  # seconds are nobody's promise
        for word in ("BOOK", "CASE", "OUT"):
            said = said.replace(self.folder(word), word)
        if run.returncode != code:
            self.faults.append(f"{line}: ends with {run.returncode}, not {code}: {said[-600:]}")
        if to:
            self.found[to] = said
        if words[0] in FILES and run.returncode in (0, 1, 3) and "--out" in words:
            out = self.folder(words[words.index("--out") + 1])
            name = os.path.relpath(out, self.folder("OUT"))
            self.look_at(words, line, out, "" if name == "." else name)

    def look_at(self, words, line, out, name):
        """The files written, and what the story says of a run."""
        for file in self.story.files or FILES[words[0]]:
            text = text_of(os.path.join(out, file))
            columns = self.story.columns.get(file)
            self.found[os.path.join(name, file)] = of_columns(text, columns) if columns else text
        if words[0] == "ledger":
            self.compare_told("sales", name, os.path.join(out, "form8949.csv"), lambda row: [
                row["account_id"], row["quantity"], row["lot_id"], row["term"], row["gain"]], lambda row: True)
        if words[0] != "run":
            return
        self.audit(words, line, out)
        self.compare_told("orders", name, os.path.join(out, "orders.csv"), lambda row: [
            row["account_id"], row["side"], row["quantity"], row["security_id"]], lambda row: True)
        self.compare_told("exceptions", name, os.path.join(out, "exceptions.csv"), lambda row: [
            row["account_id"] or row["household_id"] or "-", row["rule"], row["severity"]],
            lambda row: row["severity"] != "note")
        if not self.story.unchecked and os.path.exists(CHECKER):
            as_of = words[words.index("--as-of"):][:2] if "--as-of" in words else []
            check = subprocess.run([sys.executable, CHECKER, self.folder(words[1]), out, *as_of], capture_output=True,
                                   text=True)
            self.checked += 1
            if check.returncode:
                self.faults.append(f"{line}: the checker says {check.stdout.strip()} {check.stderr.strip()}")

    def audit(self, words, line, out):
        """Every run of a story keeps what a run promises, and is decided again as it was."""
        before = words[words.index("--previous"):][:2] if "--previous" in words else []
        audit = subprocess.run([self.program, "audit-run", out, "--book", *map(self.folder, [words[1], *before]),
                                "--replay", "--threads", "1"], cwd=ROOT, capture_output=True, text=True)
        if audit.returncode:
            broken = [one for one in audit.stdout.splitlines() if not one.startswith("ok ")]
            self.faults.append(f"{line}: the audit says {audit.stderr.strip()}\n    " + "\n    ".join(broken))

    def compare_told(self, kind, name, path, words_of, matters):
        told = self.story.block(kind, name)
        rows = list(csv.DictReader(io.StringIO(text_of(path))))
        found = sorted(map(words_of, rows))
        if told is None and (kind == "orders" or any(map(matters, rows))):
            self.faults.append(f"story.md has no block ```{' '.join(filter(None, (kind, name)))}; it would say\n" +
                               "\n".join("      " + " ".join(line) for line in found))
        elif told is not None and told != found:
            self.faults.append(f"story.md tells other {kind}{' of ' + name if name else ''}:\n" + differing(
                "".join(" ".join(line) + "\n" for line in told), "".join(" ".join(line) + "\n" for line in found)))


def differing(expected, found):
    lines = difflib.unified_diff(expected.splitlines(), found.splitlines(), lineterm="", n=1)
    return "\n".join("      " + line for line in list(lines)[2:])


def play(name, program):
    """(differences by file, faults, found, runs the checker saw, why it saw none)."""
    try:
        story = Story(name)
        with tempfile.TemporaryDirectory(prefix="lotwright-") as into:
            played = Played(story, program, into)
    except (Unreadable, OSError, ValueError, subprocess.TimeoutExpired) as fault:
        return {}, [str(fault)], None, 0, ""
    expected = story.expected()
    different = {file: differing(expected.get(file, ""), played.found.get(file, "")) or "      its last line"
                 for file in sorted(set(expected) | set(played.found)) if expected.get(file) != played.found.get(file)}
    if not played.found:
        played.faults.append("nothing of it is compared")
    return different, played.faults, played.found, played.checked, story.unchecked


def write(name, found):
    top = os.path.join(STORIES, name, "expected")
    shutil.rmtree(top, ignore_errors=True)
    for file, text in found.items():
        path = os.path.join(top, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as out:
            out.write(text)


def run(words=(), update=False, program=PROGRAM):
    """(passed, failed): a story passes where its files are as expected and its page tells what came of it."""
    names = sorted(name for name in os.listdir(STORIES) if os.path.isdir(os.path.join(STORIES, name)))
    names = [name for name in names if not words or any(word in name for word in words)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda name: play(name, program), names))
    passed = failed = checked = 0
    for name, (different, faults, found, seen, unchecked) in zip(names, results):
        checked += seen
        if unchecked:
            print(f"  not for the checker: {name}: {unchecked}")
        if different:
            print(f"  {'written' if update else 'FAILED'} {name}: other than expected")
            print("\n".join(f"    {file}\n{lines}" for file, lines in different.items()))
            if update and found:
                write(name, found)
                different = {}
        if faults:
            print(f"  FAILED {name}: " + "\n    ".join(faults))
        passed, failed = passed + (not different and not faults), failed + bool(different or faults)
    if not os.path.exists(CHECKER):
        print("  skipped: no independent checker beside the checkout")
    print(f"  stories: {passed} passed, {failed} failed, {checked} runs looked at by the checker")
    return passed, failed


def main():
    words, program = sys.argv[1:], PROGRAM
    if "--program" in words:
        place = words.index("--program")
        program = words[place + 1]
        del words[place:place + 2]
    update = "--update" in words
    sys.exit(1 if run([word for word in words if word != "--update"], update, program)[1] else 0)


if __name__ == "__main__":
    main()
