#!/usr/bin/env python3
"""Invented books through the whole program: tests/generated_books.py [ACCOUNTS SECURITIES SEED ...] (default: three
small ones).

What is proved here: the accounts that are held are exactly those of BOOK.faults.csv; the engine refuses nothing of its
own; the independent checker finds nothing where it is at hand."""
import os
import shutil
import sys
import tempfile

from end_to_end import CHECKER, Count, held, lotwright, rows, run_book, second_opinions

# Accounts, securities, seed, settings.
BOOKS = [(60, 60, 1, ("faults=0.5", "lots=15")),
         (60, 80, 2, ("faults=0.2", "lots=15", "selling=0.8", "young=0.6")),
         (40, 60, 3, ("lots=10", "requests=0.5", "restrictions=0.5", "settings=0.5"))]


def one_book(count, folder, accounts, securities, seed, settings):
    name = f"invented-{seed}"
    book, out = os.path.join(folder, name), os.path.join(folder, name + "-out")
    words = ["generate", "--accounts", str(accounts), "--securities", str(securities), "--seed", str(seed),
             "--out", book]
    for setting in settings:
        words += ["--set", setting]
    made = lotwright(*words)
    if not count.that(made.returncode == 0, f"{name}: a book is made", made.stderr[-500:]):
        return
    run = run_book(book, out)
    if not count.that(run.returncode == 0, f"{name}: run ends with 0", run.stderr[-500:]):
        return
    faulty = {row["account_id"] for row in rows(folder, name + ".faults.csv")}
    count.that(len(rows(out, "accounts.csv")) == accounts, f"{name}: every account is decided")
    count.that(held(out) == faulty, f"{name}: held are the faulty accounts and no others",
               f"held only {sorted(held(out) - faulty)}, faulty only {sorted(faulty - held(out))}")
    second_opinions(count, book, out)
    shutil.rmtree(book)
    shutil.rmtree(out)


def a_book_is_not_overwritten(count, folder):
    book = os.path.join(folder, "there")
    words = ["generate", "--accounts", "1", "--securities", "40", "--seed", "1", "--out", book]
    for what, expected, more in (("a new folder", 0, []), ("a folder with a book", 2, []),
                                 ("the same with --force", 0, ["--force"]),
                                 ("a setting nobody knows", 2, ["--force", "--set", "taxabel=1"])):
        made = lotwright(*words, *more)
        count.that(made.returncode == expected, f"generate, {what}: exit code {expected}",
                   f"{made.returncode} {made.stderr[-300:]}")


def run(named=()):
    count = Count()
    books = BOOKS
    if named:
        accounts, securities, *seeds = (int(word) for word in named)
        books = [(accounts, securities, seed, ()) for seed in seeds]
    if not os.path.exists(CHECKER):
        print("  skipped: no ../shared beside the checkout: the independent checker is not run on invented books")
    with tempfile.TemporaryDirectory(prefix="lotwright-") as folder:
        for book in books:
            one_book(count, folder, *book)
        a_book_is_not_overwritten(count, folder)
    print(f"  invented books: {count.passed} passed, {count.failed} failed")
    return count.passed, count.failed


if __name__ == "__main__":
    sys.exit(1 if run(sys.argv[1:])[1] else 0)
