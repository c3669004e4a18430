#!/usr/bin/env python3
"""The fault bench: ./do bench faults [--seed N] [--books N] [--accounts N] [--json] [--keep FOLDER]

Invents firms with a sound day before (`lotwright generate --faults`), runs the day with the faults of docs/faults.md
against the run of the day before, and counts:

    recall        faulty accounts that are held or reviewed by a rule that answers to the fault, of all
    review_load   accounts without a fault that are held or reviewed by any rule at all, of all without one, over all
                  days: tests of data, the firm's own tests, rules that yielded, requests that cannot be met
    held_traded   orders that left an account that is held

`data_load` counts those asked about by a test of data alone.

A fault is found only where the account itself, or its household, is held (BOOK.faults.csv) or at least reviewed
(BOOK.reviews.csv). The accounts of an invented book come as they are, far from their targets: its day is the first of a
firm (`first_day_`). Two more days have no fault at all: the sound day before with its orders filled, after a day of the
market (`settled_`), and after one on which it fell by 12 %, beta by beta (`crash_`).
Ends with 1 where a mark is missed."""
import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

import fills

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, "build", "lotwright")
RECALL_MIN, LOAD_MAX = 0.999, 0.01  # of the load each day by itself: a quiet day excuses no other
DAYS = ("first_day", "settled", "crash")

# Rules that a test of data writes.
OF_DATA = ("data_", "price_", "corporate_action_", "model_")
# What may be written of a fault; of the others any rule of data answers.
ANSWERS = {
    "lot_missing": {"data_position_moved", "data_position_break"},
    "lot_ghost": {"data_position_moved", "data_position_break"},
    "lot_quantity_tenfold": {"data_position_moved", "data_position_break"},
    "lot_in_other_account": {"data_position_moved", "data_position_break"},
    "lot_of_other_security": {"data_position_moved", "data_position_break"},
    "trade_not_reported": {"data_position_moved"},
    "trade_not_booked": {"data_position_moved"},
    "trade_repeated": {"data_trade_twice"},
    "position_break": {"data_position_break"},
    "position_unknown_lots": {"data_position_break"},
    "split_not_followed": {"data_position_moved"},
    "split_followed_twice": {"data_position_moved"},
    "merger_not_booked": {"corporate_action_pending"},
    **{name: {"data_basis_implausible"} for name in
       ("basis_tenfold", "basis_tenth", "basis_hundredfold", "basis_zero", "basis_of_stale_split", "basis_lost")},
    **{name: {"price_jump"} for name in ("price_hundredfold", "price_halved", "price_of_other")},
    **{name: {"data_cash_moved"} for name in ("cash_hundredfold", "cash_sign", "cash_gone")},
    "request_repeated": {"data_cash_flow_twice"},
    "account_appeared": {"data_account_new"},
    "account_vanished": {"data_account_vanished"},
    "treatment_changed": {"data_account_changed"},
    "taxpayer_changed": {"data_account_changed"},
    "security_unmapped": {"data_security_unmapped"},
}


rows = fills.rows


def lotwright(*words):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"lotwright {' '.join(words)} ended with {done.returncode}: {done.stderr[-800:]}")
    return done.returncode


class Found:
    """exceptions.csv by account; a household's lines belong to its accounts."""

    def __init__(self, out):
        self.lines = collections.defaultdict(list)
        self.status = {row["account_id"]: row["status"] for row in rows(out, "accounts.csv")}
        households = collections.defaultdict(list)
        for row in rows(out, "accounts.csv"):
            households[row["household_id"]].append(row["account_id"])
        for row in rows(out, "exceptions.csv"):
            if row["severity"] == "note":
                continue
            whom = [row["account_id"]] if row["account_id"] else households.get(row["household_id"], [])
            for account in whom:
                self.lines[account].append((row["rule"], row["severity"]))
        self.orders = collections.Counter(row["account_id"] for row in rows(out, "orders.csv"))

    def has(self, account, fault, level):
        wanted = ANSWERS.get(fault)
        for rule, severity in self.lines[account]:
            strong = severity == "hold" or level == "review"
            if strong and (rule in wanted if wanted else True):
                return True
        return False

    def held_traded(self):
        held = {account for account, lines in self.lines.items() if any(s == "hold" for _, s in lines)}
        held |= {account for account, status in self.status.items() if status == "held"}
        return sum(self.orders[account] for account in held)


class Load:
    """Accounts without a fault that somebody is asked about, and by which rules."""

    def __init__(self):
        self.accounts = self.by_data = self.by_any = 0
        self.rules = collections.Counter()

    def add(self, found, clean):
        self.accounts += len(clean)
        for account in clean:
            rules = {rule for rule, _ in found.lines[account]}
            self.by_any += bool(rules)
            self.by_data += any(rule.startswith(OF_DATA) for rule in rules)
            self.rules.update(rules)

    def share(self, count):
        return count / max(1, self.accounts)


class Counts:
    def __init__(self):
        self.kinds = collections.defaultdict(lambda: [0, 0])  # found, of
        self.held_traded = 0
        self.missed = []
        self.ordinary, self.settled, self.crash = Load(), Load(), Load()

    def add_day(self, name, folder, out, faults):
        found = Found(out)
        spoilt = {row["account_id"] for row in faults}
        for row in faults:
            kind = self.kinds[row["fault"]]
            kind[1] += 1
            if found.has(row["account_id"], row["fault"], row["level"]):
                kind[0] += 1
            else:
                self.missed.append(f"{name} {row['account_id']} {row['fault']}")
        self.ordinary.add(found, [account for account in found.status if account not in spoilt])
        self.held_traded += found.held_traded()


def move_prices(book, day, fall, seed):
    """The prices of `day`: each after the market fell, by its beta, and with a percent or two of its own."""
    chance = random.Random(seed)
    betas = {row["security_id"]: float(row["market"]) for row in rows(book, "risk", "exposures.csv")}
    last = {row["security_id"]: float(row["close"]) for row in rows(book, "prices.csv")}
    moved = []
    for security, close in last.items():
        market = 1 - fall * betas.get(security, 0.0)
        moved.append({"date": day, "security_id": security,
                      "close": f"{max(0.01, close * market * own(chance, betas, security)):.2f}"})
    fills.write(moved, ["date", "security_id", "close"], book, "prices.csv")


def own(chance, betas, security):
    return 1 + chance.gauss(0, 0.015) if betas.get(security, 0.0) > 0.2 else 1.0


def one_book(counts, folder, seed, accounts, share):
    name = f"seed-{seed}"
    book = os.path.join(folder, name)
    lotwright("generate", "--accounts", str(accounts), "--securities", "160", "--seed", str(seed), "--out", book,
              "--faults", str(share), "--set", "lots=30", "--set", "years=4")
    out = book + ".out"
    lotwright("run", book, "--out", out, "--previous", book + ".previous")
    faulty = [{**row, "level": level} for level, file in (("hold", ".faults.csv"), ("review", ".reviews.csv"))
              for row in rows(book + file)]
    counts.add_day(name, folder, out, faulty)
    return book


def day_after(counts, load, folder, book, name, fall):
    """The sound day before, its orders filled, after another day of the market: nothing is wrong, nothing is to be
    asked."""
    before, out = book + ".yesterday", book + ".previous"
    firm = os.path.join(before, "firm.toml")
    with open(firm, encoding="utf-8") as file:
        as_of = next(line for line in file if line.startswith("as_of")).split("=")[1].strip()
    after = next(row["date"] for row in rows(book, "prices.csv") if row["date"] > as_of)
    moved = book + name
    fills.next_day(before, out, moved, as_of, after)
    move_prices(moved, after, fall, 1)
    lotwright("run", moved, "--out", moved + ".out", "--previous", out, "--as-of", after)
    found = Found(moved + ".out")
    load.add(found, list(found.status))
    counts.held_traded += found.held_traded()


def crash(counts, folder, book):
    day_after(counts, counts.crash, folder, book, ".fallen", 0.12)


def settled(counts, folder, book):
    day_after(counts, counts.settled, folder, book, ".settled", 0.005)


def figures(counts):
    found = sum(kind[0] for kind in counts.kinds.values())
    injected = sum(kind[1] for kind in counts.kinds.values())
    result = {"recall": found / injected if injected else None, "review_load": None, "data_load": None,
              "kinds": {name: {"found": kind[0], "of": kind[1]} for name, kind in sorted(counts.kinds.items())},
              "held_traded": counts.held_traded, "faults": injected}
    loads = {"first_day": counts.ordinary, "settled": counts.settled, "crash": counts.crash}
    accounts = sum(load.accounts for load in loads.values())
    result["clean_accounts"] = accounts
    result["review_load"] = sum(load.by_any for load in loads.values()) / max(1, accounts)
    result["data_load"] = sum(load.by_data for load in loads.values()) / max(1, accounts)
    for name, load in loads.items():
        result[name + "_accounts"] = load.accounts
        result[name + "_review_load"] = load.share(load.by_any)
        result[name + "_data_load"] = load.share(load.by_data)
        result[name + "_review_load_by_rule"] = dict(load.rules.most_common())
    return result


def tell(result, counts):
    for name, kind in result["kinds"].items():
        print(f"  {name:<30}{kind['found']:>5} of {kind['of']}")
    for missed in counts.missed[:20]:
        print(f"  missed: {missed}")
    print(f"  recall {100 * result['recall']:.2f} % of {result['faults']} faults in {len(result['kinds'])} kinds")
    print(f"  review load {100 * result['review_load']:.2f} % of {result['clean_accounts']} clean accounts, by tests "
          f"of data {100 * result['data_load']:.2f} %")
    for title, name in (("a firm's first day", "first_day"), ("the day after, orders filled", "settled"),
                        ("the day after, down 12 %", "crash")):
        print(f"    {title}: {100 * result[name + '_review_load']:.2f} % of {result[name + '_accounts']} "
              f"{result[name + '_review_load_by_rule'] or ''}")
    print(f"  orders that left held accounts: {result['held_traded']}")


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("--seed", type=int, default=1, help="of the first book; the others count on")
    words.add_argument("--books", type=int, default=3)
    words.add_argument("--accounts", type=int, default=700)
    words.add_argument("--share", type=float, default=0.2, help="of accounts with a fault")
    words.add_argument("--json", action="store_true")
    words.add_argument("--keep", help="keep the books in this folder")
    given = words.parse_args()
    counts = Counts()
    folder = given.keep or tempfile.mkdtemp(prefix="lotwright-faults-")
    os.makedirs(folder, exist_ok=True)
    try:
        for seed in range(given.seed, given.seed + given.books):
            book = one_book(counts, folder, seed, given.accounts, given.share)
            if seed == given.seed:
                settled(counts, folder, book)
                crash(counts, folder, book)
            if not given.json:
                injected = sum(kind[1] for kind in counts.kinds.values())
                print(f"  seed {seed}: {counts.ordinary.accounts} clean accounts, {injected} faults so far", flush=True)
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    result = figures(counts)
    if given.json:
        print(json.dumps(result))
    else:
        tell(result, counts)
    good = (result["recall"] >= RECALL_MIN and result["review_load"] <= LOAD_MAX and
            max(result[day + "_review_load"] for day in DAYS) <= LOAD_MAX and result["held_traded"] == 0)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
