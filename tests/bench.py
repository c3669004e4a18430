#!/usr/bin/env python3
"""Times `lotwright run` on examples/book multiplied: tests/bench.py [COPIES ...] (default 1 10 50).

Every copy of a household has its own accounts and taxpayers, so the work grows in proportion and nothing is shared."""
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BOOK = os.path.join(ROOT, "examples", "book")
KEYS = ("account_id", "household_id", "taxpayer_id", "scope_id", "request_id", "restriction_id", "transaction_id")
MULTIPLIED = ("accounts.csv", "taxpayers.csv", "lots.csv", "account_settings.csv", "requests.csv", "restrictions.csv",
              "transactions.csv")


def multiply(copies, folder):
    shutil.copytree(BOOK, folder)
    firm = os.path.join(folder, "firm.toml")
    with open(firm, encoding="utf-8") as file:
        text = file.read()
    with open(firm, "w", encoding="utf-8") as file:
        file.write(text.split("[gates]")[0])  # their limits are for the book as it stands
    for name in MULTIPLIED:
        path = os.path.join(folder, name)
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        with open(path, "w", newline="", encoding="utf-8") as file:
            out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            out.writeheader()
            for copy in range(copies):
                for row in rows:
                    if copy == 0 or row.get("scope") != "firm":
                        out.writerow({key: f"{value}.{copy}" if copy and value and key in KEYS else value
                                      for key, value in row.items()})


def main():
    for copies in [int(word) for word in sys.argv[1:]] or [1, 10, 50]:
        with tempfile.TemporaryDirectory(prefix="lotwright-") as folder:
            book, out = os.path.join(folder, "book"), os.path.join(folder, "out")
            multiply(copies, book)
            begun = time.monotonic()
            run = subprocess.run([os.path.join(ROOT, "build", "lotwright"), "run", book, "--out", out],
                                 capture_output=True, text=True)
            seconds = time.monotonic() - begun
            if run.returncode not in (0, 3):
                sys.exit(f"run failed with {run.returncode}: {run.stderr[-500:]}")
            with open(os.path.join(out, "accounts.csv"), encoding="utf-8") as file:
                accounts = sum(1 for _ in file) - 1
            with open(os.path.join(out, "run.json"), encoding="utf-8") as file:
                facts = json.load(file)
            print(f"{accounts:6} accounts  {seconds:8.2f} s  {accounts / seconds:8.1f} accounts/s  "
                  f"{facts.get('threads', '?')} threads  exit {run.returncode}", flush=True)


if __name__ == "__main__":
    main()
