#!/usr/bin/env python3
"""What `impact` previews, account by account: tests/impact.py [BOOK ...] (default: the examples, shared books too).

What is proved here: the present models change nothing; for other models (weights exchanged, a tactical change, two
models swapped) and for directed trades every account's row is what `run` writes of the book as it is and of the book
with the new file put in place: status, orders, dollars traded, turnover, tax, tracking errors, exceptions; rows,
models, ranges and causes add up to the book; text, JSON and page tell the same figures; threads change no byte. A new
file with faults holds whom it concerns, says so first, ends with 1, and loses no account."""
import csv
import html
import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter, defaultdict

from end_to_end import EXAMPLES, SHARED, Count, lotwright, rows, run_book

BOOKS = os.path.join(SHARED, "data", "books")


def near(a, b, slack=1e-6):
    return abs(a - b) <= slack * max(1.0, abs(a), abs(b))


def text_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


# ---- new files

def versions_of(models):
    """The rows of securities of each version of a model."""
    versions = defaultdict(list)
    for row in models:
        if row["component_kind"] == "security":
            versions[row["model_id"], row.get("effective_on")].append(row)
    return versions


def exchanged(models):
    """The first two weights of each version exchanged."""
    for own in versions_of(models).values():
        if len(own) > 1:
            own[0]["weight"], own[1]["weight"] = own[1]["weight"], own[0]["weight"]


def tactical(models):
    """In one model a tenth of the largest weight goes to the smallest."""
    own = max(versions_of(models).values(), key=len)
    if len(own) > 1 and all(row["weight"] for row in own):
        own.sort(key=lambda row: float(row["weight"]))
        moved = round(float(own[-1]["weight"]) / 10, 8)
        own[-1]["weight"] = f'{float(own[-1]["weight"]) - moved:.8f}'
        own[0]["weight"] = f'{float(own[0]["weight"]) + moved:.8f}'


def swapped(models):
    """Two models that are parts of none change their names."""
    parts = {row["component_id"] for row in models if row["component_kind"] == "model"}
    names = sorted({row["model_id"] for row in models} - parts)[:2]
    other = dict(zip(names, reversed(names)))
    for row in models:
        row["model_id"] = other.get(row["model_id"], row["model_id"])


def write_rows(path, table):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)


def directed_of(book, out):
    """Sells a share of what the first accounts sell anyway, and of what others do not: rows for directed.csv."""
    seen, table = set(), []
    for row in rows(out, "orders.csv"):
        if row["account_id"] not in seen and row["side"] == "sell" and len(table) < 6:
            seen.add(row["account_id"])
            table.append({"account_id": row["account_id"], "security_id": row["security_id"], "side": "sell",
                          "quantity": "1"})
    return table


# ---- what runs wrote

def told_by(book_dir, out):
    """Of every account what the files of a run say."""
    traded, orders = Counter(), Counter()
    for row in rows(out, "orders.csv"):
        traded[row["account_id"]] += float(row["amount"])
        orders[row["account_id"]] += 1
    rules = defaultdict(set)
    for row in rows(out, "exceptions.csv"):
        if row["severity"] != "note":
            rules[row["account_id"] or row["household_id"] or "book"].add(row["rule"])
    accounts = {}
    for row in rows(out, "accounts.csv"):
        account = row["account_id"]
        shared = rules["book"] | rules[row["household_id"]] - rules[account]
        accounts[account] = {"status": row["status"], "orders": orders[account], "traded": traded[account],
                             "turnover": float(row["turnover"] or 0), "tax": float(row["tax"] or 0),
                             "tracking_error_before": float(row["tracking_error_before"] or 0),
                             "tracking_error_after": float(row["tracking_error_after"] or 0),
                             "own": rules[account], "shared": shared}
    return accounts


def difference(row, suffix, told):
    """The figures of one account of impact.csv, of one of the runs, that are not what the run wrote."""
    wrong = []
    found = {"status": row["status" + suffix], "orders": int(row["orders" + suffix])}
    for key in ("status", "orders"):
        if found[key] != told[key]:
            wrong.append((key, found[key], told[key]))
    figures = [("traded", "traded" + suffix), ("turnover", "turnover" + suffix), ("tax", "tax" + suffix),
               ("tracking_error_after", "tracking_error_present" if suffix else "tracking_error_after")]
    figures += [] if suffix else [("tracking_error_before", "tracking_error_before")]
    for key, column in figures:
        if not near(float(row[column]), told[key], 2e-6):
            wrong.append((key, row[column], told[key]))
    rules = set(row["exceptions" + suffix].split())
    if not told["own"] <= rules <= told["own"] | told["shared"]:
        wrong.append(("exceptions", rules, told["own"]))
    return wrong


def same_figures(count, name, text, told, page):
    """Every number of the text stands on the page, and the sums of the JSON in the text."""
    number = re.compile(r"-?\$?\d[\d,]*(?:\.\d+)?")
    shown = Counter(number.findall(html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.S))))
    missing = [one for one in number.findall(text) if not shown[one]]
    count.that(not missing, f"{name}: the page has the figures of the text", missing[:5])
    for run in ("present", "coming"):
        totals = told[run]["totals"]
        sums = [f"{abs(totals[key]):,.2f}" for key in ("bought", "sold", "turnover", "gain_short", "gain_long", "tax")]
        absent = [one for one in sums + [f"{told[run]['counts']['orders']:,}"] if one not in text]
        count.that(not absent, f"{name}: the text has the sums of the JSON", absent)
    count.that(page.startswith("<!doctype") and "http" not in page.replace("http://www.w3.org", "") and
               "<script" not in page, f"{name}: the page needs nothing else")


def adds_up(count, name, told, table):
    """Rows, models, ranges and causes are parts of one book."""
    for run, suffix in (("present", "_present"), ("coming", "")):
        counts, totals = told[run]["counts"], told[run]["totals"]
        held = counts["held"] + counts["failed"]
        count.that(len(table) == counts["accounts"], f"{name}: every account has a row", len(table))
        orders = sum(int(row["orders" + suffix]) for row in table)
        count.that(orders == counts["orders"], f"{name}: rows have all orders", orders)
        count.that(sum(model[run]["orders"] for model in told["by_model"].values()) == counts["orders"],
                   f"{name}: models have all orders")
        for key in ("turnover", "tax"):
            count.that(near(sum(model[run][key] for model in told["by_model"].values()), totals[key]),
                       f"{name}: the {key} of models adds up")
        tax = sum(one[run]["tax"] for one in told["sold_for"])  # of reasons.csv: cents
        count.that(abs(tax - totals["tax"]) <= 1e-5 * abs(totals["tax"]) + 0.01 * counts["orders"],
                   f"{name}: the tax of what sales are for adds up", (tax, totals["tax"]))
        for spread in ("turnover", "tracking_error_after"):
            found = [one["accounts_" + run] for one in told["accounts_by"][spread]]
            count.that(sum(found) == len(table) and found[-1] == held, f"{name}: ranges of {spread} hold every account")
    count.that(sum(one["accounts"] for one in told["accounts_by"]["tax_added"]) == len(table),
               f"{name}: ranges of tax hold every account")
    count.that(sum(model["accounts"] for model in told["by_model"].values()) == len(table), f"{name}: models hold all")
    new = [row for row in table if set(row["exceptions"].split()) - set(row["exceptions_present"].split())]
    listed = {one["account_id"] for one in told["exceptions"]}
    count.that({row["account_id"] for row in new} <= listed, f"{name}: every new exception is listed")
    for rule in told["by_rule"]:
        having = sum(rule["rule"] in row["exceptions"].split() for row in table)
        count.that(having == rule["accounts_coming"], f"{name}: accounts with {rule['rule']} are counted", having)


def asked(count, name, book, present, changed, words, folder, faults=False, previous=()):
    """Asks for the impact of `words` and compares it with runs of both books."""
    table_at, page_at = os.path.join(folder, "impact.csv"), os.path.join(folder, "impact.html")
    words = [*words, *previous]
    told = lotwright("impact", book, *words, "--json", "--out", table_at, "--html", page_at, "--threads", "2")
    if not count.that(told.returncode == faults, f"{name}: impact answers", (told.returncode, told.stderr[-400:])):
        return None
    out = os.path.join(folder, "coming")
    run = run_book(changed, out, *previous)
    if not count.that(run.returncode in (0, 3, 4), f"{name}: the changed book runs", run.stderr[-300:]):
        return None
    as_json, table = json.loads(told.stdout), rows(folder, "impact.csv")
    sides = [("as it is", "_present", told_by(book, present)), ("then", "", told_by(changed, out))]
    for when, suffix, by_account in sides:
        stopped = as_json["present" if suffix else "coming"]["stopped_by"]
        wrong = {}
        for row in table:
            written = by_account[row["account_id"]]
            if stopped:  # no order leaves: the run keeps them to itself
                written = {**written, "orders": int(row["orders" + suffix]), "traded": float(row["traded" + suffix])}
            off = difference(row, suffix, written)
            if off:
                wrong[row["account_id"]] = off
        count.that(set(by_account) == {row["account_id"] for row in table} and not wrong,
                   f"{name}: every account is, {when}, what run writes", (len(wrong), list(wrong.items())[:2]))
    adds_up(count, name, as_json, table)
    text = lotwright("impact", book, *words, "--threads", "1")
    same_figures(count, name, text.stdout, as_json, text_of(page_at))
    return told.stdout


def of_book(count, book):
    name = os.path.basename(book)
    with tempfile.TemporaryDirectory() as folder:
        present = os.path.join(folder, "present")
        run = run_book(book, present)
        if not count.that(run.returncode in (0, 3), f"{name}: run ends", run.stderr[-300:]):
            return
        same = lotwright("impact", book, "--models", os.path.join(book, "models.csv"), "--json")
        if not count.that(same.returncode == 0, f"{name}: impact answers", same.stderr[-400:]):
            return
        told = json.loads(same.stdout)
        count.that(told["accounts_affected"] == 0 and not told["models_changed"] and told["present"] == told["coming"],
                   f"{name}: the present models have no impact")
        changed = os.path.join(folder, "changed")
        for change in (exchanged, tactical, swapped):
            shutil.rmtree(changed, ignore_errors=True)
            shutil.copytree(book, changed)
            models = rows(book, "models.csv")
            change(models)
            path = os.path.join(changed, "models.csv")
            write_rows(path, models)
            if change is swapped:  # once beside a run before: its data are compared, and what it knew of the models
                again = os.path.join(folder, "again")
                run_book(book, again, "--previous", present)
                asked(count, f"{name}, {change.__name__}, with a run before", book, again, changed, ["--models", path],
                      folder, previous=("--previous", present))
            asked(count, f"{name}, {change.__name__}", book, present, changed, ["--models", path], folder)
        table = directed_of(book, present)
        if not table:
            return
        shutil.rmtree(changed, ignore_errors=True)
        shutil.copytree(book, changed)
        write_rows(os.path.join(changed, "directed.csv"), table)
        asked(count, f"{name}, directed", book, present, changed,
              ["--directed", os.path.join(changed, "directed.csv")], folder)


# ---- new files with faults

def most_followed(book, models):
    """The rows of the version in force of the model that most accounts follow, of those made of securities."""
    with open(os.path.join(book, "firm.toml"), encoding="utf-8") as file:
        as_of = re.search(r"(?m)^as_of *= *(\S+)", file.read())[1]
    followed = Counter(row["model_id"] for row in rows(book, "accounts.csv"))
    of_model = defaultdict(list)
    for (model, day), own in versions_of(models).items():
        if (day or "") <= as_of:
            of_model[model].append((day or "", own))
    model = max(of_model, key=lambda one: followed[one])
    return model, max(of_model[model], key=lambda version: version[0])[1]


def faults_of(book):
    """Name -> (the new file's bytes, the rule that must be told); no account may be lost in any of them."""
    found = {}

    def add(name, rule, change):
        models = rows(book, "models.csv")
        model, own = most_followed(book, models)
        models = change(models, model, own) or models
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "models.csv")
            write_rows(path, models)
            with open(path, "rb") as file:
                found[name] = file.read(), rule

    add("an unknown security", "model_part_unknown", lambda _, __, own: own[0].update(component_id="NOSUCH"))
    add("weights beyond one", "model_sum_wrong", lambda _, __, own: own[0].update(weight="0.99"))
    add("a negative weight", "data_number_out_of_range", lambda _, __, own: own[0].update(weight="-0.1"))
    add("a weight that is none", "data_number_unreadable", lambda _, __, own: own[0].update(weight="many"))
    add("a model that is gone", "model_unknown",
        lambda models, model, _: [row for row in models if row["model_id"] != model])
    add("a row twice", "data_key_duplicate",
        lambda models, _, own: models + [dict(own[0], weight=own[1]["weight"] if len(own) > 1 else "0.5")])
    add("a model within itself", "model_cycle",
        lambda models, model, own: models + [dict(own[0], component_kind="model", component_id=model)])
    with open(os.path.join(book, "models.csv"), "rb") as file:
        own = file.read()
    found["a file cut short"] = own[:len(own) // 2], "model_"
    found["a BOM and CRLF"] = b"\xef\xbb\xbf" + own.replace(b"\r", b"").replace(b"\n", b"\r\n"), ""
    return found


def faulty(count, book):
    name = os.path.basename(book)
    with tempfile.TemporaryDirectory() as folder:
        present = os.path.join(folder, "present")
        run_book(book, present)
        changed = os.path.join(folder, "changed")
        for fault, (content, rule) in faults_of(book).items():
            shutil.rmtree(changed, ignore_errors=True)
            shutil.copytree(book, changed)
            path = os.path.join(changed, "models.csv")
            with open(path, "wb") as file:
                file.write(content)
            told = asked(count, f"{name}, {fault}", book, present, changed, ["--models", path], folder, bool(rule))
            if told is None:
                continue
            told = json.loads(told)
            rules = {one["rule"] for one in told["findings"]}
            count.that(not rule or any(one.startswith(rule) for one in rules), f"{name}, {fault}: is told", rules)
            held = told["coming"]["counts"]["held"] - told["present"]["counts"]["held"]
            count.that(not rule or held > 0, f"{name}, {fault}: who follows the model is held", held)
            new = {one["account_id"] for one in told["exceptions"]}
            count.that(not rule or len(new) >= held, f"{name}, {fault}: and listed", (len(new), held))


def run(books=()):
    count = Count()
    if not books:
        faulty(count, EXAMPLES[0])
    for book in books or EXAMPLES:
        of_book(count, book)
    if not books and os.path.isdir(BOOKS):
        for name in sorted(os.listdir(BOOKS)):
            if os.path.isdir(os.path.join(BOOKS, name)):
                of_book(count, os.path.join(BOOKS, name))
    return count.passed, count.failed


if __name__ == "__main__":
    passed, failed = run(sys.argv[1:])
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
