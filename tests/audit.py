#!/usr/bin/env python3
"""Every promise that `audit-run` proves, broken on purpose: tests/audit.py [WORD ...] (only spoilings named so)

A sound run is spoiled in one place at a time, the hashes of run.json are repaired, and the audit has to exit 1 with the
claims that SPOILINGS tells, and no other. Then every column of every file and every number of run.json is changed once:
the audit sees it, from the files alone, by the book (BY_BOOK) or only by deciding again (BY_REPLAY). At the end no
claim may be left that nothing here has broken."""
import csv
import hashlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
from decimal import Decimal, InvalidOperation

from end_to_end import ROOT, Count, lotwright, run_book

BOOK = os.path.join(ROOT, "examples", "book")
OTHER = os.path.join(ROOT, "examples", "requests")
GATE = os.path.join(ROOT, "tests", "cases", "a_gate_stops_the_whole_run", "book")
CENT = Decimal("0.01")

# What only the book says, or only the engine once more. Everything else is seen in the files.
BY_BOOK = {
    "accounts.csv": ["waiting"],
}
BY_REPLAY = {
    "accounts.csv": "gain_budget gain_budget_left gain_budget_price tax_budget tax_budget_left tax_budget_price "
                    "year_tax_before year_tax_after".split(),
    "exceptions.csv": "observed limit next_step".split(),
    "reasons.csv": ["without"],
    "harvests.csv": "lots_unknown_basis replacement_tracking_error tracking_error_added source".split(),
    "left.csv": "tracking_error_removed sentence".split(),
    "binding_rules.csv": "tracking_error_bps tracking_error_bps_max".split(),
    "multipliers.csv": ["name", "price"],
    "state/accounts.csv": "taxpayer_id model_id cash traded runs turnover".split(),
    "state/positions.csv": "traded cost_basis lots_unknown_basis".split(),
    "state/flows.csv": "request_id account_id kind amount due_on".split(),
    "state/prices.csv": "date security_id close".split(),
    "state/actions.csv": "action_id seen_on".split(),
    "state/models.csv": "model_id security_id weight".split(),
    "run.json": ["firm", "proven_quiet"],
}


KEPT_BACK = "kept_back/"


class Run:
    """A copy of a run's folder whose files can be changed; `save` makes the hashes of run.json right again."""

    def __init__(self, source, folder):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        self.folder, self.tables, self.columns = folder, {}, {}
        self.json = json.loads(self.bytes("run.json"))

    def bytes(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()

    def put(self, name, data):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(data)

    def __getitem__(self, name):
        if name not in self.tables:
            reader = csv.DictReader(io.StringIO(self.bytes(name + ".csv").decode()))
            self.tables[name], self.columns[name] = list(reader), reader.fieldnames
        return self.tables[name]

    def of(self, name, **cells):
        return [row for row in self[name] if all(row[key] == value for key, value in cells.items())]

    def drop(self, name, **cells):
        gone = self.of(name, **cells)
        self.tables[name] = [row for row in self[name] if row not in gone]
        return gone

    def add(self, name, row, column, amount):
        row[column] = plain(Decimal(row[column] or 0) + amount)

    def save(self, hashes=True):
        for name, lines in self.tables.items():
            text = io.StringIO()
            writer = csv.DictWriter(text, self.columns[name], lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
            self.put(name + ".csv", text.getvalue().encode())
        for file in self.json["outputs"] if hashes else []:
            if os.path.exists(os.path.join(self.folder, file["file"])):
                data = self.bytes(file["file"])
                file["sha256"], file["bytes"] = hashlib.sha256(data).hexdigest(), len(data)
        self.put("run.json", json.dumps(self.json, indent=1).encode())


def plain(number):
    return f"{number:f}"


# ---- what is spoiled; each returns nothing

def a_sale(run, taxed=True):
    taxed_ids = {row["account_id"] for row in run["accounts"] if row["year_tax_before"]}
    return next(row for row in run["orders"] if row["side"] == "sell" and (row["account_id"] in taxed_ids) == taxed)


def a_purchase(run):
    return next(row for row in run["orders"] if row["side"] == "buy")


def account_of(run, row):
    return run.of("accounts", account_id=row["account_id"])[0]


def order_removed(run):
    run["orders"].remove(a_purchase(run))


def order_removed_and_counts(run):
    """Its block and cash too, and run.json's totals: only its reason and what the account is worth remain."""
    order = a_purchase(run)
    run["orders"].remove(order)
    block = run.of("blocks", security_id=order["security_id"], side="buy")[0]
    run.add("blocks", block, "quantity", -Decimal(order["quantity"]))
    run.add("blocks", block, "orders", -1)
    run.add("accounts", account_of(run, order), "cash_after", Decimal(order["amount"]))
    run.json["counts"]["orders"] -= 1
    run.json["totals"]["bought"] -= float(order["amount"])


def one_share_more(run):
    """Everywhere where it shows in the run's files: only the book knows what it is worth."""
    order = max(run.of("orders", side="buy", release="yes"), key=lambda row: Decimal(row["amount"]))
    price = Decimal(order["price"])
    run.add("orders", order, "quantity", 1)
    run.add("orders", order, "amount", price)
    run.add("blocks", run.of("blocks", security_id=order["security_id"], side="buy")[0], "quantity", 1)
    run.add("accounts", account_of(run, order), "cash_after", -price)
    run.json["totals"]["bought"] += float(price)


def quantity_changed(run):
    run.add("orders", a_purchase(run), "quantity", 1)


def order_of_nobody(run):
    a_purchase(run)["account_id"] = "nobody"


def row_doubled(run):
    run["accounts"].insert(1, dict(run["accounts"][0]))


def row_dropped(run):
    run["accounts"].pop()


def account_dropped_everywhere(run):
    """A quiet untaxed account leaves every file and every total."""
    row = next(one for one in run.of("accounts", status="no_trade") if not one["year_tax_before"])
    who = row["account_id"]
    run["accounts"].remove(row)
    for name in ("exceptions", "reasons", "left", "multipliers", "state/accounts", "state/positions", "state/flows"):
        run.drop(name, account_id=who)
    add_up(run)


def add_up(run):
    """run.json's numbers of decided accounts and of left.csv, once more from the rows."""
    decided = [row for row in run["accounts"] if row["status"] in ("traded", "no_trade")]
    counts, totals = run.json["counts"], run.json["totals"]
    for status in ("traded", "no_trade", "held", "failed"):
        counts[status] = len(run.of("accounts", status=status))
    counts["accounts"] = len(run["accounts"])
    for severity in ("hold", "review", "note"):
        counts[severity + "s"] = len(run.of("exceptions", severity=severity))
    value = {row["account_id"]: float(row["investable_value"]) for row in decided}
    totals["investable_value"] = sum(value.values())
    totals["turnover"] = sum(value[row["account_id"]] * float(row["turnover"]) for row in decided)
    for key in ("objective_before", "objective_after", "tax", "trading_cost", "gain_short", "gain_long"):
        totals[key] = float(sum(Decimal(row[key]) for row in decided))
    for key in ("tracking_error_before", "tracking_error_after"):
        totals[key] = sum(value[row["account_id"]] * float(row[key]) for row in decided) / sum(value.values())
    left = {}
    for row in run["left"]:
        cause = left.setdefault(row["cause"], {"accounts": set(), "unknown": set(), "lines": 0, "dollars": Decimal(0)})
        cause["accounts"].add(row["account_id"])
        if not row["dollars"]:
            cause["unknown"].add(row["account_id"])
        cause["lines"] += int(row["lines"] or 0)
        cause["dollars"] += Decimal(row["dollars"] or 0)
    run.json["left"] = {cause: {"accounts": len(one["accounts"]), "accounts_unknown": len(one["unknown"]),
                                "lines": one["lines"], "dollars": float(one["dollars"])}
                        for cause, one in left.items()}
    for key, least in (("gap", Decimal(-1)), ("gap_above_250000", Decimal(250000))):
        gaps = sorted(float(row["gap_bps"]) for row in decided if row["gap_bps"] and Decimal(row["value"]) > least)
        rank = lambda share: gaps[max(1, -int(-share * len(gaps) // 1)) - 1]
        run.json[key] = {"accounts": len(gaps), "median_bps": rank(0.5), "p99_bps": rank(0.99), "max_bps": rank(1.0)}


def traded_and_held(run):
    account_of(run, a_purchase(run))["status"] = "held"


def hold_beside_orders(run):
    """An account with orders gets a line of severity hold, counted everywhere."""
    row = run.of("exceptions", severity="hold")[0]
    order = a_purchase(run)
    account = account_of(run, order)
    run["exceptions"].append(dict(row, account_id=account["account_id"], household_id=account["household_id"],
                                  dollars_at_stake="0.00", rank=str(len(run["exceptions"]) + 1)))
    run.add("accounts", account, "exceptions", 1)
    run.json["counts"]["holds"] += 1


def hold_removed(run):
    """With the counts: the held account says nothing of why."""
    row = run.of("exceptions", severity="hold")[-1]
    run["exceptions"].remove(row)
    run.add("accounts", account_of(run, row), "exceptions", -1)
    run.json["counts"]["holds"] -= 1


def exception_removed(run):
    run["exceptions"].remove(run.of("exceptions", severity="note")[0])


def review_removed(run):
    """With its counts and rank: its account's orders still wait, and nobody knows why."""
    row = next(one for one in run.of("exceptions", severity="review")
               if len(run.of("exceptions", account_id=one["account_id"])) == 1)
    run["exceptions"].remove(row)
    for other in run["exceptions"]:
        if int(other["rank"]) > int(row["rank"]):
            run.add("exceptions", other, "rank", -1)
    run.add("accounts", account_of(run, row), "exceptions", -1)
    run.json["counts"]["reviews"] -= 1
    run.json["largest_exceptions"] = [one for one in run.json["largest_exceptions"]
                                      if one["account_id"] != row["account_id"]]


def released(run):
    order = run.of("orders", release="review")[0]
    order["release"] = "yes"
    run.add("blocks", run.of("blocks", security_id=order["security_id"], side=order["side"])[0], "orders_review", -1)


def reason_by_a_cent(run):
    run.add("reasons", run.of("reasons", decision="bought")[0], "net", CENT)


def reason_by_a_cent_in_both(run):
    row = run.of("reasons", decision="bought")[0]
    run.add("reasons", row, "net", CENT)
    run.add("reasons", row, "benefit", CENT)


def reason_removed(run):
    """Of a purchase whose net is zero nobody would miss it in the sums; here another row takes its dollars."""
    gone = run.of("reasons", decision="bought")[0]
    heir = next(row for row in run.of("reasons", decision="bought", account_id=gone["account_id"]) if row is not gone)
    for column in ("benefit", "tax", "cost", "funding", "net"):
        run.add("reasons", heir, column, Decimal(gone[column]))
    run["reasons"].remove(gone)


def another_reason(run):
    order = a_purchase(run)
    order["reason"] = "harvest_loss" if order["reason"] != "harvest_loss" else "rebalance"


def lots_do_not_add_up(run):
    row = run["lot_sales"][0]
    run.add("lot_sales", row, "quantity", 1)


def lot_sold_twice(run):
    """Two lots of one sale become one lot, twice."""
    by_order = {}
    for row in run["lot_sales"]:
        first = by_order.setdefault(row["order_id"], row)
        if first is not row:
            row["lot_id"] = first["lot_id"]
            return


def lot_of_another_security(run):
    other = next(row for row in run["lot_sales"] if row["security_id"] != run["lot_sales"][0]["security_id"])
    run["lot_sales"][0]["security_id"] = other["security_id"]


def lot_that_is_not_there(run):
    sale = run.of("lot_sales", order_id=a_sale(run)["order_id"])[0]
    for row in run.of("reasons", account_id=sale["account_id"], lot_id=sale["lot_id"]):
        row["lot_id"] = "L9999"
    sale["lot_id"] = "L9999"


def more_than_the_lot(run):
    """Of two lots of one sale one is told a share larger than it is, the other one smaller."""
    by_order = {}
    for row in run["lot_sales"]:
        by_order.setdefault(row["order_id"], []).append(row)
    pair = next(lots for lots in by_order.values()
                if len(lots) > 1 and lots[0]["term"] == lots[1]["term"] and lots[0]["cost_basis"]
                and Decimal(lots[1]["quantity"]) > 1 and lots[0]["disallowed"] == lots[1]["disallowed"] == "0.00")
    run.add("lot_sales", pair[0], "quantity", 1)
    run.add("lot_sales", pair[1], "quantity", -1)


def gain_is_not(run):
    run.add("lot_sales", run.of("lot_sales", order_id=a_sale(run)["order_id"])[0], "gain", CENT)


def other_term(run):
    row = run.of("lot_sales", order_id=a_sale(run)["order_id"])[0]
    row["term"] = "short_term" if row["term"] == "long_term" else "long_term"


def disallowed_beyond(run):
    row = next(one for one in run["lot_sales"] if Decimal(one["gain"] or 0) > 0)
    row["disallowed"] = "1.00"


def cash_flow(run):
    run.add("accounts", run.of("accounts", status="traded")[0], "cash_after", CENT)


def gain_by_a_cent(run):
    row = next(one for one in run.of("accounts", status="traded") if Decimal(one["gain_long"]))
    run.add("accounts", row, "gain_long", CENT)
    run.json["totals"]["gain_long"] += 0.01


def quiet_account_changed(run):
    row = run.of("accounts", status="no_trade")[0]
    row["tracking_error_after"] = plain(Decimal(row["tracking_error_after"]) + Decimal("0.001"))


def block_changed(run):
    run.add("blocks", run["blocks"][0], "quantity", 1)


def block_dropped(run):
    run["blocks"].pop()


def bound_above(run):
    row = next(one for one in run["accounts"] if one["bound"])
    run.add("accounts", row, "bound", Decimal(100))


def gap_changed(run):
    run.add("accounts", next(one for one in run["accounts"] if one["gap"]), "gap", Decimal("0.05"))


def rank_exchanged(run):
    one, other = run["exceptions"][:2]
    one["rank"], other["rank"] = other["rank"], one["rank"]


def harvest_not_found(run):
    row = next(one for one in run["harvests"] if not one["security_id"] and one["loss"])
    run.add("harvests", row, "loss", CENT)


def harvest_dropped(run):
    """A taxable account without losses and its row, with run.json's numbers: nobody scanned it, and nobody says so."""
    parts = {row["account_id"] for row in run["harvests"] if row["security_id"]}
    row = next((one for one in run["harvests"] if one["account_id"] not in parts and one["status"] == "scanned"), None)
    if row is None:
        row = next(one for one in run["harvests"] if not one["security_id"])
    for one in run.drop("harvests", account_id=row["account_id"]):
        if one["security_id"] and Decimal(one["skipped"]):
            by = run.json["harvest"]["skipped_by"]
            by[one["rule"]] -= float(one["skipped"])
    told = run.json["harvest"]
    told["accounts_taxable"] -= 1
    told["scanned"] -= 1
    for key in ("lots", "lots_unknown_basis"):
        told[key] -= int(row[key])
    for key in ("loss", "taken", "disallowed", "skipped"):
        told[key] -= float(row[key])


def taken_is_not_sold(run):
    """A loss told as taken that was skipped: rows and sums agree with each other."""
    row = run.of("harvests", status="skipped")[0]
    own = run.of("harvests", account_id=row["account_id"], security_id="")[0]
    loss = Decimal(row["loss"])
    run.json["harvest"]["skipped_by"][row["rule"]] -= float(loss)
    for one in (row, own):
        run.add("harvests", one, "taken", loss)
        run.add("harvests", one, "skipped", -loss)
    row["status"], row["rule"] = "taken", ""
    run.json["harvest"]["taken"] += float(loss)
    run.json["harvest"]["skipped"] -= float(loss)


def left_changed(run):
    row = next(one for one in run["left"] if one["security_id"])
    run.add("left", row, "benefit", CENT)


def left_dollars_changed(run):
    run.add("left", next(one for one in run["left"] if one["dollars"]), "dollars", CENT)


def price_of_rule_changed(run):
    run.add("binding_rules", run["binding_rules"][0], "dollars_max", CENT)


def state_forgets(run):
    who = run.of("accounts", status="traded")[0]["account_id"]
    run.drop("state/accounts", account_id=who)


def state_of_another_value(run):
    run.add("state/positions", run["state/positions"][0], "quantity", 1)


def price_changed_everywhere(run):
    """Of a security without orders, and with it every account's value that state/ would not have."""
    traded = {row["security_id"] for row in run["orders"]}
    owned = {row["security_id"] for row in run["state/positions"]}
    row = next((one for one in run["prices"] if one["security_id"] not in traded | owned), None)
    if row is None:
        row = {"date": run.json["as_of"], "security_id": "NOSUCH", "close": "1.00"}
        run["prices"].append(row)
    run.add("prices", row, "close", CENT)


def stops_and_sends(run):
    run.json["stopped_by"] = [{"rule": "gate_x", "observed": "", "limit": "", "message": "no"}]


def gate_forgotten(run):
    run.json["stopped_by"] = []
    run.json["orders_sent"] = True


def kept_back_order_of_more(run):
    """A thousand times as much, as if somebody meant it to be sent despite the gate."""
    order = run.of(KEPT_BACK + "orders", side="buy")[0]
    order["quantity"] = plain(Decimal(order["quantity"]) * 1000)


def kept_back_order_of_more_everywhere(run):
    """A share more of a purchase, with all that the files say of it: only the book knows better."""
    order = max(run.of(KEPT_BACK + "orders", side="buy", release="yes"), key=lambda row: Decimal(row["amount"]))
    price = Decimal(order["price"])
    run.add(KEPT_BACK + "orders", order, "quantity", 1)
    run.add(KEPT_BACK + "orders", order, "amount", price)
    run.add("accounts", account_of(run, order), "cash_after", -price)
    run.json["totals"]["bought"] += float(price)


def kept_back_sale_of_another_lot(run):
    run.add(KEPT_BACK + "lot_sales", run[KEPT_BACK + "lot_sales"][0], "quantity", 1)


def kept_back_file_of_another_word(run):
    run[KEPT_BACK + "orders"][0]["release"] = "now"


def gate_line_removed(run):
    row = next(one for one in run["exceptions"] if one["rule"].startswith("gate_"))
    run["exceptions"].remove(row)
    run.json["counts"]["holds"] -= 1
    for other in run["exceptions"]:
        if int(other["rank"]) > int(row["rank"]):
            run.add("exceptions", other, "rank", -1)


def no_number(run):
    a_purchase(run)["amount"] = "1e9"


def too_large(run):
    a_purchase(run)["amount"] = "100000000000.01"


def another_word(run):
    a_purchase(run)["side"] = "short"


def another_column(run):
    run["blocks"]
    run.columns["blocks"] = ["block", *run.columns["blocks"][1:]]
    for row in run["blocks"]:
        row["block"] = row.pop("block_id")


def file_not_listed(run):
    run.json["outputs"] = [file for file in run.json["outputs"] if file["file"] != "harvests.csv"]


def largest_forgotten(run):
    run.json["largest_exceptions"].pop()


def of_another_book(run):
    run.json["inputs"][0]["sha256"] = "0" * 64


def file_never_read(run):
    run.json["inputs"] = [file for file in run.json["inputs"] if file["file"] != "restrictions.csv"]


def of_another_day_before(run):
    run.json["previous_run_sha256"] = "0" * 64


def page_of_another_run(run):
    run.put("exceptions.html", run.bytes("exceptions.html").replace(b"$", b"&euro;"))


# What is spoiled, the claims that must break (how they begin) and what the audit is given.
FILES, DECIDED, SUMS = "every file is as", "decided again", "the nets of what was done"
ORDER, LOTS, GAINS, CASH = "each order is", "the lot sales of each", "each lot is sold once", "cash after ="
COUNTS, HELD, QUIET, RELEASE = "accounts.csv counts", "every held", "accounts that trade", "orders wait"
ROWS, TOTALS, BLOCKS, REASONS = "every row of", "run.json's counts and", "the blocks are", "every purchase and"
SEVERITY, QUEUE, LARGEST, LEFT = "run.json counts the", "exceptions are ranked", "run.json's largest", "left.csv has"
HARVEST, HARVESTS, LOSSES = "in each row of harvests", "each taxable account has", "the losses taken are"
HARVEST_TOTALS, LEFT_TOTALS, GAPS = "run.json has the sums", "run.json adds up left", "run.json's gaps"
TAXED, SAME, BOUND, STATE = "each taxed account's", "an account without orders", "no account's orders", "state/ has"
RULES, WORTH, ACCOUNTS, FACTS = "the orders keep", "the orders are worth", "every account of", "every taxable account"
READ, BEFORE, GATE_CLAIM, REASON = "the book's files", "the run before", "a run that a gate", "in each reason"
NUMBERS, BINDING, ONCE = "every amount", "binding_rules.csv", "each account has one row"

SPOILINGS = [
    (order_removed, "files", [CASH, BLOCKS, REASONS, TOTALS]),
    (order_removed_and_counts, "files", [REASONS]),
    (one_share_more, "files", []),
    (one_share_more, "book", [RULES, WORTH]),
    (quantity_changed, "files", [ORDER, BLOCKS]),
    (order_of_nobody, "files", [ORDER, RELEASE, CASH, REASONS, TOTALS]),
    (row_doubled, "files", [ONCE]),
    (row_dropped, "files", [ORDER, RELEASE, REASON, REASONS, LEFT, HARVESTS, STATE, GAPS, TOTALS]),
    (account_dropped_everywhere, "files", []),
    (account_dropped_everywhere, "book", [ACCOUNTS]),
    (traded_and_held, "files", [HELD, LEFT, BOUND, STATE, TOTALS]),
    (hold_beside_orders, "files", [LARGEST, HELD]),
    (hold_removed, "files", [QUEUE, LARGEST, HELD, LEFT]),
    (exception_removed, "files", [COUNTS, SEVERITY, QUEUE]),
    (review_removed, "files", [RELEASE]),
    (released, "files", [RELEASE]),
    (reason_by_a_cent, "files", [REASON, SUMS]),
    (reason_by_a_cent_in_both, "files", [SUMS]),
    (reason_removed, "files", [REASONS]),
    (another_reason, "files", [REASONS]),
    (lots_do_not_add_up, "files", [LOTS]),
    (lot_sold_twice, "files", [GAINS, REASONS]),
    (lot_of_another_security, "files", [LOTS, TAXED, REASONS, LOSSES]),
    (lot_that_is_not_there, "files", []),
    (lot_that_is_not_there, "book", [RULES, WORTH]),
    (more_than_the_lot, "files", []),
    (more_than_the_lot, "book", [RULES, WORTH]),
    (gain_is_not, "files", [GAINS, TAXED, LOSSES]),
    (other_term, "files", [TAXED]),
    (disallowed_beyond, "files", [GAINS, TAXED]),
    (cash_flow, "files", [CASH]),
    (gain_by_a_cent, "files", [TAXED]),
    (quiet_account_changed, "files", [SAME, LEFT, TOTALS]),
    (block_changed, "files", [BLOCKS]),
    (block_dropped, "files", [BLOCKS]),
    (bound_above, "files", [BOUND]),
    (gap_changed, "files", [BOUND]),
    (rank_exchanged, "files", [QUEUE]),
    (harvest_not_found, "files", [HARVEST, HARVESTS, HARVEST_TOTALS]),
    (harvest_dropped, "files", [HARVESTS]),
    (harvest_dropped, "book", [HARVESTS, FACTS]),
    (taken_is_not_sold, "files", [LOSSES]),
    (left_changed, "files", [LEFT]),
    (left_dollars_changed, "files", [LEFT_TOTALS]),
    (price_of_rule_changed, "files", [BINDING]),
    (state_forgets, "files", [STATE]),
    (state_of_another_value, "files", [STATE]),
    (price_changed_everywhere, "files", []),
    (price_changed_everywhere, "book", [FACTS]),
    (stops_and_sends, "files", [GATE_CLAIM]),
    (gate_forgotten, "gate", [QUIET, CASH, SAME, REASONS, TOTALS, GATE_CLAIM]),
    (gate_line_removed, "gate", [GATE_CLAIM]),
    (kept_back_order_of_more, "stopped", [ORDER]),
    (kept_back_order_of_more_everywhere, "stopped", []),
    (kept_back_order_of_more_everywhere, "stopped book", [RULES, WORTH]),
    (kept_back_sale_of_another_lot, "stopped", [LOTS]),
    (kept_back_file_of_another_word, "stopped", [ROWS]),
    (no_number, "files", [ROWS, NUMBERS, ORDER, CASH, TOTALS]),
    (too_large, "files", [NUMBERS, ORDER, CASH, TOTALS]),
    (another_word, "files", [ROWS, BLOCKS, CASH, REASONS, TOTALS]),
    (another_column, "files", [ROWS, BLOCKS]),
    (file_not_listed, "files", [FILES]),
    (largest_forgotten, "files", [LARGEST]),
    (of_another_book, "book", [READ]),
    (file_never_read, "book", [READ]),
    (of_another_day_before, "book", [BEFORE]),
    (page_of_another_run, "book", []),
    (page_of_another_run, "replay", [DECIDED]),
]


class Audits:
    """The sound runs, and which claims were seen, and seen broken."""

    def __init__(self, count, folder):
        self.count, self.folder = count, folder
        self.seen, self.broken = set(), set()
        self.before, self.good = os.path.join(folder, "before"), os.path.join(folder, "good")
        self.other, self.gate = os.path.join(folder, "other"), os.path.join(folder, "gate")
        self.spoiled, self.stopped = os.path.join(folder, "spoiled"), os.path.join(folder, "stopped")
        self.stopped_book = os.path.join(folder, "stopped_book")
        shutil.copytree(BOOK, self.stopped_book)
        path = os.path.join(self.stopped_book, "firm.toml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub("one_security_notional_max = .*", "one_security_notional_max = 1", text))
        for book, out, words in ((BOOK, self.before, ()), (BOOK, self.good, ("--previous", self.before)),
                                 (OTHER, self.other, ()), (GATE, self.gate, ()), (self.stopped_book, self.stopped, ())):
            run_book(book, out, *words)

    def words(self, how, book=BOOK):
        if how in ("files", "gate", "stopped"):
            return []
        before = ["--previous", self.before] if book == BOOK else []
        return ["--book", book, *before] + (["--replay", "--threads", "1"] if how == "replay" else [])

    def audit(self, folder, how, book=BOOK):
        """(exit code, texts of the broken claims, what was said)"""
        run = lotwright("audit-run", folder, "--json", *self.words(how, book))
        if run.returncode not in (0, 1):
            return run.returncode, [], run.stdout[-300:] + run.stderr[-600:]
        claims = json.loads(run.stdout)["claims"]
        broken = [claim for claim in claims if not claim["kept"]]
        self.seen |= {claim["claim"] for claim in claims}
        self.broken |= {claim["claim"] for claim in broken}
        return run.returncode, [claim["claim"] for claim in broken], json.dumps(broken)[:900]


def sound(audits):
    for folder, book in ((audits.good, BOOK), (audits.other, OTHER), (audits.gate, GATE),
                         (audits.stopped, audits.stopped_book)):
        code, broken, said = audits.audit(folder, "replay", book)
        name = os.path.basename(os.path.dirname(book) if book == GATE else book)
        audits.count.that(code == 0, f"{name}: a run that was decided again keeps every promise", said or broken)
    lone = lotwright("audit-run", audits.good, "--book", BOOK, "--replay")
    audits.count.that(lone.returncode == 2 and "--previous" in lone.stderr,
                      "a run that followed another is not decided again without it", lone.stdout + lone.stderr)
    wrong = lotwright("audit-run", audits.good, "--previous", audits.other)
    audits.count.that(wrong.returncode == 1 and "is another run" in wrong.stdout, "another run before it is told")
    lone = lotwright("audit-run", audits.before, "--previous", audits.good)
    audits.count.that(lone.returncode == 1 and "no earlier one" in lone.stdout, "a run that followed none says so")


def of_some_accounts(audits):
    """A run is judged by the accounts it was asked for, and decided again for just these."""
    out = os.path.join(audits.folder, "some")
    run_book(BOOK, out, "--account", "alder-ira")
    whole = lotwright("audit-run", out, "--book", BOOK, "--replay")
    audits.count.that(whole.returncode == 0, "a run of some accounts keeps every promise", whole.stdout[-600:])
    for asked, claim in (([], ACCOUNTS), (["nobody"], "every account that the run was asked for")):
        run = Run(out, audits.spoiled)
        run.json["accounts_asked"] = asked
        run.save()
        said = json.loads(lotwright("audit-run", audits.spoiled, "--book", BOOK, "--json").stdout)
        broken = {one["claim"] for one in said["claims"] if not one["kept"]}
        audits.broken |= broken
        found = any(one.startswith(claim) for one in broken)
        audits.count.that(found, f"a run that was asked for {asked or 'all'}", broken)


def of_faulty_days(audits):
    """The day after a sound one, its data full of faults: held, doubted and refused accounts too."""
    book = os.path.join(audits.folder, "today")
    lotwright("generate", "--accounts", "150", "--securities", "100", "--seed", "5", "--set", "lots=30",
              "--faults", "60", "--out", book)
    out, before = os.path.join(audits.folder, "faulty"), book + ".previous"
    run_book(book, out, "--previous", before)
    audited = lotwright("audit-run", out, "--book", book, "--previous", before, "--replay")
    audits.count.that(audited.returncode == 0, "a run of a day full of faults keeps every promise",
                      [line for line in audited.stdout.splitlines() if not line.startswith("ok")])


def spoil(audits, words):
    for change, how, claims in SPOILINGS:
        name = change.__name__.replace("_", " ")
        if words and not any(word in name for word in words):
            continue
        source, book = {"gate": (audits.gate, GATE), "stopped": (audits.stopped, audits.stopped_book)}.get(
            how.split()[0], (audits.good, BOOK))
        run = Run(source, audits.spoiled)
        change(run)
        run.save()
        code, broken, said = audits.audit(audits.spoiled, how, book)
        missing = [claim for claim in claims if not any(one.startswith(claim) for one in broken)]
        beyond = [one for one in broken if not any(one.startswith(claim) for claim in claims)]
        told = code == (1 if claims else 0) and not missing and not beyond
        audits.count.that(told, f"{name} ({how}) breaks just what it breaks",
                          f"not broken: {missing}, broken too: {beyond}, {code} {said}")


def touched(audits):
    """Hashes alone: a byte of any file, and a file that is gone."""
    names = [file["file"] for file in json.loads(Run(audits.good, audits.spoiled).bytes("run.json"))["outputs"]]
    for name in names:
        run = Run(audits.good, audits.spoiled)
        run.put(name, run.bytes(name) + b"\n")
        code, broken, said = audits.audit(audits.spoiled, "files")
        audits.count.that(code == 1 and any(one.startswith(FILES) for one in broken), f"a line more in {name}", said)
        os.remove(os.path.join(audits.spoiled, name))
        code, broken, said = audits.audit(audits.spoiled, "files")
        audits.count.that(code == 1 and any(one.startswith(FILES) for one in broken), f"{name} is gone", said)


def other_cell(text):
    try:
        return plain(Decimal(text) + CENT)
    except InvalidOperation:
        return text + "x"


def needed(name, column):
    """How much the audit has to be given to see a changed cell of this column."""
    if column in BY_REPLAY.get(name, []):
        return "replay"
    return "book" if column in BY_BOOK.get(name, []) else "files"


def every_column(audits):
    good = Run(audits.good, audits.spoiled)
    names = [file["file"] for file in good.json["outputs"] if file["file"].endswith(".csv")]
    for name in names:
        table = name[:-4]
        for column in good[table] and good.columns[table]:
            run = Run(audits.good, audits.spoiled)
            rows = run[table]
            # A note's words are seen by the replay alone.
            asking = sorted(rows[len(rows) // 2:] + rows, key=lambda one: one.get("severity") == "note")
            row = next((one for one in asking if one[column]), None)
            if row is None:
                continue
            row[column] = other_cell(row[column])
            run.save()
            how = needed(name, column)
            code, _, said = audits.audit(audits.spoiled, how)
            audits.count.that(code == 1, f"{name}: another {column} is seen with {how}", said or row)
            less = {"book": "files", "replay": "book"}.get(how)
            code, _, said = audits.audit(audits.spoiled, less) if less else (0, [], "")
            audits.count.that(code == 0, f"{name}: another {column} needs {how}, not {less}", said)


def numbers_in(value, path=()):
    """Paths of all numbers below run.json's counts, totals and sums."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers_in(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from numbers_in(inner, (*path, place))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path


def every_number(audits):
    keys = "counts totals harvest left gap gap_above_250000 largest_exceptions".split()
    paths = [path for key in keys for path in numbers_in(Run(audits.good, audits.spoiled).json[key], (key,))]
    for path in [*paths, ("as_of",), ("firm",), ("accounts_asked",)]:
        run = Run(audits.good, audits.spoiled)
        where = run.json
        for key in path[:-1]:
            where = where[key]
        old = where[path[-1]]
        where[path[-1]] = (old + 1 if isinstance(old, int) else
                           old * (1 + 1e-7) + 0.01 if isinstance(old, float) else
                           ["alder-ira"] if isinstance(old, list) else "2025-06-27" if old[0] == "2" else old + "x")
        run.save()
        how = "replay" if path[-1] in BY_REPLAY["run.json"] + ["accounts_asked"] else "files"
        code, _, said = audits.audit(audits.spoiled, how)
        audits.count.that(code == 1, f"run.json: another {'.'.join(map(str, path))} is seen with {how}", said)


def files_of_another_run(audits):
    """Swapped with their hashes: of another book everything is seen."""
    for file in Run(audits.good, audits.spoiled).json["outputs"]:
        run = Run(audits.good, audits.spoiled)
        source = os.path.join(audits.other, file["file"])
        if not os.path.exists(source):
            continue
        with open(source, "rb") as other:
            data = other.read()
        if data == run.bytes(file["file"]):
            continue
        run.put(file["file"], data)
        run.save()
        code, _, said = audits.audit(audits.spoiled, "replay")
        audits.count.that(code == 1, f"{file['file']} of another run is seen", said)


def run(words=()):
    count = Count()
    with tempfile.TemporaryDirectory() as folder:
        audits = Audits(count, folder)
        sound(audits)
        spoil(audits, words)
        if not words:
            of_some_accounts(audits)
            of_faulty_days(audits)
            touched(audits)
            files_of_another_run(audits)
            every_column(audits)
            every_number(audits)
            for claim in sorted(audits.seen - audits.broken):
                count.that(False, "a claim that nothing here breaks", claim)
            count.that(audits.seen, "there are claims")
    return count.passed, count.failed


if __name__ == "__main__":
    passed, failed = run(sys.argv[1:])
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
