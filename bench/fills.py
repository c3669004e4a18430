"""What a broker and a custodian make of a run's orders: the book of the next day, every order filled at its price.

Lots, cash, transactions and the year's gains follow; payments due are paid and requests that were met are gone; the
run's multipliers come along. Nothing else moves: prices are the caller's."""
import collections
import csv
import os
import shutil
from decimal import Decimal


def rows(*path):
    with open(os.path.join(*path), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(lines, columns, *path):
    with open(os.path.join(*path), "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)


def columns_of(*path):
    with open(os.path.join(*path), encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def money(text):
    return Decimal(text or "0")


class Fills:
    def __init__(self, book, out, day):
        self.book, self.day = book, day
        self.orders, self.sales = rows(out, "orders.csv"), rows(out, "lot_sales.csv")
        self.results = {row["account_id"]: row for row in rows(out, "accounts.csv")}
        self.terms = collections.defaultdict(lambda: {"short_term": Decimal(0), "long_term": Decimal(0)})
        for sale in self.sales:
            if sale["gain"]:
                self.terms[sale["order_id"]][sale["term"]] += money(sale["gain"]) + money(sale["disallowed"])

    def lots(self):
        sold = collections.defaultdict(lambda: [Decimal(0), Decimal(0)])
        for sale in self.sales:
            pair = sold[sale["account_id"], sale["lot_id"]]
            pair[0] += money(sale["quantity"])
            pair[1] += money(sale["cost_basis"])
        left = []
        for lot in rows(self.book, "lots.csv"):
            quantity, basis = sold[lot["account_id"], lot["lot_id"]]
            before = money(lot["quantity"])
            lot["quantity"] = str(before - quantity)
            if before == quantity:
                continue
            if lot.get("loss_basis"):  # a gift has two, and a sale names the one that counted
                for column in ("cost_basis", "loss_basis"):
                    lot[column] = f"{money(lot[column]) * (before - quantity) / before:.2f}"
            elif lot["cost_basis"]:
                lot["cost_basis"] = str(money(lot["cost_basis"]) - basis)
            left.append(lot)
        for order in self.orders:
            if order["side"] == "buy":
                left.append({"account_id": order["account_id"], "lot_id": f"B{self.day}-{order['security_id']}",
                             "security_id": order["security_id"], "quantity": order["quantity"],
                             "cost_basis": str(money(order["amount"]) + money(order["commission"])),
                             "acquired_on": self.day})
        return left

    def transactions(self, taxable):
        lines = rows(self.book, "transactions.csv")
        for order in self.orders:
            sells = order["side"] == "sell"
            gains = self.terms[order["order_id"]] if sells and order["account_id"] in taxable else None
            asked = order["reason"].startswith(("request_", "restriction_"))
            lines.append({"transaction_id": f"F{self.day}-{order['order_id']}", "account_id": order["account_id"],
                          "trade_date": self.day, "kind": order["side"], "security_id": order["security_id"],
                          "quantity": order["quantity"], "amount": order["amount"],
                          "gain_short": str(gains["short_term"]) if gains else "",
                          "gain_long": str(gains["long_term"]) if gains else "",
                          "discretionary": "no" if asked else ""})
        return lines

    def requests(self, accounts, until):
        """Those that stay; payments due until then are made, new models followed."""
        left = []
        for request in rows(self.book, "requests.csv"):
            account = accounts[request["account_id"]]
            due = (request["due_on"] or self.day) <= until
            if not due or request["kind"] in ("freeze", "preserve_losses", "set_aside"):
                left.append(request)
            elif request["kind"] in ("cash_out", "cash_in"):
                amount = money(request["amount"])
                paid = amount if request["kind"] == "cash_in" else -min(amount, max(Decimal(0), money(account["cash"])))
                account["cash"] = str(money(account["cash"]) + paid)
            elif request["kind"] == "model_change":
                account["model_id"] = request["value"]
        return left


def next_day(book, out, folder, day, next_on):
    """`folder` becomes the book of `next_on`, after the orders that the run `out` of `book` wrote on `day`."""
    shutil.copytree(book, folder)
    fills = Fills(book, out, day)
    accounts = rows(book, "accounts.csv")
    by_id = {row["account_id"]: row for row in accounts}
    taxable = {row["account_id"] for row in accounts if row["tax_treatment"] == "taxable"}
    for row in accounts:
        if row["account_id"] in fills.results:
            row["cash"] = fills.results[row["account_id"]]["cash_after"]
    write(fills.requests(by_id, next_on), columns_of(book, "requests.csv"), folder, "requests.csv")
    write(accounts, columns_of(book, "accounts.csv"), folder, "accounts.csv")
    write(fills.lots(), columns_of(book, "lots.csv"), folder, "lots.csv")
    write(fills.transactions(taxable), columns_of(book, "transactions.csv"), folder, "transactions.csv")
    taxpayers = rows(book, "taxpayers.csv")
    realized = collections.defaultdict(lambda: {"short_term": Decimal(0), "long_term": Decimal(0)})
    for order in fills.orders:
        account = by_id[order["account_id"]]
        for term, gain in fills.terms.get(order["order_id"], {}).items():
            if account["account_id"] in taxable:
                realized[account["taxpayer_id"]][term] += gain
    for row in taxpayers:
        for term, column in (("short_term", "realized_short_ytd"), ("long_term", "realized_long_ytd")):
            row[column] = str(money(row[column]) + realized[row["taxpayer_id"]][term])
    write(taxpayers, columns_of(book, "taxpayers.csv"), folder, "taxpayers.csv")
    shutil.copy(os.path.join(out, "multipliers.csv"), os.path.join(folder, "multipliers.csv"))
