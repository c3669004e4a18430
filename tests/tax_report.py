#!/usr/bin/env python3
"""Taxes saved or deferred, recomputed by other means: tests/tax_report.py [BOOK ...] (default: the examples,
one of them by brackets, an invented book, and shared books if there).

What an auditor would do with the report's files and the book's: every sale is checked against its lot, every year is
netted and taxed anew with exact decimals, and every figure of every file is added up from tax_lots.csv to the cent. The
engine's code is not used, save to make the report."""
import csv
import gzip
import json
import os
import re
import shutil
import sys
import tempfile
import tomllib
import xml.etree.ElementTree
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import end_to_end
from end_to_end import EXAMPLES, Count, lotwright, rows

CENT = Decimal("0.01")
ZERO = Decimal(0)
FIGURES = ("saved", "saved_due", "saved_carried", "deferral", "harvest", "rate_difference", "permanent", "later_tax",
           "later_tax_today")
PIECES = ("deferral", "harvest", "rate_difference", "permanent")
# Rules that a trader who does not look at tax may break; docs/tax_report.md names them.
NOT_KEPT = re.compile("wash_sale_|short_term_|budget_|names_max|band_|verification_both_sides|request_")


def number(text):
    return Decimal(text) if text else ZERO


def cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


def millionths(amount):
    """The product of each bracket is rounded once (docs/formulas.md), before the sum is rounded to the cent."""
    return amount.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def table(book, name):
    """Rows of a book's file, plain or compressed; none where it is not there."""
    path = os.path.join(book, name)
    if os.path.exists(path):
        return rows(book, name)
    if os.path.exists(path + ".gz"):
        with gzip.open(path + ".gz", "rt", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    return []


def anniversary(held_from):
    """The day on which a year is complete; the last day of a month completes it on a last day of a month."""
    last = [31, 29 if held_from.year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if held_from.day == last[held_from.month - 1]:
        leap = (held_from.year + 1) % 4 == 0
        return date(held_from.year + 1, held_from.month, 29 if leap and held_from.month == 2 else
                    28 if held_from.month == 2 else held_from.day)
    return date(held_from.year + 1, held_from.month, held_from.day)


class Law:
    """T(S, L) of one taxpayer, from the files alone."""

    def __init__(self, payer, brackets, year, loss_value):
        self.loss_value = loss_value
        self.later = Decimal(payer["rate_long"])
        self.limit = Decimal(payer["ordinary_loss_limit"]) if payer.get("ordinary_loss_limit") else Decimal(3000)
        self.income = self.magi = ZERO
        status = payer.get("filing_status")
        if not status:
            self.schedules = {"ordinary": [(None, Decimal(payer["rate_short"]))], "long_term": [(None, self.later)],
                              "niit": [(None, ZERO)]}
            return
        self.income = number(payer["ordinary_income"])
        self.magi = number(payer.get("magi") or payer["ordinary_income"])
        self.limit = min(self.limit, max(ZERO, self.income))
        self.schedules = {kind: sorted((Decimal(row["over"]), Decimal(row["rate"])) for row in brackets
                                       if row["filing_status"] == status and row["year"] == year
                                       and row["kind"] == kind) for kind in ("ordinary", "long_term", "niit")}

    def on(self, kind, start, amount):
        """The tax on `amount` dollars on top of `start`."""
        steps, total = self.schedules[kind], ZERO
        for i, (over, rate) in enumerate(steps):
            low = start if over is None else max(start, over)
            high = start + amount if i + 1 == len(steps) else min(start + amount, steps[i + 1][0])
            total += millionths(rate * max(ZERO, high - low))
        return total

    def due(self, short, long):
        """This year's tax alone."""
        net = short + long
        if net < 0:
            used = min(-net, self.limit)
            return -self.on("ordinary", self.income - used, used)
        ordinary, preferential = min(max(short, ZERO), net), min(max(long, ZERO), net)
        return (self.on("ordinary", self.income, ordinary)
                + self.on("long_term", self.income + ordinary, preferential) + self.on("niit", self.magi, net))

    def carried(self, short, long):
        return max(ZERO, -(short + long) - self.limit)

    def tax(self, short, long):
        return self.due(short, long) - millionths(self.loss_value * millionths(self.later * self.carried(short, long)))


class Settings:
    """The settings an account's policy ends up with: default, policies, household, account."""

    def __init__(self, book, as_of):
        with open(os.path.join(book, "firm.toml"), "rb") as file:
            self.policies = tomllib.load(file).get("policy", {})
        self.overrides = [row for row in table(book, "account_settings.csv")
                          if (row.get("effective_from") or "0") <= as_of <= (row.get("effective_to") or "9")]

    def of(self, account, setting, default):
        value = default
        chain, name = [], account.get("policy_id") or "default"
        while name:
            chain.append(name)
            name = self.policies.get(name, {}).get("inherits") or ("default" if name != "default" else None)
        for name in reversed(chain):
            value = self.policies.get(name, {}).get(setting, value)
        for scope, key in (("household", account.get("household_id") or account["account_id"]),
                           ("account", account["account_id"])):
            for row in self.overrides:
                whose = row.get("account_id") if (row.get("scope") or "account") == "account" else row.get("scope_id")
                if (row.get("scope") or "account") == scope and whose == key and row["setting"] == setting:
                    value = row["value"]
        return Decimal(str(value))


class Audit:
    def __init__(self, count, book, out):
        self.count, self.book, self.out = count, book, out
        self.name = os.path.basename(book)
        self.wrong = defaultdict(list)
        with open(os.path.join(book, "firm.toml"), "rb") as file:
            self.as_of = str(tomllib.load(file)["firm"]["as_of"])
        self.lots = rows(out, "tax_lots.csv")
        self.rows_of = defaultdict(list)
        for row in self.lots:
            self.rows_of[row["period"], row["baseline"], row["taxpayer_id"]].append(row)
        self.payers = {row["taxpayer_id"]: row for row in table(book, "taxpayers.csv")}
        self.accounts = {row["account_id"]: row for row in table(book, "accounts.csv")}
        self.settings = Settings(book, self.as_of)

    def that(self, holds, what, detail=""):
        self.wrong[what] += [] if holds else [detail]

    def run(self):
        for check in (self.sales, self.rows_add_up, self.accounts_add_up, self.years, self.book_adds_up, self.both_ways,
                      self.pages):
            check()
        for what, details in self.wrong.items():
            self.count.that(not details, f"{self.name}: {what}", details[:3])

    def sales(self):
        """Quantity, basis, gain and term of every sale, by the lot it names."""
        lots = {(row["account_id"], row["lot_id"]): row for row in table(self.book, "lots.csv")}
        prices = {}
        for row in sorted(table(self.book, "prices.csv"), key=lambda row: row["date"]):
            if row["date"] <= self.as_of:
                prices[row["security_id"]] = Decimal(row["close"])
        sold = defaultdict(Decimal)
        for row in self.lots:
            if row["event"] != "sale":
                continue
            lot = lots[row["account_id"], row["lot_id"]]
            quantity, whole = Decimal(row["quantity"]), Decimal(lot["quantity"])
            sold[row["baseline"], row["trader"], row["account_id"], row["lot_id"]] += quantity
            value = quantity * prices[row["security_id"]]
            self.that(abs(Decimal(row["proceeds"]) - value) <= CENT, "proceeds are quantity times price", row)
            if row["cost_basis"]:
                gain = Decimal(row["proceeds"]) - Decimal(row["cost_basis"])
                self.that(Decimal(row["gain"]) == gain, "a gain is proceeds less basis", row)
            if lot.get("loss_basis"):
                continue  # two bases: the unit tests have them
            if lot["cost_basis"]:
                basis = Decimal(lot["cost_basis"]) * quantity / whole
                self.that(abs(Decimal(row["cost_basis"]) - basis) <= Decimal("0.000001"), "a basis is the lot's share",
                          row)
            held_from = date.fromisoformat(lot.get("held_from") or lot["acquired_on"])
            is_long = date.fromisoformat(self.as_of) > anniversary(held_from)
            self.that((row["term"] == "long_term") == is_long, "a term is what the holding period makes it", row)
        for key, quantity in sold.items():
            self.that(quantity <= Decimal(lots[key[2:]]["quantity"]), "no lot is sold beyond what it has", key)

    def rows_add_up(self):
        """The dollars of each row, from its own columns."""
        for row in self.lots:
            side = 1 if row["trader"] == "baseline" else -1
            gain, counted, rate = number(row["gain"]), Decimal(row["counted"]), Decimal(row["rate"])
            saved, later = Decimal(row["saved"]), Decimal(row["rate_later"])
            self.that(counted == gain + Decimal(row["disallowed"]), "counted is gain and what is disallowed", row)
            self.that(Decimal(row["basis_change"]) == counted - Decimal(row["lost"]), "basis_change is as told", row)
            self.that(saved == sum(Decimal(row[piece]) for piece in PIECES), "a row's pieces make what it saves", row)
            self.that(saved == Decimal(row["saved_due"]) + Decimal(row["saved_carried"]),
                      "what a row saves is its two parts", row)
            # To two cents: what is carried is rounded as the difference of two years, each of two rounded figures.
            carried = side * Decimal(row["rate_carried"]) * counted
            self.that(abs(Decimal(row["saved_carried"]) - carried) <= 2 * CENT + abs(counted) * Decimal("1e-9"),
                      "a row saves in losses carried forward what its rate of them says", row)
            self.that(abs(saved - side * rate * counted) <= CENT + abs(counted) * Decimal("1e-9"),
                      "a row saves its rate times what counts", row)
            if row["event"] == "earlier_loss":
                pieces = (ZERO, saved - Decimal(row["permanent"]), ZERO)
            elif gain < 0 or counted < 0:
                pieces = (ZERO, saved, ZERO)
            else:
                deferred = side * cents(later * counted)
                pieces = (deferred, ZERO, saved - deferred)
            self.that(tuple(Decimal(row[piece]) for piece in PIECES[:3]) == pieces, "a row's pieces are as told", row)
            later_tax = side * cents(later * Decimal(row["basis_change"]))
            account = self.accounts.get(row["account_id"]) or self.first_account(row["taxpayer_id"])
            worth = cents(self.settings.of(account, "basis_value", "0.3") * later_tax)
            self.that((Decimal(row["later_tax"]), Decimal(row["later_tax_today"])) == (later_tax, worth),
                      "later tax and its worth are as told", (row, later_tax, worth))

    def first_account(self, taxpayer):
        return self.accounts[min(account for account, row in self.accounts.items()
                                 if row["taxpayer_id"] == taxpayer and row["tax_treatment"] == "taxable")]

    def sums(self, *key):
        """Key -> figure -> the sum over tax_lots.csv."""
        totals = defaultdict(lambda: defaultdict(Decimal))
        for row in self.lots:
            total = totals[tuple(row[column] for column in key)]
            for figure in FIGURES:
                total[figure] += Decimal(row[figure])
            term = "short" if row["term"] == "short_term" else "long"
            total[f"gain_{term}_{row['trader']}"] += Decimal(row["counted"])
            total[f"disallowed_{row['trader']}"] += Decimal(row["disallowed"])
            total["gains_unknown"] += not row["gain"]
        return totals

    def same_sums(self, file, *key):
        columns = FIGURES + (() if file == "tax_book.csv" else
                             ("gain_short_baseline", "gain_long_baseline", "gain_short_run", "gain_long_run",
                              "disallowed_baseline", "disallowed_run", "gains_unknown"))
        totals, seen = self.sums(*key), set()
        for row in rows(self.out, file):
            place = tuple(row[column] for column in key)
            seen.add(place)
            for column in columns:
                self.that(Decimal(row[column]) == totals[place][column], f"{file} adds up from the lots",
                          (place, column, row[column], totals[place][column]))
            net = Decimal(row["saved"]) - Decimal(row["later_tax_today"])
            self.that(Decimal(row["net_today"]) == net, f"{file}: net today is what is saved less later tax", place)
        missing = [place for place in totals if place not in seen]
        self.that(not missing, f"{file} leaves out no lot", missing[:3])

    def accounts_add_up(self):
        self.same_sums("tax_accounts.csv", "period", "baseline", "taxpayer_id", "account_id")
        told = {row["account_id"] for row in rows(self.out, "tax_accounts.csv")} - {""}
        taxable = {account for account, row in self.accounts.items() if row["tax_treatment"] == "taxable"
                   and row["taxpayer_id"] in self.payers}
        self.that(told <= taxable and len(told) >= 1, "only taxable accounts are told", sorted(told - taxable)[:3])

    def years(self):
        """Each taxpayer's tax either way, netted and taxed anew."""
        self.same_sums("tax_taxpayers.csv", "period", "baseline", "taxpayer_id")
        brackets = table(self.book, "brackets.csv")
        for row in rows(self.out, "tax_taxpayers.csv"):
            payer = self.payers[row["taxpayer_id"]]
            ask = lambda column: number(payer.get(column))
            loss_value = self.settings.of(self.first_account(row["taxpayer_id"]), "loss_value", "0.9")
            law = Law(payer, brackets, self.as_of[:4], loss_value)
            taxes, dues, worths, nets, left = [], [], [], [], []
            for trader in ("baseline", "run"):
                before = {}
                for term in ("short", "long"):
                    before[term] = ask(f"outside_gains_{term}") - ask(f"carryforward_{term}")
                    before[term] += ask(f"realized_{term}_ytd") if row["period"] == "run" else ZERO
                short, long = (before[term] + Decimal(row[f"gain_{term}_{trader}"]) for term in ("short", "long"))
                expected = {f"net_short_{trader}": short, f"net_long_{trader}": long,
                            f"tax_{trader}": cents(law.tax(short, long)), f"due_{trader}": cents(law.due(short, long)),
                            f"carried_{trader}": law.carried(short, long),
                            f"carried_value_{trader}": Decimal(row[f"due_{trader}"]) - Decimal(row[f"tax_{trader}"])}
                for column, value in expected.items():
                    self.that(Decimal(row[column]) == value, "a year is taxed as by hand", (row["taxpayer_id"], row[
                        "baseline"], column, row[column], value))
                taxes.append(cents(law.tax(short, long)))
                dues.append(cents(law.due(short, long)))
                worths.append(dues[-1] - taxes[-1])
                nets.append(short + long)
                left.append(law.carried(short, long))
            self.two_parts(row, dues, worths)
            part = (left[1] - left[0]) / (nets[0] - nets[1]) if nets[0] != nets[1] else Decimal(left[1] > 0)
            rate = law.loss_value * law.later * part
            self.that(abs(Decimal(row["rate_carried"]) - rate) <= Decimal("1e-11"),
                      "the rate on losses carried forward is as by hand", (row["taxpayer_id"], row["baseline"], rate))
            self.that(all(Decimal(lot["rate_carried"]) == Decimal(row["rate_carried"]) for lot in self.rows_of[
                row["period"], row["baseline"], row["taxpayer_id"]]), "rows have their taxpayer's rate", row)
            self.that(Decimal(row["saved"]) == taxes[0] - taxes[1], "what is saved is the difference of two years",
                      (row["taxpayer_id"], row["baseline"], row["saved"], taxes))

    def two_parts(self, row, dues, worths):
        """What is saved in tax due and in losses carried forward, told apart: an equal tax due saves nothing in it."""
        self.that(Decimal(row["saved_due"]) == dues[0] - dues[1], "saved_due is the difference of two years' tax due",
                  (row["taxpayer_id"], row["baseline"], row["saved_due"], dues))
        self.that(Decimal(row["saved_carried"]) == worths[1] - worths[0],
                  "saved_carried is the difference in worth of what two years carry forward",
                  (row["taxpayer_id"], row["baseline"], row["saved_carried"], worths))

    def book_adds_up(self):
        self.same_sums("tax_book.csv", "period", "baseline")
        with open(os.path.join(self.out, "tax_report.json"), encoding="utf-8") as file:
            told = json.load(file)
        self.that(told["figures"] == rows(self.out, "tax_book.csv"), "tax_report.json has the figures of tax_book.csv")
        held = defaultdict(int)
        for row in rows(self.out, "tax_accounts.csv"):
            if row["period"] == "year" and row["status"] in ("held", "failed"):
                held[row["held_by"] or row["status"]] += 1
        self.that((told["accounts_held"], told["held_by"]) == (sum(held.values()), dict(held)),
                  "tax_report.json counts the accounts held, by rule", (told["accounts_held"], told["held_by"], held))

    def both_ways(self):
        """Rows are the sales that the baselines' files and the run's own tell."""
        for baseline in ("snap_fifo", "band_hifo"):
            told = {(row["account_id"], row["lot_id"]): (row["quantity"], row["proceeds"], row["gain"])
                    for row in rows(self.out, f"tax_lot_sales_{baseline}.csv")
                    if self.accounts[row["account_id"]]["tax_treatment"] == "taxable"}
            mine = {(row["account_id"], row["lot_id"]): (row["quantity"], row["proceeds"], row["gain"])
                    for row in self.lots if row["event"] == "sale"
                    and (row["baseline"], row["trader"]) == (baseline, "baseline")}
            self.that(told == mine, "a baseline's lot sales are its rows", sorted(set(told) ^ set(mine))[:3])
        runs = [{tuple(row[column] for column in ("account_id", "lot_id", "quantity", "gain", "disallowed"))
                 for row in self.lots if (row["period"], row["trader"], row["baseline"]) == ("run", "run", baseline)}
                for baseline in ("snap_fifo", "band_hifo", "no_trading")]
        self.that(runs[0] == runs[1] == runs[2], "the run's rows are the same against every baseline")

    def pages(self):
        """Every dollar of a page stands in the files; pages are well-formed and need nothing else."""
        money = re.compile(r"-?\$[0-9,]+\.[0-9]+")
        known = set()
        for name in ("tax_lots.csv", "tax_accounts.csv", "tax_taxpayers.csv", "tax_book.csv"):
            for row in rows(self.out, name):
                for value in row.values():
                    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
                        known.add(abs(cents(Decimal(value))))
        of_sales = defaultdict(Decimal)  # what an account's sales of today realize, and what earlier losses it undoes
        for row in self.lots:
            for column in ("counted", "disallowed"):
                key = (row["term"] if column == "counted" else "", column, row["event"] == "earlier_loss")
                place = tuple(row[name] for name in ("period", "baseline", "trader", "account_id"))
                of_sales[place + key] += Decimal(row[column])
        known |= {cents(abs(amount)) for amount in of_sales.values()}
        for row in self.payers.values():
            known |= {cents(number(row.get(column))) for column in ("gain_budget", "tax_budget")}
        folder = os.path.join(self.out, "tax_pages")
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            for part in re.findall(r"(?s)<svg.*?</svg>|<table>.*?</table>", text):
                xml.etree.ElementTree.fromstring(part)  # raises where it is not well-formed
            self.that("http" not in text and "<script" not in text, "a page needs nothing else", name)
            outside = re.sub(r"(?s)<tr><td class=\"word\">(together|\d+ more)</td>.*?</tr>", "", text)
            self.that(not re.search("tax of the year|year's tax is|tax saved", text),
                      "a page calls no sum the tax of the year", name)
            outside = re.sub(r"(?s)<section><h2>The year so far.*?</section>", "", outside)  # sums of an account's rows
            strange = {found for found in money.findall(outside)
                       if abs(Decimal(found.replace("$", "").replace(",", ""))) not in known}
            self.that(not strange, "every dollar of a page stands in the files", (name, sorted(strange)[:4]))


def kept_rules(count, book, out):
    """What the baselines break is what docs/tax_report.md says, and no account that is held trades."""
    name = os.path.basename(book)
    for baseline in ("snap_fifo", "band_hifo"):
        run = lotwright("evaluate", book, "--orders", os.path.join(out, f"tax_orders_{baseline}.csv"), "--lot-sales",
                        os.path.join(out, f"tax_lot_sales_{baseline}.csv"))
        broken = [one for one in json.loads(run.stdout)["broken_rules"] if not NOT_KEPT.match(one["rule"])]
        count.that(not broken, f"{name}: {baseline} keeps every rule that is not about tax", broken[:3])


def same_bytes(count, book, folder, first):
    """One thread or eight, decided now or read from a finished run: the same files."""
    name = os.path.basename(book)
    expected = end_to_end.outputs(first)
    run = os.path.join(folder, "run")
    end_to_end.run_book(book, run)
    for what, words in (("8 threads", ("--threads", "8")), ("a finished run", ("--orders-from", run))):
        out = os.path.join(folder, "other " + what)
        told = lotwright("tax-report", book, "--out", out, *words)
        differ = end_to_end.differing(expected, end_to_end.outputs(out)) if told.returncode == 0 else told.stderr
        count.that(not differ, f"{name}: {what}: same bytes", differ)
    return run


def refusals(count, folder, run):
    """What cannot be reported says so."""
    household, other = EXAMPLES[2], EXAMPLES[0]
    out = os.path.join(folder, "refused")
    spoiled = os.path.join(folder, "spoiled")
    os.makedirs(spoiled)
    for name in os.listdir(run):
        if os.path.isfile(os.path.join(run, name)):
            with open(os.path.join(run, name), encoding="utf-8") as file:
                text = file.read()
            with open(os.path.join(spoiled, name), "w", encoding="utf-8") as file:
                file.write(text.replace("5684.00,116.00", "5000.00,800.00"))
    for what, said, words in (
            ("another book's run", "as the run had it|read another", (other, "--out", out, "--orders-from", run)),
            ("a folder that is no run", "no such file", (household, "--out", out, "--orders-from", folder)),
            ("a run whose lot sales were changed", "not what the book says",
             (household, "--out", out, "--orders-from", spoiled)),
            ("an account nobody has", "no account nobody", (household, "--out", out, "--account", "nobody")),
            ("a book's own folder", "firm.toml", (household, "--out", household))):
        told = lotwright("tax-report", *words)
        count.that(told.returncode == 2 and re.search(said, told.stderr) and not os.path.exists(out),
                   f"tax-report refuses {what}", (told.returncode, told.stderr[-300:]))


def by_hand(count, out):
    """README.md's household, worked by hand: the whole rebalance sells 110 USEQ of 2017 at a gain of 6,600, and buys
    INTL back within 30 days of the 900 lost there. 15 % of (4,000 + 6,600) against 15 % of (4,000 - 900 + 116)."""
    book = {(row["period"], row["baseline"]): row for row in rows(out, "tax_book.csv")}
    expected = {("run", "snap_fifo"): "1107.60", ("run", "band_hifo"): "150.60", ("run", "no_trading"): "-17.40",
                ("year", "no_trading"): "-465.00"}
    got = {key: row["saved"] for key, row in book.items()}
    count.that(got == expected, "household: taxes saved as worked out by hand", got)
    due = {key: row["saved_due"] for key, row in book.items()}
    count.that(due == expected, "household: nothing is carried forward, all of it is tax due", due)


def carried_alone(count, out):
    """alder of the example firm owes the same with every trader: 3,000 of losses at 40.8 % are used either way. What
    these orders save against no trading is all in losses carried forward, and no file or page calls it tax due."""
    mine = [row for row in rows(out, "tax_accounts.csv")
            if (row["period"], row["baseline"], row["account_id"]) == ("run", "no_trading", "alder-joint")][0]
    got = (mine["saved_due"], mine["saved_carried"] == mine["saved"], Decimal(mine["saved"]) > 30000)
    count.that(got == ("0.00", True, True), "alder-joint: all that is saved is carried forward", mine)
    with open(os.path.join(out, "tax_pages", "alder-joint.html"), encoding="utf-8") as file:
        page = file.read()
    said = "no trading at all: the same tax due for 2025, and ${:,} more in losses carried forward".format(
        Decimal(mine["saved"]))
    count.that(said in page, "alder-joint: the page says what it is", said)


def all_held(count, folder):
    """Of a day long before its prices' the book's accounts are all held: how many and why stands before the zeros."""
    out = os.path.join(folder, "held")
    told = lotwright("tax-report", EXAMPLES[0], "--as-of", "2024-07-01", "--out", out)
    count.that(re.search(r"32 taxable accounts, all 32 of them held", told.stdout)
               and re.search(r"(?m)^ +\d+  [a-z_]+: ", told.stdout), "a book that is held says so", told.stdout[:400])
    with open(os.path.join(out, "tax_pages", "alder-joint.html"), encoding="utf-8") as file:
        count.that("it is held (" in file.read(), "a held account's page says why")


def by_brackets(folder):
    """The example firm with every second taxpayer taxed by the brackets of 2025, from low incomes to beyond all."""
    book = os.path.join(folder, "by_brackets")
    shutil.copytree(EXAMPLES[0], book)
    payers = rows(book, "taxpayers.csv")
    for i, row in enumerate(payers):
        row.update({"filing_status": "single", "ordinary_income": str(9000 + 31000 * i)} if i % 2 else
                   {"filing_status": "", "ordinary_income": ""})
    with open(os.path.join(book, "taxpayers.csv"), "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, payers[0].keys())
        writer.writeheader()
        writer.writerows(payers)
    with open(os.path.join(book, "brackets.csv"), "w", encoding="utf-8") as file:
        file.write("filing_status,year,kind,over,rate\n")
        for kind, steps in (("ordinary", "0 .1 11925 .12 48475 .22 103350 .24 197300 .32 250525 .35 626350 .37"),
                            ("long_term", "0 0 48350 .15 533400 .2"), ("niit", "0 0 200000 .038")):
            words = steps.split()
            for over, rate in zip(words[::2], words[1::2]):
                file.write(f"single,2025,{kind},{over},{'0' if rate == '0' else '0' + rate}\n")
    return book


def invented(folder):
    book = os.path.join(folder, "invented")
    lotwright("generate", "--accounts", "120", "--securities", "150", "--seed", "11", "--out", book)
    return book


def run(named=()):
    count = Count()
    with tempfile.TemporaryDirectory(prefix="lotwright-") as folder:
        books = list(named) or end_to_end.books_to_run([]) + [by_brackets(folder), invented(folder)]
        for number_of, book in enumerate(books):
            where = os.path.join(folder, str(number_of))
            out = os.path.join(where, "report")
            os.makedirs(where)
            told = lotwright("tax-report", book, "--out", out, "--threads", "1")
            if not count.that(told.returncode == 0, f"{os.path.basename(book)}: a report", told.stderr[-500:]):
                continue
            Audit(count, book, out).run()
            kept_rules(count, book, out)
            if named or book in EXAMPLES or number_of + 1 == len(books):
                finished = same_bytes(count, book, where, out)
            if book == EXAMPLES[0]:
                carried_alone(count, out)
                all_held(count, where)
            if book == EXAMPLES[2]:
                by_hand(count, out)
                refusals(count, where, finished)
    return count.passed, count.failed


if __name__ == "__main__":
    good, bad = run(sys.argv[1:])
    print(f"{good} passed, {bad} failed")
    sys.exit(1 if bad else 0)
