#!/usr/bin/env python3
"""Faults made by hand at the smallest size docs/faults.md promises, and just below it: tests/smallest_faults.py [SEED]

A sound invented book is run; on the day after, Python spoils its CSV files, one account a fault, and the run with
--previous has to hold or review each by the rule the table names. The same faults a little smaller must not be asked
about. Nothing of `generate --faults` is used: who injects and who finds have no code in common."""
import argparse
import csv
import os
import shutil
import sys
import tempfile
from decimal import Decimal

from end_to_end import Count, lotwright, rows

AS_OF, NEXT_DAY = "2025-06-30", "2025-07-01"


class Book:
    """The files of a book as lists of rows, written back where they were changed."""

    def __init__(self, folder):
        self.folder, self.files = folder, {}

    def __getitem__(self, name):
        if name not in self.files:
            with open(os.path.join(self.folder, name + ".csv"), encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file)
                self.files[name] = (reader.fieldnames, list(reader))
        return self.files[name][1]

    def save(self):
        for name, (columns, lines) in self.files.items():
            with open(os.path.join(self.folder, name + ".csv"), "w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
                writer.writeheader()
                writer.writerows(lines)

    def lots_of(self, account):
        return [lot for lot in self["lots"] if lot["account_id"] == account]


class Victims:
    """Accounts nobody has touched yet, each of another family."""

    def __init__(self, book, out, money):
        self.values = {row["account_id"]: Decimal(row["value"]) for row in rows(out, "accounts.csv")
                       if row["status"] in ("traded", "no_trade")}
        busy = {row["account_id"] for row in book["requests"]} | {row["account_id"] for row in book["transactions"]}
        self.free = [row for row in book["accounts"]
                     if row["account_id"] in self.values and row["account_id"] not in busy
                     and row["status"] == "active"]
        self.book, self.money, self.families = book, money, set()

    def next(self, fits):
        for row in self.free:
            family = {row["household_id"], row["taxpayer_id"], row["account_id"]} - {""}
            lots = [lot for lot in self.book.lots_of(row["account_id"])
                    if lot["security_id"] not in self.money and lot["cost_basis"] and lot["held_from"] == ""]
            if family & self.families or not lots or not fits(row, lots):
                continue
            self.families |= family
            self.free.remove(row)
            return row, lots
        return None


def more_shares(book, row, lots, size):
    lots[0]["quantity"] = str(Decimal(lots[0]["quantity"]) + size)


def other_basis(book, row, lots, size):
    security = lots[0]["security_id"]
    for lot in book.lots_of(row["account_id"]):
        if lot["security_id"] == security and lot["cost_basis"]:
            lot["cost_basis"] = f"{Decimal(lot['cost_basis']) * size:.2f}"


def other_cash(book, row, lots, size):
    row["cash"] = str(Decimal(row["cash"] or "0") + size)


def other_treatment(book, row, lots, size):
    if size:
        row["tax_treatment"] = "tax_free"


def payment_again(book, row, lots, size):
    for number, amount in (("R1", Decimal(500)), ("R2", Decimal(500) + size)):
        book["requests"].append({"request_id": number + row["account_id"], "account_id": row["account_id"],
                                 "kind": "cash_out", "amount": str(amount), "due_on": "2025-09-01"})


def purchase(book, row, lots, size):
    """Ten shares bought today: size 1 is a trade without its lot, 2 a lot without its trade, 0 an honest one."""
    bought = lots[0]["security_id"]
    close = next(Decimal(price["close"]) for price in reversed(book["prices"]) if price["security_id"] == bought)
    if size != 2:
        book["transactions"].append({"transaction_id": "N" + row["account_id"], "account_id": row["account_id"],
                                     "trade_date": NEXT_DAY, "kind": "buy", "security_id": bought, "quantity": "10",
                                     "amount": str(10 * close)})
    if size != 1:
        book["lots"].append({"account_id": row["account_id"], "lot_id": "N1", "security_id": bought, "quantity": "10",
                             "cost_basis": str(10 * close), "acquired_on": NEXT_DAY})
    row["cash"] = str(Decimal(row["cash"] or "0") - 10 * close)


def lot_gone(book, row, lots, size):
    if size:
        book["lots"].remove(min(lots, key=lambda lot: Decimal(lot["quantity"])))


TAXABLE = "taxable"


def is_taxable(row, lots):
    return row["tax_treatment"] == TAXABLE


def alone(row, lots):
    return is_taxable(row, lots) and len(lots) > 1


def anyone(row, lots):
    return True


# kind, who, what is done, the smallest that must be found, what must pass, the rule, its level
KINDS = [
    ("lot_quantity", anyone, more_shares, Decimal("0.0002"), Decimal("0.0001"), "data_position_moved", "hold"),
    ("lot_missing", anyone, lot_gone, 1, 0, "data_position_moved", "hold"),
    ("basis_moved_up", is_taxable, other_basis, Decimal("1.101"), Decimal("1.099"), "data_basis_implausible", "hold"),
    ("basis_moved_down", is_taxable, other_basis, Decimal("0.908"), Decimal("0.911"), "data_basis_implausible", "hold"),
    ("cash_up", anyone, other_cash, None, None, "data_cash_moved", "review"),
    ("cash_down", anyone, other_cash, None, None, "data_cash_moved", "review"),
    ("treatment_changed", alone, other_treatment, 1, 0, "data_account_changed", "hold"),
    ("request_repeated", anyone, payment_again, Decimal(0), Decimal("0.01"), "data_cash_flow_twice", "hold"),
    ("trade_not_booked", anyone, purchase, 1, 0, "data_position_moved", "hold"),
    ("trade_not_reported", anyone, purchase, 2, 0, "data_position_moved", "hold"),
]


def size_of(kind, size, value, found):
    """Cash is doubted from 2 % of the account's value on, and from 100 dollars."""
    if kind not in ("cash_up", "cash_down"):
        return size
    least = max(Decimal(100), value * Decimal("0.02"))
    amount = least * (Decimal("1.05") if found else Decimal("0.95"))
    return (amount if kind == "cash_up" else -amount).quantize(Decimal("0.01"))


def sound_book(folder, seed):
    book, out = os.path.join(folder, "sound"), os.path.join(folder, "sound.out")
    lotwright("generate", "--accounts", "220", "--securities", "60", "--seed", str(seed), "--out", book, "--as-of",
              AS_OF, "--set", "faults=0", "--set", "lots=40", "--set", "years=2")
    lotwright("run", book, "--out", out)
    return book, out


def asked(out, account):
    return {(row["rule"], row["severity"]) for row in rows(out, "exceptions.csv")
            if row["account_id"] == account and row["severity"] != "note"}


def day_after(count, folder, sound, out, found):
    """All kinds in one book, one account each."""
    name = os.path.join(folder, "found" if found else "passed")
    shutil.copytree(sound, name)
    book = Book(name)
    money = {row["security_id"] for row in book["securities"] if row["kind"] == "cash"}
    victims, spoilt = Victims(book, out, money), []
    for kind, fits, spoil, smallest, below, rule, level in KINDS:
        victim = victims.next(fits)
        if not count.that(victim is not None, f"{kind}: there is an account to spoil"):
            continue
        row, lots = victim
        spoil(book, row, lots, size_of(kind, smallest if found else below, victims.values[row["account_id"]], found))
        spoilt.append((kind, row["account_id"], rule, level))
    book.save()
    lotwright("run", name, "--out", name + ".out", "--previous", out, "--as-of", NEXT_DAY)
    traded = {row["account_id"] for row in rows(name + ".out", "orders.csv")}
    for kind, account, rule, level in spoilt:
        lines = asked(name + ".out", account)
        if found:
            count.that((rule, level) in lines, f"{kind} at its smallest is found by {rule}", f"{account} {lines}")
            count.that(level == "review" or account not in traded, f"{kind}: held, nothing is traded", account)
        else:
            count.that(rule not in {one for one, _ in lines}, f"{kind} below its smallest is not asked about",
                       f"{account} {lines}")


def prices(count, folder, sound, out):
    """One security a factor: a fall to a half and a rise beyond 2.78 hold the owners; what a market may do does not."""
    name = os.path.join(folder, "prices")
    shutil.copytree(sound, name)
    book = Book(name)
    acted = {row["security_id"] for row in book["corporate_actions"]}
    owners = {}
    for lot in book["lots"]:
        owners.setdefault(lot["security_id"], set()).add(lot["account_id"])
    stocks = [row["security_id"] for row in book["securities"]
              if row["kind"] == "stock" and row["security_id"] in owners and row["security_id"] not in acted]
    last = {row["security_id"]: row for row in book["prices"]}
    moves = list(zip(stocks, (("0.5", True), ("2.85", True), ("0.02", True), ("0.62", False), ("1.55", False))))
    for security, (factor, _) in moves:
        book["prices"].append({"date": NEXT_DAY, "security_id": security,
                               "close": f"{Decimal(last[security]['close']) * Decimal(factor):.2f}"})
    book.save()
    lotwright("run", name, "--out", name + ".out", "--previous", out, "--as-of", NEXT_DAY)
    jumps = [row for row in rows(name + ".out", "exceptions.csv")
             if row["rule"] == "price_jump" and row["severity"] == "hold"]
    held = {row["account_id"] for row in jumps}
    wrong = {security for security, (_, is_wrong) in moves if is_wrong}
    for security in wrong:
        count.that(owners[security] <= held, "a wrong price holds its owners", security)
    told = {row["message"].split(" ")[0] for row in jumps}
    count.that(told == wrong, "and only the wrong ones are told", sorted(told ^ wrong))


def bases_alone(count, folder, sound):
    """Without any earlier run: a basis of zero, and one 1.8 times what others paid that day."""
    name = os.path.join(folder, "bases")
    shutil.copytree(sound, name)
    book = Book(name)
    taxable = {row["account_id"] for row in book["accounts"] if row["tax_treatment"] == TAXABLE}
    days = {}
    for lot in book["lots"]:
        if lot["account_id"] in taxable and lot["cost_basis"] and not lot["loss_basis"] and not lot["held_from"]:
            days.setdefault((lot["security_id"], lot["acquired_on"]), {}).setdefault(lot["account_id"], lot)
    shared = [list(lots.values()) for lots in days.values() if len(lots) >= 4]
    spoilt, used = [], set()
    for factor, wrong in ((Decimal("1.9"), True), (Decimal("1.7"), False), (Decimal(0), True)):
        lot = next((one for lots in shared for one in lots[:1] if one["account_id"] not in used), None)
        if not count.that(lot is not None, f"basis times {factor}: there is a lot of a day on which others bought"):
            return
        used.add(lot["account_id"])
        lot["cost_basis"] = f"{Decimal(lot['cost_basis']) * factor:.2f}"
        spoilt.append((lot["account_id"], factor, wrong))
    book.save()
    lotwright("run", name, "--out", name + ".out")
    for account, factor, wrong in spoilt:
        lines = {rule for rule, _ in asked(name + ".out", account)}
        count.that(("data_basis_implausible" in lines) == wrong,
                   f"a basis times {factor} is {'found' if wrong else 'not asked about'}", f"{account} {lines}")


def run(seed=3):
    count = Count()
    with tempfile.TemporaryDirectory(prefix="lotwright-") as folder:
        sound, out = sound_book(folder, seed)
        day_after(count, folder, sound, out, True)
        day_after(count, folder, sound, out, False)
        prices(count, folder, sound, out)
        bases_alone(count, folder, sound)
    print(f"  smallest faults: {count.passed} passed, {count.failed} failed")
    return count.passed, count.failed


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("seed", nargs="?", type=int, default=3)
    sys.exit(1 if run(given.parse_args().seed)[1] else 0)
