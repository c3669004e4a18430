#!/usr/bin/env python3
"""Everything `./do test` runs once the programs are built: unit tests of every floor, the style test, end to end.

The last line is `N passed, N failed`; exits 1 where anything failed. A check that cannot run here says so, and is
counted neither way."""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

import audit
import cases
import day_again
import end_to_end
import errors
import generated_books
import guide
import impact
import ledger
import law_histories
import questions
import raised_taxes
import reasons
import tax_report
import smallest_faults
import two_days
from ledger_twin import compare

LEDGER_HISTORIES = 4000
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def unit_tests():
    """Runs every test program of the release build; counts GoogleTest's cases."""
    listed = subprocess.run(["ctest", "--test-dir", "build", "--show-only=json-v1"], cwd=ROOT, check=True,
                            capture_output=True, text=True)
    programs = [(test["name"], test["command"]) for test in json.loads(listed.stdout)["tests"] if "command" in test]

    def play(program):
        name, command = program
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace")
        return name, run

    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, run in pool.map(play, programs):
            good, bad, skipped = (sum(int(n) for n in re.findall(rf"(?m)^\[  {word} \] (\d+) test", run.stdout))
                                  for word in ("PASSED ", "FAILED ", "SKIPPED"))
            if run.returncode != 0 and bad == 0:
                bad = 1  # it crashed before it could count
            print(f"  {name}: {good} passed, {bad} failed" + (f", {skipped} skipped" if skipped else ""))
            if bad:
                print(run.stdout[-6000:], run.stderr[-2000:], sep="\n")
            passed, failed = passed + good, failed + bad
    if not programs:
        print("  no test programs were built")
        failed = 1
    return passed, failed


def style():
    run = subprocess.run([os.path.join(ROOT, "tools/tidy/tidy.py")], capture_output=True, text=True)
    counts = re.search(r"tidy: (\d+) passed, (\d+) failed", run.stdout)
    print("  " + run.stdout.strip().replace("\n", "\n  "))
    return (int(counts[1]), int(counts[2])) if counts else (0, 1)


def ledger_histories():
    """A few thousand random histories through `lotwright ledger` and the second opinion; ./do ledger plays more."""
    return compare.run(LEDGER_HISTORIES)


def main():
    passed = failed = 0
    for title, step in (("unit tests", unit_tests), ("style", style), ("end to end", end_to_end.run),
                        ("ledger", ledger.run), ("stories", cases.run), ("invented books", generated_books.run),
                        ("two days", two_days.run), ("a day again", day_again.run),
                        ("smallest faults", smallest_faults.run), ("guide", guide.run),
                        ("law histories", law_histories.run), ("ledger histories", ledger_histories),
                        ("raised taxes", raised_taxes.run), ("taxes saved", tax_report.run),
                        ("why and why not", reasons.run),
                        ("questions", questions.run), ("impact", impact.run),
                        ("kept promises", audit.run),
                        ("gallery of errors", errors.run)):
        print(f"{title}:", flush=True)
        good, bad = step()
        passed, failed = passed + good, failed + bad
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
