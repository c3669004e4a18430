#!/usr/bin/env python3
"""The built program on whole books: tests/end_to_end.py [BOOK ...] (default: the examples, and shared books if there).

What is proved here and nowhere else: the same bytes for 1, 2 and 8 threads, for shuffled and gzipped input files and
for a build with wider instructions; the independent checker finds nothing where it is at hand; exit codes; `evaluate`
agrees with `run`; explanations say the run's own dollars; the household of README.md comes out as worked by hand."""
import csv
import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from decimal import ROUND_HALF_UP, Decimal

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, "build", "lotwright")
WIDER = os.path.join(ROOT, "build-avx2", "lotwright")
SHARED = os.path.join(os.path.dirname(ROOT), "shared")
CHECKER = os.path.join(SHARED, "tools", "check_run.py")
EXAMPLES = [os.path.join(ROOT, "examples", name) for name in ("book", "dirty", "household", "requests")]


class Count:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, holds, what, detail=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"  FAILED {what}: {detail}", flush=True)
        return holds


def lotwright(*words, program=PROGRAM):
    return subprocess.run([program, *words], capture_output=True, text=True, errors="replace")


def outputs(folder):
    """File name -> bytes; run.json without what may differ between two equal runs."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    facts = json.loads(found.get("run.json", b"{}"))
    for key in [key for key in facts if re.search("second|thread|inputs|sha256", key)]:
        del facts[key]
    found["run.json"] = json.dumps(facts, sort_keys=True).encode()
    return found


def rows(folder, name):
    with open(os.path.join(folder, name), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def differing(one, other):
    return [name for name in sorted(set(one) | set(other)) if one.get(name) != other.get(name)]


def run_book(book, out, *words, program=PROGRAM):
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(os.path.dirname(out), exist_ok=True)
    return lotwright("run", book, "--out", out, *words, program=program)


def shuffled(book, folder):
    """The same facts in another order, some files gzipped."""
    chance = random.Random(20250630)
    shutil.copytree(book, folder)
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(where, name)
            if not name.endswith(".csv") or where.endswith("risk"):
                continue
            with open(path, newline="", encoding="utf-8") as file:
                head, *body = file.read().splitlines(keepends=True)
            chance.shuffle(body)
            text = (head + "".join(body)).encode()
            if chance.random() < 0.5:
                os.remove(path)
                with gzip.open(path + ".gz", "wb") as file:
                    file.write(text)
            else:
                with open(path, "wb") as file:
                    file.write(text)


def same_bytes(count, book, folder):
    """Any number of threads, any order of rows, any width of instructions: the same files."""
    name = os.path.basename(book)
    first = os.path.join(folder, "t1")
    run = run_book(book, first, "--threads", "1")
    if not count.that(run.returncode == 0, f"{name}: run ends with 0", f"{run.returncode} {run.stderr[-500:]}"):
        return None
    expected = outputs(first)
    ours = os.path.dirname(book) == os.path.dirname(EXAMPLES[0])
    variants = [(f"{threads} threads", book, PROGRAM, threads) for threads in (("2", "8") if ours else ("8",))]
    if os.path.exists(WIDER):
        variants.append(("the AVX2 build", book, WIDER, "2"))
    else:
        print(f"  skipped: no AVX2 build to compare with ({name})")
    if ours and name != "dirty":  # its findings name lines, which move
        mixed = os.path.join(folder, "mixed", name)
        shuffled(book, mixed)
        variants.append(("shuffled rows, gzipped files", mixed, PROGRAM, "2"))
    for what, where, program, threads in variants:
        out = os.path.join(folder, "other")
        run = run_book(where, out, "--threads", threads, program=program)
        count.that(run.returncode == 0 and not differing(expected, outputs(out)), f"{name}: {what}: same bytes",
                   differing(expected, outputs(out)) if run.returncode == 0 else run.stderr[-500:])
    return first


def second_opinions(count, book, out):
    cases = os.path.join(out, "cases")
    never_silent(count, book, out)
    count.that(not os.path.exists(cases), f"{os.path.basename(book)}: the engine refused nothing of its own",
               os.listdir(cases) if os.path.exists(cases) else "")
    if not os.path.exists(CHECKER):
        return
    run = subprocess.run([sys.executable, CHECKER, book, out], capture_output=True, text=True)
    name = os.path.basename(book)
    count.that(run.returncode == 0, f"{name}: the independent checker finds nothing",
               run.stdout[-3000:] + run.stderr[-500:])
    summary = run.stdout.strip().splitlines()[-1:] or ["no output"]
    print(f"  {name}: independent checker: {summary[0]}", flush=True)


def never_silent(count, book, out):
    """Every taxable account of the book has its row in harvests.csv, and the dollars of its rows add up."""
    name, wrong = os.path.basename(book), []
    columns = ("loss", "taken", "disallowed", "skipped")
    accounts, securities = {}, {}
    for row in rows(out, "harvests.csv"):
        (securities if row["security_id"] else accounts).setdefault(row["account_id"], []).append(row)
    treatment = {row["account_id"]: row["tax_treatment"] for row in rows(book, "accounts.csv")}
    for account in (row["account_id"] for row in rows(out, "accounts.csv")):
        untaxed = treatment[account] in ("tax_deferred", "tax_free")
        if len(accounts.get(account, [])) != (0 if untaxed else 1):
            wrong.append(f"{account}: {len(accounts.get(account, []))} rows of its own")
    realized = dict.fromkeys(accounts, Decimal(0))
    for row in rows(out, "lot_sales.csv"):
        if row["account_id"] in realized and row["gain"]:
            realized[row["account_id"]] += max(Decimal(0), -Decimal(row["gain"]))
    skipped_by, not_scanned_by = {}, {}
    total = dict.fromkeys(columns, Decimal(0))
    for account, (own, *_) in accounts.items():
        parts = securities.get(account, [])
        if own["status"] == "not_scanned":
            not_scanned_by[own["rule"]] = not_scanned_by.get(own["rule"], 0) + 1
            if parts or realized[account] or not own["rule"] or any(own[column] for column in columns):
                wrong.append(f"{account}: not scanned, and yet {own} {parts}")
            continue
        for column in columns:
            total[column] += Decimal(own[column])
            if Decimal(own[column]) != sum(Decimal(row[column]) for row in parts):
                wrong.append(f"{account}: {column} is not that of its securities")
        for row in (own, *parts):
            if Decimal(row["loss"]) != Decimal(row["taken"]) + Decimal(row["skipped"]):
                wrong.append(f"{account} {row['security_id']}: found is not taken and skipped")
        for row in parts:
            if Decimal(row["skipped"]):
                skipped_by[row["rule"]] = skipped_by.get(row["rule"], 0) + Decimal(row["skipped"])
            if bool(row["rule"]) != bool(Decimal(row["skipped"])):
                wrong.append(f"{account} {row['security_id']}: skipped {row['skipped']} by rule \"{row['rule']}\"")
        if Decimal(own["taken"]) != realized[account]:
            wrong.append(f"{account}: taken {own['taken']}, sold at a loss {realized[account]}")
    with open(os.path.join(out, "run.json"), encoding="utf-8") as file:
        told = json.load(file)["harvest"]
    near = lambda one, other: abs(float(one) - float(other)) < 0.005
    scanned = len(accounts) - sum(not_scanned_by.values())
    if (told["accounts_taxable"], told["scanned"], told["not_scanned"]) != (
            len(accounts), scanned, sum(not_scanned_by.values())) or told["not_scanned_by"] != not_scanned_by:
        wrong.append(f"run.json counts otherwise: {told}")
    if not all(near(told[column], total[column]) for column in columns) or not near(
            told["loss"], told["taken"] + told["skipped"]):
        wrong.append(f"run.json adds up otherwise: {told}")
    if set(told["skipped_by"]) != set(skipped_by) or not all(
            near(told["skipped_by"][rule], amount) for rule, amount in skipped_by.items()):
        wrong.append(f"run.json skips by other rules: {told['skipped_by']}")
    count.that(not wrong, f"{name}: every taxable account is scanned for losses, or says why not", wrong[:5])


def held(out):
    return {row["account_id"] for row in rows(out, "accounts.csv") if row["status"] in ("held", "failed")}


def the_examples(count, out_of):
    book = out_of["book"]
    statuses = [row["status"] for row in rows(book, "accounts.csv")]
    count.that(len(statuses) == 43 and "failed" not in statuses, "book: 43 accounts, none failed", statuses)
    count.that(held(book) == {"rowan-joint", "spruce-joint"}, "book: held are the merger and the old price", held(book))
    count.that(statuses.count("traded") >= 20, "book: most accounts trade", statuses.count("traded"))
    count.that(statuses.count("no_trade") >= 5, "book: some accounts are left alone", statuses.count("no_trade"))
    faulty = {row["account_id"] for row in rows(os.path.join(ROOT, "examples"), "dirty.faults.csv")}
    count.that(held(out_of["dirty"]) == faulty, "dirty: held are the faulty accounts and no others",
               sorted(held(out_of["dirty"]) ^ faulty))


def the_household(count, out):
    """README.md works this one out by hand."""
    orders = {(row["account_id"], row["security_id"]): (row["side"], float(row["quantity"]))
              for row in rows(out, "orders.csv")}
    by_hand = {("rivera-joint", "USEQ"): ("sell", 58), ("rivera-joint", "BOND"): ("buy", 80),
               ("rivera-ira", "USEQ"): ("buy", 46), ("rivera-ira", "BOND"): ("buy", 3)}
    count.that(orders == by_hand, "household: the orders worked out by hand", orders)
    sums = {row["account_id"]: (float(row["objective_before"]), float(row["objective_after"]))
            for row in rows(out, "accounts.csv")}
    expected = {"rivera-joint": (82.5476, 23.8952), "rivera-ira": (167.8962, 19.3698)}
    for account, pair in expected.items():
        count.that(all(abs(a - b) < 0.01 for a, b in zip(sums.get(account, (0, 0)), pair)),
                   f"household: the objective of {account} worked out by hand", sums.get(account))


def gifts(count, book):
    """The gift list keeps to the amount and to long-term gains, most gain per dollar first."""
    run = lotwright("gifts", book, "--amount", "20000")
    listed = list(csv.DictReader(run.stdout.splitlines()))
    count.that(run.returncode == 0 and listed, "gifts: a list and exit code 0", run.stderr[-500:])
    for taxpayer in sorted({row["taxpayer_id"] for row in listed}):
        own = [row for row in listed if row["taxpayer_id"] == taxpayer]
        for column, so_far in (("value", "value_so_far"), ("tax_removed", "tax_removed_so_far")):
            missing = abs(sum(float(row[column]) for row in own) - float(own[-1][so_far]))
            count.that(missing < 0.01 * len(own), f"gifts: {taxpayer}'s {column} adds up", missing)
        count.that(float(own[-1]["value_so_far"]) <= 20000, f"gifts: {taxpayer} keeps to the amount", own[-1])
        count.that(all(float(row["gain"]) > 0 and row["term"] == "long_term" for row in own),
                   f"gifts: {taxpayer} gives long-term gains alone", own)
    whole = lotwright("gifts", book, "--json")
    count.that(whole.returncode == 0 and json.loads(whole.stdout)["left_out"],
               "gifts: lots left out are named in --json", whole.stderr[-500:])
    for words in (("--account", "nobody"), ("--taxpayer", "nobody"), ("--amount", "much")):
        run = lotwright("gifts", book, *words)
        count.that(run.returncode == 2 and words[1] in run.stderr, f"gifts {words}: refused by name", run.stderr)


def evaluation(count, book, out):
    """`evaluate` on the run's own orders: the same objective, nothing broken."""
    run = lotwright("evaluate", book, "--orders", os.path.join(out, "orders.csv"), "--lot-sales",
                    os.path.join(out, "lot_sales.csv"))
    if not count.that(run.returncode == 0, "evaluate ends with 0", f"{run.returncode} {run.stderr[-500:]}"):
        return
    judged = json.loads(run.stdout)
    count.that(not judged["broken_rules"] and not judged["findings"], "evaluate finds nothing against the run's orders",
               judged["broken_rules"][:3] + judged["findings"][:3])
    after = {row["account_id"]: float(row["objective_after"]) for row in rows(out, "accounts.csv")}
    apart = [one["account_id"] for one in judged["accounts"]
             if "after" in one and abs(one["after"]["objective"] - after[one["account_id"]]) > 1e-5]
    count.that(not apart, "evaluate and run agree on every objective", apart)


DOLLARS = re.compile(r"\$([0-9,]+(?:\.[0-9]+)?)")


def dollars_of(row, columns):
    """The amounts in these columns without their signs, as they stand and to the cent."""
    amounts = [abs(Decimal(row[column])) for column in columns if row.get(column)]
    return {amount.quantize(Decimal("0.01"), ROUND_HALF_UP) for amount in amounts} | set(amounts)


def sums_told(written, account):
    """Sums of an account's rows that an explanation tells: what was done by its rule, what stays by its cause, all."""
    sums = {}
    for file, key, columns in (("reasons.csv", "rule", ("benefit", "tax", "cost", "funding", "net")),
                               ("left.csv", "cause", ("dollars",))):
        for row in written[file]:
            if row["account_id"] != account or row.get("decision") in ("kept", "not_bought"):
                continue
            for of in (row[key], ""):
                for column in columns:
                    sums[file, of, column] = sums.get((file, of, column), Decimal(0)) + Decimal(row[column] or 0)
    # What balances other drifts is told as one line.
    sums["balancing"] = sum(total for key, total in sums.items() if key[0] == "left.csv" and key[1] and total < 0)
    own = next(row for row in written["accounts.csv"] if row["account_id"] == account)
    # The difference of two bills is rounded by itself.
    tax = Decimal(own["year_tax_after"] or 0) - Decimal(own["year_tax_before"] or 0)
    known = [*sums.values(), *(tax + Decimal(cents) / 100 for cents in (-1, 0, 1))]
    return {abs(amount) for amount in known}


def explained(count, book, out, accounts):
    """Every dollar that is said stands in a row of the run; every dollar of the account's reasons is said."""
    name, strange, unsaid, broken = os.path.basename(book), [], [], []
    parts = ("benefit", "tax", "cost", "funding", "net")
    tables = {"orders.csv": ("price", "amount"), "lot_sales.csv": ("proceeds", "gain", "disallowed"),
              "reasons.csv": (*parts, "without"), "left.csv": ("dollars",), "exceptions.csv": (),
              "harvests.csv": ("loss", "taken", "disallowed", "skipped", "value"),
              "accounts.csv": ("value", "investable_value", "cash_before", "cash_after", "gain_short", "gain_long",
                               "tax", "trading_cost", "objective_before", "objective_after", "bound", "improvement",
                               "gap", "gain_budget", "gain_budget_left", "gain_budget_price", "tax_budget",
                               "tax_budget_left", "tax_budget_price", "waiting", "year_tax_before",
                               "year_tax_after")}
    written = {file: rows(out, file) for file in tables}
    requests = rows(book, "requests.csv") if os.path.exists(os.path.join(book, "requests.csv")) else []
    households = {row["account_id"]: row["household_id"] for row in written["accounts.csv"]}
    for account in accounts:
        run = lotwright("explain", book, account, "--all")
        if run.returncode != 0:
            broken.append(f"{account}: {run.stderr[-200:]}")
            continue
        told = re.sub(r"\$[\d,.]+\s+are\s+asked\s+for", "", run.stdout)  # a setting's dollars
        said = {Decimal(amount.replace(",", "")) for amount in DOLLARS.findall(told)}
        known = set()
        for file, columns in tables.items():
            for row in written[file]:
                mine = row["account_id"] == account or (not row["account_id"] and
                                                        row.get("household_id") == households[account])
                if mine:
                    known |= dollars_of(row, columns)
                    known |= {Decimal(amount.replace(",", "")) for amount in DOLLARS.findall(row.get("message", ""))}
        known |= sums_told(written, account)
        for row in requests:
            known |= dollars_of(row, ("amount",)) if row["account_id"] == account else set()
        strange += [f"{account}: ${amount}" for amount in sorted(said - known)]
        for row in written["reasons.csv"]:
            if row["account_id"] == account:
                rule_alone = row["decision"] == "kept" and not row["security_id"]
                missing = {amount for amount in dollars_of(row, ("net",) if rule_alone else parts) if amount} - said
                unsaid += [f"{account} {row['security_id']}: ${amount}" for amount in sorted(missing)]
    count.that(not broken, f"{name}: every account is explained", broken[:3])
    count.that(not strange, f"{name}: every dollar of an explanation stands in a row of the run", strange[:5])
    count.that(not unsaid, f"{name}: every dollar of the reasons is said", unsaid[:5])


def explanations(count, folder, runs):
    for book, out in runs:
        accounts = [row["account_id"] for row in rows(out, "accounts.csv")]
        chosen = accounts if len(accounts) <= 50 else random.Random(20250630).sample(accounts, 12)
        explained(count, book, out, chosen)
    page = os.path.join(folder, "page.html")
    run = lotwright("explain", EXAMPLES[0], "cedar-founder", "--html", page, "--json")
    count.that(run.returncode == 0 and json.loads(run.stdout)["account_id"] == "cedar-founder", "explain as JSON",
               run.stderr[-300:])
    with open(page, encoding="utf-8") as file:
        text = file.read()
    for part in re.findall(r"(?s)<svg.*?</svg>|<table>.*?</table>", text):
        xml.etree.ElementTree.fromstring(part)  # raises where it is not well-formed
    count.that(text.count("<svg") == 2 and "http" not in text, "a page has its charts and needs nothing else")
    run = lotwright("explain", EXAMPLES[0], "cedar-foundr")
    count.that(run.returncode == 2 and "did you mean cedar-founder" in run.stderr,
               "an unknown account names ones like it", f"{run.returncode} {run.stderr[-300:]}")


def exit_codes(count, folder):
    dirty = EXAMPLES[1]
    out = os.path.join(folder, "codes")
    for what, expected, words in (
            ("no command", 2, []),
            ("a command that is none", 2, ["destroy", dirty]),
            ("an unknown option", 2, ["run", dirty, "--out", out, "--unknown"]),
            ("a book that is not there", 2, ["run", os.path.join(folder, "nothing"), "--out", out]),
            ("a book with held accounts", 0, ["run", dirty, "--out", out]),
            ("--strict with held accounts", 1, ["run", dirty, "--out", out, "--strict"]),
            ("an account nobody has", 2, ["explain", dirty, "nobody"])):
        run = lotwright(*words)
        count.that(run.returncode == expected, f"exit code of {what} is {expected}",
                   f"{run.returncode} {run.stderr[-300:]}")


def a_gate_stops_the_book(count, folder):
    book, out = os.path.join(folder, "gated"), os.path.join(folder, "gated-out")
    shutil.copytree(EXAMPLES[2], book)
    with open(os.path.join(book, "firm.toml"), "r+", encoding="utf-8") as file:
        text = re.sub(r"(?ms)^\[gates\]\n.*?(?=^\[|\Z)", "", file.read())
        file.seek(0)
        file.truncate()
        file.write(text + "\n[gates]\none_security_notional_max = 100\n")
    run = lotwright("run", book, "--out", out)
    count.that(run.returncode == 3 and "one_security_notional_max" in run.stdout, "a gate ends the run with 3",
               f"{run.returncode} {run.stderr[-300:]}")
    sendable = [name for name in ("orders.csv", "lot_sales.csv", "blocks.csv") if rows(out, name)]
    count.that(not sendable, "a stopped book leaves no orders", sendable)
    again = lotwright("run", EXAMPLES[2], "--out", out + "2", "--previous", out)
    count.that(again.returncode == 2 and "a gate stopped it" in again.stderr,
               "a stopped run is no day before", f"{again.returncode} {again.stderr[-300:]}")


def an_interrupt_leaves_nothing(count, folder):
    where = os.path.join(folder, "interrupted")
    os.mkdir(where)
    slow = subprocess.Popen([PROGRAM, "run", EXAMPLES[0], "--out", os.path.join(where, "out"), "--threads", "1"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.1)
    slow.send_signal(signal.SIGINT)
    slow.communicate()
    whole = slow.returncode == 0 and os.path.exists(os.path.join(where, "out", "run.json"))  # it was faster than we
    count.that(whole or slow.returncode == 130 and not os.listdir(where), "an interrupted run leaves nothing behind",
               f"{slow.returncode} {os.listdir(where)}")


def books_to_run(named):
    if named:
        return named
    shared = os.path.join(SHARED, "data", "books")
    found = sorted(os.path.join(shared, name) for name in os.listdir(shared)) if os.path.isdir(shared) else []
    if not found:
        print("  skipped: no ../shared beside the checkout: its books and its independent checker are not run")
    return EXAMPLES + [path for path in found if os.path.isdir(path)]


def run(named=()):
    count, out_of = Count(), {}
    with tempfile.TemporaryDirectory(prefix="lotwright-") as folder:
        books = books_to_run(list(named))
        for book in books:
            name = os.path.basename(book)
            out = same_bytes(count, book, os.path.join(folder, name))
            if out:
                out_of[name] = out
                second_opinions(count, book, out)
        if all(os.path.basename(book) in out_of for book in EXAMPLES):
            the_examples(count, out_of)
            the_household(count, out_of["household"])
            evaluation(count, EXAMPLES[0], out_of["book"])
            gifts(count, EXAMPLES[0])
            explanations(count, folder, [(book, out_of[os.path.basename(book)]) for book in books])
            exit_codes(count, folder)
            a_gate_stops_the_book(count, folder)
            an_interrupt_leaves_nothing(count, folder)
    print(f"  end to end: {count.passed} passed, {count.failed} failed")
    return count.passed, count.failed


if __name__ == "__main__":
    sys.exit(1 if run(sys.argv[1:])[1] else 0)
