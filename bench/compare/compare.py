#!/usr/bin/env python3
"""The engine beside solvers of other makers: bounds never beaten, orders the best there are, and how long each takes.

    bench/compare/compare.py [--quick] [--instances N] [--seed N] [SECTION ...]

Sections, all of them by default:
  convex        the convex program against PIQP, Clarabel and OSQP, with times of solving alone
  combinations  small accounts in fractions of shares: every way to sell, hold or buy, the convex rest solved exactly
  grids         tiny accounts in whole shares: every set of orders there is
  mip           up to 30 names, whole shares, tickets, minimum trades, wash sales, all of T: against HiGHS
  evaluate      one case of it in full: what both say of HiGHS's orders

The last line is `N passed, N failed`; exits 1 where anything failed. Books of `mip` stay in build/compare/books."""
import argparse
import concurrent.futures
import json
import os
import re
import shutil
import statistics
import subprocess
import sys

import accounts
import convex
import mip

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build")
BOOKS = os.path.join(BUILD, "compare", "books")
BP = 1e4  # of a fraction

CONVEX_TOLERANCE = 1e-5  # basis points of account value, as every tolerance here
VERY_BEST = 1e-3
FRACTIONAL_OFF_MAX = 0.05
WHOLE_OFF_MAX = 3.0

CONVEX_SIZES = ((50, 20), (200, 20), (500, 20), (500, 50))  # names, factors
COMBINATION_SETTINGS = ((7, "0.001", "1", "all"), (9, "0.001", "1", "one"), (9, "0.005", "20", "all"))
# name: names, dollars, whole shares, hard setting, most seconds of HiGHS
FAMILIES = {"whole-6-30k": (6, 3e4, True, False, 20), "whole-8-10k": (8, 1e4, True, False, 20),
            "whole-hard-9-50k": (9, 5e4, True, True, 20), "whole-12-100k": (12, 1e5, True, False, 30),
            "fractional-20-1m": (20, 1e6, False, False, 30), "fractional-hard-30-1m": (30, 1e6, False, True, 60),
            "whole-20-1m": (20, 1e6, True, False, 40), "whole-hard-20-1m": (20, 1e6, True, True, 40),
            "whole-30-1m": (30, 1e6, True, False, 60)}


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"  FAILED: {what}", flush=True)


def lines_of(*words):
    run = subprocess.run([os.path.join(BUILD, "dump_problem"), *map(str, words)], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"dump_problem {' '.join(map(str, words))} failed: {run.stderr.strip()}")
    return [json.loads(line) for line in run.stdout.splitlines()]


# ── convex

def compare_convex(checks, options):
    print("convex: fractional shares, no minimum trade, no ticket, one cell of T; milliseconds of one thread, medians\n"
          "  free: no losses, every name sells, holds or buys; fixed: losses too, every name held to its way.\n"
          f"  PIQP and Clarabel to {convex.INTERIOR_TOLERANCE:g}; "
          "times the engine's in brackets; off: the most that it differs from the engine, bp")
    print(f"  {'':20}{'engine':>8}" + "".join(f"{name:>19}{'off':>10}" for name in convex.PEERS))
    for way in ("free", "fixed"):
        for names, factors in CONVEX_SIZES:
            convex_table_row(checks, options, names, factors, way)


def convex_table_row(checks, options, names, factors, way):
    count = options.instances or (3 if options.quick else 10)
    seconds = {peer: [] for peer in convex.PEERS}
    ratios = {peer: [] for peer in convex.PEERS}
    off = {peer: 0.0 for peer in convex.PEERS}
    own = []
    for case in lines_of("convex", names, factors, count, options.seed, way):
        own.append(case["seconds"])
        quadratic = convex.quadratic_of(case)
        where = f"n={names} k={factors} {way} seed {options.seed} {case['account']}"
        exact = {}
        for peer, solve in convex.PEERS.items():
            answer = solve(quadratic)
            difference = (answer.objective - case["bound"]) * BP
            seconds[peer].append(answer.seconds)
            ratios[peer].append(answer.seconds / case["seconds"])
            off[peer] = max(off[peer], abs(difference))
            if peer in convex.EXACT:
                exact[peer] = difference
                checks.that(answer.solved, f"{where}: {peer} gave up")
        least, most = min(exact.values()), max(exact.values())
        checks.that(least >= -CONVEX_TOLERANCE, f"{where}: the bound is BEATEN by {-least:.2e} bp")
        checks.that(most <= CONVEX_TOLERANCE, f"{where}: the engine stops {most:.2e} bp below the optimum")
    cells = "".join(f"{1e3 * statistics.median(seconds[p]):9.2f} ({statistics.median(ratios[p]):6.1f}){off[p]:11.1e}"
                    for p in convex.PEERS)
    print(f"  n={names:<4} k={factors:<3} {way:6} {1e3 * statistics.median(own):8.2f}  {cells}", flush=True)


# ── every combination of ways

def compare_combinations(checks, options):
    count = options.instances or (4 if options.quick else 20)
    print("combinations: every way to sell, hold or buy, the convex rest solved by PIQP where the engine's own climb "
          "does not rule it out\n"
          f"  {'':40}{'accounts':>9}{'ways':>12}{'very best':>11}{'most off, bp':>14}{'gap p50':>9}{'max, bp':>9}")
    for names, trade_min, ticket, cells in COMBINATION_SETTINGS:
        ways, off, gaps = 0, [], []
        for case in lines_of("enumerate", names, count, options.seed, trade_min, ticket, cells):
            where = f"n={names} minimum {trade_min} ticket {ticket} {cells} seed {options.seed} {case['account']}"
            best = best_combination(case)
            ways += case["combinations"]
            off.append((case["ours"] - best) * BP)
            gaps.append((case["ours"] - case["bound"]) * BP)
            beaten = (case["bound"] - best) * BP
            checks.that(beaten <= CONVEX_TOLERANCE, f"{where}: the bound is BEATEN by {beaten:.2e} bp")
            checks.that(off[-1] <= FRACTIONAL_OFF_MAX, f"{where}: the orders are {off[-1]:.4f} bp off the best")
        label = f"n={names}, minimum {float(trade_min):.1%}, ticket ${ticket}, {cells} cells"
        print(f"  {label:40}{len(off):9}{ways:12,}{sum(o <= VERY_BEST for o in off):11}{max(off):14.5f}"
              f"{statistics.median(gaps):9.4f}{max(gaps):9.4f}", flush=True)


def best_combination(case):
    best = case["ours"]
    for candidate in case["candidates"]:
        quadratic = convex.quadratic_of(candidate)
        answer = convex.by_piqp(quadratic)
        if not answer.solved:
            answer = convex.by_clarabel(quadratic)
        best = min(best, answer.objective + case["constant"])
    return best


# ── tiny grids

def compare_grids(checks, options):
    print("grids: every set of orders in whole shares of three or four names, lots chosen in every way")
    run = subprocess.run([os.path.join(BUILD, "solution_test"), "--gtest_filter=*Enumeration.*"], cwd=ROOT,
                         capture_output=True, text=True)
    for line in run.stdout.splitlines():
        result = re.match(r"\[ +(OK|FAILED) +\] (\S+) \(", line)
        if result:
            checks.that(result[1] == "OK", result[2])
        elif line.startswith("the very best") or "bp off" in line:
            print("  " + line)
    checks.that(run.returncode == 0, "solution_test's enumerations")


# ── mixed-integer programs

def run_tool(*words):
    return subprocess.run([os.path.join(BUILD, "lotwright"), *words], capture_output=True, text=True)


def decided(folder, account):
    """The engine's orders for a book made of this account."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    book = os.path.join(folder, "book")
    accounts.write_book(book, account)
    run = run_tool("run", book, "--out", os.path.join(folder, "out"), "--threads", "1")
    if run.returncode != 0:
        raise RuntimeError(f"lotwright run {book}: {run.stderr.strip()}")
    row = accounts.read_account(os.path.join(folder, "out"))
    if row["status"] not in ("traded", "no_trade"):
        raise RuntimeError(f"{book}: the account is {row['status']}")
    return row, accounts.read_orders(os.path.join(folder, "out"), account)


def valued(folder, account, orders):
    """What `lotwright evaluate` says of anybody's orders."""
    paths = accounts.write_orders(folder, account, orders)
    run = run_tool("evaluate", os.path.join(folder, "book"), "--orders", paths[0], "--lot-sales", paths[1])
    if run.returncode != 0:
        raise RuntimeError(f"lotwright evaluate {folder}/book: {run.stderr.strip()}")
    return json.loads(run.stdout)


def family_case(family, seed):
    """One account decided by both; everything in dollars."""
    names, dollars, whole, hard, seconds = FAMILIES[family]
    account = accounts.invent(seed, names, dollars=dollars, whole=whole, hard=hard)
    folder = os.path.join(BOOKS, f"{family}-{seed}")
    row, orders = decided(folder, account)
    with open(os.path.join(folder, "out", "run.json"), encoding="utf-8") as file:
        own_seconds = json.load(file)["seconds"]["decide"]
    best = mip.best_orders(account, orders, seconds)
    judged = valued(folder, account, best.orders)
    return {"where": os.path.relpath(folder, ROOT), "bp": account.value() / BP,
            "ours": float(row["objective_after"]), "ours_read": accounts.objective(account, orders),
            "orders": len(orders.bought) + len(orders.sold), "bound": float(row["bound"]), "own_seconds": own_seconds,
            "best": judged["objective_after"], "best_read": best.objective, "best_bound": best.bound,
            "best_orders": len(best.orders.bought) + len(best.orders.sold), "seconds": best.seconds,
            "broken": sorted({one["rule"] for one in judged["broken_rules"]})}


def off_of(case):
    return max(0.0, (case["ours"] - case["best"]) / case["bp"])


def check_case(checks, case, whole):
    where, bp = case["where"], case["bp"]
    # Each order's amount and commission are rounded to the cent.
    cents = 0.005 * (1 + max(case["orders"], case["best_orders"]))
    beaten = (case["bound"] - case["best"]) / bp
    off = off_of(case)
    below = (case["best_bound"] - case["ours"]) / bp
    checks.that(not case["broken"], f"{where}: HiGHS's orders break a rule of the engine's: {case['broken']}")
    checks.that(abs(case["best"] - case["best_read"]) <= cents,
                f"{where}: HiGHS's orders cost {case['best_read']:.4f} by formula, {case['best']:.4f} by `evaluate`")
    checks.that(abs(case["ours"] - case["ours_read"]) <= cents,
                f"{where}: the engine's orders cost {case['ours_read']:.4f} by formula, {case['ours']:.4f} by the run")
    checks.that(beaten <= CONVEX_TOLERANCE, f"{where}: the bound is BEATEN by {beaten:.2e} bp")
    checks.that(below <= mip.GAP_MAX, f"{where}: the engine's orders are {below:.4f} bp below HiGHS's bound")
    checks.that(off <= (WHOLE_OFF_MAX if whole else FRACTIONAL_OFF_MAX),
                f"{where}: the orders are {off:.4f} bp above HiGHS's")


def compare_mip(checks, options):
    count = options.instances or (2 if options.quick else 4)
    families = [options.family] if options.family else list(FAMILIES)[:5] if options.quick else list(FAMILIES)
    tasks = [(family, seed) for family in families for seed in range(options.seed, options.seed + count)]
    print("mip: outer approximation by HiGHS from the book's facts; basis points; off: our orders above HiGHS's;\n"
          "  gap: what the engine leaves unproven; open: what HiGHS does\n"
          f"  {'':24}{'accounts':>9}{'very best':>11}{'off p50':>9}{'most off':>10}{'gap p50':>9}{'gap max':>9}"
          f"{'open max':>10}{'engine ms':>11}{'HiGHS s':>9}")
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(family_case, *zip(*tasks)))
    for f, family in enumerate(families):
        cases = results[f * count:(f + 1) * count]
        for case in cases:
            check_case(checks, case, FAMILIES[family][2])
        off = [off_of(c) for c in cases]
        gaps = [(c["ours"] - c["bound"]) / c["bp"] for c in cases]
        open_gaps = [(c["best"] - c["best_bound"]) / c["bp"] for c in cases]
        print(f"  {family:24}{count:9}{sum(o <= 2 * mip.GAP_MAX for o in off):11}{statistics.median(off):9.4f}"
              f"{max(off):10.4f}{statistics.median(gaps):9.4f}{max(gaps):9.4f}{max(open_gaps):10.4f}"
              f"{1e3 * statistics.median(c['own_seconds'] for c in cases):11.1f}"
              f"{statistics.median(c['seconds'] for c in cases):9.1f}", flush=True)


# ── one case in full

def compare_evaluate(checks, options):
    account = accounts.invent(options.seed, 10, dollars=1e5)
    folder = os.path.join(BOOKS, f"evaluate-{options.seed}")
    row, orders = decided(folder, account)
    best = mip.best_orders(account, orders, 30)
    where = os.path.relpath(folder, ROOT)
    print(f"evaluate: HiGHS's orders for {where}/book, in {where}/orders.csv and lot_sales.csv")
    judged = valued(folder, account, best.orders)
    after = judged["accounts"][0]["after"]
    for part in ("risk", "tax", "trading", "cash"):
        print(f"  {part:28}{after[part]:14.2f}")
    print(f"  {'objective by evaluate':28}{judged['objective_after']:14.2f}\n"
          f"  {'objective by the MIP':28}{best.objective:14.2f}\n"
          f"  {'HiGHS proves at least':28}{best.bound:14.2f}\n"
          f"  {'objective of our orders':28}{float(row['objective_after']):14.2f}\n"
          f"  {'our bound':28}{float(row['bound']):14.2f}")
    checks.that(abs(judged["objective_after"] - best.objective) < 0.005, f"{where}: the two values differ by a cent")
    checks.that(not judged["broken_rules"], f"{where}: HiGHS's orders break {judged['broken_rules']}")


SECTIONS = {"convex": compare_convex, "combinations": compare_combinations, "grids": compare_grids,
            "mip": compare_mip, "evaluate": compare_evaluate}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer accounts, the smaller families")
    parser.add_argument("--instances", type=int, default=0, help="accounts in each row of a table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--family", choices=FAMILIES, help="of mip: this one alone")
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    options = parser.parse_args()
    for name in options.sections:
        if name not in SECTIONS:
            parser.error(f"no section {name}: {', '.join(SECTIONS)}")
    checks = Checks()
    for name in options.sections or SECTIONS:
        SECTIONS[name](checks, options)
        print(flush=True)
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
