#!/usr/bin/env python3
"""Yesterday and today through the whole program: tests/two_days.py [SEED] (./do bench faults counts more of it).

What is proved here: on an invented day every injected fault is found and few honest accounts are asked about; a fault
that nobody corrects is still found on the day after; --accept lets one account go; a gate leaves a page that says why;
the same bytes for 1 and 2 threads; a market that falls 12 % raises no doubt."""
import argparse
import os
import subprocess
import sys
import tempfile

from end_to_end import ROOT, Count, held, lotwright, outputs, rows

sys.path.insert(0, os.path.join(ROOT, "bench"))
import faults  # noqa: E402  (the bench counts, this judges)


def the_marks(count, folder, seed):
    counts = faults.Counts()
    book = faults.one_book(counts, folder, seed, 350, 0.3)
    faults.settled(counts, folder, book)
    faults.crash(counts, folder, book)
    result = faults.figures(counts)
    count.that(result["recall"] >= faults.RECALL_MIN, f"seed {seed}: every fault is found", counts.missed)
    count.that(len(result["kinds"]) >= 60, "and of every kind there are some", sorted(result["kinds"]))
    # A firm's first day moves accounts far; its own tests ask about a few. The bench counts enough accounts for a mark.
    count.that(result["data_load"] <= faults.LOAD_MAX, "tests of data leave honest accounts alone",
               result["first_day_review_load_by_rule"])
    count.that(result["settled_review_load"] <= faults.LOAD_MAX, "on the day after, orders filled, too",
               result["settled_review_load_by_rule"])
    count.that(result["crash_review_load"] <= faults.LOAD_MAX, "after a fall of 12 % too",
               result["crash_review_load_by_rule"])
    count.that(result["held_traded"] == 0, "no order leaves an account that is held", result["held_traded"])
    return book


def a_fault_stays_one(count, book):
    out, later = book + ".out", book + ".later"
    run = lotwright("run", book, "--out", later, "--previous", out)
    count.that(run.returncode == 0, "the day after, uncorrected: run ends with 0", run.stderr[-300:])
    freed = held(out) - held(later)
    count.that(not freed, "an account that was held is held as long as nobody corrects it", sorted(freed))
    folder, name = os.path.split(book)
    moved = [row["account_id"] for row in rows(folder, name + ".faults.csv") if row["fault"] == "treatment_changed"]
    if not count.that(bool(moved), "an account's tax treatment changed"):
        return
    lotwright("run", book, "--out", later, "--previous", out, "--accept", moved[0])
    count.that(moved[0] not in held(later), "--accept takes an account as it is today", moved[0])


def the_commands_agree(count, book):
    """Whoever asks about an account with the same --previous is told what the run was."""
    folder, name = os.path.split(book)
    faults_of = {row["fault"]: row["account_id"] for row in rows(folder, name + ".faults.csv")}
    before = ("--previous", book + ".previous")
    checked = lotwright("check", book, *before).stdout
    for fault, rule in (("lot_missing", "data_position_moved"), ("treatment_changed", "data_account_changed"),
                        ("basis_lost", "data_basis_implausible")):
        account = faults_of[fault]
        count.that(f"hold {rule}: account {account}" in checked, f"check --previous tells {rule}", account)
        for words in (("explain", book, account, "--json"), ("what-if", book, account, "--set", "risk_aversion=9")):
            told = lotwright(*words, *before)
            count.that(rule in told.stdout, f"{words[0]} --previous tells {rule}", f"{account} {told.stdout[:300]}")
            count.that(rule not in lotwright(*words).stdout, "and without it nobody can know", account)
        curve = lotwright("frontier", book, account, *before)
        count.that(rule in curve.stdout + curve.stderr, f"frontier --previous tells {rule}", curve.stderr[:300])
        case = os.path.join(folder, f"{account}.case")
        lotwright("case", "save", book, account, case, *before)
        with open(case, encoding="utf-8") as file:
            count.that(rule in file.read(), f"a saved case has {rule}", account)


def threads_change_nothing(count, book):
    one, two = book + ".one", book + ".two"
    for out, threads in ((one, "1"), (two, "2")):
        lotwright("run", book, "--out", out, "--previous", book + ".previous", "--threads", threads)
    first, second = outputs(one), outputs(two)
    differing = [name for name in sorted(first.keys() | second.keys()) if first.get(name) != second.get(name)]
    count.that(not differing, "the same bytes for 1 and 2 threads", differing)


def a_gate_says_why(count, book):
    with open(os.path.join(book, "firm.toml"), encoding="utf-8") as file:
        firm = file.read()
    with open(os.path.join(book, "firm.toml"), "w", encoding="utf-8") as file:
        file.write(firm.replace("accounts_change_max = 0.05", "accounts_change_max = 0\nshare_breaks_max = 0\n"
                                "accounts_in_one_name_max = 5"))
    out = book + ".gated"
    run = lotwright("run", book, "--out", out, "--previous", book + ".previous")
    count.that(run.returncode == 3, "gates stop the run with 3", f"{run.returncode} {run.stderr[-300:]}")
    path = os.path.join(out, "gates.html")
    page = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
    for gate in ("gate_accounts_change", "gate_share_breaks", "gate_accounts_in_one_name"):
        count.that(gate in page, f"gates.html tells of {gate}")
    count.that(not rows(out, "orders.csv"), "and no order leaves")


def the_pages_are_whole(count, book):
    page = open(os.path.join(book + ".out", "exceptions.html"), encoding="utf-8").read()
    ranked = sorted(rows(book + ".out", "exceptions.csv"), key=lambda row: int(row["rank"]))
    stakes = [float(row["dollars_at_stake"]) for row in ranked]
    count.that(stakes == sorted(stakes, reverse=True), "rank 1 has most dollars at stake")
    count.that(all(row["next_step"] for row in ranked), "every exception has a next step")
    count.that("http" not in page and "<script" not in page, "exceptions.html needs nothing else")
    checked = [row for row in ranked if row["severity"] != "note"]
    count.that(all(row["rule"] in page for row in checked), "and has every rule that waits for a person")


def run(seed=5):
    count = Count()
    with tempfile.TemporaryDirectory(prefix="lotwright-") as folder:
        try:
            book = the_marks(count, folder, seed)
        except (SystemExit, subprocess.SubprocessError) as broken:
            count.that(False, "two days can be made and run", broken)
        else:
            the_commands_agree(count, book)
            a_fault_stays_one(count, book)
            threads_change_nothing(count, book)
            the_pages_are_whole(count, book)
            a_gate_says_why(count, book)
    print(f"  two days: {count.passed} passed, {count.failed} failed")
    return count.passed, count.failed


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("seed", nargs="?", type=int, default=5)
    sys.exit(1 if run(given.parse_args().seed)[1] else 0)
