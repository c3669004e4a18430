"""A history cut at a day and continued from the lots that were written: the same as in one go.

What lots.csv does not tell stands in the conventions (32), and such histories are left out: losses that still look for
replacements at the cut, or find them later in shares that arrive from elsewhere and were bought back then; shares
on their way, outside purchases that count on both sides, positions that are held, what is taken back across the cut."""
import datetime

from ledger_twin import histories

HARMLESS = ("wash_sale_linked_by_household", "ledger_basis_unknown", "ledger_not_judged", "ledger_loss_doubtful")
DAYS_OF = {"transactions.csv": "trade_date", "corporate_actions.csv": "effective_on"}


def is_day(text):
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def day_of_cut(drawn, dice):
    """The day of one of the rows: what is on it and behind it is the second part."""
    days = [row.get("trade_date", "") for one in drawn.values() for row in one["transactions.csv"]]
    return dice.choice(sorted(filter(is_day, days)))


def can_be_cut(one, cut):
    """By its rows alone; what came of the first part is looked at later."""
    rows = [(row, row.get(column, "")) for file, column in DAYS_OF.items() for row in one[file]]
    if any(row.get("reverses") or not is_day(day) for row, day in rows):
        return False
    ids = {(row.get("transaction_id") or row.get("action_id", ""), day < cut) for row, day in rows}
    near = str(datetime.date.fromisoformat(cut) - datetime.timedelta(30))
    return (len(ids) == len({id for id, _ in ids}) and
            all(is_day(row.get("acquired_on", "")) and row["acquired_on"] < cut for row in one["opening_lots.csv"]) and
            not any(row.get("outside") and near <= day < cut for row, day in rows))


def part(one, cut, first, opening):
    """The rows before the cut, or those behind it with the lots that are there."""
    cut_of = lambda file: [row for row in one[file] if (row[DAYS_OF[file]] < cut) == first]
    return {**one, **{file: cut_of(file) for file in DAYS_OF}, "opening_lots.csv": opening}


def bought_back_then(one, cut, loss_on):
    """Whether shares come in behind the cut that were bought within 30 days of a loss before it."""
    window = datetime.timedelta(30)
    return any(row["trade_date"] >= cut and is_day(row.get("acquired_on", "")) and row["kind"] == "transfer_in" and
               abs(datetime.date.fromisoformat(row["acquired_on"]) - loss_on) <= window
               for row in one["transactions.csv"])


def settled(drawn, first, cut, outputs, under_way):
    """The numbers of the histories of whose first part nothing is left that lots.csv does not tell."""
    whose = histories.joined(first)[1]
    unsettled = {whose.get((row["file"], int(row["line"]))) for row in outputs["findings.csv"]
                 if row["line"] and row["rule"] not in HARMLESS}
    for row in outputs["form8949.csv"]:
        number = histories.number_in(row["account_id"])
        if row["open_until"] or row["gain"].startswith("-") and bought_back_then(
                drawn[number], cut, datetime.date.fromisoformat(row["sold_on"])):
            unsettled.add(number)
    return [number for number in drawn if number not in unsettled | set(map(histories.number_in, under_way))]


def told(outputs, cut):
    """{number of a history: its lots, ranked among themselves, and its sales behind the cut}."""
    found = {}
    for lot in sorted(outputs["lots.csv"], key=lambda lot: int(lot["made"])):
        rows = found.setdefault(histories.number_in(lot["account_id"]), [])
        rows.append({**lot, "made": len(rows)})
    for sale in outputs["form8949.csv"]:
        if sale["sold_on"] >= cut:
            found.setdefault(histories.number_in(sale["account_id"]), []).append({**sale, "open_until": ""})
    return found


def cut_in_two(play, under_way, drawn, dice):
    """([numbers that were continued], [those that came out otherwise], the day of the cut, the second part as drawn).
    `play` gives what the program writes of histories, {file: rows}, `under_way` the accounts that shares have left."""
    cut = day_of_cut(drawn, dice)
    drawn = {number: one for number, one in drawn.items() if can_be_cut(one, cut)}
    if not drawn:
        return [], [], cut, {}
    first = {number: part(one, cut, True, one["opening_lots.csv"]) for number, one in drawn.items()}
    written = play(first)
    left = {number: [] for number in settled(drawn, first, cut, written, under_way(first))}
    for lot in written["lots.csv"]:
        if histories.number_in(lot["account_id"]) in left:
            left[histories.number_in(lot["account_id"])].append(lot)
    second = {number: part(drawn[number], cut, False, [
        {name: lot[name] for name in histories.COLUMNS["opening_lots.csv"].split()} for lot in lots])
        for number, lots in left.items()}
    if not second:
        return [], [], cut, {}
    whole, continued = told(play({number: drawn[number] for number in second}), cut), told(play(second), cut)
    return list(second), [one for one in second if whole.get(one) != continued.get(one)], cut, second
