#!/usr/bin/env python3
"""`lotwright ledger` beside the second opinion, on random histories by the thousand.

    tests/ledger_twin/compare.py [HISTORIES] [SEED] [--only NUMBER] [--show N] [--program FILE]

Thousands of histories share a folder, so that one run of the program plays them all. Where the two disagree, the
history is cut down to the fewest rows that still show it, and printed with both answers. Besides, of the program alone:
basis is conserved, an event taken back leaves no trace, an event told twice counts once, only the order within a day
counts, and people who have nothing to do with one another do not change each other's lots."""
import argparse
import csv
import functools
import glob
import os
import random
import subprocess
import sys
import tempfile
import time
from fractions import Fraction

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from ledger_twin import continued, histories, twin  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, "build", "lotwright")
IN_ONE_FOLDER = 2000
CUT_IN_ONE_FOLDER = 500
OUTPUTS = ("form8949.csv", "lots.csv", "schedule_d.csv", "findings.csv")
NOT_COMPARED = {"findings.csv": ("column", "value", "message")}  # words for people


class Broken(Exception):
    """The program did not play a folder."""


@functools.lru_cache(1_000_000)
def worth(text):
    """A number by its worth, anything else as it is."""
    try:
        return Fraction(text)
    except ValueError:
        return text


def canonical(file, row):
    """A row as values: numbers by their worth, so that 1.50 is 1.5, and no adjustment is one of 0."""
    if row.get("adjustment") == "":
        row["adjustment"] = "0"
    values = []
    for name in twin.COLUMNS[file].split():
        text = row.get(name, "")
        values.append(text if name.endswith(("_id", "_on")) else worth(text))
        if name in NOT_COMPARED.get(file, ()):
            values.pop()
        elif name == "rule" and text.startswith("data_") or text == "ledger_action_unplayable":
            values[-1] = "data"  # of several faults of a row the second opinion names the first
    return tuple(values)


def run_program(program, given, out):
    run = subprocess.run([program, "ledger", given, "--out", out], capture_output=True, text=True)
    if run.returncode:
        raise Broken(f"lotwright ledger ended with {run.returncode}: {run.stderr.strip()[-2000:]}")


def by_program(program, given, out):
    run_program(program, given, out)
    rows = {}
    for file in OUTPUTS:
        with open(os.path.join(out, file), encoding="utf-8", newline="") as read:
            rows[file] = [canonical(file, row) for row in csv.DictReader(read)]
    rows["findings.csv"] = sorted(set(rows["findings.csv"]))  # one row may have several faults of a rule
    return rows


def by_twin(given):
    rows = {file: [canonical(file, dict(zip(twin.COLUMNS[file].split(), row))) for row in listed]
            for file, listed in twin.outputs(twin.read_folder(given)).items()}
    rows["findings.csv"] = sorted(set(rows["findings.csv"]))
    return rows


def both(program, files, settings):
    """(rows of the program, rows of the second opinion) of one folder."""
    with tempfile.TemporaryDirectory() as place:
        given = os.path.join(place, "given")
        histories.write(files, settings, given)
        return by_program(program, given, os.path.join(place, "out")), by_twin(given)


def number_of(file, row, whose):
    if file == "findings.csv":
        return whose.get((row[0], int(row[1])) if row[1] else None)
    return histories.number_in(row[0])


def sorted_out(rows, whose):
    """{number of a history: its rows}; rows that belong to none are under None. Lots are ranked among its own."""
    found, made = {}, {}
    place = twin.COLUMNS["lots.csv"].split().index("made")
    for row in sorted(rows.get("lots.csv", []), key=lambda row: row[place] or 0):
        ranks = made.setdefault(number_of("lots.csv", row, whose), {})
        ranks[row] = len(ranks) + 1
    for file in OUTPUTS:
        for row in rows.get(file, []):
            number = number_of(file, row, whose)
            if file == "lots.csv":
                row = (*row[:place], made[number][row], *row[place + 1:])
            found.setdefault(number, []).append((file, row))
    return found


def differing(drawn, ours, twins):
    """The numbers of the histories about which the two disagree."""
    whose = histories.joined(drawn)[1]
    ours, twins = sorted_out(ours, whose), sorted_out(twins, whose)
    return [number for number in sorted(set(ours) | set(twins), key=str) if ours.get(number) != twins.get(number)]


# ---- the smallest history that still shows it

def disagree(program, one, settings):
    """The files that differ."""
    try:
        ours, twins = both(program, histories.joined({0: one})[0], settings)
    except Broken:
        return {"nothing was written"}
    return {file for file in OUTPUTS if ours[file] != twins[file]}


def shrunk(program, one, settings):
    """Drops rows, then cells, as long as the two still disagree about the first of the files they did."""
    first = next(file for file in (*OUTPUTS, "nothing was written") if file in disagree(program, one, settings))
    one = {file: list(rows) for file, rows in one.items()}
    smaller = True
    while smaller:
        smaller = False
        for file in ("transactions.csv", "corporate_actions.csv", "opening_lots.csv", "accounts.csv", "securities.csv",
                     "taxpayers.csv"):
            for i in reversed(range(len(one[file]))):
                less = {**one, file: one[file][:i] + one[file][i + 1:]}
                if still_sound(less) and first in disagree(program, less, settings):
                    one, smaller = less, True
    for file, names in (("taxpayers.csv", ("spouse_id", "carryforward_short", "carryforward_long")),
                        ("securities.csv", ("identical_group", "quantity_step")),
                        ("transactions.csv", ("method", "lot_id")), ("opening_lots.csv", ("held_from",))):
        for i, row in enumerate(one[file]):
            for name in names:
                less = {**one, file: one[file][:i] + [{**row, name: ""}] + one[file][i + 1:]}
                if row.get(name) and first in disagree(program, less, settings):
                    one, row = less, less[file][i]
    return one


def still_sound(one):
    """What is left names only people and accounts that are left: a folder without them could not be used at all."""
    payers = {row["taxpayer_id"] for row in one["taxpayers.csv"]}
    accounts = {row["account_id"] for row in one["accounts.csv"]}
    return payers and accounts and all(
        row.get("taxpayer_id", "") in payers | {""} for row in one["accounts.csv"] + one["transactions.csv"]) and all(
        row.get("spouse_id", "") in payers | {""} for row in one["taxpayers.csv"])


def show(program, one, settings):
    for name, rows in [*one.items(), ("ledger_settings.csv", [dict(settings)] if settings else [])]:
        for line, row in enumerate(rows, 2):
            print(f"    {name}:{line}  " + "  ".join(f"{key} {value}" for key, value in row.items() if value))
    try:
        ours, twins = both(program, histories.joined({0: one})[0], settings)
    except Broken as broken:
        print(f"    {broken}")
        return
    text = lambda row: "  ".join(str(float(cell)) if isinstance(cell, Fraction) else cell for cell in row)
    for file in OUTPUTS:
        only = lambda some, others: [row for row in some if row not in others]
        for who, rows in (("lotwright ", only(ours[file], twins[file])), ("the twin  ", only(twins[file], ours[file]))):
            for row in rows:
                print(f"    {who} {file}: {text(row)}")
        if ours[file] != twins[file] and sorted(map(str, ours[file])) == sorted(map(str, twins[file])):
            print(f"    {file}: the same rows in another order")


# ---- what must hold of the program alone

def written(program, settings, drawn):
    """What the program writes: {file: [{column: text}]}."""
    with tempfile.TemporaryDirectory() as place:
        given, out, rows = os.path.join(place, "given"), os.path.join(place, "out"), {}
        histories.write(histories.joined(drawn)[0], settings, given)
        run_program(program, given, out)
        for file in OUTPUTS:
            with open(os.path.join(out, file), encoding="utf-8", newline="") as read:
                rows[file] = list(csv.DictReader(read))
        return rows


def texts_of(program, drawn, settings):
    """What the program writes, findings and the rank of each lot among everybody's apart: {file: its lines}."""
    rows = written(program, settings, drawn)
    return {file: [",".join(text for name, text in row.items() if name != "made") for row in rows[file]]
            for file in OUTPUTS if file != "findings.csv"}


def taken_back_leaves_no_trace(drawn, dice):
    """Every history gets an event more and its reversal: nothing changes."""
    more = {}
    for number, one in drawn.items():
        extra = histories.history(f"extra {dice.random()}", number)["transactions.csv"]
        extra = [row for row in extra if not row.get("reverses")][:2]
        added = []
        for i, row in enumerate(extra):
            id = f"h{number}extra{i}"
            added += [{**row, "transaction_id": id, "lot_id": ""},
                      {"transaction_id": id + "back", "reverses": id}]
        more[number] = {**one, "transactions.csv": one["transactions.csv"] + added}
    return more


def told_twice_counts_once(drawn, dice):
    return {number: {**one, "transactions.csv": one["transactions.csv"] + [
        dict(row) for row in one["transactions.csv"] if dice.random() < 0.3]} for number, one in drawn.items()}


def strangers_change_nothing(drawn, dice):
    """The histories in another order in every file."""
    numbers = list(drawn)
    dice.shuffle(numbers)
    return {number: drawn[number] for number in numbers}


def rows_of_other_days_may_stand_anywhere(drawn, dice):
    by_day = lambda row: row.get("trade_date", "")
    return {number: {**one, "transactions.csv": sorted(one["transactions.csv"], key=by_day)}
            for number, one in drawn.items()}


METAMORPHIC = (taken_back_leaves_no_trace, told_twice_counts_once, strangers_change_nothing,
               rows_of_other_days_may_stand_anywhere)


def basis_is_conserved(rows, one):
    """All taxable, all one taxpayer, only purchases and sales: what was paid is in the lots or was told as sold, and
    every disallowed loss is in a lot's basis, to the millionth. None where the history is of another kind."""
    moves, accounts = one["transactions.csv"], one["accounts.csv"]
    plain = all(row.get("kind") in ("buy", "sell", "reinvest") and not row.get("outside") for row in moves)
    if (not plain or one["corporate_actions.csv"] or len({row["taxpayer_id"] for row in accounts}) > 1 or
            any(row["tax_treatment"] != "taxable" for row in accounts) or
            any(file == "findings.csv" for file, _ in rows)):
        return None
    told = {row["transaction_id"]: row for row in moves}.values()
    paid = sum(Fraction(row["amount"]) for row in told if row["kind"] != "sell")
    paid += sum(Fraction(row["cost_basis"] or 0) for row in one["opening_lots.csv"])
    shares = sum(Fraction(row["quantity"]) * (-1 if row["kind"] == "sell" else 1) for row in told)
    shares += sum(Fraction(row["quantity"]) for row in one["opening_lots.csv"])
    if any(not row["cost_basis"] or row.get("loss_basis") for row in one["opening_lots.csv"]):
        return None
    named = lambda name: [dict(zip(twin.COLUMNS[name].split(), row)) for file, row in rows if file == name]
    lots, sales = named("lots.csv"), named("form8949.csv")
    basis = sum(lot["cost_basis"] for lot in lots)
    basis += sum(sale["cost_basis"] - sale["adjustment"] for sale in sales)
    return paid == basis and shares == sum(lot["quantity"] for lot in lots)


def under_way(settings, drawn):
    """The accounts that shares have left which did not arrive; the files do not tell it."""
    with tempfile.TemporaryDirectory() as given:
        histories.write(histories.joined(drawn)[0], settings, given)
        return {part.account for part in twin.played(twin.read_folder(given)).under_way}


def continues(program, drawn, settings, dice):
    """(histories cut in two, sentences about those that do not go on as in one go, or of which the two disagree)."""
    some = dict(dice.sample(sorted(drawn.items()), min(len(drawn), CUT_IN_ONE_FOLDER)))
    numbers, otherwise, cut, second = continued.cut_in_two(
        functools.partial(written, program, settings), functools.partial(under_way, settings), some, dice)
    wrong = [f"history {number}: cut before {cut} and continued it comes out otherwise" for number in otherwise]
    if second:
        differ = differing(second, *both(program, histories.joined(second)[0], settings))
        wrong += [f"history {number}: continued after {cut} the two disagree" for number in differ]
    return len(numbers), wrong


# ---- the run

def properties(program, drawn, rows, settings, dice):
    """(number checked for conservation, sentences about what does not hold) where the program gave `rows`."""
    of_each = sorted_out(rows, histories.joined(drawn)[1])
    held = {number: basis_is_conserved(of_each.get(number, []), one) for number, one in drawn.items()}
    wrong = [f"history {number}: basis or shares are not conserved" for number, holds in held.items() if holds is False]
    before = texts_of(program, drawn, settings)
    for change in METAMORPHIC:
        after = texts_of(program, change(drawn, dice), settings)
        for file in before:
            changed = sorted(set(before[file]) ^ set(after[file]))
            if before[file] != after[file]:
                wrong.append(f"{change.__name__}: {file} changes: {changed[:4] or 'the order of its rows'}")
    return sum(holds is not None for holds in held.values()), wrong


def compare(count, seed, program=PROGRAM, most_shown=3):
    """(histories that agree, histories that do not); prints the smallest disagreements."""
    dice, agree, shown, conserved, cut = random.Random(seed), 0, 0, 0, 0
    for start in range(0, count, IN_ONE_FOLDER):
        numbers = range(start, min(count, start + IN_ONE_FOLDER))
        drawn = histories.together(seed, numbers)
        settings = dice.choice(histories.SETTINGS)
        ours, twins = both(program, histories.joined(drawn)[0], settings)
        differ = differing(drawn, ours, twins)
        agree += len(drawn) - len(differ)
        checked, wrong = properties(program, drawn, ours, settings, dice)
        conserved += checked
        went_on, stopped = continues(program, drawn, settings, dice)
        cut, wrong = cut + went_on, wrong + stopped
        for sentence in wrong:
            print(f"  seed {seed}: {sentence}; settings {settings}")
            agree -= 1
        for number in differ:
            if shown < most_shown:
                shown += 1
                print(f"  seed {seed}, history {number} (cut down), settings {settings}:")
                small = drawn.get(number)
                if small is None or not disagree(program, small, settings):
                    print("    it agrees alone: look at what the folder shares (years, findings)")
                else:
                    show(program, shrunk(program, small, settings), settings)
        if differ:
            print(f"  {len(differ)} of {len(drawn)} disagree: {differ[:20]}")
    print(f"  ledger histories: {agree} agree, {count - agree} do not; seed {seed}; {conserved} conserve basis, "
          f"{cut} are cut in two and go on")
    return agree, count - agree


def examples(program):
    """(passed, failed) of the example folders of the ledger."""
    passed = failed = 0
    for given in sorted(glob.glob(os.path.join(ROOT, "examples", "ledger*"))):
        with tempfile.TemporaryDirectory() as out:
            same = by_program(program, given, out) == by_twin(given)
        passed, failed = passed + same, failed + (not same)
        print(f"  {os.path.relpath(given, ROOT)}: the two {'agree' if same else 'DISAGREE'}")
    return passed, failed


def run(count, program=PROGRAM):
    """For tests/all.py: (passed, failed), skipped aloud where the program cannot be had."""
    if not os.path.exists(program):
        print(f"  {program} is not built: skipped")
        return 0, 0
    return tuple(map(sum, zip(examples(program), compare(count, 1, program))))


def drawn_as(seed, number):
    """The history as the folder it stood in drew it."""
    start = number // IN_ONE_FOLDER * IN_ONE_FOLDER
    return histories.together(seed, [start, number])[number]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("histories", nargs="?", type=int, default=2000)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--show", type=int, default=3, help="how many disagreements are cut down and printed")
    parser.add_argument("--program", default=PROGRAM)
    given = parser.parse_args()
    if given.only is not None:
        one = drawn_as(given.seed, given.only)
        for settings in ([], *histories.SETTINGS[3:]):
            if disagree(given.program, one, settings):
                show(given.program, shrunk(given.program, one, settings), settings)
                sys.exit(1)
        return
    started = time.monotonic()
    _, disagreeing = compare(given.histories, given.seed, given.program, given.show)
    print(f"  {time.monotonic() - started:.0f} s")
    sys.exit(1 if disagreeing else 0)


if __name__ == "__main__":
    main()
