#!/usr/bin/env python3
"""The ledger as a program, on whole folders: tests/ledger.py.

What is proved here and nowhere else: the example comes out as worked by hand; the same ledger for shuffled days and
compressed files; an event told twice or taken back leaves no byte behind; every dollar paid is in a sale or a lot; a
faulty row changes nothing of accounts that are linked with it by nothing."""
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
anna-1,A,ALFA,240,2560.00,2018-05-14,2018-05-14,,,
anna-1,B,BETA,22,2640.00,2019-11-04,2019-11-04,,,
anna-1,F2.1,FUND,20,2200.00,2020-04-15,2020-02-14,F2,,
anna-1,A.1,GAMA,60,640.00,2018-05-14,2018-05-14,A,,
anna-ira,t03,FNDX,10,720.00,2020-03-30,2020-03-30,,,
bert-1,t04,FUND,2.5,265.00,2020-04-09,2020-02-08,,,
""",
    "form8949.csv": """\
anna-1,A,ALFA,60,2018-05-14,2020-09-01,long_term,2400.00,800.00,,0.00,1600.00
anna-1,F2,FUND,2.5,2020-04-15,2020-11-02,short_term,237.50,200.00,,0.00,37.50
anna-1,F2.1,FUND,17.5,2020-04-15,2020-11-02,short_term,1662.50,1925.00,,0.00,-262.50
anna-1,B,BETA,0.5,2019-11-04,2021-05-03,long_term,80.00,60.00,,0.00,20.00
anna-1,G,GAMA,10,2021-06-01,2021-07-01,long_term,350.00,350.00,,0.00,0.00
anna-2,F1,FUND,50,2020-01-15,2020-03-16,short_term,3500.00,5000.00,W,1500.00,0.00
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
            return {"failed": run.stderr}
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
        return [row for row in rows_of(text) if row.get("account_id", row.get("taxpayer_id")) not in ("D", "U")]
    for name in FILES[:3]:
        count.that(of_others(played[name]) == of_others(plain[name]),
                   f"others do not feel a faulty row, {name}, {seed}")
    findings = rows_of(played["findings.csv"])
    count.that(bool(findings) and findings[0]["rule"] == "data_number_unreadable", f"it is a finding, seed {seed}")


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
    return count.passed, count.failed


if __name__ == "__main__":
    good, bad = run()
    print(f"{good} passed, {bad} failed")
    sys.exit(1 if bad else 0)
