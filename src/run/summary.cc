#include "run/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "run/outputs.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

const Money large_account = Money::of_whole(250'000);
constexpr std::size_t largest_max = 10;

GapFigures gap_figures(std::vector<double> gaps) {
  GapFigures figures;
  figures.accounts = gaps.size();
  if (gaps.empty()) return figures;
  std::ranges::sort(gaps);
  const auto rank = [&](double share) {
    const auto place = static_cast<std::size_t>(std::ceil(share * static_cast<double>(gaps.size())));
    return gaps[std::max<std::size_t>(place, 1) - 1];
  };
  figures.median = rank(0.5);
  figures.p99 = rank(0.99);
  figures.max = gaps.back();
  return figures;
}

void count_gaps(const std::vector<AccountResult>& results, Summary& summary) {
  std::vector<double> all;
  std::vector<double> large;
  for (const AccountResult& result : results) {
    const auto gap = gap_bps(result);
    if (!gap) continue;
    all.push_back(*gap);
    if (result.value > large_account) large.push_back(*gap);
  }
  summary.gap = gap_figures(std::move(all));
  summary.gap_large = gap_figures(std::move(large));
}

void count_orders(const AccountResult& result, Summary& summary) {
  for (const Order& order : result.orders) {
    (order.trade.side == Side::buy ? summary.bought : summary.sold) += order.trade.amount;
  }
  summary.orders += result.orders.size();
  summary.turnover += result.turnover * std::max(0.0, result.investable.to_double());
  summary.gain_short += result.gain_short;
  summary.gain_long += result.gain_long;
  summary.tax += result.tax;
  summary.trading_cost += result.trading_cost;
}

void count_account(const AccountResult& result, Summary& summary) {
  ++summary.accounts;
  summary.proven_quiet += result.proven_quiet && result.orders.empty() ? 1 : 0;
  switch (result.status) {
    case ResultStatus::traded:
      ++summary.traded;
      break;
    case ResultStatus::no_trade:
      ++summary.quiet;
      break;
    case ResultStatus::held:
      ++summary.held;
      return;
    case ResultStatus::failed:
      ++summary.failed;
      return;
  }
  count_orders(result, summary);
  summary.objective_before += result.objective_before;
  summary.objective_after += result.objective_after;
  if (!result.investable.is_positive()) return;
  summary.investable += result.investable;
  summary.tracking_error_before += result.investable.to_double() * result.tracking_error_before;
  summary.tracking_error_after += result.investable.to_double() * result.tracking_error_after;
}

void count_harvest_row(const HarvestRow& row, HarvestFigures& figures) {
  if (!row.security_id.empty()) {
    if (row.skipped.is_positive()) figures.skipped_by[row.rule] += row.skipped;
    return;
  }
  const bool scanned = row.status == HarvestStatus::scanned;
  ++(scanned ? figures.scanned : figures.not_scanned);
  if (!scanned) ++figures.not_scanned_by[row.rule];
  figures.lots += static_cast<std::size_t>(row.lots);
  figures.lots_unknown_basis += static_cast<std::size_t>(row.lots_unknown_basis);
  figures.loss += row.loss;
  figures.taken += row.taken;
  figures.disallowed += row.disallowed;
  figures.skipped += row.skipped;
}

// The accounts are counted by the book, not by their rows: one that has no row shows.
HarvestFigures harvest_figures(const Book& book, const std::vector<AccountResult>& results) {
  HarvestFigures figures;
  for (const AccountResult& result : results) {
    if (book.account(result.account).tax_treatment == TaxTreatment::taxable) ++figures.accounts;
    for (const HarvestRow& row : result.harvests) count_harvest_row(row, figures);
  }
  return figures;
}

void count_findings(const std::vector<ExceptionLine>& lines, Summary& summary) {
  for (const ExceptionLine& line : lines) {
    switch (line.finding.severity) {
      case Severity::hold:
        ++summary.holds;
        break;
      case Severity::review:
        ++summary.reviews;
        break;
      case Severity::note:
        ++summary.notes;
        break;
    }
  }
}

std::vector<NotableException> largest_exceptions(const Book& book, const RunResult& run) {
  std::vector<NotableException> notable;
  for (const AccountResult& result : run.accounts) {
    const Finding* worst = nullptr;
    std::size_t count = 0;
    for (const Finding& finding : result.exceptions) {
      if (finding.severity == Severity::note) continue;
      ++count;
      if (worst == nullptr || finding.severity > worst->severity) worst = &finding;
    }
    if (worst == nullptr) continue;
    notable.push_back(
        {book.account(result.account).id.text, result.value, worst->severity, worst->rule, worst->message, count - 1});
  }
  std::ranges::stable_sort(notable, [](const auto& a, const auto& b) { return a.value > b.value; });
  if (notable.size() > largest_max) notable.resize(largest_max);
  return notable;
}

bool is_hold(const Finding& finding) { return finding.severity == Severity::hold; }

// A hold of every account of a book: of the firm or the book itself, or the same rule of each of several accounts.
const Finding* hold_of_all(const Book& book, const std::vector<AccountResult>& results) {
  const auto shared_by_all = [&](const Finding& one) {
    if (one.subject.kind == SubjectKind::firm || one.subject.kind == SubjectKind::book) return true;
    return results.size() > 1 && results.size() == book.accounts.size() &&
           std::ranges::all_of(results, [&](const AccountResult& result) {
             return std::ranges::any_of(result.exceptions,
                                        [&](const Finding& other) { return is_hold(other) && other.rule == one.rule; });
           });
  };
  for (const Finding& one : results.front().exceptions) {
    if (is_hold(one) && shared_by_all(one)) return &one;
  }
  return nullptr;
}

std::string nothing_decided_by(const Book& book, const std::vector<AccountResult>& results) {
  const bool none = std::ranges::all_of(results, [](const AccountResult& result) {
    return result.status == ResultStatus::held || result.status == ResultStatus::failed;
  });
  const Finding* hold = results.empty() || !none ? nullptr : hold_of_all(book, results);
  if (hold == nullptr) return {};
  return fmt::format("no account could be decided: {} holds all {}: {}", hold->rule, results.size(), hold->message);
}

// "1,234,567", half away from zero.
std::string grouped(double amount) {
  std::string digits = fmt::format("{:.0f}", std::abs(amount));
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return (amount <= -0.5 ? "-$" : "$") + digits;
}
std::string grouped(Money amount) { return grouped(amount.to_double()); }

// " (wash_sale_window $2,000, benefit_below_cost $900)", largest first; empty without any.
template <class Amount, class Text>
std::string by_rule(const std::map<std::string, Amount>& amounts, Text text_of_amount) {
  std::vector<std::pair<std::string, Amount>> sorted(amounts.begin(), amounts.end());
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [rule, amount] : sorted) {
    text += (text.empty() ? " (" : ", ") + rule + " " + text_of_amount(amount);
  }
  return text.empty() ? text : text + ")";
}

std::string line_of(const HarvestFigures& harvest) {
  const auto number = [](std::size_t count) { return std::to_string(count); };
  const auto money = [](Money amount) { return grouped(amount); };
  std::string text = fmt::format("  {:<24}{} taxable accounts scanned, {} of losses found, {} taken, {} skipped{}",
                                 "harvest", harvest.scanned, grouped(harvest.loss), grouped(harvest.taken),
                                 grouped(harvest.skipped), by_rule(harvest.skipped_by, money));
  if (harvest.not_scanned > 0) {
    text += fmt::format("; {} not scanned{}", harvest.not_scanned, by_rule(harvest.not_scanned_by, number));
  }
  return text + "\n";
}

std::string line_of(const char* name, const GapFigures& gap) {
  if (gap.accounts == 0) return fmt::format("  {:<24}no account has a bound\n", name);
  return fmt::format("  {:<24}median {:.3f} bp, p99 {:.3f} bp, max {:.3f} bp ({} accounts)\n", name, gap.median,
                     gap.p99, gap.max, gap.accounts);
}

// At most `length` bytes, cut between characters.
std::string shortened(const std::string& text, std::size_t length) {
  if (text.size() <= length) return text;
  std::size_t end = length;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string text_of(const NotableException& one) {
  const std::string more = one.others > 0 ? fmt::format(" (and {} more)", one.others) : "";
  return fmt::format("  {:<12}{:>16}  {:<6}  {}: {}{}\n", one.account_id, grouped(one.value), name_of(one.severity),
                     one.rule, shortened(one.message, 120), more);
}

Json json_of(const GapFigures& gap) {
  return {{"accounts", gap.accounts}, {"median_bps", gap.median}, {"p99_bps", gap.p99}, {"max_bps", gap.max}};
}

// "left on the table  $1,200 a year of risk and holding costs (tax $900, restriction $300)". What a client's request
// asks for is told apart: nobody left that.
std::string line_of(const std::map<std::string, LeftByCause>& left) {
  if (left.empty()) return {};
  Money sum;
  Money requested;
  Money balancing;  // of causes whose drifts take off more than they add
  std::size_t unknown = 0;
  std::map<std::string, Money> dollars;
  for (const auto& [cause, one] : left) {
    unknown += one.accounts_unknown;
    (cause == "request" ? requested : sum) += one.dollars;
    if (cause == "request") continue;
    if (one.dollars.is_positive()) dollars[cause] = one.dollars;
    if (one.dollars.is_negative()) balancing += one.dollars;
  }
  const auto money = [](Money amount) { return grouped(amount); };
  std::string text = fmt::format("  {:<24}{} a year of risk and holding costs stay after the orders{}",
                                 "left on the table", grouped(sum), by_rule(dollars, money));
  if (balancing.is_negative()) text += fmt::format(", less {} by drifts that balance them", grouped(-balancing));
  if (unknown > 0) text += fmt::format("; unknown of {} held account{}", unknown, unknown == 1 ? "" : "s");
  if (!requested.is_zero()) text += fmt::format("; {} more are what requests ask for", grouped(requested));
  return text + "\n";
}

Json json_of(const std::map<std::string, LeftByCause>& left) {
  Json causes = Json::object();
  for (const auto& [cause, one] : left) {
    causes[cause] = {{"accounts", one.accounts},
                     {"accounts_unknown", one.accounts_unknown},
                     {"lines", one.lines},
                     {"dollars", one.dollars.to_double()}};
  }
  return causes;
}

Json json_of(const HarvestFigures& harvest) {
  Json not_scanned_by = Json::object();
  for (const auto& [rule, count] : harvest.not_scanned_by) not_scanned_by[rule] = count;
  Json skipped_by = Json::object();
  for (const auto& [rule, amount] : harvest.skipped_by) skipped_by[rule] = amount.to_double();
  return {{"accounts_taxable", harvest.accounts},
          {"scanned", harvest.scanned},
          {"not_scanned", harvest.not_scanned},
          {"not_scanned_by", std::move(not_scanned_by)},
          {"lots", harvest.lots},
          {"lots_unknown_basis", harvest.lots_unknown_basis},
          {"loss", harvest.loss.to_double()},
          {"taken", harvest.taken.to_double()},
          {"disallowed", harvest.disallowed.to_double()},
          {"skipped", harvest.skipped.to_double()},
          {"skipped_by", std::move(skipped_by)}};
}

Json json_of(const std::vector<NotableException>& largest) {
  Json list = Json::array();
  for (const NotableException& one : largest) {
    list.push_back({{"account_id", one.account_id},
                    {"value", one.value.to_double()},
                    {"severity", name_of(one.severity)},
                    {"rule", one.rule},
                    {"message", one.message},
                    {"others", one.others}});
  }
  return list;
}

Json json_of(const Findings& gates) {
  Json list = Json::array();
  for (const Finding& gate : gates) {
    list.push_back(
        {{"rule", gate.rule}, {"observed", gate.observed}, {"limit", gate.limit}, {"message", gate.message}});
  }
  return list;
}

Json json_of(const std::vector<UncheckedGate>& gates) {
  Json list = Json::array();
  for (const UncheckedGate& gate : gates) list.push_back({{"gate", gate.setting}, {"lacks", gate.lacks}});
  return list;
}

// A line for each gate: of one that blew for many securities the first in full, the others together.
std::string lines_of(const Findings& gates) {
  constexpr std::size_t named_max = 4;
  std::string text;
  for (auto first = gates.begin(); first != gates.end();) {
    const auto end = std::find_if(first, gates.end(), [&](const Finding& one) { return one.rule != first->rule; });
    text += fmt::format("STOPPED by {}: {}\n", first->rule, first->message);
    const auto others = static_cast<std::size_t>(end - first) - 1;
    std::string named;
    for (auto one = first + 1; one != end && one - first <= static_cast<std::ptrdiff_t>(named_max); ++one)
      named += (named.empty() ? "" : ", ") + one->observed;
    if (others > 0) {
      text += fmt::format("  and {} more of this gate: {}{}; gates.html has all\n", others, named,
                          others > named_max ? ", ..." : "");
    }
    first = end;
  }
  return text;
}

double total_seconds(const std::vector<StageSeconds>& seconds) {
  double total = 0.0;
  for (const StageSeconds& stage : seconds) total += stage.seconds;
  return total;
}

}  // namespace

Summary summarize(const Book& book, const RunResult& run) {
  Summary summary;
  summary.firm = book.firm.name;
  summary.as_of = book.firm.as_of;
  summary.gates = run.gates;
  summary.gates_unchecked = run.gates_unchecked;
  summary.untested = run.untested;
  summary.nothing_decided = nothing_decided_by(book, run.accounts);
  summary.seconds = run.seconds;
  summary.threads = run.threads;
  for (const AccountResult& result : run.accounts) count_account(result, summary);
  if (summary.investable.is_positive()) {
    summary.tracking_error_before /= summary.investable.to_double();
    summary.tracking_error_after /= summary.investable.to_double();
  }
  count_gaps(run.accounts, summary);
  summary.harvest = harvest_figures(book, run.accounts);
  summary.left = left_by_cause(run.accounts);
  count_findings(exception_lines(book, run), summary);
  summary.largest = largest_exceptions(book, run);
  const double seconds = total_seconds(run.seconds);
  if (seconds > 0.0) summary.accounts_a_second = static_cast<double>(summary.accounts) / seconds;
  return summary;
}

std::string text_of(const Summary& s) {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "{}, as of {}\n\n", s.firm, s.as_of.to_string());
  text += lines_of(s.gates);
  for (const std::string& sentence : s.untested) text += sentence + "\n";
  if (!s.nothing_decided.empty()) text += "NOTHING DECIDED: " + s.nothing_decided + "\n";
  if (!s.untested.empty() || !s.nothing_decided.empty()) text += "\n";
  if (!s.gates.empty()) text += "The figures below are what was proposed: none of the orders left.\n\n";
  for (const UncheckedGate& gate : s.gates_unchecked) {
    fmt::format_to(out, "NOT CHECKED: {}: {}\n", gate.setting, gate.lacks);
  }
  if (!s.gates_unchecked.empty()) text += "\n";
  fmt::format_to(out, "  {:<24}{}: {} traded, {} quiet, {} held, {} failed\n", "accounts", s.accounts, s.traded,
                 s.quiet, s.held, s.failed);
  if (s.proven_quiet > 0) {
    fmt::format_to(out, "  {:<24}{} of the quiet at the prices of the run before\n", "ended by proof", s.proven_quiet);
  }
  fmt::format_to(out, "  {:<24}{}: bought {}, sold {}, turnover {}\n", "orders", s.orders, grouped(s.bought),
                 grouped(s.sold), grouped(s.turnover));
  fmt::format_to(out, "  {:<24}short-term {}, long-term {}\n", "gains realized", grouped(s.gain_short),
                 grouped(s.gain_long));
  text += line_of(s.harvest);
  text += line_of(s.left);
  fmt::format_to(out, "  {:<24}tax as the objective counts it {}, trading {}\n", "costs", grouped(s.tax),
                 grouped(s.trading_cost));
  fmt::format_to(out, "  {:<24}{:.3f} % before, {:.3f} % after, weighted by value ({})\n", "tracking error",
                 100.0 * s.tracking_error_before, 100.0 * s.tracking_error_after, grouped(s.investable));
  fmt::format_to(out, "  {:<24}{} before, {} after, a year\n", "objective", grouped(s.objective_before),
                 grouped(s.objective_after));
  text += line_of("proven gap", s.gap);
  text += line_of("  above $250,000", s.gap_large);
  fmt::format_to(out, "  {:<24}{} hold, {} review, {} note\n", "exceptions", s.holds, s.reviews, s.notes);
  fmt::format_to(out, "  {:<24}", "seconds");
  for (const StageSeconds& stage : s.seconds) fmt::format_to(out, "{} {:.3f}, ", stage.stage, stage.seconds);
  fmt::format_to(out, "{:.0f} accounts a second on {} threads\n", s.accounts_a_second, s.threads);
  if (!s.largest.empty()) text += "\nLargest accounts that need a person\n";
  for (const NotableException& one : s.largest) text += text_of(one);
  return text;
}

std::string json_of(const Summary& s) {
  Json json;
  json["firm"] = s.firm;
  json["as_of"] = s.as_of.to_string();
  json["stopped_by"] = json_of(s.gates);
  json["gates_unchecked"] = json_of(s.gates_unchecked);
  json["orders_sent"] = s.gates.empty();  // false: counts and totals are of what was proposed
  json["untested"] = s.untested;
  json["nothing_decided"] = s.nothing_decided;
  json["counts"] = {
      {"accounts", s.accounts}, {"traded", s.traded}, {"no_trade", s.quiet}, {"proven_quiet", s.proven_quiet},
      {"held", s.held},         {"failed", s.failed}, {"orders", s.orders},  {"holds", s.holds},
      {"reviews", s.reviews},   {"notes", s.notes}};
  json["totals"] = {{"bought", s.bought.to_double()},
                    {"sold", s.sold.to_double()},
                    {"turnover", s.turnover},
                    {"gain_short", s.gain_short.to_double()},
                    {"gain_long", s.gain_long.to_double()},
                    {"tax", s.tax},
                    {"trading_cost", s.trading_cost},
                    {"investable_value", s.investable.to_double()},
                    {"objective_before", s.objective_before},
                    {"objective_after", s.objective_after},
                    {"tracking_error_before", s.tracking_error_before},
                    {"tracking_error_after", s.tracking_error_after}};
  json["harvest"] = json_of(s.harvest);
  json["left"] = json_of(s.left);
  json["gap"] = json_of(s.gap);
  json["gap_above_250000"] = json_of(s.gap_large);
  json["largest_exceptions"] = json_of(s.largest);
  Json seconds = Json::object();
  for (const StageSeconds& stage : s.seconds) seconds[stage.stage] = stage.seconds;
  json["seconds"] = std::move(seconds);
  json["accounts_a_second"] = s.accounts_a_second;
  json["threads"] = s.threads;
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright
