"""The best orders of a small account by mixed-integer programming: linear but for the risk, whose squares are met by
tangents, added in rounds until nothing is left of the gap.

Built from the account's facts and the words of docs/rules.md alone. Weights and dollars are percent of the account's
value, the objective is in basis points of it."""
import dataclasses
import math
import time

import highspy
import numpy as np

import accounts

GAP_MAX = 0.005  # basis points: what a round leaves open
INFINITY = highspy.kHighsInf


@dataclasses.dataclass
class Best:
    orders: accounts.Orders
    objective: float  # dollars, of the orders
    bound: float  # dollars: no orders are below it
    seconds: float
    rounds: int

    def keep(self, account, orders):
        objective = accounts.objective(account, orders)
        if objective < self.objective:
            self.orders, self.objective = orders, objective


class Model:
    """Columns and rows as they are thought of, before the solver has them."""

    def __init__(self):
        self.costs, self.lows, self.highs, self.whole = [], [], [], []
        self.rows = []  # (low, {column: coefficient}, high)
        self.flags = []

    def column(self, low, high, cost=0.0, whole=False):
        self.costs.append(cost)
        self.lows.append(low)
        self.highs.append(high)
        self.whole.append(whole)
        return len(self.costs) - 1

    def flag(self, cost=0.0):
        self.flags.append(self.column(0.0, 1.0, cost, whole=True))
        return self.flags[-1]

    def at_most(self, terms, high):
        self.rows.append((-INFINITY, terms, high))

    def at_least(self, terms, low):
        self.rows.append((low, terms, INFINITY))

    def equal(self, terms, side):
        self.rows.append((side, terms, side))

    def solver(self):
        highs = highspy.Highs()
        highs.silent()
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.costs), len(self.rows)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = map(np.array, (self.costs, self.lows, self.highs))
        lp.row_lower_ = np.array([row[0] for row in self.rows])
        lp.row_upper_ = np.array([row[2] for row in self.rows])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(row[1]) for row in self.rows])])
        lp.a_matrix_.index_ = np.array([c for row in self.rows for c in row[1]])
        lp.a_matrix_.value_ = np.array([a for row in self.rows for a in row[1].values()])
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in self.whole]
        highs.passModel(lp)
        return highs


def added(*parts):
    total = {}
    for terms, factor in parts:
        for column, a in terms.items():
            total[column] = total.get(column, 0.0) + factor * a
    return total


class AccountModel(Model):
    def __init__(self, account):
        super().__init__()
        self.account, self.market, self.settings = account, account.market, account.settings
        self.value = account.value()
        self.held = account.held()
        self.percent = [100.0 * p / self.value for p in self.market.prices]  # of a share
        self.add_orders()
        self.add_wash_sales()
        self.add_limits()
        self.add_cash()
        self.add_tax()
        self.add_risk()

    def add_orders(self):
        market, s, account = self.market, self.settings, self.account
        ticket = 1e4 * s.ticket_cost_usd / self.value
        least = 100.0 * account.trade_min() / self.value
        self.buys, self.buy_flags, self.sells, self.sell_flags, self.close_flags = {}, {}, {}, {}, {}
        barred = {market.groups[i] for i in account.loss_sold}
        self.lots = {place: self.column(0.0, lot.quantity) for place, lot in enumerate(account.lots)}
        for i in range(market.names()):
            cost = 1e4 * market.prices[i] / self.value * (market.half_spreads[i] + s.commission_bps) * 1e-4
            steps = self.steps
            most = self.most_bought(i)
            if market.groups[i] not in barred and most > 0.0:
                self.buys[i], self.buy_flags[i] = self.column(0.0, most / steps, cost * steps, self.is_whole), \
                    self.flag(ticket)
                self.at_most({self.buys[i]: steps, self.buy_flags[i]: -most}, 0.0)
                self.at_least({self.buys[i]: steps * self.percent[i], self.buy_flags[i]: -least}, 0.0)
            if self.held[i] > 0.0:
                self.add_sale(i, cost, ticket, least)
        for i in self.buys:
            for j in self.sells:
                if market.groups[i] == market.groups[j]:
                    self.at_most({self.buy_flags[i]: 1.0, self.sell_flags[j]: 1.0}, 1.0)

    @property
    def is_whole(self):
        return self.market.step >= 1.0

    @property
    def steps(self):
        return self.market.step if self.is_whole else 1.0

    def most_bought(self, i):
        cap = self.settings.position_weight_max
        most = self.value if cap is None else min(self.value, cap * self.value - self.held[i] * self.market.prices[i])
        shares = max(0.0, most) / self.market.prices[i]
        return math.floor(shares / self.steps) * self.steps if self.is_whole else shares

    def add_sale(self, i, cost, ticket, least):
        all_shares = self.held[i]
        sold, flag, closes = self.column(0.0, all_shares / self.steps, cost * self.steps, self.is_whole), \
            self.flag(ticket), self.flag()
        self.sells[i], self.sell_flags[i], self.close_flags[i] = sold, flag, closes
        of_lots = {self.lots[place]: 1.0 for place, lot in enumerate(self.account.lots) if lot.security == i}
        self.equal({**of_lots, sold: -self.steps}, 0.0)
        self.at_most({sold: self.steps, flag: -all_shares}, 0.0)
        self.at_least({sold: self.steps, closes: -all_shares}, 0.0)
        self.at_least({sold: self.steps * self.percent[i], flag: -least, closes: least}, 0.0)
        self.at_most({closes: 1.0, flag: -1.0}, 0.0)

    def add_wash_sales(self):
        """Losses only where no share of the group bought in the last 30 days is kept, but those of the lot itself."""
        account, groups = self.account, self.market.groups
        elsewhere = {groups[i] for i in account.bought_outside}
        for place, lot in enumerate(account.lots):
            if account.gain_a_share(lot) >= 0.0:
                continue
            group = groups[lot.security]
            if group in elsewhere:
                self.highs[self.lots[place]] = 0.0
                continue
            young = [p for p, other in enumerate(account.lots)
                     if p != place and groups[other.security] == group and other.days() <= 30]
            if not young:
                continue
            sold = self.flag()
            self.at_most({self.lots[place]: 1.0, sold: -lot.quantity}, 0.0)
            for p in young:
                self.at_least({self.lots[p]: 1.0, sold: -account.lots[p].quantity}, 0.0)

    def add_limits(self):
        s, account = self.settings, self.account
        self.bought = {column: self.steps * self.percent[i] for i, column in self.buys.items()}
        self.sold = {column: self.steps * self.percent[i] for i, column in self.sells.items()}
        self.gains = {False: {}, True: {}}  # percent, by long-term
        for place, lot in enumerate(account.lots):
            gain = 100.0 * account.gain_a_share(lot) / self.value
            self.gains[account.is_long(lot)][self.lots[place]] = gain
        if s.gain_budget is not None:
            room = max(0.0, s.gain_budget - account.realized_short - account.realized_long)
            self.at_most({**self.gains[False], **self.gains[True]}, 100.0 * room / self.value)
        if s.turnover_max is not None:
            side, most = self.flag(), 100.0 * s.turnover_max
            self.at_most({**self.bought, side: -1000.0}, most)
            self.at_most({**self.sold, side: 1000.0}, most + 1000.0)
        if s.names_max is not None:
            before = sum(1 for shares in self.held if shares > 0.0)
            new = {flag: 1.0 for i, flag in self.buy_flags.items() if self.held[i] == 0.0}
            closed = {flag: -1.0 for flag in self.close_flags.values()}
            self.at_most({**new, **closed}, max(s.names_max, before) - before)

    def add_cash(self):
        s, before = self.settings, 100.0 * self.account.cash / self.value
        fee, ticket = s.commission_bps * 1e-4, 100.0 * s.ticket_cost_usd / self.value
        orders = {flag: -ticket for flags in (self.buy_flags, self.sell_flags) for flag in flags.values()}
        after = added((self.sold, 1.0 - fee), (self.bought, -1.0 - fee), (orders, 1.0))
        self.at_least(after, min(100.0 * s.cash_min, before) - before)
        idle = self.column(0.0, INFINITY, 100.0 * accounts.CASH_PRICE)
        self.at_least({**{c: -a for c, a in after.items()}, idle: 1.0}, before - 100.0 * s.cash_max)

    def add_tax(self):
        """T, exactly: on each of its three convex cells the largest of linear functions, one cell chosen."""
        account, unit = self.account, 100.0 / self.value
        short, long = self.reach(False, account.realized_short), self.reach(True, account.realized_long)
        rs, rl = account.rate_short, account.rate_long
        later, limit = self.settings.loss_value * rl, unit * accounts.LOSS_LIMIT
        ordinary = [(rs, rs, 0.0), (later, later, (later - rs) * limit)]  # by short, by long, constant
        preferred = [(rl, rl, 0.0), (rs, rl, 0.0)]
        cells = [((None, 0.0), (None, None), ordinary), ((0.0, None), (0.0, None), preferred),
                 ((0.0, None), (None, 0.0), ordinary)]
        chosen, shorts, longs = [], [], []
        for (long_low, long_high), (net_low, net_high), lines in cells:
            cell = self.flag()
            s, l = self.column(-INFINITY, INFINITY), self.column(-INFINITY, INFINITY)
            t = self.column(-INFINITY, INFINITY, 100.0)
            for column, (low, high) in ((s, short), (l, long)):
                self.at_least({column: 1.0, cell: -low}, 0.0)
                self.at_most({column: 1.0, cell: -high}, 0.0)
            for terms, low, high in (({l: 1.0}, long_low, long_high), ({s: 1.0, l: 1.0}, net_low, net_high)):
                if low is not None:
                    self.at_least(terms, 0.0)
                if high is not None:
                    self.at_most(terms, 0.0)
            for by_short, by_long, constant in lines:
                self.at_least({t: 1.0, s: -by_short, l: -by_long, cell: -constant}, 0.0)
            chosen.append(cell)
            shorts.append(s)
            longs.append(l)
        self.equal({cell: 1.0 for cell in chosen}, 1.0)
        self.equal({**{c: 1.0 for c in shorts}, **{c: -g for c, g in self.gains[False].items()}},
                   unit * account.realized_short)
        self.equal({**{c: 1.0 for c in longs}, **{c: -g for c, g in self.gains[True].items()}},
                   unit * account.realized_long)
        for gains in self.gains.values():  # the worth of a higher basis
            for column, gain in gains.items():
                self.costs[column] -= 100.0 * self.settings.basis_value * rl * gain

    def reach(self, long, so_far):
        """The least and most gains of a term that any orders end with, percent."""
        ends = [self.highs[column] * gain for column, gain in self.gains[long].items()]
        start = 100.0 * so_far / self.value
        return start + sum(min(0.0, e) for e in ends), start + sum(max(0.0, e) for e in ends)

    def add_risk(self):
        market, s = self.market, self.settings
        half = s.risk_aversion / 2.0
        self.squares = []  # (column, its square's column, weight)
        self.active = []
        for i in range(market.names()):
            start = self.held[i] * self.percent[i] - 100.0 * account_target(self.account, i)
            z = self.column(-INFINITY, INFINITY)
            terms = {z: -1.0}
            if i in self.buys:
                terms[self.buys[i]] = self.steps * self.percent[i]
            if i in self.sells:
                terms[self.sells[i]] = -self.steps * self.percent[i]
            self.equal(terms, -start)
            self.active.append(z)
            self.squares.append((z, self.column(0.0, INFINITY, 1.0), half * market.volatilities[i] ** 2))
        loadings = np.array(market.exposures) @ np.linalg.cholesky(np.array(market.covariance))
        for f in range(loadings.shape[1]):
            y = self.column(-INFINITY, INFINITY)
            self.equal({y: -1.0, **{z: loadings[i, f] for i, z in enumerate(self.active)}}, 0.0)
            self.squares.append((y, self.column(0.0, INFINITY, 1.0), half))

    # ── to and from orders

    def orders_of(self, solution):
        """In whole steps; a sale's lots add up to it."""
        step = self.market.step
        bought = {i: round(round(solution[c] * self.steps / step) * step, 6) for i, c in self.buys.items()}
        sold = {place: round(max(0.0, solution[c]), 6) for place, c in self.lots.items()}
        for i, column in self.sells.items():
            places = [p for p, lot in enumerate(self.account.lots) if lot.security == i]
            wanted = round(round(solution[column] * self.steps / step) * step, 6)
            for p in sorted(places, key=lambda p: -sold[p]):  # rounding goes to the lots that are sold most
                lacks = wanted - sum(sold[q] for q in places)
                sold[p] = round(min(self.account.lots[p].quantity, max(0.0, sold[p] + lacks)), 6)
        return accounts.Orders({i: q for i, q in bought.items() if q > 0.0}, {p: q for p, q in sold.items() if q > 0.0})

    def moves_of(self, orders):
        """Active weights of finished orders, percent, and the factors of them."""
        shares = list(self.held)
        for place, quantity in orders.sold.items():
            shares[self.account.lots[place].security] -= quantity
        for i, quantity in orders.bought.items():
            shares[i] += quantity
        z = [shares[i] * self.percent[i] - 100.0 * account_target(self.account, i) for i in range(len(shares))]
        loadings = np.array(self.market.exposures) @ np.linalg.cholesky(np.array(self.market.covariance))
        return [*z, *(np.array(z) @ loadings)]


def account_target(account, i):
    return account.targets[i] * (1.0 - account.settings.cash_target)


def add_tangents(highs, squares, points):
    """square >= weight (2 p v - p^2) at each point p."""
    for (column, square, weight), p in zip(squares, points):
        highs.addRow(-weight * p * p, INFINITY, 2, np.array([square, column], dtype=np.int32),
                     np.array([1.0, -2.0 * weight * p]))


def tighten(model, highs, flags=None, rounds=40):
    """Tangents where the linear relaxation would go, until it stays; `flags`: those of this solution are held. Returns
    where it stays."""
    kinds = highspy.HighsVarType
    columns = np.arange(len(model.costs), dtype=np.int32)
    highs.changeColsIntegrality(len(columns), columns, np.array([kinds.kContinuous] * len(columns)))
    held = [] if flags is None else model.flags
    for column in held:
        highs.changeColBounds(column, round(flags[column]), round(flags[column]))
    last = -INFINITY
    for _ in range(rounds):
        highs.run()
        value = highs.getInfo().objective_function_value
        solution = highs.getSolution().col_value
        if len(solution) == 0 or value < last + 1e-4:
            break
        last = value
        add_tangents(highs, model.squares, [solution[column] for column, _, _ in model.squares])
    for column in held:
        highs.changeColBounds(column, 0.0, 1.0)
    highs.changeColsIntegrality(len(columns), columns,
                                np.array([kinds.kInteger if w else kinds.kContinuous for w in model.whole]))
    return solution


def best_orders(account, known, seconds_max):
    """HiGHS's own best orders. `known`: other ones, near which the squares are met more closely from the start."""
    begun = time.monotonic()
    model = AccountModel(account)
    highs = model.solver()
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", GAP_MAX)
    highs.setOptionValue("mip_feasibility_tolerance", 1e-9)
    highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
    highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
    add_tangents(highs, model.squares, model.moves_of(known))
    add_tangents(highs, model.squares, model.moves_of(accounts.Orders({}, {})))
    tighten(model, highs)
    per_bp = account.value() * 1e-4
    constant = -accounts.year_tax(account, account.realized_short, account.realized_long)
    best = Best(accounts.Orders({}, {}), math.inf, -math.inf, 0.0, 0)
    while best.seconds < seconds_max and best.objective - best.bound > 2.0 * GAP_MAX * per_bp:
        highs.setOptionValue("time_limit", highs.getRunTime() + seconds_max - best.seconds)
        highs.run()
        best.rounds += 1
        best.bound = max(best.bound, highs.getInfo().mip_dual_bound * per_bp + constant)
        solution = highs.getSolution().col_value
        if len(solution) == 0:
            break
        best.keep(account, model.orders_of(solution))
        add_tangents(highs, model.squares, model.moves_of(model.orders_of(solution)))
        stays = tighten(model, highs, solution)
        if not model.is_whole and len(stays) > 0:
            best.keep(account, model.orders_of(stays))
        best.seconds = time.monotonic() - begun
    return best
