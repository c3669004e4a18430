#include "reports/savings_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "book/rules.h"
#include "orders/names.h"
#include "reports/html.h"
#include "reports/savings_chart.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

using savings::Baseline;
using savings::Comparison;
using savings::Event;
using savings::Figures;
using savings::LotRow;
using savings::Period;

constexpr std::size_t lots_shown_max = 12;  // of each trader; the others are one line

constexpr std::string_view style = R"(
:root { --due: #1d4e5f; --carried: #9ab8c4; }
:root { --deferral: #2f6fb0; --harvest: #2e8b6f; --difference: #c58a1b; --permanent: #7b4fa3; }
@media print { :root { --due: #222; --carried: #aaa; }
  :root { --deferral: #444; --harvest: #888; --difference: #bbb; --permanent: #111; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } body { margin: 0; max-width: none; padding: 0; }
  h2 { break-after: avoid; } section { break-inside: auto; } table { font-size: 8pt; } th, td { padding-right: .4rem; }
  .wide { overflow: visible; } thead { display: table-header-group; } }
@page { margin: 16mm 14mm; }
.lead { font-size: 1.05rem; } .under { color: var(--soft); margin-top: -.6rem; }
.due { fill: var(--due); } .carried { fill: var(--carried); }
.deferral { fill: var(--deferral); } .harvest { fill: var(--harvest); } .difference { fill: var(--difference); }
.permanent { fill: var(--permanent); } .zero { stroke: var(--ink); stroke-width: 1; } svg .total { font-weight: 600; }
.small { color: var(--soft); font-size: .85rem; } dt { font-weight: 600; } dd { margin: 0 0 .5rem 1.2rem; }
table { font-size: .8rem; } th, td { padding-right: .55rem; } h3 { font-size: 1rem; margin-bottom: .3rem; }
)";

// ── words

const char* short_name(Baseline baseline) {
  switch (baseline) {
    case Baseline::snap_fifo:
      return "Full rebalance";
    case Baseline::band_hifo:
      return "Rebalance by bands";
    case Baseline::no_trading:
      return "No trading";
  }
  return "";
}

const char* in_words(Baseline baseline) {
  switch (baseline) {
    case Baseline::snap_fifo:
      return "a full rebalance to target that sells the oldest lots first";
    case Baseline::band_hifo:
      return "a rebalance by drift bands that sells the lots of highest cost first";
    case Baseline::no_trading:
      return "no trading at all";
  }
  return "";
}

std::string paragraph(const std::string& text, const char* kind = "") {
  return *kind == '\0' ? "<p>" + escaped(text) + "</p>\n"
                       : fmt::format("<p class=\"{}\">{}</p>\n", kind, escaped(text));
}

std::string listed_items(const std::vector<std::string>& items) {
  std::string html = "<ul>\n";
  for (const std::string& item : items) html += "<li>" + escaped(item) + "</li>\n";
  return html + "</ul>\n";
}

std::string section(const std::string& heading, const std::string& body) {
  return "<section><h2>" + escaped(heading) + "</h2>\n" + body + "</section>\n";
}

// "30 %": as many decimals as the setting has.
std::string share(double fraction) { return fmt::format("{:.6g} %", 100.0 * fraction); }

const char* better_or_worse(Money amount) { return amount.is_negative() ? "worse" : "better"; }

// ── the facts of the page

class Page {
 public:
  explicit Page(const SavingsFacts& facts)
      : facts_(facts), book_(*facts.book), told_(*facts.account), account_(book_.account(told_.account)) {}

  std::string html() const {
    std::string body = under_the_title();
    if (told_.decided()) {
      body += in_short() + pieces() + ways_of_trading();
    } else {
      body += section("In short", paragraph(why_nothing()) + held_accounts());
    }
    return whole_page("Taxes saved or deferred", style,
                      body + year_so_far() + tax_return() + lots() + how_it_is_reckoned());
  }

 private:
  [[nodiscard]] const Comparison* of(Period period, Baseline baseline) const {
    for (const Comparison* one : facts_.comparisons) {
      if (one->period == period && one->baseline == baseline) return one;
    }
    throw Defect("a page lacks a comparison");
  }
  [[nodiscard]] Figures figures(Baseline baseline) const {
    return figures_of(*of(Period::run, baseline), told_.account);
  }
  [[nodiscard]] const Policy& policy() const { return account_.effective_policy; }
  [[nodiscard]] const Taxpayer& payer() const { return book_.taxpayers[account_.taxpayer.value]; }
  [[nodiscard]] std::string day() const { return book_.firm.as_of.to_string(); }
  [[nodiscard]] int this_year() const { return book_.firm.as_of.civil().year; }

  // What is saved, by its two parts; their sum is not the tax of any year and is never called so.
  [[nodiscard]] std::string parts_in_words(const Figures& own) const {
    const std::string due = own.saved_due.is_zero()
                                ? fmt::format("the same tax due for {}", this_year())
                                : fmt::format("{} {} tax due for {}", usd(own.saved_due.abs()),
                                              own.saved_due.is_positive() ? "less" : "more", this_year());
    if (own.saved_carried.is_zero()) return due;
    const std::string carried =
        fmt::format("{}, and {} {} in losses carried forward to later years, at what they are worth today", due,
                    usd(own.saved_carried.abs()), own.saved_carried.is_positive() ? "more" : "less");
    if (own.saved_due.is_zero()) return carried;
    return fmt::format("{}; together {} {}", carried, usd(own.saved.abs()), better_or_worse(own.saved));
  }

  [[nodiscard]] std::string under_the_title() const {
    std::string text = fmt::format("Account {}, {}", account_.id.text, day());
    if (!book_.firm.name.empty()) text = book_.firm.name + ". " + text;
    return paragraph(text + fmt::format(". Value {}. Taxpayer {}.", usd(told_.value), payer().id.text), "under");
  }

  [[nodiscard]] std::string why_nothing() const {
    return fmt::format(
        "No orders left for this account on {}: it is {}{}. Nothing is compared; what is known of the "
        "year so far is told below.",
        day(), name_of(told_.status),
        told_.held_by.empty() ? "" : fmt::format(" ({})", rule::meaning_of(told_.held_by)));
  }

  // Nothing where every account of the taxpayer was decided, or there is only this one.
  [[nodiscard]] std::string held_accounts() const {
    std::size_t held = 0;
    std::vector<std::string> reasons;
    for (const auto& [rule, accounts] : held_by_rule(facts_.of_taxpayer)) {
      held += accounts;
      reasons.push_back(fmt::format("{} ({})", rule::meaning_of(rule), accounts));
    }
    if (held == 0 || facts_.of_taxpayer.size() == 1) return {};
    return paragraph(
        fmt::format("Of {} taxable accounts of taxpayer {}, {} had no orders that could be compared, and "
                    "count nothing here: {}.",
                    facts_.of_taxpayer.size(), payer().id.text, held, listed(reasons)));
  }

  [[nodiscard]] std::string in_short() const {
    std::string body = paragraph(fmt::format("What the orders of {} do to the taxpayer's taxes, this account's part "
                                             "of it:",
                                             day()),
                                 "lead");
    std::vector<std::string> items;
    for (const Baseline baseline : savings::baselines) {
      const Figures own = figures(baseline);
      items.push_back(fmt::format("Compared with {}: {}.", in_words(baseline), parts_in_words(own)));
      if (own.later_tax.is_zero()) continue;
      items.back() += fmt::format(
          " Later years are then expected to bring {} {} tax, worth {} today: with that, {} {} in all, at today's "
          "worth.",
          usd(own.later_tax.abs()), own.later_tax.is_positive() ? "more" : "less", usd(own.later_tax_today.abs()),
          usd(own.net_today().abs()), better_or_worse(own.net_today()));
    }
    body += listed_items(items) + paragraph(prices_of_later_years()) + held_accounts();
    std::vector<SavingsBar> bars;
    for (const Baseline baseline : savings::baselines) bars.push_back({short_name(baseline), figures(baseline)});
    return section("In short", body + savings_chart(bars) + parts());
  }

  [[nodiscard]] std::string prices_of_later_years() const {
    return fmt::format(
        "These figures rest on two prices that the adviser sets: tax on a later gain counts {} of its dollars today, "
        "a loss carried forward {} of the long-term tax that it will save.",
        share(policy().basis_value), share(of(Period::run, Baseline::no_trading)->loss_value));
  }

  [[nodiscard]] std::string parts() const {
    Table table;
    table.columns = {"against",   "less tax due", "losses carried", "both together",
                     "later tax", "worth today",  "net today"};
    for (const Baseline baseline : savings::baselines) {
      const Figures own = figures(baseline);
      table.rows.push_back({short_name(baseline), usd(own.saved_due), usd(own.saved_carried), usd(own.saved),
                            usd(own.later_tax), usd(own.later_tax_today), usd(own.net_today())});
    }
    return html_of(table, "What is saved, in its two parts") +
           fmt::format(
               "<dl>\n<dt>Less tax due</dt><dd>The difference on the tax return of {0}; below zero: more tax is due."
               "</dd>\n<dt>Losses carried</dt><dd>What having more losses to carry forward is worth today: losses "
               "that {0} cannot use and later years will. No money of {0}.</dd>\n"
               "<dt>Later tax</dt><dd>What the lower cost basis is expected to cost in later years, in the dollars of "
               "those years. It is never added as it stands: <em>worth today</em> is what it counts now, and <em>net "
               "today</em> is both parts together less that.</dd>\n</dl>\n",
               this_year());
  }

  [[nodiscard]] std::string pieces() const {
    Table table;
    table.columns = {"against", "gains put off", "losses taken", "rate difference", "kept for good", "both together"};
    for (const Baseline baseline : savings::baselines) {
      const Figures own = figures(baseline);
      table.rows.push_back({short_name(baseline), usd(own.deferral), usd(own.harvest), usd(own.rate_difference),
                            usd(own.permanent), usd(own.saved)});
    }
    return section(
        "Where it comes from",
        html_of(table, "Where it comes from") +
            "<dl>\n<dt>Gains put off</dt><dd>Gains the baseline would have realized and these orders did "
            "not, at the rate expected in later years: this tax is deferred, not gone.</dd>\n"
            "<dt>Losses taken</dt><dd>Losses these orders realized beyond the baseline's, and losses of the last 30 "
            "days that it would have undone by buying the same security back, at the rate they count now.</dd>\n"
            "<dt>Rate difference</dt><dd>Gains put off, at the rate they would count now less the one expected "
            "later. Above zero: now is dearer, as where shares may grow into long-term ones. Below zero: now is "
            "cheaper, as where losses carried forward would take the gains up; or these orders realize gains that the "
            "baseline does not, at a rate above that of later years.</dd>\n"
            "<dt>Kept for good</dt><dd>Losses of the last 30 days that the baseline would have "
            "lost for ever, by buying the same security back in a retirement account.</dd>\n"
            "<dt>Both together</dt><dd>The same sum as above: less tax due for the year, and losses carried forward "
            "at their worth today. The rates hold both.</dd>\n</dl>\n");
  }

  // ── what each would have done

  // One trader's row, and below the table what its purchases make of losses taken before: no gain of its sales.
  void add_way(Table& table, std::string& below, const std::string& name, const TraderFacts& trader,
               const Comparison& comparison, bool of_run) const {
    Money of_short;
    Money of_long;
    Money disallowed;
    Money undone;
    for (const LotRow& row : comparison.rows) {
      if (row.of_run != of_run || row.account != told_.account) continue;
      const bool earlier = row.event == Event::earlier_loss;
      (earlier ? undone : disallowed) += row.disallowed;
      if (!earlier) (row.term == Term::long_term ? of_long : of_short) += row.counted;
    }
    table.rows.push_back({name, usd(trader.sold), usd(trader.bought), usd(of_short), usd(of_long), usd(disallowed),
                          percent(trader.tracking_error), usd(trader.trading_cost)});
    if (undone.is_zero()) return;
    below += paragraph(fmt::format(
        "{}: a loss of {} of the last 30 days that the wash-sale rule disallows, because the same security, "
        "or one that counts as the same, is bought again.",
        name, usd(undone)));
  }

  [[nodiscard]] std::string ways_of_trading() const {
    Table table;
    table.columns = {"",
                     "sold",
                     "bought",
                     "short-term gains",
                     "long-term gains",
                     "losses disallowed",
                     "distance to target",
                     "trading cost"};
    std::string below;
    add_way(table, below, "These orders", told_.run, *of(Period::run, Baseline::no_trading), true);
    for (const Baseline baseline : savings::baselines) {
      const TraderFacts& trader = told_.baselines[static_cast<std::size_t>(baseline)];
      add_way(table, below, short_name(baseline), trader, *of(Period::run, baseline), false);
      if (!trader.cash_missing.is_positive()) continue;
      below += paragraph(fmt::format("{}: {} of the money due to be paid out would not be there.", short_name(baseline),
                                     usd(trader.cash_missing)));
    }
    return section(
        "What each way of trading would have done",
        html_of(table, "What each way of trading would have done") + below +
            paragraph(fmt::format("The distance to target is the tracking error expected for a year; before the orders "
                                  "it was {}. Less tax alone is no merit: no trading pays none and leaves the "
                                  "portfolio where it is.",
                                  percent(told_.tracking_error_before)),
                      "small"));
  }

  // ── the year before

  [[nodiscard]] std::string year_so_far() const {
    const Comparison& year = *of(Period::year, Baseline::no_trading);
    Money gains;
    Money losses;
    std::size_t sales = 0;
    for (const LotRow& row : year.rows) {
      if (row.account != told_.account) continue;
      (row.counted.is_negative() ? losses : gains) += row.counted;
      ++sales;
    }
    const Figures own = figures_of(year, told_.account);
    const Figures others = figures_of(year, AccountIndex());
    std::vector<std::string> items;
    items.push_back(
        sales == 0 ? fmt::format("The records at hand show no sale of this account since 1 January {}.", this_year())
                   : fmt::format("Before these orders, the records at hand show {} of gains and {} of losses realized "
                                 "in this account since 1 January {}. Compared with a year without sales: {}.",
                                 usd(gains), usd(losses.abs()), this_year(), parts_in_words(own)));
    if (std::ranges::any_of(year.rows, [](const LotRow& row) { return !row.account.exists(); })) {
      items.push_back(
          fmt::format("Realized gains and losses of the year that the records at hand do not tell by account, "
                      "compared with a year without sales: {}.",
                      parts_in_words(others)));
    }
    items.push_back(
        "Against the other two baselines nothing can be said of the past: they would have sold lots that "
        "are no longer there, on days whose prices and payments are not in the book. No figure is made up.");
    tell_budgets(items);
    return section("The year so far", listed_items(items));
  }

  void tell_budgets(std::vector<std::string>& items) const {
    const Comparison& run = *of(Period::run, Baseline::no_trading);
    if (payer().gain_budget) {
      const Money used = payer().realized_short_ytd + payer().realized_long_ytd + run.of_run.gains.short_term +
                         run.of_run.gains.long_term - run.of_baseline.gains.short_term -
                         run.of_baseline.gains.long_term;
      items.push_back(fmt::format("Of the year's gain budget of {}, {} are used once these orders are done.",
                                  usd(*payer().gain_budget), usd(std::max(Money(), used))));
    }
    if (payer().tax_budget) {
      items.push_back(fmt::format("Of the year's tax budget of {}, {} are used once these orders are done.",
                                  usd(*payer().tax_budget), usd(std::max(Money(), run.of_run.tax))));
    }
  }

  [[nodiscard]] std::string tax_return() const {
    Table table;
    table.columns = {"",
                     "net short-term",
                     "net long-term",
                     fmt::format("tax due for {}", this_year()),
                     "losses carried",
                     "worth today",
                     "due less worth"};
    const auto add = [&](const std::string& name, const savings::YearTax& year) {
      table.rows.push_back({name, usd(year.gains.short_term), usd(year.gains.long_term), usd(year.due),
                            usd(year.carried), usd(year.carried_value), usd(year.tax)});
    };
    const bool decided = std::ranges::any_of(facts_.of_taxpayer, &TradedAccount::decided);
    add(decided ? "These orders" : "As it stands", of(Period::run, Baseline::no_trading)->of_run);
    for (const Baseline baseline : savings::baselines) {
      if (decided) add(short_name(baseline), of(Period::run, baseline)->of_baseline);
    }
    return section(
        "On the tax return",
        html_of(table, "On the tax return") +
            paragraph("Gains are netted over all accounts of the taxpayer, with what is realized and "
                      "expected elsewhere this year and with losses of earlier years. A tax below zero is "
                      "what a net loss saves on other income. Less tax due, and more worth of losses carried "
                      "forward, are the two parts of what is saved; each account has its part of them.",
                      "small"));
  }

  // ── the lots

  [[nodiscard]] std::vector<const LotRow*> rows_of(const Comparison& comparison, bool of_run) const {
    std::vector<const LotRow*> rows;
    for (const LotRow& row : comparison.rows) {
      if (row.of_run == of_run && row.account == told_.account) rows.push_back(&row);
    }
    std::ranges::stable_sort(rows, std::greater{}, [](const LotRow* row) { return row->figures.saved.abs(); });
    return rows;
  }

  [[nodiscard]] std::vector<std::string> cells_of(const LotRow& row) const {
    const std::string security = row.security.exists() ? book_.security(row.security).id.text : "";
    const std::string lot = row.event == Event::earlier_loss ? "loss of " + row.sold_on->to_string() : row.lot_id;
    return {security,
            lot,
            row.acquired_on ? row.acquired_on->to_string() : "",
            term_in_words(row.term),
            row.quantity ? row.quantity->to_string() : "",
            row.proceeds ? usd(*row.proceeds) : "",
            row.cost_basis ? usd(*row.cost_basis) : "",
            row.gain ? usd(*row.gain) : "unknown",
            usd(row.disallowed),
            percent(row.rate),
            usd(row.figures.saved_due),
            usd(row.figures.saved_carried),
            usd(row.figures.saved)};
  }

  [[nodiscard]] std::string lot_table(const std::string& heading, const std::vector<const LotRow*>& rows) const {
    if (rows.empty()) return {};
    Table table;
    table.text_columns = 4;
    table.columns = {"security", "lot",        "acquired", "term",    "shares",  "proceeds", "cost",
                     "gain",     "disallowed", "rate",     "tax due", "carried", "together"};
    Figures others;
    Figures sum;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      sum.add(rows[i]->figures);
      if (i < lots_shown_max) table.rows.push_back(cells_of(*rows[i]));
      if (i >= lots_shown_max) others.add(rows[i]->figures);
    }
    const auto total = [&](const std::string& name, const Figures& of) {
      table.rows.push_back(
          {name, "", "", "", "", "", "", "", "", "", usd(of.saved_due), usd(of.saved_carried), usd(of.saved)});
    };
    if (rows.size() > lots_shown_max) total(fmt::format("{} more", rows.size() - lots_shown_max), others);
    total("together", sum);
    return "<h3>" + escaped(heading) + "</h3>\n" + html_of(table, heading);
  }

  [[nodiscard]] std::string lots() const {
    std::string body;
    for (const Baseline baseline : savings::baselines) {
      const Comparison& comparison = *of(Period::run, baseline);
      const std::string against = short_name(baseline);
      body += lot_table(against + ": what it would have sold", rows_of(comparison, false));
      body += lot_table(against + ": what these orders sold, at the same rates", rows_of(comparison, true));
    }
    if (body.empty()) return {};
    body += paragraph(
        "The last column is the gain that counts (the gain and what a wash sale disallows of a loss) times the "
        "rate: added where the baseline would have sold, taken off where these orders did. The rate is "
        "what a dollar more of gain adds to the tax due for the year and takes from the worth of losses carried "
        "forward, on the mean between the two outcomes; the two columns before the last tell them apart. For "
        "each baseline both tables together make what is saved. Every lot, the further columns and the "
        "exact rates are in tax_lots.csv.",
        "small");
    return section("The lots behind the figures", body);
  }

  // ── the method

  [[nodiscard]] std::string how_it_is_reckoned() const {
    const std::vector<std::string> items = {
        "Full rebalance: every line goes to its target in whole steps, the oldest lots are sold first.",
        fmt::format("Rebalance by bands: only lines off their target by more than {} of the portfolio, or by more than "
                    "{} of their target where that is less, go to it; the lots of highest cost a share are sold first.",
                    percent(savings::band_of_value.to_double(), 0), percent(savings::band_of_target.to_double(), 0)),
        "All begin with the same lots, prices, cash and payments due, keep the same restrictions, and trade on the "
        "same "
        "day. The two rebalances do not look at tax, and the wash sales they would cause count against them.",
        fmt::format("Later years are taxed at {}. A dollar of tax in later years counts {} of it today, for it may be "
                    "put off for long, or fall away by a gift or a step-up at death (setting basis_value). A loss "
                    "carried forward counts {} of the long-term tax it will save (loss_value).",
                    percent(payer().rate_long.to_double()), share(policy().basis_value),
                    share(of(Period::run, Baseline::no_trading)->loss_value)),
        "Gifts and estates themselves are not in these figures. Dividends, and state taxes beyond the rates given, are "
        "not either.",
        "Figures of several days must not be added for the two rebalances: each day they begin anew from the lots that "
        "are really there.",
        "These are comparisons with trades that were not made, not a tax return and not advice on tax. Please ask a "
        "tax professional before relying on them."};
    return section("How this is reckoned", "<div class=\"small\">\n" + listed_items(items) + "</div>\n");
  }

  const SavingsFacts& facts_;
  const Book& book_;
  const TradedAccount& told_;
  const Account& account_;
};

}  // namespace

std::map<std::string, std::size_t> held_by_rule(const std::vector<const TradedAccount*>& accounts) {
  std::map<std::string, std::size_t> held;
  for (const TradedAccount* one : accounts) {
    if (!one->decided()) ++held[one->held_by.empty() ? name_of(one->status) : one->held_by];
  }
  return held;
}

std::string savings_page(const SavingsFacts& facts) { return Page(facts).html(); }

}  // namespace lotwright::reports
