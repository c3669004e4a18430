#!/usr/bin/env python3
"""The ledger as a program, on whole folders: tests/ledger.py.

What is proved here and nowhere else: the example comes out as worked by hand; the same ledger for shuffled days and
compressed files; an event told twice or taken back leaves no byte behind; every dollar paid is in a sale or a lot; a
faulty row changes nothing of accounts that are linked with it by nothing; a history cut in two, with the lots of the
first part opening the second, is the history whole."""
import csv
import datetime
import gzip
import os
import random
import shutil
import subprocess
import sys
import tempfile
from decimal import Decimal

from end_to_end import PROGRAM, ROOT, Count

EXAMPLE = os.path.join(ROOT, "examples", "ledger")
FILES = ("lots.csv", "form8949.csv", "schedule_d.csv", "findings.csv")

# F1 loses 30 a share on 50 shares. 10 are replaced in the IRA (gone for good), 2.5 by Bert's reinvested dividend (75
# into his basis, 61 days into his period), 37.5 by a part of F2 on day 30: 1,125 on top of its 3,000. ALFA splits 3:1,
# a fifth of its basis goes to GAMA; 22.5 BETA are 22 and half a share sold at 160; the gift is sold between its two
# bases. Anna carries 500 of long-term loss in: 2020 nets 1,600 - 500 with her short-term loss.
WORKED = {
    "lots.csv": """\
anna-1,A,ALFA,240,2560.00,2018-05-14,2018-05-14,,,,,anna-1/A,free,1,1
anna-1,B,BETA,22,2640.00,2019-11-04,2019-11-04,,,,,anna-1/B,free,2,
anna-1,F2.1,FUND,20,2200.00,2020-04-15,2020-02-14,F2,,,F2,t05,used,5,
anna-1,A.1,GAMA,60,640.00,2018-05-14,2018-05-14,A,,,A,anna-1/A,never,6,
anna-ira,t03,FNDX,10,720.00,2020-03-30,2020-03-30,,,,,t03,used,3,
bert-1,t04,FUND,2.5,265.00,2020-04-09,2020-02-08,,,,,t04,used,4,
""",
    "form8949.csv": """\
anna-1,A,ALFA,60,2018-05-14,2020-09-01,long_term,2400.00,800.00,,0.00,1600.00,
anna-1,F2,FUND,2.5,2020-04-15,2020-11-02,short_term,237.50,200.00,,0.00,37.50,
anna-1,F2.1,FUND,17.5,2020-04-15,2020-11-02,short_term,1662.50,1925.00,,0.00,-262.50,
anna-1,B,BETA,0.5,2019-11-04,2021-05-03,long_term,80.00,60.00,,0.00,20.00,
anna-1,G,GAMA,10,2021-06-01,2021-07-01,long_term,350.00,350.00,,0.00,0.00,
anna-2,F1,FUND,50,2020-01-15,2020-03-16,short_term,3500.00,5000.00,W,1500.00,0.00,
""",
    "schedule_d.csv": """\
anna,2020,-225.00,1600.00,0.00,0.00,0.00
anna,2021,0.00,20.00,0.00,0.00,0.00
""",
    "findings.csv": "",
}


def play(folder, *words):
    """Name -> text of every file that `lotwright ledger` writes."""
    with tempfile.TemporaryDirectory() as place:
        out = os.path.join(place, "out")
        run = subprocess.run([PROGRAM, "ledger", folder, "--out", out, *words], capture_output=True, text=True)
        if run.returncode != 0:
            return {"failed": run.stderr, "of": place}  # two failures are never the same ledger
        found = {}
        for name in FILES:
            with open(os.path.join(out, name), encoding="utf-8") as file:
                found[name] = file.read()
        return found


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read()


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def rows_of(text):
    return list(csv.DictReader(text.splitlines()))


def check_example(count):
    played = play(EXAMPLE)
    for name, rows in WORKED.items():
        count.that(played.get(name, "").partition("\n")[2] == rows, f"the example's {name} is as worked by hand",
                   "\n" + played.get(name, str(played)))
    one = play(EXAMPLE, "--account", "anna-2", "--year", "2020")
    count.that(len(rows_of(one["form8949.csv"])) == 1 and len(rows_of(one["schedule_d.csv"])) == 1,
               "one account and year can be asked for", str(one))
    refused = subprocess.run([PROGRAM, "ledger", EXAMPLE, "--out", EXAMPLE], capture_output=True, text=True)
    count.that(refused.returncode == 2, "a folder of inputs is not written into", refused.stderr)


def history(seed, days=400):
    """A past of random trades in few accounts and securities, as rows of cells; oversold rows are part of it."""
    chance = random.Random(seed)
    rows = [["transaction_id", "account_id", "trade_date", "kind", "security_id", "quantity", "amount", "method",
             "reverses"]]
    day = datetime.date(2020, 10, 1)
    held = {}
    for i in range(days):
        day += datetime.timedelta(days=chance.choice((0, 1, 1, 3)))
        account, security = chance.choice("ABCD"), chance.choice("XYZ")
        price = Decimal(chance.randint(8000, 12000)) / 100
        have = held.get((account, security), 0)
        kind = "sell" if have and chance.random() < 0.5 else "buy"
        quantity = chance.randint(1, have) if kind == "sell" else chance.randint(1, 30)
        held[account, security] = have + (quantity if kind == "buy" else -quantity)
        method = chance.choice(("", "fifo", "lifo", "hifo", "min_tax")) if kind == "sell" else ""
        amount = str(quantity * price)
        rows.append([f"t{i}", account, day.isoformat(), kind, security, str(quantity), amount, method, ""])
    return rows


def text_of(rows):
    return "".join(",".join(row) + "\n" for row in rows)


def make_folder(place, seed):
    """A and B are one taxpayer's, I of the same an IRA in place of C for odd seeds; D is linked with nobody."""
    folder = os.path.join(place, f"ledger{seed}")
    os.makedirs(folder)
    write(folder, "securities.csv", "security_id,kind,identical_group\nX,etf,i\nY,etf,i\nZ,stock,\n")
    write(folder, "taxpayers.csv", "taxpayer_id,rate_short,rate_long\nT,0.4,0.2\nU,0.4,0.2\n")
    write(folder, "accounts.csv", "account_id,taxpayer_id,tax_treatment\nA,T,taxable\nB,T,taxable\nC,T," +
          ("tax_free" if seed % 2 else "taxable") + "\nD,U,taxable\n")
    write(folder, "transactions.csv", text_of(history(seed)))
    return folder


def check_same_ledger(count, folder, seed):
    """Told otherwise, the same past: rows of other days first, an event twice, one taken back, files compressed."""
    plain = play(folder)
    count.that("failed" not in plain, f"the history plays, seed {seed}", str(plain))
    rows = history(seed)
    chance = random.Random(seed)
    days = sorted({row[2] for row in rows[1:]})
    chance.shuffle(days)
    order = {day: i for i, day in enumerate(days)}
    wrong = ["wrong", "A", rows[200][2], "sell", "X", "1", "0.01", "", ""]
    unreadable = wrong[:5] + ["many"] + wrong[6:]
    back = ["back", "", "", "", "", "", "", "", "wrong"]
    for what, told in (("days in another order", rows[:1] + sorted(rows[1:], key=lambda row: order[row[2]])),
                       ("an event told twice", rows + [rows[100]]),
                       ("an event taken back", rows[:200] + [wrong] + rows[200:] + [back]),
                       ("a faulty event taken back", rows[:200] + [unreadable] + rows[200:] + [back]),
                       ("a reversal taken back", rows + [["b1"] + [""] * 7 + ["t50"], ["b2"] + [""] * 7 + ["b1"]])):
        write(folder, "transactions.csv", text_of(told))
        count.that(play(folder) == plain, f"{what}, seed {seed}")
    os.remove(os.path.join(folder, "transactions.csv"))
    with gzip.open(os.path.join(folder, "transactions.csv.gz"), "wt", encoding="utf-8") as file:
        file.write(text_of(rows))
    count.that(play(folder) == plain, f"compressed, seed {seed}")
    os.remove(os.path.join(folder, "transactions.csv.gz"))
    write(folder, "transactions.csv", text_of(rows))


def check_sums(count, folder, seed):
    """Taxable accounts only: what was paid, and no more, is the basis of sales and lots, less what losses moved."""
    if seed % 2:
        return
    played = play(folder)
    events = rows_of(read(folder, "transactions.csv"))
    paid = sum(Decimal(row["amount"]) for row in events if row["kind"] == "buy")
    bought = sum(Decimal(row["quantity"]) * (1 if row["kind"] == "buy" else -1) for row in events)
    sales, lots = rows_of(played["form8949.csv"]), rows_of(played["lots.csv"])
    basis = (sum(Decimal(row["cost_basis"]) - Decimal(row["adjustment"]) for row in sales) +
             sum(Decimal(row["cost_basis"]) for row in lots))
    count.that(basis == paid, f"every dollar paid is a sale's or a lot's, seed {seed}", f"{basis} against {paid}")
    count.that(sum(Decimal(row["quantity"]) for row in lots) == bought, f"shares add up, seed {seed}")
    count.that(any(row["code"] == "W" for row in sales), f"there are wash sales, seed {seed}")
    years = sum(Decimal(row["short"]) + Decimal(row["long"]) for row in rows_of(played["schedule_d.csv"]))
    count.that(years == sum(Decimal(row["gain"]) for row in sales), f"the years are the sales, seed {seed}")


def check_faulty_row(count, folder, seed):
    rows = history(seed)
    spoilt = [list(row) for row in rows]
    next(row for row in spoilt[150:] if row[1] == "D")[5] = "1e3"
    plain = play(folder)
    write(folder, "transactions.csv", text_of(spoilt))
    played = play(folder)
    write(folder, "transactions.csv", text_of(rows))

    def of_others(text):
        rows = [row for row in rows_of(text) if row.get("account_id", row.get("taxpayer_id")) not in ("D", "U")]
        return [{name: value for name, value in row.items() if name != "made"} for row in rows]  # ranks of all lots
    for name in FILES[:3]:
        count.that(of_others(played[name]) == of_others(plain[name]),
                   f"others do not feel a faulty row, {name}, {seed}")
    findings = rows_of(played["findings.csv"])
    count.that(any(row["rule"] == "data_number_unreadable" for row in findings), f"it is a finding, seed {seed}")


class Lived:
    """A past that knows its lots, made round by round: A and B are T's, I is T's IRA, D is the spouse's. Moves between
    them, a spin-off, new names, mergers and splits are part of it; every row can be played."""

    COLUMNS = ("transaction_id,account_id,trade_date,kind,security_id,quantity,amount,lot_id,method,acquired_on,"
               "reverses").split(",")
    ACTIONS = ("action_id,security_id,effective_on,kind,status,new_security_id,ratio,cash_per_share,basis_fraction,"
               "fair_value_new").split(",")

    def __init__(self, folder, seed):
        self.folder, self.chance = folder, random.Random(seed)
        self.events, self.actions = [], []
        os.makedirs(folder)
        write(folder, "securities.csv", "security_id,kind,identical_group,quantity_step\n" + "".join(
            f"{name},stock,{'i' if name in 'XYV' else ''},0.000001\n" for name in "SVXYZ"))
        write(folder, "taxpayers.csv", "taxpayer_id,rate_short,rate_long,spouse_id\nT,0.4,0.2,U\nU,0.4,0.2,\n")
        write(folder, "accounts.csv", "account_id,taxpayer_id,tax_treatment\nA,T,taxable\nB,T,taxable\n"
                                      "I,T,tax_deferred\nD,U,taxable\n")

    def tell(self, folder, after="", upto="9999"):
        for name, columns, day, rows in (("transactions.csv", self.COLUMNS, "trade_date", self.events),
                                         ("corporate_actions.csv", self.ACTIONS, "effective_on", self.actions)):
            told = [[row.get(column, "") for column in columns] for row in rows if after < row[day] <= upto]
            write(folder, name, text_of([columns, *told]))

    def event(self, day, kind, account, security, quantity, **cells):
        self.events.append({"transaction_id": f"t{len(self.events)}", "account_id": account, "kind": kind,
                            "trade_date": day.isoformat(), "security_id": security, "quantity": str(quantity), **cells})

    def buy(self, day):
        quantity = Decimal(self.chance.randint(1, 40)) / self.chance.choice((1, 1, 3, 7))
        quantity = quantity.quantize(Decimal("0.000001"))
        self.event(day, self.chance.choice(("buy", "buy", "reinvest")), self.chance.choice("ABID"),
                   self.chance.choice("XXYYZ"), quantity, amount=str(self.chance.randint(100, 9999)))

    def act(self, day):
        security = self.chance.choice("XYZ")
        kind, cells = self.chance.choice((
            ("split", {"ratio": "2"}), ("reverse_split", {"ratio": "0.333333333333"}),
            ("stock_dividend", {"ratio": "1.05"}), ("symbol_change", {"new_security_id": "V"}),
            ("spin_off", {"new_security_id": "S", "ratio": "0.3", "basis_fraction": "0.2"}),
            ("merger", {"new_security_id": "V", "ratio": "0.7"}), ("return_of_capital", {"cash_per_share": "2"})))
        self.actions.append({"action_id": f"c{len(self.actions)}", "security_id": security, "kind": kind,
                             "effective_on": day.isoformat(), "status": "applied", **cells})

    def sell_and_move(self, day):
        self.tell(self.folder)
        lots = rows_of(play(self.folder)["lots.csv"])
        self.chance.shuffle(lots)
        for lot in lots[:2]:  # the first of a position: what is there is known
            part = (Decimal(lot["quantity"]) * self.chance.choice((1, 1, 2, 3)) / 3).quantize(Decimal("0.000001"))
            part = max(min(part, Decimal(lot["quantity"])), Decimal("0.000001"))
            if lot["account_id"] == "I" or self.chance.random() < 0.6:
                named = self.chance.choice(({"lot_id": lot["lot_id"]}, {"method": "fifo"}, {"method": "hifo"},
                                            {"method": "lifo"}, {"method": "min_tax"}))
                self.event(day, "sell", lot["account_id"], lot["security_id"], part,
                           amount=str((part * self.chance.randint(50, 200)).quantize(Decimal("0.01"))), **named)
            else:
                to = self.chance.choice([account for account in "ABD" if account != lot["account_id"]])
                spouse = "D" in (to, lot["account_id"])
                self.event(day, "transfer_out", lot["account_id"], lot["security_id"], part, lot_id=lot["lot_id"])
                self.event(day, "spouse_in" if spouse else "transfer_in", to, lot["security_id"], part,
                           acquired_on=lot["acquired_on"])
            if self.chance.random() < 0.7:
                break

    def live(self, day, rounds):
        for _ in range(rounds):
            for _ in range(self.chance.randint(1, 3)):
                self.buy(day)
            day += datetime.timedelta(days=self.chance.randint(1, 6))
            self.sell_and_move(day)
            day += datetime.timedelta(days=self.chance.randint(1, 6))
            if self.chance.random() < 0.3:
                self.act(day)
        return day


def check_continued(count, place, seed):
    """The last sales of the first part are more than 30 days before its end: no loss is open there."""
    lived = Lived(os.path.join(place, f"whole{seed}"), seed)
    end = lived.live(datetime.date(2021, 4, 1), 16)
    for _ in range(4):
        lived.buy(datetime.date(2021, 12, lived.chance.randint(10, 30)))
    lived.buy(datetime.date(2021, 12, 31))
    count.that(end < datetime.date(2021, 11, 25), f"there is time for the last losses, seed {seed}", str(end))
    lived.live(datetime.date(2022, 1, 1), 12)
    lived.tell(lived.folder)
    whole = play(lived.folder)
    first, second = os.path.join(place, f"first{seed}"), os.path.join(place, f"second{seed}")
    for folder in (first, second):
        shutil.copytree(lived.folder, folder)
    lived.tell(first, upto="2021-12-31")
    before = play(first)
    write(second, "opening_lots.csv", before["lots.csv"])
    carried = {row["taxpayer_id"]: row for row in rows_of(before["schedule_d.csv"]) if row["year"] == "2021"}
    write(second, "taxpayers.csv", "taxpayer_id,rate_short,rate_long,spouse_id,carryforward_short,carryforward_long\n" +
          "".join(f"{name},0.4,0.2,{spouse},{row.get('carryforward_short', '')},{row.get('carryforward_long', '')}\n"
                  for name, spouse in (("T", "U"), ("U", "")) for row in [carried.get(name, {})]))
    lived.tell(second, after="2021-12-31")
    after = play(second)
    for name, played in (("whole", whole), ("first part", before), ("second part", after)):
        count.that(played.get("findings.csv", str(played)).count("\n") == 1, f"every row plays, {name}, seed {seed}",
                   str(played.get("findings.csv", played)))
    count.that(whole["lots.csv"] == after["lots.csv"], f"a history cut in two leaves the same lots, seed {seed}",
               "\n" + whole["lots.csv"] + after["lots.csv"])
    sales = sorted(rows_of(before["form8949.csv"]) + rows_of(after["form8949.csv"]), key=lambda row: row["account_id"])
    count.that(rows_of(whole["form8949.csv"]) == sales, f"and the same sales, seed {seed}")
    zeros = {"short", "long", "carryforward_short", "carryforward_long", "ordinary_offset"}

    def later_years(text):
        return [row for row in rows_of(text) if row["year"] > "2021" and any(Decimal(row[name]) for name in zeros)]
    count.that(later_years(whole["schedule_d.csv"]) == later_years(after["schedule_d.csv"]),
               f"and the same years, seed {seed}")
    return whole, after


def check_strict(count, place):
    """A position that is held is said in the summary, and in the exit code where that is asked for."""
    folder = make_folder(place, 0)
    with open(os.path.join(folder, "transactions.csv"), "a", encoding="utf-8") as file:
        file.write("last,A,2023-01-01,buy,X,many,1,,\n")
    for words, code in (((), 0), (("--strict",), 1)):
        ran = subprocess.run([PROGRAM, "ledger", folder, "--out", os.path.join(place, "strict"), *words],
                             capture_output=True, text=True)
        count.that(ran.returncode == code, f"a held position ends with {code} for {words}", str(ran))
        count.that("1 positions held" in ran.stdout, "the summary counts held positions", ran.stdout)
    shutil.rmtree(folder)


def run():
    """(passed, failed)"""
    count = Count()
    check_example(count)
    with tempfile.TemporaryDirectory() as place:
        for seed in range(6):
            folder = make_folder(place, seed)
            check_same_ledger(count, folder, seed)
            check_sums(count, folder, seed)
            check_faulty_row(count, folder, seed)
            shutil.rmtree(folder)
        for seed in range(12):
            check_continued(count, place, seed)
        check_strict(count, place)
    return count.passed, count.failed


if __name__ == "__main__":
    good, bad = run()
    print(f"{good} passed, {bad} failed")
    sys.exit(1 if bad else 0)
