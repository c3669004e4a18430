#!/usr/bin/env python3
"""Counts the instructions of deciding three fixed accounts and keeps the counts in bench/history.csv.

    bench/instructions.py [--date YYYY-MM-DD] [--show]

A count is the same at every run on machines of one kind, whatever else they are doing. A change of it is a change of
the code; one of some hundred-thousandths may be only of where memory lies. Printed against the last row of another
commit. --show writes nothing; --date is the day of the row, else the commit's. `-changed` after the commit: files of
src/ differ from it."""
import argparse
import csv
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, "build", "counted_decisions")
HISTORY = os.path.join(ROOT, "bench", "history.csv")
COLUMNS = ("date", "commit", "account", "instructions")


def told_by(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def counted(account):
    run = subprocess.run(["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=counted_decision*",
                          "--callgrind-out-file=/dev/null", PROGRAM, account], capture_output=True, text=True)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not collected or int(collected[1]) == 0:
        sys.exit(f"{account} was not counted: {run.stdout}{run.stderr[-800:]}")
    return int(collected[1])


def history():
    if not os.path.exists(HISTORY):
        return []
    with open(HISTORY, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def keep(rows):
    with open(HISTORY, "w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("--date", help="the day of the new rows; else the commit's")
    words.add_argument("--show", action="store_true", help="count, and keep nothing")
    asked = words.parse_args()
    commit = told_by("git", "rev-parse", "--short=10", "HEAD")
    if told_by("git", "status", "--porcelain", "--", "src", "CMakeLists.txt", "CMakePresets.json"):
        commit += "-changed"
    date = asked.date or told_by("git", "log", "-1", "--format=%cs")
    rows = history()
    earlier = [row for row in rows if row["commit"] != commit]
    fresh = []
    for account in told_by(PROGRAM).splitlines():
        count = counted(account)
        fresh.append({"date": date, "commit": commit, "account": account, "instructions": count})
        last = [row for row in earlier if row["account"] == account][-1:]
        against = "the first"
        if last:
            change = 100.0 * (count / int(last[0]["instructions"]) - 1.0)
            against = f"{change:+.2f} % against {last[0]['commit']} of {last[0]['date']}"
        print(f"{account:20} {count:>15,} instructions, {against}", flush=True)
    if not asked.show:
        keep(earlier + fresh)


if __name__ == "__main__":
    main()
