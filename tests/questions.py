#!/usr/bin/env python3
"""What is asked of a book before anyone acts: tests/questions.py [BOOK ...] (default: the examples, and shared books if
there).

What is proved here: a run's audit holds, and breaks where a file was touched; a plan of several years begins with the
engine's own decision; the first column of `what-if` is what `run` decides, and no variant beats its bound; every point
of a `frontier` is worth what `evaluate` says of its orders and breaks no rule, lies above its bound, and no point has
more tax and more risk than another without saying so; threads change no byte."""
import json
import os
import shutil
import sys
import tempfile

from end_to_end import EXAMPLES, SHARED, Count, lotwright, rows, run_book

BOOKS = os.path.join(SHARED, "data", "books")

POINTS_EVALUATED = 4  # of each curve of a shared book; of the examples all


def near(a, b, slack=1e-6):
    return abs(a - b) <= slack * max(1.0, abs(a), abs(b))


def decided(out):
    return {row["account_id"]: row for row in rows(out, "accounts.csv")}


def what_if(count, book, account, row):
    """Two variants beside the account as `run` decided it."""
    name = f"{os.path.basename(book)} {account}"
    asked = lotwright("what-if", book, account, "--set", "risk_aversion=5", "--variant", "quiet: mode=hold", "--json")
    if not count.that(asked.returncode == 0, f"{name}: what-if answers", asked.stderr[-400:]):
        return
    present, calm, quiet = json.loads(asked.stdout)["variants"]
    same = all(near(present[key], float(row[key]), 1e-5) for key in
               ("tax", "trading_cost", "objective_before", "objective_after", "tracking_error_after", "cash_after"))
    same = same and present["status"] == row["status"]
    count.that(same, f"{name}: the first column is the run's", f"{present} {row}")
    count.that(calm["changes"] == "risk_aversion=5" and quiet["changes"] == "mode=hold", f"{name}: changes are told")
    if row["status"] == "held":
        return
    beaten = calm["objective_by_present_settings"] < present["bound"] - 0.01
    count.that(not beaten, f"{name}: no variant beats the bound of the present settings", f"{calm} {present['bound']}")
    count.that(not quiet["orders"] or quiet["exceptions"], f"{name}: mode hold trades nothing without a word")


def frontier(count, book, account, folder, points_evaluated=POINTS_EVALUATED):
    name = f"{os.path.basename(book)} {account}"
    points_dir = os.path.join(folder, "points")
    shutil.rmtree(points_dir, ignore_errors=True)
    files = [os.path.join(folder, "curve.csv"), os.path.join(folder, "curve.svg")]
    run = lotwright("frontier", book, account, "--points", "20", "--json", "--out", files[0], "--svg", files[1],
                    "--orders-dir", points_dir, "--threads", "2")
    if run.returncode == 2 and "held" in run.stderr:
        return
    if not count.that(run.returncode == 0, f"{name}: frontier answers", run.stderr[-400:]):
        return
    again = lotwright("frontier", book, account, "--points", "20", "--json", "--threads", "1")
    count.that(again.stdout == run.stdout, f"{name}: one thread gives the same curve")
    curve = json.loads(run.stdout)
    points = curve["points"]
    count.that(len(points) >= 20, f"{name}: twenty points", len(points))
    differ = len({(round(p["tax"], 2), round(p["tracking_error"], 9)) for p in points if not p["dominated"]})
    count.that(differ >= curve["distinct"], f"{name}: as many points differ as it says", (differ, curve["distinct"]))
    for key, rising in (("tax_weight", False), ("tax", True)):
        values = [point[key] for point in points]
        count.that(values == sorted(values, reverse=not rising), f"{name}: {key} is in order", values)
    left = [point for point in points if not point["dominated"]]
    worse = [(a["tax"], b["tax"]) for a, b in zip(left, left[1:]) if b["tracking_error"] > a["tracking_error"] + 1e-8]
    count.that(not worse, f"{name}: what is not dominated trades one for the other", worse)
    below = [p for p in points if p["bound"] is not None and p["bound"] > p["objective_at_weight"] + 0.01]
    count.that(not below, f"{name}: no point is below its bound", below[:1])
    with open(files[0], encoding="utf-8") as file:
        count.that(len(file.read().splitlines()) == len(points) + 1, f"{name}: the CSV has a row a point")
    with open(files[1], encoding="utf-8") as file:
        drawn = file.read()
        count.that(drawn.startswith("<svg ") and drawn.count("<circle class=\"c0\"") >= len(points),
                   f"{name}: every point is drawn")
    for number in range(1, len(points) + 1, max(1, len(points) // points_evaluated)):
        point = points[number - 1]
        judged = lotwright("evaluate", book, "--account", account, "--strict",
                           "--orders", os.path.join(points_dir, f"{number:02}.orders.csv"),
                           "--lot-sales", os.path.join(points_dir, f"{number:02}.lot_sales.csv"))
        broken = judged.stdout[:300] + judged.stderr[-300:]
        if not count.that(judged.returncode == 0, f"{name}: point {number} breaks no rule", broken):
            continue
        worth = json.loads(judged.stdout)
        own = next(one for one in worth["accounts"] if one["account_id"] == account)
        agreed = near(own["after"]["tracking_error"], point["tracking_error"], 1e-7) and near(
            own["after"]["objective"], point["objective"])
        agreed = agreed and all(near(own[key], point[key]) for key in ("gain_short", "gain_long"))
        count.that(agreed, f"{name}: point {number} is worth what evaluate says", f"{own['after']} {point}")


def audit(count, book, out, folder):
    name = os.path.basename(book)
    audited = lotwright("audit-run", out, "--book", book)
    count.that(audited.returncode == 0, f"{name}: the audit of a run holds", audited.stdout[-800:])
    touched = os.path.join(folder, "touched")
    for file, old, new in (("accounts.csv", "traded", "no_trade"), ("lot_sales.csv", "long_term", "short_term"),
                           ("reasons.csv", ",bought,", ",kept,")):
        shutil.rmtree(touched, ignore_errors=True)
        shutil.copytree(out, touched)
        path = os.path.join(touched, file)
        with open(path, encoding="utf-8") as before:
            text = before.read()
        if old not in text:
            continue
        with open(path, "w", encoding="utf-8") as after:
            after.write(text.replace(old, new, 1))
        broken = lotwright("audit-run", touched, "--json")
        told = [claim for claim in json.loads(broken.stdout)["claims"] if not claim["kept"]]
        found = broken.returncode == 1 and len(told) >= 2
        count.that(found, f"{name}: a word changed in {file} breaks two claims", told)


def transition(count, book, account, folder):
    name = f"{os.path.basename(book)} {account}"
    words = ["transition", book, account, "--years", "3", "--budget", "5000", "--paths", "6",
             "--decisions-a-year", "4", "--json"]
    plan = lotwright(*words, "--threads", "2", "--out", os.path.join(folder, "plan.csv"), "--svg",
                     os.path.join(folder, "plan.svg"), "--html", os.path.join(folder, "plan.html"))
    if not count.that(plan.returncode == 0, f"{name}: a plan is made", plan.stderr[-400:]):
        return
    count.that(plan.stdout == lotwright(*words, "--threads", "1").stdout, f"{name}: one thread gives the same plan")
    told = json.loads(plan.stdout)["rows"]
    first = told[1]["tracking_error"]
    count.that(len(told) == 13 and first["p10"] == first["p90"], f"{name}: today's decision is no guess", told)
    asked = lotwright("what-if", book, account, "--set", "tax_budget=5000", "--json")
    own = json.loads(asked.stdout)["variants"][1]
    if not own["beside"]:
        count.that(near(own["tracking_error_after"], first["p50"], 1e-9), f"{name}: it is the engine's own decision")
    last = told[-1]["tracking_error"]
    count.that(last["p10"] <= last["p25"] <= last["p50"] <= last["p75"] <= last["p90"], f"{name}: later days are a fan")
    # The rows of a plan have six decimals.
    beside = lotwright("transition", book, account, "--plan", os.path.join(folder, "plan.csv"), "--json")
    if count.that(beside.returncode == 0, f"{name}: a plan is read again", beside.stderr[-400:]):
        today = json.loads(beside.stdout)
        count.that(today["standing"] == "on_track" and not today["stuck"] and abs(today["moved"]) < 1e-4,
                   f"{name}: on its first day an account is where its plan begins", today)
        used = today["budget_used"], today["budget_used_planned"]["p50"]
        count.that(near(*used, 1e-2), f"{name}: and has used of the year's budget what the plan says", used)
    other = lotwright(*words, "--seed", "2")
    count.that(other.stdout != plan.stdout, f"{name}: another seed, another fan")
    for drift in ("nan", "inf", "0.51", "x"):
        refused = lotwright(*words, "--drift", drift)
        count.that(refused.returncode == 2 and not refused.stdout, f"{name}: a drift of {drift} is refused")


def of_book(count, book, accounts_max):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        run = run_book(book, out)
        if not count.that(run.returncode in (0, 3), f"{book}: run ends", run.stderr[-300:]):
            return
        audit(count, book, out, folder)
        told = decided(out)
        ranked = sorted((row for row in told.values() if row["status"] == "traded"),
                        key=lambda row: -float(row["investable_value"]))
        for row in ranked[:accounts_max]:
            what_if(count, book, row["account_id"], row)
            frontier(count, book, row["account_id"], folder, POINTS_EVALUATED if book.startswith(BOOKS) else 20)
            transition(count, book, row["account_id"], folder)


# An invented book, and accounts whose curves lie close: a fraction of a cent decides which orders are better.
CLOSE_BOOK = ["--accounts", "120", "--securities", "200", "--seed", "902", "--as-of", "2023-12-20", "--set", "lots=80",
              "--set", "requests=0.8", "--set", "restrictions=0.8", "--set", "settings=0.6", "--set", "faults=0"]
CLOSE_CURVES = ("A0000053", "A0000055")


def curves_that_lie_close(count):
    with tempfile.TemporaryDirectory() as folder:
        book = os.path.join(folder, "close")
        made = lotwright("generate", *CLOSE_BOOK, "--out", book)
        if not count.that(made.returncode == 0, "a book is invented", made.stderr[-300:]):
            return
        for account in CLOSE_CURVES:
            frontier(count, book, account, folder, 4)


def run(books=()):
    count = Count()
    if not books:
        curves_that_lie_close(count)
    for book in books or [book for book in EXAMPLES if os.path.basename(book) in ("book", "household")]:
        of_book(count, book, 3)
    if not books and os.path.isdir(BOOKS):
        for name in sorted(os.listdir(BOOKS)):
            if os.path.isdir(os.path.join(BOOKS, name)):
                of_book(count, os.path.join(BOOKS, name), 1)
    return count.passed, count.failed


if __name__ == "__main__":
    passed, failed = run(sys.argv[1:])
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
