"""Small invented accounts: their facts, the book folder that tells them, and one more reading of the objective.

Written from docs/data.md, docs/formulas.md and docs/rules.md, not from the engine: whoever poses the problem wrongly
there is seen here. Every account is a household of its own with one taxpayer and flat rates."""
import csv
import dataclasses
import datetime
import math
import os
import random

AS_OF = datetime.date(2025, 6, 30)
CASH_PRICE = 0.01
LOSS_LIMIT = 3000.0


@dataclasses.dataclass
class Lot:
    name: str
    security: int
    quantity: float
    basis: float  # dollars, of the whole lot
    acquired_on: datetime.date

    def days(self):
        return (AS_OF - self.acquired_on).days


@dataclasses.dataclass
class Market:
    prices: list  # dollars a share
    half_spreads: list  # basis points
    groups: list  # substantially identical ones share a word
    classes: list
    exposures: list  # by security, by factor
    covariance: list  # of factors
    volatilities: list
    step: float  # shares

    def names(self):
        return len(self.prices)


@dataclasses.dataclass
class Settings:
    """Of one policy, named as in docs/data.md. What is not here has its default."""
    risk_aversion: float = 20.0
    cash_target: float = 0.01
    cash_min: float = 0.005
    cash_max: float = 0.02
    trade_min_usd: float = 0.0
    trade_min_weight: float = 0.001
    ticket_cost_usd: float = 1.0
    commission_bps: float = 0.0
    improvement_min_bps: float = 0.0
    basis_value: float = 0.3
    loss_value: float = 0.9
    gain_budget: float | None = None
    turnover_max: float | None = None
    names_max: int | None = None
    position_weight_max: float | None = None


@dataclasses.dataclass
class Account:
    name: str
    market: Market
    targets: list  # model weights, sum 1
    lots: list
    cash: float
    settings: Settings
    rate_short: float = 0.408
    rate_long: float = 0.238
    realized_short: float = 0.0
    realized_long: float = 0.0
    loss_sold: tuple = ()  # securities sold at a loss in the last 30 days
    bought_outside: tuple = ()  # securities bought in the last 30 days outside the book

    def value(self):
        return self.cash + sum(lot.quantity * self.market.prices[lot.security] for lot in self.lots)

    def held(self):
        shares = [0.0] * self.market.names()
        for lot in self.lots:
            shares[lot.security] += lot.quantity
        return shares

    def is_long(self, lot):
        return lot.days() > 366  # none is made near the line

    def gain_a_share(self, lot):
        return self.market.prices[lot.security] - lot.basis / lot.quantity

    def trade_min(self):
        return max(self.settings.trade_min_usd, self.settings.trade_min_weight * self.value())


@dataclasses.dataclass
class Orders:
    bought: dict  # security: shares
    sold: dict  # place of the lot: shares


def year_tax(account, short, long):
    """T of docs/formulas.md at flat rates."""
    net = short + long
    if net < 0.0:
        used = min(-net, LOSS_LIMIT)
        return -account.rate_short * used - account.settings.loss_value * account.rate_long * max(-net - used, 0.0)
    if short >= 0.0 and long >= 0.0:
        return account.rate_short * short + account.rate_long * long
    return (account.rate_short if long < 0.0 else account.rate_long) * net


def objective(account, orders):
    """Dollars of the objective after the orders."""
    market, s, value = account.market, account.settings, account.value()
    shares, traded = account.held(), [0.0] * market.names()
    gains = {False: 0.0, True: 0.0}
    for place, quantity in orders.sold.items():
        lot = account.lots[place]
        shares[lot.security] -= quantity
        traded[lot.security] -= quantity
        gains[account.is_long(lot)] += quantity * account.gain_a_share(lot)
    for security, quantity in orders.bought.items():
        shares[security] += quantity
        traded[security] += quantity
    active = [shares[i] * market.prices[i] / value - account.targets[i] * (1.0 - s.cash_target)
              for i in range(market.names())]
    variance = sum((a * v) ** 2 for a, v in zip(active, market.volatilities))
    exposed = [sum(a * x[f] for a, x in zip(active, market.exposures)) for f in range(len(market.covariance))]
    variance += sum(exposed[f] * row[g] * exposed[g] for f, row in enumerate(market.covariance)
                    for g in range(len(exposed)))
    tax = (year_tax(account, account.realized_short + gains[False], account.realized_long + gains[True])
           - year_tax(account, account.realized_short, account.realized_long)
           - s.basis_value * account.rate_long * (gains[False] + gains[True]))
    trading, cash = 0.0, account.cash
    for i, quantity in enumerate(traded):
        if quantity != 0.0:
            amount = abs(quantity) * market.prices[i]
            fee = amount * s.commission_bps * 1e-4 + s.ticket_cost_usd
            trading += amount * market.half_spreads[i] * 1e-4 + fee
            cash -= math.copysign(amount, quantity) + fee
    idle = CASH_PRICE * max(0.0, cash - s.cash_max * value)
    return value * s.risk_aversion / 2.0 * variance + tax + trading + idle


# ── invention

def invent_market(chance, names, factors, step):
    groups = [f"S{i:02}" for i in range(names)]
    if names >= 6 and chance.random() < 0.5:
        groups[1] = groups[0]
    covariance = [[0.0] * factors for _ in range(factors)]
    for f in range(factors):
        covariance[f][f] = 0.0256 if f == 0 else 0.0169 * chance.uniform(0.5, 1.5) / factors
    if factors > 2:
        covariance[1][2] = covariance[2][1] = 0.3 * math.sqrt(covariance[1][1] * covariance[2][2])
    return Market(prices=[round(10.0 * math.exp(chance.uniform(0.0, 4.0)), 2) for _ in range(names)],
                  half_spreads=[float(chance.randint(1, 6)) for _ in range(names)],
                  groups=groups,
                  classes=[chance.choice(("us_equity", "intl_equity")) for _ in range(names)],
                  exposures=[[round(chance.uniform(0.6, 1.4), 6)] +
                             [round(chance.gauss(0.0, 1.0), 6) for _ in range(factors - 1)] for _ in range(names)],
                  covariance=covariance,
                  volatilities=[round(chance.uniform(0.15, 0.40), 6) for _ in range(names)],
                  step=step)


def invent_targets(chance, names):
    weights = [math.exp(0.8 * chance.gauss(0.0, 1.0)) for _ in range(names)]
    rounded = [round(w / sum(weights), 6) for w in weights]
    rounded[-1] = round(1.0 - sum(rounded[:-1]), 6)
    return rounded


def shares_of(chance, dollars, price, step):
    return max(0.0, math.floor(dollars / price / step) * step)


def invent_lots(chance, market, targets, invested):
    held = [w * math.exp(0.3 * chance.gauss(0.0, 1.0)) if chance.random() < 0.65 else 0.0 for w in targets]
    if not any(held):
        held[0] = 1.0
    lots = []
    for i, part in enumerate(held):
        left = shares_of(chance, invested * part / sum(held), market.prices[i], market.step)
        count = chance.randint(1, 3)
        for l in range(count):
            share = 1.0 if l == count - 1 else chance.uniform(0.3, 1.7) / (count - l)
            quantity = min(left, math.ceil(left * share / market.step) * market.step)
            quantity = round(quantity, 6)
            if quantity <= 0.0:
                continue
            left = round(left - quantity, 6)
            days = chance.choices((chance.randint(3, 29), chance.randint(40, 300), chance.randint(400, 2500)),
                                  (6, 14, 80))[0]
            cost = math.exp(min(0.45, 0.28 * math.sqrt(days / 365.0)) * chance.gauss(0.0, 1.0))
            basis = round(max(0.01, quantity * market.prices[i] * cost), 2)
            lots.append(Lot(f"L{len(lots):03}", i, quantity, basis, AS_OF - datetime.timedelta(days=days)))
    return lots


def invent_settings(chance, hard):
    settings = Settings()
    if hard:
        settings.trade_min_weight, settings.ticket_cost_usd = 0.005, 20.0
    if chance.random() < 0.25:
        settings.commission_bps = 1.0
    if chance.random() < 0.2:
        settings.position_weight_max = 0.15
    settings.risk_aversion = chance.choice((5.0, 20.0, 20.0, 60.0))
    return settings


def invent(seed, names, factors=3, dollars=1e6, whole=True, hard=False):
    """One account with a market of its own; the same seed makes the same one."""
    chance = random.Random(f"{seed}-{names}-{factors}-{dollars}-{whole}-{hard}")
    market = invent_market(chance, names, factors, 1.0 if whole else 1e-6)
    targets = invent_targets(chance, names)
    cash = round(chance.uniform(0.0, 0.05) * dollars, 2)
    lots = invent_lots(chance, market, targets, dollars - cash)
    account = Account(name="A", market=market, targets=targets, lots=lots, cash=cash,
                      settings=invent_settings(chance, hard))
    spread = 0.01 * account.value()
    account.realized_short = round(chance.uniform(-spread, spread), 2)
    account.realized_long = round(chance.uniform(-spread, spread), 2)
    if chance.random() < 0.2:
        so_far = account.realized_short + account.realized_long
        account.settings.gain_budget = max(0.0, round(so_far + 0.002 * account.value(), 2))
    if chance.random() < 0.2:
        account.settings.turnover_max = 0.1
    if chance.random() < 0.15:
        account.settings.names_max = len({lot.security for lot in account.lots}) + 1
    account.loss_sold = tuple(i for i in range(names) if chance.random() < 0.04)
    account.bought_outside = tuple(i for i in range(names) if chance.random() < 0.04)
    return account


# ── the book folder

def number(value):
    return f"{value:.6f}".rstrip("0").rstrip(".") if value else "0"


def write_book(folder, account):
    os.makedirs(os.path.join(folder, "risk"))
    market = account.market
    ids = [f"S{i:02}" for i in range(market.names())]
    factors = [f"F{f}" for f in range(len(market.covariance))]

    def table(name, header, rows):
        with open(os.path.join(folder, name), "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header.split())
            writer.writerows(rows)

    with open(os.path.join(folder, "firm.toml"), "w", encoding="utf-8") as file:
        file.write(f'[firm]\nname = "Compared"\nas_of = {AS_OF}\n\n[policy.default]\n')
        for field, value in dataclasses.asdict(account.settings).items():
            if value is not None:
                file.write(f"{field} = {value if isinstance(value, int) else number(value)}\n")
    table("securities.csv", "security_id kind asset_class identical_group quantity_step half_spread_bps",
          [(ids[i], "stock", market.classes[i], market.groups[i], number(market.step), number(market.half_spreads[i]))
           for i in range(market.names())])
    table("prices.csv", "date security_id close", [(AS_OF, ids[i], number(p)) for i, p in enumerate(market.prices)])
    table("models.csv", "model_id component_kind component_id weight",
          [("M", "security", ids[i], number(w)) for i, w in enumerate(account.targets) if w > 0.0])
    table("taxpayers.csv", "taxpayer_id rate_short rate_long realized_short_ytd realized_long_ytd",
          [("T", number(account.rate_short), number(account.rate_long), number(account.realized_short),
            number(account.realized_long))])
    table("accounts.csv", "account_id taxpayer_id tax_treatment model_id cash",
          [(account.name, "T", "taxable", "M", number(account.cash))])
    table("lots.csv", "account_id lot_id security_id quantity cost_basis acquired_on",
          [(account.name, lot.name, ids[lot.security], number(lot.quantity), number(lot.basis), lot.acquired_on)
           for lot in account.lots])
    table("transactions.csv", "transaction_id account_id trade_date kind security_id quantity amount gain_short "
          "outside taxpayer_id discretionary", transactions(account, ids))
    table("risk/exposures.csv", " ".join(["security_id", *factors]),
          [(ids[i], *x) for i, x in enumerate(market.exposures)])
    table("risk/factor_covariance.csv", " ".join(["factor", *factors]),
          [(factors[f], *map(repr, row)) for f, row in enumerate(market.covariance)])
    table("risk/specific_risk.csv", "security_id volatility", zip(ids, market.volatilities))


def transactions(account, ids):
    rows = []
    for lot in account.lots:
        if lot.days() <= 30:
            rows.append((account.name, lot.acquired_on, "buy", ids[lot.security], number(lot.quantity),
                         number(lot.basis), "", "", ""))
    recently = AS_OF - datetime.timedelta(days=12)
    rows += [(account.name, recently, "sell", ids[i], 10, 100, -50, "", "") for i in account.loss_sold]
    rows += [("elsewhere", recently, "buy", ids[i], 10, 100, "", "yes", "T") for i in account.bought_outside]
    return [(f"X{i:03}", *row, "no") for i, row in enumerate(rows)]


def write_orders(folder, account, orders):
    """orders.csv and lot_sales.csv for `lotwright evaluate`; returns their paths."""
    paths = os.path.join(folder, "orders.csv"), os.path.join(folder, "lot_sales.csv")
    sold = {}
    for place, quantity in orders.sold.items():
        security = account.lots[place].security
        sold[security] = sold.get(security, 0.0) + quantity
    with open(paths[0], "w", encoding="utf-8") as file:
        file.write("account_id,security_id,side,quantity\n")
        for i, quantity in sorted(orders.bought.items()):
            file.write(f"{account.name},S{i:02},buy,{number(quantity)}\n")
        for i, quantity in sorted(sold.items()):
            file.write(f"{account.name},S{i:02},sell,{number(quantity)}\n")
    with open(paths[1], "w", encoding="utf-8") as file:
        file.write("account_id,lot_id,quantity\n")
        for place, quantity in sorted(orders.sold.items()):
            file.write(f"{account.name},{account.lots[place].name},{number(quantity)}\n")
    return paths


def read_orders(folder, account):
    """The orders that a run wrote."""
    place_of = {lot.name: place for place, lot in enumerate(account.lots)}
    with open(os.path.join(folder, "orders.csv"), encoding="utf-8") as file:
        bought = {int(row["security_id"][1:]): float(row["quantity"]) for row in csv.DictReader(file)
                  if row["side"] == "buy"}
    with open(os.path.join(folder, "lot_sales.csv"), encoding="utf-8") as file:
        sold = {place_of[row["lot_id"]]: float(row["quantity"]) for row in csv.DictReader(file)}
    return Orders(bought, sold)


def read_account(folder):
    with open(os.path.join(folder, "accounts.csv"), encoding="utf-8") as file:
        return next(csv.DictReader(file))
