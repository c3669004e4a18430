"""The second opinion on the tax ledger: the past played by the letter of the regulations, slowly.

Wash sales are read as Reg. 1.1091-1 writes them: the losses one after another in the order of disposition, and for each
the shares acquired in its 61 days in the order of acquisition, past and future together. To know the future, the past
is played again and again until what was acquired in one playing is what was foreseen in it.

    twin.py FOLDER OUT      writes what `lotwright ledger FOLDER --out OUT` writes"""
import csv
import datetime
import os
import sys
from dataclasses import dataclass, field, replace
from fractions import Fraction

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from ledger_twin import law  # noqa: E402
from ledger_twin.folder import (  # noqa: E402
    ARRIVALS, DEPARTURES, MILLION, SPLITS, Event, Unsound, meant, read_folder)

COLUMNS = {"lots.csv": "account_id lot_id security_id quantity cost_basis acquired_on held_from parent_lot_id "
                        "loss_basis loss_held_from first_lot_id acquisition_id replacement made parts",
            "form8949.csv": "account_id lot_id security_id quantity acquired_on sold_on term proceeds cost_basis code "
                            "adjustment gain open_until",
            "schedule_d.csv": "taxpayer_id year short long carryforward_short carryforward_long ordinary_offset",
            "findings.csv": "file line column value rule message"}
SHARES_MOST = 4 * 10 ** 12 * MILLION


class Bad(Exception):
    """The row cannot be played as things stand."""


@dataclass
class Lot:
    account: str
    id: str
    security: str
    quantity: int
    basis: int  # None: unknown
    acquired_on: datetime.date
    held_from: datetime.date
    parent: str = ""
    loss_basis: int = None
    loss_held_from: datetime.date = None
    made: tuple = ()  # order of making
    acquisition: str = ""  # lots of one acquisition are "the lot" of Rev. Rul. 56-602
    bought: bool = False  # by purchase: may replace
    used: bool = False  # its shares made a loss nondeductible already
    entered: bool = True  # False: of the opening lots, its day has not come: replaces nothing yet
    first: str = ""  # of a part: the lot without parent that it was once a part of
    parts: int = 0  # the number of the last child made of it
    cash_on_the_way: bool = False  # money came for it while it belonged to no account

    @property
    def replacement(self):
        return "never" if not self.bought else "used" if self.used else "free"


@dataclass
class Sale:
    """A line of Form 8949, and the shares of it that still look for replacements while its window is open."""
    row: object
    account: str
    lot: str
    security: str
    quantity: int
    acquired_on: datetime.date
    held_from: datetime.date
    sold_on: datetime.date
    proceeds: int
    basis: int
    place: tuple
    acquisition: str = ""
    made: tuple = ()  # the lot's order of making
    disallowed: int = 0
    shares: int = 0  # as `quantity`, in shares of today: splits multiply them
    matched: int = 0
    is_open: bool = False  # a loss, and at the end not all of its shares have a replacement

    @property
    def gain(self):
        return None if self.basis is None else self.proceeds - self.basis + self.disallowed

    @property
    def loss(self):
        return 0 if self.basis is None else max(0, self.basis - self.proceeds)

    @property
    def term(self):
        return law.term(self.held_from, self.sold_on)


@dataclass
class Arrival:
    """Shares acquired by purchase, as a playing saw them come in: what the next playing foresees."""
    place: tuple  # index of the event, which of its lots
    account: str
    security: str
    quantity: int
    acquired_on: datetime.date
    acquisition: str


class Playing:
    """One playing of the events of people who have to do with one another."""

    def __init__(self, read, events, foreseen):
        self.read, self.events, self.foreseen = read, events, foreseen
        self.lots, self.sales, self.arrivals, self.findings = [], [], [], set()
        self.promised = {}  # place of an arrival -> [(sale, shares, loss)] in the order promised
        self.held = set()  # positions that no longer play; "" in place of a name means all
        self.named = set()  # positions that a row was about
        self.under_way = []  # (owners, lot) that left by transfer_out; its account is the one left
        self.stamp, self.made = (), 0
        self.days = []  # of the events played
        self.refused = []  # rows that did not play

    # ---- positions

    def is_held(self, account, security):
        return not self.held.isdisjoint({(account, security), (account, ""), ("", security)})

    def open_lots(self, account, security):
        return [lot for lot in self.lots if (lot.account, lot.security) == (account, security) and lot.quantity]

    def add(self, lot):
        """The order of making is that of the events, whoever else they concern, and within one event of the steps."""
        lot.made = (self.stamp, self.made)
        self.made += 1
        self.lots.append(lot)
        return lot

    def child(self, lot, quantity):
        """Makes `quantity` shares of the lot a lot of their own, with their part of its basis."""
        part = self.part_of(lot, quantity)
        self.take(lot, part)
        return self.add(self.as_child(part, lot))

    def as_child(self, part, lot):
        """The part under the next free id of the lot."""
        number, taken = lot.parts + 1, {other.id for other in self.lots if other.account == lot.account}
        while f"{lot.id}.{number}" in taken:
            number += 1
        lot.parts = number
        return replace(part, account=lot.account, id=f"{lot.id}.{number}", parent=lot.id, first=lot.first or lot.id,
                       parts=0)

    @staticmethod
    def part_of(lot, quantity):
        share = lambda whole: None if whole is None else law.share_of(whole, quantity, lot.quantity)
        return replace(lot, quantity=quantity, basis=share(lot.basis), loss_basis=share(lot.loss_basis))

    @staticmethod
    def take(lot, part):
        lot.quantity -= part.quantity
        if lot.basis is not None:
            lot.basis -= part.basis
        if lot.loss_basis is not None:
            lot.loss_basis -= part.loss_basis

    # ---- the order of play

    def play(self, opening):
        for event in opening:
            self.step(-1, event)
        self.days.clear()
        for index, event in enumerate(self.events):
            self.step(index, event)
        for owners, part in self.under_way:
            for sale in self.sales:
                if sale.is_open and part.quantity and part.replacement == "free" and self.may_replace(
                        sale, part.account, part.security, part.acquired_on, part.acquisition):
                    self.findings.add((sale.row.file, sale.row.line, "ledger_not_judged"))
        return self

    def step(self, index, event):
        self.stamp = event.order
        if event.kind == "enter":
            return self.enter(index, event)
        account, security = event.position
        where = (event.row.file, event.row.line)
        self.named.add(event.position)
        if event.rule:
            self.findings.add((*where, event.rule))
            self.held.add(event.position)
            if event.row.file == "corporate_actions.csv" and event.facts["new"]:
                self.held.add(("", event.facts["new"]))
            return
        if event.position[0] and event.kind not in ("outside", "opening") and self.is_held(account, security):
            self.findings.add((*where, "ledger_position_held"))
            self.refused.append(event.row)
            return
        try:
            getattr(self, event.kind if event.kind not in SPLITS else "split")(index, event, **event.facts)
            self.days.append(event.on)
        except Bad as bad:
            self.findings.add((*where, str(bad)))
            self.held.add(event.position)
            self.refused.append(event.row)

    # ---- what comes in

    def lot_is_new(self, account, lot):
        if any((other.account, other.id) == (account, lot) for other in self.lots):
            raise Bad("ledger_lot_twice")

    def arrive(self, index, event, lot, **changes):
        account, security = event.position
        self.lot_is_new(account, lot)
        return self.add(Lot(account, lot, security, **{"acquisition": event.row.text("transaction_id"), **changes}))

    def opening(self, index, event, lot, ancestors, **facts):
        """What was there before everything, and the lots it was once a part of, that are gone."""
        account, security = event.position
        for id, parent in ancestors:
            if not any((other.account, other.id) == (account, id) for other in self.lots):
                self.add(Lot(account, id, security, 0, 0, event.on, event.on, parent=parent))
        self.arrive(index, event, lot, entered=False, **facts)

    def enter(self, index, event):
        """An opening lot replaces losses from the day on which it was acquired."""
        lot = next((one for one in self.lots if (one.account, one.id) == (event.position[0], event.facts["lot"])), None)
        if lot is not None and lot.quantity:
            lot.entered = True
            self.now_here((index, 0), lot)

    def purchase(self, index, event, lot, quantity, basis, acquired_on):
        made = self.arrive(index, event, lot, quantity=quantity, basis=basis, acquired_on=acquired_on,
                           held_from=acquired_on, bought=True)
        self.now_here((index, 0), made)

    def buy(self, index, event, lot, quantity, basis, **_):
        self.purchase(index, event, lot, quantity, basis, event.on)

    reinvest = buy

    def transfer_in(self, index, event, lot, quantity, basis, acquired_on, **_):
        """Shares that left another account of the same people, and others that were bought elsewhere."""
        owners = self.maybe_of(event.position[0])
        self.arrive_as_they_left(index, event, owners, lot, quantity, basis, acquired_on,
                                 acquired_on=acquired_on, bought=True)

    def arrive_as_they_left(self, index, event, owners, lot, quantity, basis, left_as, **elsewhere):
        """What `owners` sent under way arrives as the lots it was, first out, first in; the rest is as the row says."""
        account, security = event.position
        self.lot_is_new(account, lot)
        theirs = [left for left_by, left in self.under_way if left.security == security and owners & left_by]
        found = [left for left in theirs if left.acquired_on == left_as]
        found += [left for left in theirs if left.acquired_on != left_as and not left.bought and
                  left.held_from == left_as]  # a gift is known by the day from which its giver held it, too
        parts, wanted = [], quantity
        for left in found:
            n = min(wanted, left.quantity)
            if n:
                parts.append(self.part_of(left, n))
                self.take(left, parts[-1])
                wanted -= n
                self.judge(event, left, account)
        if wanted:
            rest = None if basis is None else law.share_of(basis, wanted, quantity)
            parts.append(Lot(account, lot, security, wanted, rest, held_from=left_as,
                             acquisition=event.row.text("transaction_id"), **elsewhere))
        made = []
        for part in parts:
            part = replace(part, cash_on_the_way=False)
            made.append(self.add(self.as_child(part, made[0]) if made else replace(
                part, account=account, id=lot, parent="", first="", parts=0)))
        for part, one in enumerate(made):
            self.now_here((index, part), one)

    def judge(self, event, left, account):
        """What a gain of shares that belong to no account is, and shares that change between taxed and untaxed, the
        ledger does not say."""
        taxable = lambda name: self.read.accounts[name].taxable
        if left.cash_on_the_way or taxable(left.account) != taxable(account):
            self.findings.add((event.row.file, event.row.line, "ledger_not_judged"))

    def gift_in(self, index, event, lot, quantity, basis, fair_value, acquired_on, **_):
        """IRC 1015: the donor's basis, for a loss no more than the value at the gift; IRC 1223(2)."""
        dual = basis is not None and fair_value < basis
        self.arrive(index, event, lot, quantity=quantity, basis=basis, acquired_on=event.on, held_from=acquired_on,
                    loss_basis=fair_value if dual else None, loss_held_from=event.on if dual else None)

    def spouse_in(self, index, event, lot, quantity, basis, acquired_on, **_):
        """IRC 1041(b): treated as a gift, at the transferor's basis for gain and loss, which the ledger knows
        where it saw the shares leave the spouse."""
        owners = self.maybe_of(event.position[0])
        spouses = set().union(*(self.read.taxpayers[payer].spouses for payer in owners))
        self.arrive_as_they_left(index, event, spouses, lot, quantity, basis, acquired_on, acquired_on=event.on)

    def inherit(self, index, event, lot, quantity, fair_value, acquired_on, **_):
        """IRC 1014: the value at death; IRC 1223(9): held for more than a year."""
        died = acquired_on or event.on
        held_from = died
        while law.term(held_from, died) != "long_term":
            held_from -= datetime.timedelta(1)
        self.arrive(index, event, lot, quantity=quantity, basis=fair_value, acquired_on=died, held_from=held_from)

    def outside(self, index, event, lot, quantity, owner, **_):
        """A purchase in an account that is not managed here: a replacement whose basis nobody tracks."""
        made = self.add(Lot("outside " + owner, lot, event.position[1], quantity, None, event.on, event.on, bought=True,
                            acquisition=event.row.text("transaction_id")))
        self.now_here((index, 0), made)

    # ---- what goes out

    def chosen(self, account, security, quantity, lot, method, amount):
        """[(lot, shares)] in the order of relief (Reg. 1.1012-1(c); conventions, 4 and 6)."""
        lots = self.open_lots(account, security)
        if lot:
            parts = [one for one in lots if one.id != lot and self.was_part_of(one, lot)]
            lots = [one for one in lots if one.id == lot] + sorted(parts, key=lambda one: one.made)
            if not lots:
                raise Bad("ledger_lot_unknown")
        else:
            lots.sort(key=lambda one: (one.acquired_on, one.made))
            if method == "lifo":
                lots.reverse()
            elif method == "hifo":
                lots.sort(key=lambda one: (one.basis is None, -(self.per_share(one.basis, one.quantity) or 0)))
            elif method == "min_tax":
                lots.sort(key=lambda one: self.tax_per_share(one, law.share_of(
                    amount, one.quantity, quantity)))
        relieved = []
        for one in lots:
            n = min(quantity, one.quantity)
            if n:
                relieved.append((one, n))
                quantity -= n
        if quantity:
            raise Bad("ledger_oversold")
        return relieved

    def was_part_of(self, lot, id):
        by_id = {other.id: other for other in self.lots if other.account == lot.account}
        while lot is not None and lot.parent and lot.parent != id:
            lot = by_id.get(lot.parent)
        return lot is not None and lot.parent == id

    @staticmethod
    def per_share(amount, quantity):
        return None if amount is None else law.share_of(amount, MILLION, quantity)

    def tax_per_share(self, lot, proceeds):
        """What a share of the lot would cost in tax if all of it brought `proceeds`."""
        if lot.basis is None:
            return (1, 0)
        basis, held_from = self.basis_for(lot, proceeds)
        payer = self.read.taxpayers.get(self.read.accounts[lot.account].payer)
        long = law.term(held_from, self.today) == "long_term"
        rate = 0 if payer is None else payer.rate_long if long else payer.rate_short
        return (0, law.share_of(rate, self.per_share(proceeds - basis, lot.quantity), 10 ** 12))

    @staticmethod
    def basis_for(lot, proceeds):
        """IRC 1015(a): (basis that counts, day its period counts from). Between the two bases
        there is neither gain nor loss: the proceeds."""
        if lot.loss_basis is None or proceeds >= lot.basis:
            return lot.basis, lot.held_from
        if proceeds < lot.loss_basis:
            return lot.loss_basis, lot.loss_held_from or lot.acquired_on
        return proceeds, lot.held_from

    def sell(self, index, event, quantity, lot, method, amount, **_):
        account, security = event.position
        self.today = event.on
        relieved = self.chosen(account, security, quantity, lot, method, amount)
        self.find_replacements(index, self.sell_lots(index, event, relieved, amount))

    def sell_lots(self, index, event, relieved, amount):
        """Sells shares of each lot; the lines of Form 8949."""
        left, rows = sum(n for _, n in relieved), []
        for lot, n in relieved:
            proceeds = law.share_of(amount, n, left)
            amount, left = amount - proceeds, left - n
            part = self.part_of(lot, n)
            self.take(lot, part)
            basis, held_from = self.basis_for(part, proceeds)
            rows.append(self.report(index, event, lot, n, proceeds, basis, held_from))
        return rows

    def sell_at(self, index, event, relieved, price):
        """At a price a share every lot brings its own amount."""
        return [sale for lot, n in relieved
                for sale in self.sell_lots(index, event, [(lot, n)], law.share_of(price, n, MILLION))]

    def report(self, index, event, lot, quantity, proceeds, basis, held_from):
        sale = Sale(event.row, lot.account, lot.id, lot.security, quantity, lot.acquired_on, held_from, event.on,
                    proceeds, basis, (index, len(self.sales)), lot.acquisition, lot.made, shares=quantity)
        if self.read.accounts[lot.account].taxable:
            self.sales.append(sale)
            if basis is None:
                self.findings.add((event.row.file, event.row.line, "ledger_basis_unknown"))
        return sale

    def transfer_out(self, index, event, quantity, lot, method, **_):
        account, security = event.position
        self.today = event.on
        for one, n in self.chosen(account, security, quantity, lot, method, 0):
            part = self.part_of(one, n)
            self.take(one, part)
            self.under_way.append((self.maybe_of(account), part))

    def maybe_of(self, account):
        """Whose account it may be: one of nobody in particular also a spouse's of those of its household."""
        account = self.read.accounts[account]
        owners = set(account.owners)
        return owners if account.payer else owners.union(*(self.read.taxpayers[payer].spouses for payer in owners))

    # ---- wash sales

    def group(self, security):
        return self.read.securities[security].group

    def linked(self, sale, account):
        """IRC 1091(a), Rev. Rul. 2008-5, Publication 550: the taxpayer, their IRA, their spouse."""
        sellers = payers_and_spouses(self.read, sale.account)
        owners = {account[len("outside "):]} if account.startswith("outside ") else self.read.accounts[account].owners
        return bool(sellers & owners)

    def may_replace(self, sale, account, security, acquired_on, acquisition):
        if not law.in_window(sale.sold_on, acquired_on) or not self.linked(sale, account):
            return False
        if self.read.settings.get("wash_bought_before") == "exclude" and acquired_on < sale.acquired_on:
            return False
        return self.group(security) == self.group(sale.security) and acquisition != sale.acquisition

    def find_replacements(self, index, sales):
        """Reg. 1.1091-1(b): of one order nobody can tell which lot went first: they go as they were acquired."""
        event = self.stamp
        for sale in sorted(sales, key=lambda one: (one.acquired_on, one.made)):
            self.stamp = (*event, 1, sale.acquired_on, sale.made)
            self.find_replacements_of(index, sale)
        self.stamp = event

    def find_replacements_of(self, index, sale):
        """Reg. 1.1091-1(c), (d): shares in the order of their acquisition, those here and those to come."""
        if not self.read.accounts[sale.account].taxable or not sale.loss:
            return
        here = [lot for lot in self.lots if lot.replacement == "free" and lot.entered and lot.quantity and
                self.may_replace(sale, lot.account, lot.security, lot.acquired_on, lot.acquisition)]
        for lot in sorted(here, key=lambda one: (one.acquired_on, one.made)):
            n = min(lot.quantity, sale.shares - sale.matched)
            if n:
                self.replaced_by(sale, lot, n, self.disallow(sale, n))
        self.look_ahead(index, sale)

    def look_ahead(self, index, sale):
        """Promises shares that later events bring; splits between count old shares as new ones."""
        waits = replace(sale)  # the sale as it will be by then
        for ahead in range(index + 1, len(self.events)):
            event = self.events[ahead]
            self.follow(waits, event)
            for arrival in self.foreseen:
                if arrival.place[0] != ahead or not self.may_replace(waits, arrival.account, arrival.security,
                                                                  arrival.acquired_on, arrival.acquisition):
                    continue
                free = arrival.quantity - sum(n for _, n, _ in self.promised.get(arrival.place, []))
                n = min(free, waits.shares - waits.matched)
                if n > 0:
                    loss = self.disallow(waits, n)
                    self.promised.setdefault(arrival.place, []).append((sale, n, loss))
        sale.disallowed = waits.disallowed
        sale.is_open = waits.matched < waits.shares

    def follow(self, sale, event):
        """What a corporate action does to shares sold that still look for replacements (conventions, 15)."""
        if event.rule or event.position != ("", sale.security):
            return
        if event.kind in SPLITS:
            if law.rounded(sale.shares * event.facts["ratio"]) <= SHARES_MOST:
                sale.shares = law.rounded(sale.shares * event.facts["ratio"])
                sale.matched = law.rounded(sale.matched * event.facts["ratio"])
        elif event.kind == "symbol_change":
            sale.security = event.facts["new"]

    @staticmethod
    def disallow(sale, n):
        """The loss on n more shares is not deductible: its part of the loss."""
        sale.matched += n
        before = sale.disallowed
        sale.disallowed = law.share_of(sale.loss, sale.matched, sale.shares)
        return sale.disallowed - before

    def replaced_by(self, sale, lot, n, loss):
        """IRC 1091(d), 1223(3): the loss goes into the basis and the period of the shares that replace."""
        account = self.read.accounts.get(lot.account)
        if n < lot.quantity:
            lot = self.child(lot, n)
        lot.used = True
        if account is None or not account.taxable:
            return  # Rev. Rul. 2008-5: the loss is gone
        if not account.owners & self.read.accounts[sale.account].owners and self.read.settings.get(
                "wash_spouse_basis") == "lost":
            return
        if lot.basis is not None:
            lot.basis += loss
        lot.held_from = self.tacked(sale, lot)

    def tacked(self, sale, lot):
        way = self.read.settings.get("wash_tacking", "days")
        by_days = law.tacked(lot.held_from, sale.sold_on, sale.held_from)
        by_date = min(lot.held_from, sale.held_from)
        return {"days": by_days, "holding_date": by_date, "later": max(by_days, by_date)}[way]

    def now_here(self, place, lot):
        """Shares foreseen are here: what was promised of them is kept, in the order of the losses."""
        if lot.replacement != "free":
            return
        self.arrivals.append(Arrival(place, lot.account, lot.security, lot.quantity, lot.acquired_on, lot.acquisition))
        for sale, n, loss in self.promised.get(place, []):
            self.replaced_by(sale, lot, n, loss)

    # ---- corporate actions

    def positions(self, event):
        """[[lots in the order of relief]] of each account that has the security, save those that are held, or what is
        to come in is held. An action that would leave a position without shares cannot be played there."""
        security, ratio, new = event.position[1], event.facts["ratio"], event.facts["new"]
        for account in sorted(self.read.accounts):
            lots = self.open_lots(account, security)
            if self.is_held(account, security) and (lots or (account, security) in self.named) or (
                    lots and new and self.is_held(account, new)):
                self.refuse(event, account, "ledger_position_held")
            elif lots:
                lots.sort(key=lambda lot: (lot.acquired_on, lot.made))
                if ratio and not law.rounded(sum(lot.quantity for lot in lots) * ratio):
                    self.refuse(event, account, "ledger_action_unplayable")
                else:
                    yield lots

    def on_the_way(self, event):
        """[[lots in the order of leaving]] that left one account and were acquired on one day."""
        security, ratio, groups = event.position[1], event.facts["ratio"], {}
        for _, part in self.under_way:
            if part.security == security and part.quantity:
                groups.setdefault((part.account, part.acquired_on), []).append(part)
        total = lambda parts: law.rounded(sum(part.quantity for part in parts) * ratio)
        return [parts for parts in groups.values() if not ratio or 0 < total(parts) <= SHARES_MOST]

    def take_off_the_way(self, event):
        for parts in self.on_the_way(event):
            for part in parts:
                part.quantity = 0

    def outside_follows(self, event):
        """Purchases in accounts that are not managed here see the same actions."""
        for lot in self.lots:
            if not lot.account.startswith("outside ") or lot.security != event.position[1]:
                continue
            if event.kind in SPLITS:
                quantity = law.rounded(lot.quantity * event.facts["ratio"])
                lot.quantity = quantity if quantity <= SHARES_MOST else lot.quantity
            elif event.kind == "symbol_change":
                lot.security = event.facts["new"]
            elif event.kind == "merger" and event.facts["ratio"]:
                lot.bought = False
            elif event.kind == "merger":
                lot.quantity = 0

    def refuse(self, event, account, rule):
        """The position stays as it was, and nobody knows what should have come into that of the new security."""
        self.findings.add((event.row.file, event.row.line, rule))
        for security in filter(None, (event.position[1], event.facts["new"])):
            self.held.add((account, security))
            self.named.add((account, security))

    @staticmethod
    def new_quantities(lots, ratio):
        """A position's new total, shared over its lots so that it adds up."""
        sum_before = sum_after = 0
        for lot in lots:
            sum_before += lot.quantity
            now = law.rounded(sum_before * ratio)
            yield lot, now - sum_after
            sum_after = now

    def cash_in_lieu(self, index, event, positions, security, price):
        """Once everybody has the new shares, fractions are sold; what is gone by then replaces no loss."""
        sales = []
        for lots in positions if price is not None else []:
            fraction = sum(lot.quantity for lot in lots) % self.read.securities[security].step
            relieved, left = [], fraction
            for lot in lots:
                n = min(left, lot.quantity)
                if n:
                    relieved.append((lot, n))
                    left -= n
            sales += self.sell_at(index, event, relieved, price)
        self.find_replacements(index, sales)

    def hand_on(self, event, lots):
        """What a lot without new shares cost is part of what the next one cost, or the last one."""
        for i, gone in enumerate(lots):
            if gone.quantity:
                continue
            to = next((lot for lot in lots[i:] if lot.quantity), None) or [lot for lot in lots if lot.quantity][-1]
            if gone.basis is None:
                if self.read.accounts[gone.account].taxable:
                    self.findings.add((event.row.file, event.row.line, "ledger_basis_unknown"))
            elif to.basis is not None:
                to.basis += gone.basis
                if to.loss_basis is not None:
                    to.loss_basis += gone.basis if gone.loss_basis is None else gone.loss_basis

    def split(self, index, event, ratio, cash, price_new, **_):
        """IRC 307, 305(a): more shares of the same basis and period."""
        self.outside_follows(event)
        positions = list(self.positions(event))
        for lots in positions + self.on_the_way(event):
            for lot, quantity in list(self.new_quantities(lots, ratio)):
                lot.quantity = quantity
            self.hand_on(event, lots)
        self.cash_in_lieu(index, event, positions, event.position[1], price_new if cash is None else cash)

    def symbol_change(self, index, event, new, **_):
        self.outside_follows(event)
        for lots in list(self.positions(event)) + self.on_the_way(event):
            for lot in lots:
                lot.security = new

    def spin_off(self, index, event, ratio, fraction, new, cash, price_new, **_):
        """IRC 355, 358: a part of the basis goes to the new shares; IRC 1223(1): and the period with it."""
        positions = []
        for lots in list(self.positions(event)):
            self.stamp = (*event.order, 0, lots[0].account)
            spun = self.spun_off(event, lots, ratio, fraction, new)
            positions.append([self.add(self.as_child(one, lot)) for lot, one in zip(lots, spun) if one.quantity])
        self.stamp = event.order
        owners = {id(part): owners for owners, part in self.under_way}
        left = [(part, one) for parts in self.on_the_way(event)
                for part, one in zip(parts, self.spun_off(event, parts, ratio, fraction, new)) if one.quantity]
        place = {id(part): i for i, (_, part) in enumerate(self.under_way)}
        for part, one in sorted(left, key=lambda pair: place[id(pair[0])]):
            self.under_way.append((owners[id(part)], replace(one, used=False)))
        self.cash_in_lieu(index, event, positions, new, price_new if cash is None else cash)

    def spun_off(self, event, lots, ratio, fraction, new):
        """For each lot what comes out of it, maybe without shares."""
        spun = []
        for lot, quantity in list(self.new_quantities(lots, ratio)):
            part = lambda whole: None if whole is None else law.rounded(whole * fraction)
            keep = lambda whole, gone: None if whole is None else whole - gone
            basis, loss_basis = part(lot.basis), part(lot.loss_basis)
            lot.basis, lot.loss_basis = keep(lot.basis, basis), keep(lot.loss_basis, loss_basis)
            spun.append(replace(lot, security=new, quantity=quantity, basis=basis, loss_basis=loss_basis, bought=False,
                                cash_on_the_way=False))
        self.hand_on(event, spun)
        return spun

    def merger(self, index, event, ratio, cash, new, price_new, **_):
        self.outside_follows(event)
        positions = list(self.positions(event))
        if ratio is None:
            self.take_off_the_way(event)
            sales = []
            for lots in positions:
                sales += self.sell_at(index, event, [(lot, lot.quantity) for lot in lots], cash)
            self.find_replacements(index, sales)
            return
        groups = [(lots, self.boot) for lots in positions]
        groups += [(parts, self.boot_on_the_way) for parts in self.on_the_way(event)]
        for lots, boot in groups:
            for lot, quantity in list(self.new_quantities(lots, ratio)):
                if cash:
                    boot(index, event, lot, law.share_of(cash, lot.quantity, MILLION),
                         law.share_of(price_new, quantity, MILLION))
                lot.security, lot.quantity, lot.bought = new, quantity, False
            self.hand_on(event, lots)
        self.cash_in_lieu(index, event, positions, new, price_new)

    def boot(self, index, event, lot, cash, worth):
        """IRC 356: gain is recognised up to the money received, a loss is not; IRC 358: basis less money plus gain."""
        if lot.basis is None:
            self.report(index, event, lot, lot.quantity, cash, None, lot.held_from)
            return
        recognised = self.lowered(lot, cash, worth)
        if recognised:
            self.report(index, event, lot, lot.quantity, cash, cash - recognised, lot.held_from)

    @staticmethod
    def lowered(lot, cash, worth):
        """Takes the money off the basis; the gain that is recognised."""
        recognised = max(0, min(worth + cash - lot.basis, cash))
        lot.basis += recognised - cash
        if lot.loss_basis is not None:
            lot.loss_basis = max(0, lot.loss_basis + recognised - cash)
        return recognised

    def boot_on_the_way(self, _index, _event, lot, cash, worth):
        """Whose gain it is nobody says: it is told where the shares arrive."""
        if (lot.basis is None or self.lowered(lot, cash, worth)) and self.read.accounts[lot.account].taxable:
            lot.cash_on_the_way = True

    def return_of_capital(self, index, event, cash, **_):
        """IRC 301(c)(2), (3): against the basis first, the rest is gain."""
        self.outside_follows(event)
        for lots in list(self.positions(event)):
            for lot in lots:
                excess = self.capital_back(lot, law.share_of(cash, lot.quantity, MILLION))
                if excess:
                    self.report(index, event, lot, lot.quantity, excess, 0, lot.held_from)
                if excess is None and self.read.accounts[lot.account].taxable:
                    self.findings.add((event.row.file, event.row.line, "ledger_basis_unknown"))
        for parts in self.on_the_way(event):
            for part in parts:
                excess = self.capital_back(part, law.share_of(cash, part.quantity, MILLION))
                if (excess or excess is None) and self.read.accounts[part.account].taxable:
                    part.cash_on_the_way = True

    @staticmethod
    def capital_back(lot, amount):
        """Takes the amount off the basis; what is beyond it, None where nobody knows."""
        if lot.loss_basis is not None:
            lot.loss_basis -= min(amount, lot.loss_basis)
        if lot.basis is None:
            return None
        excess = max(0, amount - lot.basis)
        lot.basis -= amount - excess
        return excess


# ---- the whole ledger

def strangers(read):
    """The accounts in parts that have nothing to do with one another: no taxpayer, spouse or household in common."""
    leader = {}

    def find(name):
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    for payer in read.taxpayers.values():
        for spouse in payer.spouses:
            leader[find("T " + payer.id)] = find("T " + spouse)
    for account in read.accounts.values():
        for owner in account.owners:
            leader[find("A " + account.id)] = find("T " + owner)
    for event in read.events:
        if event.kind == "outside":
            leader[find("A " + event.position[0])] = find("T " + event.facts["owner"])
    return find


@dataclass
class Whole:
    """What came of all parts."""
    lots: list = field(default_factory=list)
    sales: list = field(default_factory=list)
    findings: set = field(default_factory=set)
    days: list = field(default_factory=list)
    refused: list = field(default_factory=list)  # rows that did not play
    under_way: list = field(default_factory=list)  # shares that left and did not arrive


@dataclass
class Doubt:
    """A purchase that may have been: None stands for what cannot be read and might be anything."""
    group: str
    owners: set
    on: datetime.date

    def may_concern(self, read, sale):
        return ((self.group is None or self.group == read.securities[sale.security].group) and
                (self.owners is None or bool(self.owners & payers_and_spouses(read, sale.account))) and
                (self.on is None or law.in_window(sale.sold_on, self.on)))


def payers_and_spouses(read, account):
    payers = set(read.accounts[account].owners)
    return payers.union(*(read.taxpayers[payer].spouses for payer in payers))


def doubt_of(read, row):
    """Whose purchase of what the row might have been; None: of nobody, or no purchase."""
    opening = row.file == "opening_lots.csv"
    kind = row.text("kind")
    if opening and (row.text("replacement") in ("used", "never") or row.text("loss_basis")):
        return None
    if not opening and kind in ARRIVALS + DEPARTURES and kind not in ("buy", "reinvest", "transfer_in"):
        return None
    group = owners = None
    if row.text("security_id"):
        security = meant(row.text("security_id"), read.securities)
        if not security:
            return None
        group = read.securities[security].group
    if row.text("outside") == "yes":
        if row.text("taxpayer_id"):
            owners = {row.text("taxpayer_id")} & set(read.taxpayers)
    elif row.text("account_id"):
        account = meant(row.text("account_id"), read.accounts)
        owners = set(read.accounts[account].owners) if account else set()
    try:
        on = row.day("acquired_on" if opening or kind == "transfer_in" else "trade_date")
    except Unsound:
        on = None
    return Doubt(group, owners, on)


def played(read):
    """What came of everybody, each part played until it foresees what it plays."""
    part_of = strangers(read)
    parts, actions = {}, {}
    for event in read.opening + read.events:
        if event.position[0]:
            parts.setdefault(part_of("A " + event.position[0]), []).append(event)
        else:
            # one that cannot be read also holds what it should have brought
            for security in {event.position[1], event.facts["new"] if event.rule else event.position[1]}:
                actions.setdefault(security, []).append(event)
    whole = Whole(findings=set(read.findings), refused=list(read.not_played))
    owned = {}
    for account in read.accounts.values():
        owned.setdefault(part_of("A " + account.id), {})[account.id] = account
    touched = set()
    for name, events in parts.items():
        seen = set()
        securities = [event.position[1] for event in events]
        while securities:
            security = securities.pop()
            if security not in seen:
                seen.add(security)
                securities += [action.facts["new"] for action in actions.get(security, []) if action.facts.get("new")]
        mine = {id(action): action for security in seen for action in actions.get(security, [])}
        touched |= set(mine)
        own = replace(read, accounts={**owned.get(name, {})})
        result = play_part(own, events + list(mine.values()))
        whole.lots += [lot for lot in result.lots if lot.quantity and lot.account in own.accounts]
        whole.sales += result.sales
        whole.findings |= result.findings
        whole.days += result.days
        whole.refused += result.refused
        whole.under_way += [part for _, part in result.under_way if part.quantity]
    for listed in actions.values():
        for action in listed:
            if id(action) not in touched:
                if action.rule:
                    whole.findings.add((action.row.file, action.row.line, action.rule))
                else:
                    whole.days.append(action.on)
    doubt_losses(read, whole)
    return whole


def doubt_losses(read, whole):
    """A loss that a row might disallow which did not play (conventions, 38)."""
    doubts = list(filter(None, (doubt_of(read, row) for row in whole.refused)))
    for sale in whole.sales:
        if sale.is_open and any(doubt.may_concern(read, sale) for doubt in doubts):
            whole.findings.add((sale.row.file, sale.row.line, "ledger_loss_doubtful"))


def play_part(read, events):
    opening = [event for event in events if event.kind == "opening" or event.row.file == "opening_lots.csv"]
    opening.sort(key=lambda event: event.order)
    later = [event for event in events if event.row.file != "opening_lots.csv"]
    later += [Event(event.row, event.facts["acquired_on"], (event.facts["acquired_on"], -1, *event.order[2:]), "enter",
                    event.position, facts=event.facts) for event in opening if not event.rule]
    later.sort(key=lambda event: event.order)
    foreseen = []
    for _ in range(2 * len(later) + 3):
        playing = Playing(read, later, foreseen).play(opening)
        if playing.arrivals == foreseen:
            return playing
        foreseen = playing.arrivals
    raise AssertionError("the future does not settle")


def schedule_d(read, sales, years):
    """Rows of each taxpayer who sold or carries something, to the ledger's last year without gaps."""
    rows, sums = [], {}
    for sale in sales:
        if sale.gain is not None:
            (payer,) = read.accounts[sale.account].owners
            key = (payer, sale.sold_on.year)
            short, long = sums.get(key, (0, 0))
            sums[key] = (short + sale.gain, long) if sale.term == "short_term" else (short, long + sale.gain)
    for payer in sorted(read.taxpayers.values(), key=lambda payer: payer.id):
        mine = [year for id, year in sums if id == payer.id]
        carried = payer.carried_short, payer.carried_long
        if not mine and not any(carried) or not years:
            continue
        for year in range(min(years) if any(carried) else min(mine), max(years) + 1):
            short, long = sums.get((payer.id, year), (0, 0))
            *carried, offset = law.netted(short, long, *carried, payer.limit)
            rows.append((payer.id, year, short, long, *carried, offset))
    return rows


def dollars(amount):
    if amount is None:
        return ""
    whole, part = divmod(abs(amount), MILLION)
    text = f"{part:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if amount < 0 else ''}{whole}.{text}"


def shares(quantity):
    whole, part = divmod(quantity, MILLION)
    return f"{whole}.{part:06d}".rstrip("0").rstrip(".")


def open_until(sale, last):
    """The day until which a purchase may still disallow what is left of the loss."""
    until = sale.sold_on + datetime.timedelta(law.WINDOW_DAYS)
    return str(until) if sale.is_open and until > last else ""


def outputs(read):
    """{file: [rows of text]} as the contract writes them."""
    whole = played(read)
    whole.sales.sort(key=lambda sale: (sale.account.encode(), sale.sold_on, sale.place))
    made = {id(lot): i for i, lot in enumerate(sorted(whole.lots, key=lambda lot: lot.made), 1)}
    last = max(whole.days, default=None)
    return {
        "lots.csv": [
            [lot.account, lot.id, lot.security, shares(lot.quantity), dollars(lot.basis), str(lot.acquired_on),
             str(lot.held_from), lot.parent, dollars(lot.loss_basis),
             "" if lot.loss_basis is None else str(lot.loss_held_from or ""), lot.first, lot.acquisition,
             lot.replacement, str(made[id(lot)]), str(lot.parts or "")]
            for lot in sorted(whole.lots, key=lambda one: (one.account.encode(), one.security.encode(),
                                                           one.id.encode()))],
        "form8949.csv": [
            [sale.account, sale.lot, sale.security, shares(sale.quantity), str(sale.acquired_on), str(sale.sold_on),
             sale.term, dollars(sale.proceeds), dollars(sale.basis), "W" if sale.disallowed else "",
             dollars(sale.disallowed), dollars(sale.gain), open_until(sale, last)] for sale in whole.sales],
        "schedule_d.csv": [[payer, str(year), *map(dollars, amounts)]
                           for payer, year, *amounts in schedule_d(
                               read, whole.sales, [day.year for day in whole.days])],
        "findings.csv": [[file, str(line), "", "", rule, ""] for file, line, rule in sorted(whole.findings)],
    }


def write(files, out):
    os.makedirs(out, exist_ok=True)
    for name, rows in files.items():
        with open(os.path.join(out, name), "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS[name].split())
            writer.writerows(rows)


if __name__ == "__main__":
    write(outputs(read_folder(sys.argv[1])), sys.argv[2])
