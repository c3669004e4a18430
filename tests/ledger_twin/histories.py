"""Small nasty histories from a seed: a few accounts of people who may be linked, days 29, 30, 31 around loss sales.

A history is {file: [cells of a row]}; all its names begin with its own prefix, so that thousands share one folder."""
import csv
import datetime
import os
import random

COLUMNS = {
    "taxpayers.csv": "taxpayer_id rate_short rate_long carryforward_short carryforward_long ordinary_loss_limit "
                     "spouse_id",
    "accounts.csv": "account_id household_id taxpayer_id tax_treatment",
    "securities.csv": "security_id kind identical_group quantity_step",
    "opening_lots.csv": "account_id lot_id security_id quantity cost_basis acquired_on held_from loss_basis "
                        "loss_held_from parent_lot_id first_lot_id acquisition_id replacement made parts",
    "transactions.csv": "transaction_id account_id trade_date kind security_id quantity amount lot_id method "
                        "acquired_on cost_basis fair_value outside taxpayer_id reverses",
    "corporate_actions.csv": "action_id security_id effective_on kind status new_security_id ratio cash_per_share "
                             "basis_fraction fair_value_new",
}
EDGES = (-31, -30, -29, -15, -1, 0, 0, 0, 1, 10, 29, 30, 31)
DAYS_BEFORE_ANCHOR = 31  # the first day that plays: nothing of the past is there that was acquired later
ANCHORS = ("2024-02-29", "2024-01-30", "2024-12-31", "2025-01-01", "2023-12-15", "2025-02-28", "2024-03-31",
           "2025-06-15")
QUANTITIES = ("10", "10", "20", "30", "7", "100", "0.5", "3.333333", "12.25", "10", "20", "0.000003", "0.000004",
              "123456.789")
SETTINGS = ([], [], [], [("wash_tacking", "holding_date")], [("wash_tacking", "later")],
            [("wash_bought_before", "exclude")], [("wash_spouse_basis", "lost")])


class Maker:
    """Draws one history."""

    def __init__(self, seed, number, anchor=None):
        self.dice = random.Random(f"{seed}:{number}")
        self.prefix = f"h{number}"
        self.files = {name: [] for name in COLUMNS}
        self.anchor = anchor
        self.lots = []  # [account, lot, security, quantity, acquired_on, here_on, held_from] as the maker thinks
        self.count = 0

    def likely(self, percent):
        return self.dice.random() * 100 < percent

    def pick(self, *items):
        return self.dice.choice(items)

    def next_id(self, kind):
        self.count += 1
        return f"{self.prefix}{kind}{self.count}"

    def make(self):
        self.plain = self.likely(12)  # one taxpayer, taxable accounts, nothing but trades
        self.people()
        drawn = datetime.date.fromisoformat(self.pick(*ANCHORS))
        self.anchor = self.anchor or drawn
        for _ in range(self.pick(0, 1, 1, 2, 3)):
            self.opening_lot()
        if self.likely(20):
            self.opening_family()
        for _ in range(self.dice.randint(3, 13) if self.likely(90) else 24):
            self.event()
        moves = self.files["transactions.csv"]
        if self.likely(85):
            moves.sort(key=lambda row: row["trade_date"])
        if not self.plain:
            self.spoil()
        return self.files

    # ---- who and what

    def people(self):
        payers = [f"{self.prefix}T{i}" for i in range(1 if self.plain else self.pick(1, 1, 2, 2, 3))]
        for payer in payers:
            carried = self.likely(15)
            self.files["taxpayers.csv"].append({
                "taxpayer_id": payer, "rate_short": self.pick("0.37", "0.24"), "rate_long": self.pick("0.2", "0.15"),
                "carryforward_short": self.pick("500", "7000.5") if carried else "",
                "carryforward_long": self.pick("", "4000") if carried else "",
                "ordinary_loss_limit": self.pick("", "", "1500"),
                "spouse_id": payers[1] if payer == payers[0] and len(payers) > 1 and self.likely(40) else ""})
        self.payers, self.accounts = payers, []
        for i in range(self.dice.randint(2, 6)):
            others = () if self.plain else ("tax_deferred", "tax_free")
            taxed = self.pick("taxable", "taxable", "taxable", *others) if i else "taxable"
            payer = self.pick(*payers) if i else payers[0]
            if taxed != "taxable" and self.likely(25):
                payer = ""
            self.accounts.append((f"{self.prefix}A{i}", taxed))
            household = self.prefix + ("H" if self.likely(85) else "K")
            self.files["accounts.csv"].append({"account_id": f"{self.prefix}A{i}", "household_id": household,
                                               "taxpayer_id": payer, "tax_treatment": taxed})
        self.securities = [self.prefix + name for name in ("X", "XA", "Y", "Z")]
        for name, security in zip(("X", "XA", "Y", "Z"), self.securities):
            self.files["securities.csv"].append({
                "security_id": security, "kind": "stock", "quantity_step": self.pick("", "1", "0.000001", "0.5"),
                "identical_group": self.prefix + "G" if name in ("X", "XA") and self.likely(60) else ""})

    def security(self):
        return self.pick(*self.securities[:1] * 6, *self.securities[1:])

    def account(self):
        return self.pick(*self.accounts)[0]

    # ---- amounts and days

    def quantity(self):
        return self.pick(*QUANTITIES)

    def price(self, low=5.0, high=15.0):
        return self.pick(round(self.dice.uniform(low, high)), self.dice.uniform(low, high))

    def dollars(self, quantity, price):
        amount = float(quantity) * price
        return self.pick(f"{amount:.2f}", f"{amount:.2f}", f"{amount:.6f}", f"{round(amount)}")

    def day(self):
        if self.likely(12):
            return self.anchor + datetime.timedelta(self.pick(60, 61, 200, 300, 365, 366, 400))
        return self.anchor + datetime.timedelta(self.pick(*EDGES))

    def day_after(self, earlier):
        """Mostly a day on which what came in earlier is there."""
        for _ in range(1 if self.likely(3) else 20):
            day = self.day()
            if day >= earlier:
                break
        return day

    def day_before(self, day):
        return day - datetime.timedelta(self.pick(0, 1, 10, 29, 30, 31, 364, 365, 366, 800))

    # ---- rows

    def opening_lot(self):
        quantity, account, security = self.quantity(), self.account(), self.security()
        first = self.anchor - datetime.timedelta(DAYS_BEFORE_ANCHOR)
        acquired = self.day() if self.likely(10) else self.day_before(first)
        lot = self.next_id("O")
        held = acquired - datetime.timedelta(self.pick(0, 0, 0, 40))
        row = {"account_id": account, "lot_id": lot, "security_id": security, "quantity": quantity,
               "cost_basis": "" if self.likely(10) else self.dollars(quantity, self.price(8, 20)),
               "acquired_on": str(acquired), "held_from": "" if held == acquired else str(held)}
        if self.likely(12) and row["cost_basis"]:  # a gift of old with two bases
            row["loss_basis"] = f"{float(row['cost_basis']) * 0.8:.2f}"
            row["loss_held_from"] = self.pick("", str(acquired))
        if self.likely(25):
            row["replacement"] = self.pick("free", "used", "never")
        if self.likely(20):
            row["made"] = str(self.dice.randint(1, 4))
        if self.likely(15):
            row["acquisition_id"] = f"{self.prefix}Q{self.pick(1, 2)}"
        self.files["opening_lots.csv"].append(row)
        self.lots.append([account, lot, security, float(quantity), acquired, acquired, held])

    def opening_family(self):
        """Parts of a lot as another ledger left them: some of them, of their parents and of its names are gone. A part
        is made after what it is a part of, the second after the first."""
        account, security, lot = self.account(), self.security(), self.next_id("O")
        acquired = self.day_before(self.anchor - datetime.timedelta(DAYS_BEFORE_ANCHOR))
        rows, told, first = [], self.likely(70), self.dice.randint(1, 3)
        for name in self.pick(("", ".1", ".2", ".1.1", ".2.1"), ("", ".1", ".1.1", ".2", ".2.1")):
            if self.likely(45):
                continue
            quantity = self.quantity()
            row = {"account_id": account, "lot_id": lot + name, "quantity": quantity, "acquired_on": str(acquired),
                   "security_id": self.security() if self.likely(10) else security,
                   "cost_basis": self.dollars(quantity, self.price(8, 20)), "parts": self.pick("", "", "1", "2", "7"),
                   "replacement": self.pick("free", "used", "never", ""),
                   "made": str(first + len(rows)) if told else ""}
            if name:
                row["parent_lot_id"] = (lot + name).rpartition(".")[0]
                row["first_lot_id"] = self.pick(lot, lot, lot, "", "another")
            if self.likely(20):
                row["acquisition_id"] = f"{self.prefix}Q{self.pick(1, 2)}"
            rows.append(row)
            self.lots.append([account, lot + name, row["security_id"], float(quantity), acquired, acquired, acquired])
        if rows and self.likely(4):  # a circle
            rows[0].update(parent_lot_id=rows[-1]["lot_id"], first_lot_id="")
            rows[-1].update(parent_lot_id=rows[0]["lot_id"], first_lot_id="")
        if told:
            self.dice.shuffle(rows)
        self.files["opening_lots.csv"] += rows
        if rows and self.likely(15):  # one that is gone may be named
            self.lots.append([account, lot + self.pick("", ".1"), security, 5.0, acquired, acquired, acquired])

    def move(self, kind, day, account, security, quantity, **cells):
        row = {"transaction_id": self.next_id("E"), "account_id": account, "trade_date": str(day), "kind": kind,
               "security_id": security, "quantity": quantity, **cells}
        self.files["transactions.csv"].append(row)
        return row

    def event(self):
        kinds = ["buy"] * 8 + ["sell"] * 9 + ["reinvest"] * 2
        if not self.plain:
            kinds += ["gift_in", "inherit", "spouse_in", "transfer_in"]
            kinds += ["outside"] * 3 + ["action"] * 4 + ["moved"] * 5
        kind = self.pick(*kinds)
        {"sell": self.sell, "moved": self.moved, "outside": self.outside, "action": self.action}.get(
            kind, lambda: self.arrival(kind))()

    def arrival(self, kind):
        day, account, security, quantity = self.day(), self.account(), self.security(), self.quantity()
        lot = self.next_id("L")
        cells = {"lot_id": lot}
        acquired = day
        if kind in ("buy", "reinvest"):
            cells["amount"] = self.dollars(quantity, self.price())
            if self.likely(10):
                del cells["lot_id"]
                lot = f"{self.prefix}E{self.count + 1}"
        else:
            cells["acquired_on"] = str(self.day_before(day))
            acquired = datetime.date.fromisoformat(cells["acquired_on"]) if kind in ("transfer_in", "inherit") else day
            if self.likely(92):
                cells["cost_basis"] = self.dollars(quantity, self.price())
            if kind in ("gift_in", "inherit"):
                cells["fair_value"] = self.dollars(quantity, self.price())
            if kind == "inherit":
                del cells["cost_basis" if "cost_basis" in cells else "acquired_on"]
                acquired = acquired if "acquired_on" in cells else day
        self.move(kind, day, account, security, quantity, **cells)
        held = datetime.date.fromisoformat(cells["acquired_on"]) if kind in ("gift_in", "spouse_in") else acquired
        self.lots.append([account, lot, security, float(quantity), acquired, day, held])

    def part(self, quantity):
        if quantity <= 0:
            return "1"
        part = self.pick(quantity, quantity, quantity / 2, quantity * self.dice.random(), quantity + 5 if self.likely(
            20) else quantity)
        return f"{max(part, 0.000001):.6f}".rstrip("0").rstrip(".")

    def sell(self):
        if not self.lots:
            return self.arrival("buy")
        lot = self.pick(*[lot for lot in self.lots if lot[3]] or self.lots)
        whole = self.likely(30)
        held = sum(other[3] for other in self.lots if (other[0], other[2]) == (lot[0], lot[2])) if whole else lot[3]
        quantity = self.part(held)
        cells = {"amount": self.dollars(quantity, self.price(3, 12))}
        if not whole and self.likely(60):
            cells["lot_id"] = lot[1] + (self.pick(".1", ".2", "") if self.likely(8) else "")
        else:
            cells["method"] = self.pick("", "fifo", "lifo", "hifo", "min_tax")
        self.move("sell", self.day_after(lot[5]), lot[0], lot[2], quantity, **cells)
        left = float(quantity)
        for other in [lot, *self.lots]:
            if (other[0], other[2]) == (lot[0], lot[2]):
                gone = min(left, other[3])
                other[3], left = other[3] - gone, left - gone

    def moved(self):
        """Shares that leave one account and arrive, mostly the same day, in others: some in part, some twice, some with
        a basis that is not theirs, some at the spouse's, some by the day that a giver had them; to some of them
        something happens on the way."""
        if not self.lots:
            return self.arrival("buy")
        lot = self.pick(*[lot for lot in self.lots if lot[3]] or self.lots)
        day, sent = self.day_after(lot[5]), 0.0
        for _ in range(self.pick(1, 1, 1, 2)):  # two that leave may arrive as one
            quantity = self.part(lot[3])
            named = {"lot_id": lot[1]} if self.likely(60) else {"method": self.pick("", "lifo", "hifo")}
            self.move("transfer_out", day, lot[0], lot[2], quantity, **named)
            lot[3] = max(0.0, lot[3] - float(quantity))
            sent += float(quantity)
        slow = self.likely(35)
        if slow:
            self.action(lot[2], day + datetime.timedelta(self.pick(0, 1, 2)))
        if self.likely(15):
            return
        for _ in range(self.pick(1, 1, 2, 3)):
            kind = "spouse_in" if self.likely(25) else "transfer_in"
            account, id = self.account(), self.next_id("L")
            acquired = self.pick(lot[4], lot[4], lot[4], lot[6]) if self.likely(88) else self.day_before(day)
            there = day + datetime.timedelta(self.pick(2, 3, 29) if slow else self.pick(0, 0, 0, 2, 29))
            quantity = self.part(sent)
            cells = {} if self.likely(35) else {"cost_basis": self.dollars(quantity, self.price())}
            self.move(kind, there, account, lot[2], quantity, lot_id=id, acquired_on=str(acquired), **cells)
            self.lots.append([account, id, lot[2], float(quantity), acquired, there, acquired])
            sent -= float(quantity)
            if there == day and self.likely(5):  # told before it left
                moves = self.files["transactions.csv"]
                moves[-1], moves[-2] = moves[-2], moves[-1]
            if sent <= 0 and self.likely(90):
                break

    def outside(self):
        quantity = self.quantity()
        cells = self.pick({"amount": self.dollars(quantity, self.price())}, {}, {"acquired_on": str(self.day())})
        self.move(self.pick("buy", "reinvest"), self.day(), self.prefix + "OUT", self.security(), quantity,
                  outside="yes", taxpayer_id=self.pick(*self.payers), **cells)

    def action(self, security=None, day=None):
        kind = self.pick("split", "reverse_split", "stock_dividend", "spin_off", "merger", "symbol_change",
                         "return_of_capital")
        security, day = security or self.security(), day or self.day()
        new = self.pick(*[other for other in self.securities if other != security])
        row = {"action_id": self.next_id("C"), "security_id": security, "effective_on": str(day), "kind": kind,
               "status": "pending" if self.likely(4) else "applied"}
        ratio = {"split": ("2", "3", "1.5"), "reverse_split": ("0.5", "0.1", "0.333333333333"),
                 "stock_dividend": ("1.05", "1.1"), "spin_off": ("0.25", "1", "0.5"), "merger": ("1.5", "0.7", "1", "")}
        if kind in ratio:
            row["ratio"] = self.pick(*ratio[kind])
        if kind in ("split", "reverse_split", "stock_dividend") and self.likely(50):
            row[self.pick("cash_per_share", "fair_value_new")] = f"{self.price():.2f}"
        if kind in ("spin_off", "symbol_change") or (kind == "merger" and row["ratio"]):
            row["new_security_id"] = new
        if kind == "spin_off":
            row["basis_fraction"] = self.pick("0.2", "0.333333333333", "0", "1")
            if self.likely(50):
                row["fair_value_new"] = f"{self.price():.2f}"
        if kind == "merger":
            if not row["ratio"] or self.likely(40):
                row["cash_per_share"] = f"{self.price(1, 12):.2f}"
            if row["ratio"] and (self.likely(40) or "cash_per_share" in row):
                row["fair_value_new"] = f"{self.price():.2f}"
        if kind == "return_of_capital":
            row["cash_per_share"] = self.pick("1", "0.333333", "9")
        self.files["corporate_actions.csv"].append(row)

    # ---- what goes wrong in a firm's files

    def spoil(self):
        moves = self.files["transactions.csv"]
        if not moves:
            return
        if self.likely(12):
            back = self.pick(*moves, *self.files["corporate_actions.csv"])
            id = back.get("transaction_id") or back["action_id"]
            moves.append({"transaction_id": self.next_id("R"), "reverses": id})
            if self.likely(25):
                moves.append({"transaction_id": self.next_id("R"), "reverses": moves[-1]["transaction_id"]})
        if self.likely(8):
            moves.insert(self.dice.randint(0, len(moves)), dict(self.pick(*moves)))
        if self.likely(12):
            self.spoil_a_cell(self.pick(*moves))
        if self.likely(4):
            self.name_nearly(self.pick(*self.files.values()))
        if self.likely(4):
            self.too_much()
        if self.likely(4) and self.files["corporate_actions.csv"]:
            self.tell_otherwise(self.pick(*self.files["corporate_actions.csv"]))
        if self.likely(3) and self.files["corporate_actions.csv"]:
            self.pick(*self.files["corporate_actions.csv"]).update(self.pick(
                {"ratio": "two"}, {"ratio": ""}, {"ratio": "0"}, {"kind": "divide"}, {"effective_on": "soon"},
                {"new_security_id": "nothing"}, {"new_security_id": ""}, {"cash_per_share": "-1"}, {"status": ""},
                {"basis_fraction": "1.5"}, {"basis_fraction": ""}, {"fair_value_new": ""}, {"security_id": ""},
                {"cash_per_share": ""}))
        if self.likely(2) and self.files["opening_lots.csv"]:
            self.pick(*self.files["opening_lots.csv"]).update(self.pick(
                {"quantity": "0"}, {"cost_basis": "much"}, {"acquired_on": ""}, {"account_id": "nobody"},
                {"security_id": ""}, {"lot_id": ""}, {"held_from": "2031-01-01"}, {"made": "0"}, {"made": "1.5"},
                {"parts": "none"}, {"replacement": "maybe"}))

    def name_nearly(self, rows):
        """A name but for blanks, leading zeros and capitals."""
        row = self.pick(*rows) if rows else {}
        known = [name for name in ("account_id", "security_id", "new_security_id") if row.get(name)]
        if known and "tax_treatment" not in row and "kind" in row | {"kind": "lot"} and "quantity_step" not in row:
            name = self.pick(*known)
            row[name] = self.pick(" " + row[name], row[name] + " ", "0" + row[name], row[name].swapcase())

    def too_much(self):
        """More dollars than a ledger holds: alone, or as far as it is not taken back."""
        row = self.move("buy", self.day(), self.account(), self.security(), "1", amount="4000000000000.000001")
        if self.likely(60):
            row["amount"] = "3999999999999"
            self.files["transactions.csv"].append({"transaction_id": self.next_id("R"),
                                                   "reverses": row["transaction_id"]})

    def tell_otherwise(self, row):
        """The same corporate action again, mostly with other words."""
        if self.likely(50):
            row["status"] = "pending"
        self.files["corporate_actions.csv"].append({**row, **self.pick(
            {}, {"status": "applied"}, {"cash_per_share": "2.5"}, {"effective_on": str(self.day())})})

    def spoil_a_cell(self, row):
        fault = self.pick(("quantity", "ten"), ("quantity", ""), ("quantity", "-3"), ("trade_date", "2025-02-30"),
                          ("trade_date", ""), ("kind", "bought"), ("account_id", "nobody"), ("security_id", "nothing"),
                          ("security_id", ""), ("amount", "1,000"), ("quantity", "0"), ("method", "best"),
                          ("cost_basis", "much"),
                          ("transaction_id", self.files["transactions.csv"][0]["transaction_id"]))
        if not row.get("reverses"):
            row[fault[0]] = fault[1]


def history(seed, number, anchor=None):
    """Histories that share a folder share an anchor: its first day that plays is one for all opening lots."""
    return Maker(seed, number, anchor).make()


def together(seed, numbers):
    """{number: history} of histories that may share a folder."""
    anchor = random.Random(f"{seed}:{min(numbers)}:anchor").choice(ANCHORS)
    return {number: history(seed, number, datetime.date.fromisoformat(anchor)) for number in numbers}


def number_in(name):
    """The number of the history whose account this is."""
    digits = name[1:]
    return int(digits[:next(i for i, letter in enumerate(digits) if not letter.isdigit())])


def joined(histories):
    """Many histories as one folder's files, and the history of each line: {(file, line): number}."""
    files, whose = {name: [] for name in COLUMNS}, {}
    for number, one in histories.items():
        for name, rows in one.items():
            for row in rows:
                files[name].append(row)
                whose[name, len(files[name]) + 1] = number
    return files, whose


def write(files, settings, folder):
    os.makedirs(folder, exist_ok=True)
    for name, rows in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS[name].split(), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    if settings:
        with open(os.path.join(folder, "ledger_settings.csv"), "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([("setting", "value"), *settings])
