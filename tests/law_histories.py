#!/usr/bin/env python3
"""The law as histories: tests/rules/us/*.history, played by `lotwright ledger` and by the second opinion.

    tests/law_histories.py [NAME ...]      all of them, or those whose names contain one of the words

tests/rules/us/README.md explains the words. Facts stand above the line ----, what must come of them below it. Every
line of Form 8949 has to be written down; of `lot`, `year` and `finding` all, or none where the case is not about them.
Both players must give what is written, which comes from the publication or the law, by hand."""
import csv
import datetime
import glob
import os
import re
import subprocess
import sys
import tempfile
from fractions import Fraction

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, "build", "lotwright")
CASES = os.path.join(ROOT, "tests/rules/us")
sys.path.insert(0, os.path.join(ROOT, "tests"))
from ledger_twin import histories, law, twin  # noqa: E402
from ledger_twin.folder import METHODS  # noqa: E402

MOVES = {"bought": "buy", "reinvested": "reinvest", "moved_in": "transfer_in", "moved_out": "transfer_out",
         "sold": "sell", "gift": "gift_in", "from_spouse": "spouse_in", "inherited": "inherit"}
ACTIONS = {"split": "split", "reverse_split": "reverse_split", "stock_dividend": "stock_dividend",
           "spin_off": "spin_off", "merger": "merger", "new_symbol": "symbol_change",
           "capital_returned": "return_of_capital"}


class Unreadable(Exception):
    """A case says something that is not in the README."""


class Line:
    """Words in order, then names each followed by a value."""

    def __init__(self, text):
        self.words = text.split()

    def after(self, name, otherwise=""):
        return self.words[self.words.index(name) + 1] if name in self.words else otherwise

    def at(self, place):
        if place >= len(self.words):
            raise Unreadable(f"too short: {' '.join(self.words)}")
        return self.words[place]


class Case:
    """One file: a folder for the ledger, questions, and what must come of them."""

    def __init__(self, path):
        self.name = os.path.basename(path)[:-len(".history")]
        with open(path, encoding="utf-8") as file:
            above, _, below = "\n".join(line.split("#")[0].rstrip() for line in file).partition("\n----")
        self.files, self.settings = {name: [] for name in histories.COLUMNS}, []
        self.securities, self.groups, self.steps, self.payers = {}, {}, {}, {}
        self.asked = []
        for line in above.splitlines():
            if line.strip():
                self.hear(Line(line))
        self.answers = [" ".join(line.split()) for line in below.splitlines() if line.strip()]
        self.finish()

    def row(self, file, **cells):
        self.files[file].append({name: value for name, value in cells.items() if value})

    def names(self, *securities):
        for security in securities:
            self.securities.setdefault(security)

    def hear(self, line):
        word = line.at(0)
        if word in MOVES:
            self.hear_move(word, line)
        elif word in ACTIONS:
            self.hear_action(word, line)
        elif word == "account":
            payer = line.after("of", "T")
            if payer == "household":
                payer = ""  # nobody is named: it is linked to all of the household
            else:
                self.payers.setdefault(payer, {})
            self.row("accounts.csv", account_id=line.at(1), household_id="H", tax_treatment=line.at(2),
                     taxpayer_id=payer)
        elif word == "taxpayer":
            self.payers[line.at(1)] = {
                "carryforward_short": line.after("carried_short"), "carryforward_long": line.after("carried_long"),
                "ordinary_loss_limit": line.after("limit"), "spouse_id": line.after("spouse"),
                "rate_short": line.after("rate_short"), "rate_long": line.after("rate_long")}
        elif word == "identical":
            self.groups.update(dict.fromkeys(line.words[1:], "of " + line.at(1)))
        elif word == "whole_shares":
            self.steps.update(dict.fromkeys(line.words[1:], "1"))
        elif word == "reading":
            self.settings.append((line.at(1), line.at(2)))
        elif word == "lot":
            self.names(line.at(3))
            self.row("opening_lots.csv", account_id=line.at(1), lot_id=line.at(2), security_id=line.at(3),
                     quantity=line.at(4), cost_basis=line.after("basis"), acquired_on=line.after("acquired"),
                     held_from=line.after("held_from"), loss_basis=line.after("loss_basis"),
                     loss_held_from=line.after("loss_held_from"), parent_lot_id=line.after("parent"),
                     first_lot_id=line.after("first"), acquisition_id=line.after("acquisition"),
                     replacement=line.after("replacement"), made=line.after("made"), parts=line.after("parts"))
        elif word == "taken_back":
            self.row("transactions.csv", transaction_id=self.id(line), reverses=line.at(1))
        elif word == "again":
            self.files["transactions.csv"] += [row for row in self.files["transactions.csv"]
                                               if row["transaction_id"] == line.at(1)]
        elif word == "dividend":
            self.asked.append(line)
        else:
            raise Unreadable(f"unknown word {word}")

    def id(self, line):
        return line.after("named") or f"E{sum(map(len, self.files.values())) + 1}"

    def hear_move(self, word, line):
        outside = line.at(1) == "outside"
        named = line.at(2)
        method = named if word in ("sold", "moved_out") and named in METHODS else ""
        self.names(line.at(3))
        self.row("transactions.csv", transaction_id=self.id(line), account_id=line.at(1), trade_date=line.after("on"),
                 kind=MOVES[word], security_id=line.at(3), quantity=line.at(4), amount=line.after("for"),
                 lot_id="" if method else named, method=method, acquired_on=line.after("acquired"),
                 cost_basis=line.after("basis"), fair_value=line.after("worth"), outside="yes" if outside else "",
                 taxpayer_id=line.after("of", "T") if outside else "")

    def hear_action(self, word, line):
        into = line.after("into")
        self.names(line.at(1), *([into] if into else []))
        self.row("corporate_actions.csv", action_id=self.id(line), security_id=line.at(1),
                 effective_on=line.after("on"), kind=ACTIONS[word], new_security_id=into,
                 status="pending" if "pending" in line.words else "applied",
                 ratio=line.after("ratio"), cash_per_share=line.after("cash"), basis_fraction=line.after("fraction"),
                 fair_value_new=line.after("worth"))

    def finish(self):
        for security in self.securities:
            self.row("securities.csv", security_id=security, kind="stock",
                     identical_group=self.groups.get(security, ""), quantity_step=self.steps.get(security, "0.000001"))
        for payer, cells in self.payers.items():
            self.row("taxpayers.csv", taxpayer_id=payer, **{"rate_short": "0.37", "rate_long": "0.2", **{
                name: value for name, value in cells.items() if value}})


def write(case, folder):
    """The case as a folder of the ledger."""
    os.makedirs(folder)
    files = dict(case.files)
    if case.settings:
        files["ledger_settings.csv"] = [{"setting": name, "value": value} for name, value in case.settings]
    for name, rows in files.items():
        used = [column for row in rows for column in row]
        columns = list(dict.fromkeys([*histories.COLUMNS.get(name, "").split(), *used]))
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- what came of it, in the words of a case

def is_of(id, name):
    """A lot that was made out of another keeps its name with something after it."""
    return id == name or (id.startswith(name) and not id[len(name)].isalnum())


def value_of(row, name):
    columns = {"basis": "cost_basis", "disallowed": "adjustment", "held_from": "held_from", "acquired": "acquired_on",
               "sold": "sold_on", "offset": "ordinary_offset", "carried_short": "carryforward_short",
               "carried_long": "carryforward_long", "parent": "parent_lot_id", "first": "first_lot_id",
               "acquisition": "acquisition_id"}
    return row.get(columns.get(name, name)) or "unknown"


def same(said, found):
    try:
        return Fraction(said) == Fraction(found)
    except ValueError:
        return said == found


def sale_says(words, row):
    """sale ACCOUNT LOT SHARES TERM name value ..."""
    return (row["account_id"] == words[1] and is_of(row["lot_id"], words[2]) and same(words[3], row["quantity"]) and
            row["term"] == words[4] and named_values(words[5:], row))


def lot_says(words, row):
    """lot ACCOUNT LOT SECURITY SHARES name value ..."""
    return (row["account_id"] == words[1] and is_of(row["lot_id"], words[2]) and row["security_id"] == words[3] and
            same(words[4], row["quantity"]) and named_values(words[5:], row))


def year_says(words, row):
    """year TAXPAYER YEAR name value ..."""
    return row["taxpayer_id"] == words[1] and row["year"] == words[2] and named_values(words[3:], row)


def finding_says(words, row):
    """finding FILE RULE, or * for any rule"""
    return row["file"] == words[1] and words[2] in (row["rule"], "*")


def named_values(words, row):
    return all(same(value, value_of(row, name)) for name, value in zip(words[::2], words[1::2]))


FILES = {"sale": ("form8949.csv", sale_says), "lot": ("lots.csv", lot_says), "year": ("schedule_d.csv", year_says),
         "finding": ("findings.csv", finding_says)}


def wrong_in(case, out):
    """Sentences about what the folder `out` has otherwise than the case."""
    wrong = []
    for word, (file, says) in FILES.items():
        said = [line for line in case.answers if line.split()[0] == word]
        if not said and word in ("lot", "year"):
            continue
        rows = rows_of(os.path.join(out, file))
        for line in said:
            found = next((row for row in rows if says(line.split(), row)), None)
            if found is None:
                wrong.append(f"not found: {line}")
            else:
                rows.remove(found)
        wrong += [f"not written down: {file} {' '.join(map(str, filter(None, row.values())))}" for row in rows]
    return wrong


def answers_to_questions(case):
    """What the second opinion says of dividends; the program decides nothing about them."""
    day = datetime.date.fromisoformat
    for line in case.asked:
        sold = line.after("sold_on")
        times = day(line.after("ex")), day(line.after("bought")), day(sold) if sold else None
        yield f"{law.days_held_around(*times)} days {'qualified' if law.is_qualified(*times) else 'not_qualified'}"


def play(case, program, into):
    """Sentences about what is wrong in each player's answer."""
    given, wrong = os.path.join(into, "given"), []
    if not case.answers:
        return ["nothing is written below ----"]
    write(case, given)
    players = [("second opinion", [sys.executable, os.path.join(ROOT, "tests/ledger_twin/twin.py"), given])]
    if program:
        players.append(("lotwright ledger", [program, "ledger", given, "--out"]))
    questions = [line for line in case.answers if line.split()[0] not in FILES]
    if questions != list(answers_to_questions(case)):
        wrong.append(f"second opinion: {list(answers_to_questions(case))} where {questions} is written")
    if len(questions) == len(case.answers):
        return wrong
    for name, command in players:
        out = os.path.join(into, name.replace(" ", "_"))
        if name == "second opinion":
            twin.write(twin.outputs(twin.read_folder(given)), out)
        else:
            run = subprocess.run([*command, out], capture_output=True, text=True)
            if run.returncode:
                wrong.append(f"{name}: ended with {run.returncode}: {run.stderr.strip()}")
                continue
        wrong += [f"{name}: {sentence}" for sentence in wrong_in(case, out)]
    return wrong


def run(words=(), program=PROGRAM):
    """(passed, failed) over the cases whose names contain one of `words`."""
    passed = failed = 0
    if not os.path.exists(program):
        print(f"  {program} is not built: only the second opinion plays")
        program = None
    for path in sorted(glob.glob(os.path.join(CASES, "*.history"))):
        if words and not any(word in path for word in words):
            continue
        with tempfile.TemporaryDirectory() as into:
            try:
                wrong = play(Case(path), program, into)
            except (Unreadable, ValueError, IndexError) as fault:
                wrong = [f"cannot be read: {fault}"]
        passed, failed = passed + (not wrong), failed + bool(wrong)
        if wrong:
            print(f"  {os.path.basename(path)}:", *wrong, sep="\n    ")
    print(f"  law histories: {passed} passed, {failed} failed")
    return passed, failed


if __name__ == "__main__":
    sys.exit(1 if run(sys.argv[1:])[1] else 0)
