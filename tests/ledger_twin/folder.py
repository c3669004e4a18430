"""The ledger's folder as values: every cell read exactly, every bad row a finding that says what it keeps from playing.

Amounts, prices and quantities are whole millionths (int), ratios fractions, dates datetime.date."""
import csv
import datetime
import gzip
import os
import re
from dataclasses import dataclass, field
from fractions import Fraction

MILLION = 10 ** 6
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ARRIVALS = ("buy", "reinvest", "transfer_in", "gift_in", "inherit", "spouse_in")
DEPARTURES = ("sell", "transfer_out")
METHODS = ("fifo", "lifo", "hifo", "min_tax")
SPLITS = ("split", "reverse_split", "stock_dividend")
ACTIONS = SPLITS + ("merger", "spin_off", "symbol_change", "return_of_capital")
SUM_MOST = 4 * 10 ** 12 * MILLION
CHILD = re.compile(r"(.*)\.\d+")


class Unsound(Exception):
    """A cell that cannot be used; says under which rule."""

    def __init__(self, column, rule):
        super().__init__(column, rule)
        self.column, self.rule = column, rule


def number(text, column, decimals=6):
    if not NUMBER.fullmatch(text):
        raise Unsound(column, "data_number_unreadable")
    value = Fraction(text) * 10 ** decimals
    if value.denominator != 1:
        raise Unsound(column, "data_number_unreadable")
    return int(value)


def folded(name):
    return name.strip().lstrip("0").lower()


def meant(name, known):
    """The known name that is meant, but for blanks around it, leading zeros and capitals; "" where none is."""
    return name if name in known else next((other for other in known if folded(other) == folded(name)), "")


def day(text, column):
    if DAY.fullmatch(text):
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            pass
    raise Unsound(column, "data_date_unreadable")


class Row:
    """One line of a file: cells by the names of the columns; a missing column is an empty cell."""

    def __init__(self, file, line, cells):
        self.file, self.line, self.cells = file, line, cells

    def text(self, column):
        return self.cells.get(column, "")

    def needed(self, column):
        if not self.text(column):
            raise Unsound(column, "data_value_missing")
        return self.text(column)

    def number(self, column, otherwise=None, decimals=6, least=None):
        if not self.text(column):
            return otherwise
        value = number(self.text(column), column, decimals)
        if least is not None and value < least:
            raise Unsound(column, "data_number_out_of_range")
        return value

    def positive(self, column, decimals=6):
        self.needed(column)
        return self.number(column, decimals=decimals, least=1)

    def count(self, column):
        """A whole number from 1 to a billion; None where the cell is empty."""
        if self.text(column) and not self.text(column).isdigit():
            raise Unsound(column, "data_number_unreadable")
        value = int(self.text(column)) if self.text(column) else None
        if value is not None and not 1 <= value <= 10 ** 9:
            raise Unsound(column, "data_number_out_of_range")
        return value

    def day(self, column, otherwise=None):
        return day(self.text(column), column) if self.text(column) else otherwise

    def word(self, column, words, otherwise=None):
        word = self.text(column) or otherwise
        if word is None:
            raise Unsound(column, "data_value_missing")
        if word not in words:
            raise Unsound(column, "data_word_unknown")
        return word


@dataclass
class Taxpayer:
    id: str
    rate_short: int = 0  # of 10^12
    rate_long: int = 0
    carried_short: int = 0
    carried_long: int = 0
    limit: int = 3000 * MILLION
    spouses: set = field(default_factory=set)


@dataclass
class Account:
    id: str
    taxable: bool
    owners: set  # taxpayers whose account it is
    payer: str  # the one that is named; "" where the household's are meant


@dataclass
class Security:
    id: str
    group: str
    step: int


@dataclass
class Event:
    """A row that plays, or one that cannot: then `rule` says why, and `position` what is held from its date on."""
    row: Row
    on: datetime.date
    order: tuple  # place in the order of play
    kind: str = ""
    position: tuple = None  # (account, security); either may be "" for all
    rule: str = ""
    facts: dict = field(default_factory=dict)


@dataclass
class Folder:
    taxpayers: dict = field(default_factory=dict)
    accounts: dict = field(default_factory=dict)
    securities: dict = field(default_factory=dict)
    opening: list = field(default_factory=list)  # events of kind "opening"
    events: list = field(default_factory=list)  # in the order of play
    settings: dict = field(default_factory=dict)
    findings: set = field(default_factory=set)  # (file, line, rule)
    not_played: list = field(default_factory=list)  # opening lots and transactions that stand and cannot play


def rows_of(folder, name):
    path = os.path.join(folder, name)
    if os.path.exists(path):
        file = open(path, encoding="utf-8", newline="")
    elif os.path.exists(path + ".gz"):
        file = gzip.open(path + ".gz", "rt", encoding="utf-8", newline="")
    else:
        return []
    with file:
        reader = csv.reader(file)
        header = next(reader)
        rows = []
        for cells in reader:
            if cells:
                rows.append(Row(name, reader.line_num, dict(zip(header, cells))))
    return rows


def read_people(folder, read):
    for row in rows_of(folder, "taxpayers.csv"):
        rate = lambda column: row.number(column, 0, decimals=12)
        read.taxpayers[row.text("taxpayer_id")] = Taxpayer(
            row.text("taxpayer_id"), rate("rate_short"), rate("rate_long"), row.number("carryforward_short", 0),
            row.number("carryforward_long", 0), row.number("ordinary_loss_limit", 3000 * MILLION))
    for row in rows_of(folder, "taxpayers.csv"):
        if row.text("spouse_id"):
            read.taxpayers[row.text("taxpayer_id")].spouses.add(row.text("spouse_id"))
            read.taxpayers[row.text("spouse_id")].spouses.add(row.text("taxpayer_id"))
    households = {}
    rows = rows_of(folder, "accounts.csv")
    for row in rows:
        if row.text("taxpayer_id"):
            household = row.text("household_id") or row.text("account_id")
            households.setdefault(household, set()).add(row.text("taxpayer_id"))
    for row in rows:
        household = row.text("household_id") or row.text("account_id")
        owners = {row.text("taxpayer_id")} if row.text("taxpayer_id") else households.get(household, set())
        if owners and not row.text("taxpayer_id"):
            read.findings.add((row.file, row.line, "wash_sale_linked_by_household"))
        read.accounts[row.text("account_id")] = Account(
            row.text("account_id"), row.text("tax_treatment") == "taxable", owners, row.text("taxpayer_id"))


def read_securities(folder, read):
    for row in rows_of(folder, "securities.csv"):
        security = row.text("security_id")
        read.securities[security] = Security(security, "group " + row.text("identical_group") if row.text(
            "identical_group") else "alone " + security, row.number("quantity_step", MILLION))


def lot_facts(row):
    basis = row.number("cost_basis", least=0)
    if row.day("held_from", row.day("acquired_on")) > row.day("acquired_on"):
        raise Unsound("held_from", "data_dates_reversed")
    loss_basis = row.number("loss_basis", least=0)
    replacement = row.word("replacement", ("free", "used", "never"), "free" if loss_basis is None else "never")
    row.count("made")
    return {"lot": row.needed("lot_id"), "quantity": row.positive("quantity"), "basis": basis,
            "acquired_on": row.day("acquired_on"), "held_from": row.day("held_from", row.day("acquired_on")),
            "loss_basis": loss_basis, "loss_held_from": row.day("loss_held_from"),
            "bought": replacement != "never", "used": replacement == "used", "parts": row.count("parts") or 0}


class Family:
    """Which of the sound opening lots were parts of which (conventions, 32)."""

    def __init__(self, events, opening):
        rows = [event.row for event in events]
        self.accounts = {event.row.line: event.position[0] for event in opening}  # as meant, where nearly named
        self.rows = {(self.account(row), row.text("lot_id")): row for row in rows}
        self.above = {}  # of lots that are gone: the lot they were a part of
        for row in rows:
            self.tell_of_those_between(row)

    def account(self, row):
        return self.accounts[row.line]

    def tell_of_those_between(self, row):
        account, ids, first = self.account(row), [row.text("parent_lot_id")], row.text("first_lot_id")
        while first and ids[-1] != first:
            above = CHILD.fullmatch(ids[-1])
            if not above:
                return
            ids.append(above[1])
        self.above.update({(account, id): parent for id, parent in zip(ids, ids[1:]) if (account, id) not in self.rows})

    def is_in_a_circle(self, row):
        own, seen, id = row.text("lot_id"), [], row.text("parent_lot_id")
        while id and id not in [own, *seen] and (self.account(row), id) in self.rows:
            seen.append(id)
            id = self.rows[self.account(row), id].text("parent_lot_id")
        return bool(id) and id == own

    def of(self, row):
        """The lot's parent, the first of its ancestors, those that are gone with their parents, its acquisition."""
        account, own = self.account(row), row.text("lot_id")
        line, gone, acquisition, id = [], [], row.text("acquisition_id"), row.text("parent_lot_id")
        while id and id not in [own, *line]:
            line.append(id)
            known = self.rows.get((account, id))
            id = known.text("parent_lot_id") if known else self.above.get((account, id), "")
            if known:
                acquisition = acquisition or known.text("acquisition_id")
            else:
                gone.append((line[-1], id))
        return {"parent": row.text("parent_lot_id"), "first": line[-1] if line else "", "ancestors": gone,
                "acquisition": acquisition or f"{account}/{line[-1] if line else own}"}


def transaction_facts(row):
    """What a transaction needs by its kind (conventions of the ledger, 11)."""
    kind = row.word("kind", ARRIVALS + DEPARTURES)
    facts = {"quantity": row.positive("quantity"), "lot": row.text("lot_id"),
             "method": row.word("method", METHODS, "fifo"), "amount": row.number("amount", least=0),
             "basis": row.number("cost_basis", least=0), "fair_value": row.number("fair_value", least=0),
             "acquired_on": row.day("acquired_on")}
    facts["lot"] = facts["lot"] if kind in DEPARTURES else facts["lot"] or row.needed("transaction_id")
    if row.text("outside") == "yes":
        return facts  # it counts as a replacement alone
    if kind in ("buy", "reinvest", "sell"):
        row.needed("amount")
    if kind in DEPARTURES:
        return facts
    if kind in ("buy", "reinvest"):
        facts["basis"] = facts["amount"]
    if facts["acquired_on"] and facts["acquired_on"] > row.day("trade_date"):
        raise Unsound("acquired_on", "data_dates_reversed")
    if kind in ("transfer_in", "gift_in", "spouse_in"):
        row.needed("acquired_on")
    if kind == "gift_in":
        row.needed("fair_value")
    return facts


def place_of(row, read):
    """(the position that a transaction or lot concerns, "" or the rule that a name was told by, which is only nearly
    that of one known). Other unknown names concern nobody."""
    account, security, rule = row.needed("account_id"), row.text("security_id"), ""
    if account not in read.accounts and row.text("outside") != "yes":
        account, rule = meant(account, read.accounts), "data_reference_unknown"
        if not account:
            raise Unsound("account_id", rule)
    if security and security not in read.securities:
        security, rule = meant(security, read.securities), "data_reference_unknown"
        if not security:
            raise Unsound("security_id", rule)
    return (account, security), rule


def transaction(row, order, read, rule):
    event = Event(row, datetime.date.min, order)
    try:
        event.position, near = place_of(row, read)
    except Unsound as fault:
        read.findings.add((row.file, row.line, fault.rule))
        read.not_played.append(row)
        return None
    try:
        row.needed("trade_date")
        event.on = row.day("trade_date")
        event.kind = row.word("kind", ARRIVALS + DEPARTURES)
        row.needed("security_id")
        event.facts = transaction_facts(row)
    except Unsound as fault:
        event.rule = fault.rule
    event.rule = rule or near or event.rule
    event.order = (event.on, 1, order)
    if row.text("outside") == "yes":
        if event.rule or event.kind not in ("buy", "reinvest") or row.text("taxpayer_id") not in read.taxpayers:
            read.findings.add((row.file, row.line, event.rule or "ledger_outside_row"))
            read.not_played.append(row)
            return None
        event.kind = "outside"
        event.facts["owner"] = row.text("taxpayer_id")
    return event


def action_facts(row, read):
    """Every cell of the action as a value."""
    ratio = row.positive("ratio", 12) if row.text("ratio") else None
    facts = {"new": row.text("new_security_id"), "price_new": row.number("fair_value_new", least=0),
             "cash": row.number("cash_per_share", least=0), "ratio": ratio and Fraction(ratio, 10 ** 12),
             "fraction": Fraction(row.number("basis_fraction", 0, decimals=12, least=0), 10 ** 12)}
    if facts["fraction"] > 1:
        raise Unsound("basis_fraction", "data_number_out_of_range")
    if facts["new"] and facts["new"] not in read.securities:
        raise Unsound("new_security_id", "data_reference_unknown")
    return facts


def check_action(row, kind, facts):
    """What an action needs by its kind, and what would say two things at once (conventions, 12)."""
    if kind in SPLITS + ("spin_off",) or (kind == "merger" and facts["cash"] is None):
        row.needed("ratio")
    ratio, new = facts["ratio"], facts["new"]
    if kind in SPLITS and (ratio == 1 or (ratio < 1) != (kind == "reverse_split")):
        raise Unsound("ratio", "ledger_action_unplayable")
    if ratio and kind in ("symbol_change", "return_of_capital"):
        raise Unsound("ratio", "ledger_action_unplayable")
    exchanged = kind in ("spin_off", "symbol_change") or (kind == "merger" and ratio)
    if exchanged:
        row.needed("new_security_id")
    if new == row.text("security_id") or (new and not exchanged):
        raise Unsound("new_security_id", "ledger_action_unplayable")
    if kind == "spin_off":
        row.needed("basis_fraction")
    if kind == "return_of_capital":
        row.positive("cash_per_share")
    if kind == "merger" and ratio and facts["cash"]:
        row.needed("fair_value_new")


def action(row, order, read, rule):
    """A pending action has not happened: what cannot be read of it is told, and nothing waits for it."""
    event = Event(row, datetime.date.min, order)
    security, new = row.text("security_id"), row.text("new_security_id")
    event.position = ("", meant(security, read.securities))
    event.facts = {"new": meant(new, read.securities)}
    pending = row.text("status") == "pending"
    try:
        row.needed("effective_on")
        event.on = row.day("effective_on")
        row.needed("security_id")
        if security not in read.securities:
            raise Unsound("security_id", "data_reference_unknown")
        row.word("status", ("applied", "pending"))
        event.kind = row.word("kind", ACTIONS)
        facts = action_facts(row, read)
        if not pending:
            check_action(row, event.kind, facts)
            event.facts = facts
    except Unsound as fault:
        event.rule = fault.rule
    contradicted = rule == "data_key_duplicate"
    if contradicted:  # one that is not pending is among them
        event.rule = rule
    elif pending:
        if rule or event.rule:
            read.findings.add((row.file, row.line, rule or event.rule))
        return None
    event.rule = rule or event.rule
    event.order = (event.on, 0, order)
    return event


def without_reversed(rows):
    """Conventions, 16: what was taken back is as if it never was; a reversal taken back restores."""
    rows = list(rows)
    reversals = {row.text("transaction_id"): row for row in rows if row.text("reverses")}
    named = {row.text("reverses"): row for row in reversals.values()}

    def stands(id):
        return id not in named or not stands(named[id].text("transaction_id"))

    def is_gone(row):
        id = row.text("transaction_id") or row.text("action_id")
        return bool(row.text("reverses")) or not stands(id)

    return [row for row in rows if not is_gone(row)], list(reversals.values())


def content(row):
    """What a row says; whose account it was elsewhere says nothing."""
    return {**row.cells, "account_id": ""} if row.text("outside") == "yes" else row.cells


def once(rows, key, read):
    """Equal rows of one id play once; different ones not at all. Where they are all pending nobody is held."""
    by_id = {}
    for row in rows:
        by_id.setdefault(row.text(key), []).append(row)
    kept = []
    for row in rows:
        same = by_id[row.text(key)]
        if not row.text(key):
            kept.append((row, "data_value_missing"))
        elif any(content(other) != content(row) for other in same):
            if all(other.text("status") == "pending" for other in same):
                read.findings.add((row.file, row.line, "data_key_duplicate"))
                kept.append((row, ""))
            else:
                kept.append((row, "data_key_duplicate"))
        elif same[0] is row:
            kept.append((row, ""))
    return kept


def read_events(folder, read):
    moves, actions = rows_of(folder, "transactions.csv"), rows_of(folder, "corporate_actions.csv")
    known = {row.text("transaction_id") for row in moves} | {row.text("action_id") for row in actions}
    for row in moves:
        if row.text("reverses") and row.text("reverses") not in known:
            read.findings.add((row.file, row.line, "data_reference_unknown"))
    standing, _ = without_reversed(moves + actions)
    for file, key, make in (("corporate_actions.csv", "action_id", action),
                            ("transactions.csv", "transaction_id", transaction)):
        for order, (row, rule) in enumerate(once([row for row in standing if row.file == file], key, read)):
            event = make(row, order, read, rule)
            if event:
                read.events.append(event)
    read.events.sort(key=lambda event: event.order)


def refuse_late_openings(read):
    """Conventions, 42: what is there before everything was not acquired after its position first plays."""
    first = {}
    for event in read.events:
        if not event.rule and event.kind != "outside":
            first[event.position] = min(first.get(event.position, event.on), event.on)
    for event in read.opening:
        days = filter(None, (first.get(event.position), first.get(("", event.position[1]))))
        if not event.rule and event.facts["acquired_on"] > min(days, default=datetime.date.max):
            event.rule = "ledger_opening_late"


def limit_sums(read):
    """Conventions, 35: row by row, what brings the sum of a ledger's dollars or shares beyond what it holds."""
    dollars = sum(abs(payer.carried_short) + abs(payer.carried_long) for payer in read.taxpayers.values())
    shares = 0
    moves = [event for event in read.events if event.row.file == "transactions.csv"]
    for event in read.opening + sorted(moves, key=lambda one: one.row.line):
        if event.rule:
            continue
        columns = ("cost_basis", "loss_basis") if event.kind == "opening" else ("amount", "cost_basis", "fair_value")
        more = sum(event.row.number(column, 0) for column in columns)
        if shares + event.facts["quantity"] > SUM_MOST or dollars + more > SUM_MOST:
            event.rule = "data_number_out_of_range"
        else:
            shares, dollars = shares + event.facts["quantity"], dollars + more
    for event in [event for event in moves if event.rule and event.kind == "outside"]:
        read.findings.add((event.row.file, event.row.line, event.rule))
        read.events.remove(event)
        read.not_played.append(event.row)


def read_opening(folder, read):
    rows = rows_of(folder, "opening_lots.csv")
    names = [(row.text("account_id"), row.text("lot_id")) for row in rows]
    for order, row in enumerate(rows):
        event = Event(row, datetime.date.min, (), "opening")
        made = row.text("made")
        event.order = (datetime.date.min, -1, int(made) if made.isdigit() else 10 ** 10, order)
        try:
            event.position, near = place_of(row, read)
            row.needed("security_id")
            row.needed("acquired_on")
            event.facts = lot_facts(row)
            if names.count(names[order]) > 1:
                raise Unsound("lot_id", "data_key_duplicate")
            event.rule = near
        except Unsound as fault:
            event.rule = fault.rule
        if event.position is None:
            read.findings.add((row.file, row.line, event.rule))
            read.not_played.append(row)
        else:
            read.opening.append(event)
    link_parts(read)


def link_parts(read):
    sound = [event for event in read.opening if not event.rule]
    family = Family(read.opening, read.opening)
    for event in sound:
        if family.is_in_a_circle(event.row):
            event.rule = "data_reference_unknown"
    family = Family([event for event in sound if not event.rule], read.opening)
    for event in sound:
        event.facts.update(family.of(event.row))


def read_folder(folder):
    read = Folder()
    read.settings = {row.text("setting"): row.text("value") for row in rows_of(folder, "ledger_settings.csv")}
    read_people(folder, read)
    read_securities(folder, read)
    read_opening(folder, read)
    read_events(folder, read)
    limit_sums(read)
    refuse_late_openings(read)
    read.not_played += [event.row for event in read.opening + read.events
                        if event.rule and event.row.file != "corporate_actions.csv"]
    return read
