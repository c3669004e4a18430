"""The tax law of the ledger as functions of dates and exact numbers, each written as literally as its paragraph reads.

Amounts and quantities are whole millionths, dates are datetime.date. Nothing here was taken from src/tax: this is the
second opinion."""
import calendar
import datetime
from fractions import Fraction

WINDOW_DAYS = 30  # IRC 1091(a): a period beginning 30 days before the date of such sale and ending 30 days after


def rounded(value):
    """A fraction to the nearest whole number, halves away from zero."""
    value = Fraction(value)
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


def share_of(whole, part, total):
    """What of `whole` belongs to `part` of `total`."""
    return rounded(Fraction(whole * part, total))


def is_last_of_month(day):
    return day.day == calendar.monthrange(day.year, day.month)[1]


def one_year_complete(held_from):
    """The day on which a year is complete. The day of acquisition is left out (Rev. Rul. 66-97); months are calendar
    months, and property acquired on the last day of a month completes its months on last days (Rev. Rul. 66-7)."""
    year = held_from.year + 1
    day = held_from.day
    if is_last_of_month(held_from):
        day = calendar.monthrange(year, held_from.month)[1]
    return datetime.date(year, held_from.month, day)


def term(held_from, sold_on):
    """IRC 1222: long-term is more than one year."""
    return "long_term" if sold_on > one_year_complete(held_from) else "short_term"


def in_window(loss_on, bought_on):
    return abs((bought_on - loss_on).days) <= WINDOW_DAYS


def tacked(replacement_held_from, loss_on, loss_held_from):
    """IRC 1223(3): the period of the shares sold counts as the replacement's own, day for day."""
    return replacement_held_from - (loss_on - loss_held_from)


def netted(short, long, carried_short, carried_long, limit):
    """Schedule D, IRC 1211(b) and 1212(b): (carried short, carried long, set against ordinary income)."""
    s, l = short - carried_short, long - carried_long
    if s + l >= 0:
        return 0, 0, 0
    offset = min(limit, -(s + l))
    return max(0, -s - offset - max(0, l)), max(0, -l - max(0, s + offset)), offset


def days_held_around(ex_date, bought_on, sold_on):
    """IRC 1(h)(11)(B)(iii), 246(c): days held in the 121 days that begin 60 days before the ex-dividend date. The day
    of acquisition does not count, the day of disposal does; sold_on None means still held."""
    first = max(ex_date - datetime.timedelta(60), bought_on + datetime.timedelta(1))
    last = ex_date + datetime.timedelta(60)
    if sold_on is not None:
        last = min(last, sold_on)
    return max(0, (last - first).days + 1)


def is_qualified(ex_date, bought_on, sold_on):
    return bought_on < ex_date and (sold_on is None or sold_on >= ex_date) and (
        days_held_around(ex_date, bought_on, sold_on) > 60)
