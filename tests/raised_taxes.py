#!/usr/bin/env python3
"""No account's tax rises without a reason: tests/raised_taxes.py [ACCOUNTS SECURITIES SEED ...] (default: one small
book).

Books are invented and run; and once more with brackets for half of their taxpayers and requests to fill the zero rate
in some accounts, which the independent checker does not know. From the outputs and the book's files alone, with code
of its own: the year's tax T of docs/formulas.md before and after the orders of every account, in the order in which
they are decided. Where T rises, the rows of what is sold say what for: their benefit and funding are worth their tax
and cost, or a rule that forces sales is named, or the orders are proven as a whole. The independent checker finds
nothing, where it is at hand."""
import csv
import os
import sys
import tempfile
from collections import Counter, defaultdict

from end_to_end import CHECKER, Count, lotwright, rows, run_book, second_opinions

SETTINGS = ("requests=0.3", "restrictions=0.2", "settings=0.3", "lots=12")
UNPROVEN_MAX = 0.5  # of the improvement: no orders are better by half of what these bring
FORCED = ("request_", "restriction_", "raise_cash", "cash_")
# Bounds of 2025 for single filers: taxable income from which each rate holds (Rev. Proc. 2024-40; IRC 1411).
BRACKETS = {"ordinary": [(0, .10), (11925, .12), (48475, .22), (103350, .24), (197300, .32), (250525, .35),
                         (626350, .37)],
            "long_term": [(0, 0.), (48350, .15), (533400, .20)],
            "niit": [(200000, .038)]}
INCOMES = (-4000, 0, 30000, 47000, 60000, 180000, 240000, 520000, 700000)


def number(text):
    return float(text) if text else 0.0


def with_brackets(book):
    """Every second taxpayer files as single, with incomes on all sides of the edges."""
    path = os.path.join(book, "taxpayers.csv")
    taxpayers = rows(book, "taxpayers.csv")
    for place, row in enumerate(taxpayers):
        single = place % 2 == 0
        row["filing_status"] = "single" if single else ""
        row["ordinary_income"] = INCOMES[place // 2 % len(INCOMES)] if single else ""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, taxpayers[0])
        writer.writeheader()
        writer.writerows(taxpayers)
    with open(os.path.join(book, "brackets.csv"), "w", encoding="utf-8") as file:
        file.write("filing_status,year,kind,over,rate\n")
        for kind, steps in BRACKETS.items():
            file.writelines(f"single,2025,{kind},{over},{rate}\n" for over, rate in steps)


def with_zero_rate_requests(book):
    """One account in twenty wants to fill the zero rate."""
    wanting = [row["account_id"] for row in rows(book, "accounts.csv") if row["tax_treatment"] == "taxable"][::20]
    with open(os.path.join(book, "requests.csv"), encoding="utf-8") as file:
        columns = file.readline().strip().split(",")
    with open(os.path.join(book, "requests.csv"), "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        for account in wanting:
            writer.writerow({"request_id": "ZERO-" + account, "account_id": account, "kind": "realize_gains",
                             "value": "zero_rate"})


def tax_on(kind, start, amount):
    """Each dollar of [start, start + amount) at the rate of its bracket."""
    steps = BRACKETS[kind] + [(float("inf"), 0.)]
    return sum(rate * max(0., min(start + amount, upper) - max(start, over))
               for (over, rate), (upper, _) in zip(steps, steps[1:]))


def year_tax(taxpayer, short, long, loss_value):
    """T(S, L) of docs/formulas.md."""
    single = taxpayer.get("filing_status") == "single"
    income = number(taxpayer["ordinary_income"]) if single else 0.
    rate_short, rate_long = number(taxpayer["rate_short"]), number(taxpayer["rate_long"])
    net = short + long
    if net < 0:
        limit = number(taxpayer["ordinary_loss_limit"] or "3000")
        limit = min(limit, max(0., income)) if single else limit
        used = min(-net, limit)
        saved = tax_on("ordinary", income - used, used) if single else rate_short * used
        return -saved - loss_value * rate_long * (-net - used)
    ordinary = min(max(short, 0.), net)
    preferential = net - ordinary
    if not single:
        return rate_short * ordinary + rate_long * preferential
    return (tax_on("ordinary", income, ordinary) + tax_on("long_term", income + ordinary, preferential) +
            tax_on("niit", income, net))


def gains_before(taxpayer):
    return [number(taxpayer[f"realized_{term}_ytd"]) + number(taxpayer[f"outside_gains_{term}"]) -
            number(taxpayer[f"carryforward_{term}"]) for term in ("short", "long")]


def reason_of(sold, exceptions, account):
    """What a tax that rises is paid for: the rows of what is sold are worth it; a rule forces sales; or the orders are
    proven as a whole, their rows splitting an improvement that only all of them make. Empty: nothing."""
    worth = sum(number(row["benefit"]) + number(row["funding"]) - number(row["tax"]) - number(row["cost"])
                for row in sold)
    if worth > -0.01:
        return "worth it"
    if any(row["rule"].startswith(FORCED) for row in sold) or any("_yielded" in row["rule"] for row in exceptions):
        return "forced"
    improvement = number(account["improvement"])
    return "proven" if improvement > 0. and number(account["gap"]) <= UNPROVEN_MAX * improvement else ""


def by_account(table):
    grouped = defaultdict(list)
    for row in table:
        grouped[row["account_id"]].append(row)
    return grouped


def raised(book, out):
    """The number of accounts looked at, and of those whose tax rises the reason."""
    taxpayers = {row["taxpayer_id"]: row for row in rows(book, "taxpayers.csv")}
    sales = by_account(rows(out, "lot_sales.csv"))
    sold = by_account(row for row in rows(out, "reasons.csv") if row["decision"] == "sold")
    exceptions = by_account(rows(out, "exceptions.csv"))
    gains = {}
    results = {row["account_id"]: row for row in rows(out, "accounts.csv")}
    looked, reasons = 0, {}
    for account in sorted(rows(book, "accounts.csv"), key=lambda row: row["account_id"]):
        name, taxpayer = account["account_id"], taxpayers.get(account["taxpayer_id"])
        if account["tax_treatment"] != "taxable" or taxpayer is None:
            continue
        if results[name]["status"] in ("held", "failed"):
            continue
        looked += 1
        now = gains.setdefault(account["taxpayer_id"], gains_before(taxpayer))
        before = year_tax(taxpayer, *now, 0.9)
        for sale in sales[name]:
            now[0 if sale["term"] == "short_term" else 1] += number(sale["gain"]) + number(sale["disallowed"])
        if year_tax(taxpayer, *now, 0.9) > before + 0.01:
            reasons[name] = reason_of(sold[name], exceptions[name], results[name])
    return looked, reasons


def one_book(count, folder, accounts, securities, seed):
    name = f"taxed-{seed}"
    book, out = os.path.join(folder, name), os.path.join(folder, name + "-out")
    made = lotwright("generate", "--accounts", str(accounts), "--securities", str(securities), "--seed", str(seed),
                     "--out", book, *[word for setting in SETTINGS for word in ("--set", setting)])
    if not count.that(made.returncode == 0, f"{name}: a book is made", made.stderr[-500:]):
        return
    no_tax_rises_without_a_reason(count, name, book, out)
    second_opinions(count, book, out)
    with_brackets(book)
    with_zero_rate_requests(book)
    no_tax_rises_without_a_reason(count, name + " with brackets", book, out + "-2")


def no_tax_rises_without_a_reason(count, name, book, out):
    run = run_book(book, out)
    if not count.that(run.returncode == 0, f"{name}: run ends with 0", run.stderr[-500:]):
        return
    looked, reasons = raised(book, out)
    unexplained = [account for account, reason in reasons.items() if not reason]
    count.that(reasons and not unexplained, f"{name}: no tax rises without a reason", f"{unexplained[:20]}")
    refused = [row["account_id"] for row in rows(out, "exceptions.csv") if row["rule"].startswith("verification_")]
    count.that(not refused, f"{name}: the engine refuses nothing of its own", f"{refused[:20]}")
    told = ", ".join(f"{number_of} {reason or 'without a reason'}" for reason, number_of in
                     sorted(Counter(reasons.values()).items()))
    print(f"  {name}: {looked} taxable accounts, tax rises in {len(reasons)}: {told}", flush=True)


def run(named=()):
    count = Count()
    accounts, securities, *seeds = [int(word) for word in named] or (60, 80, 11)
    if not os.path.exists(CHECKER):
        print("  skipped: no ../shared beside the checkout: the independent checker is not run on raised taxes")
    with tempfile.TemporaryDirectory(prefix="lotwright-") as folder:
        for seed in seeds:
            one_book(count, folder, accounts, securities, seed)
    print(f"  raised taxes: {count.passed} passed, {count.failed} failed")
    return count.passed, count.failed


if __name__ == "__main__":
    sys.exit(1 if run(sys.argv[1:])[1] else 0)
