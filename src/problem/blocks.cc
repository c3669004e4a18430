#include "problem/blocks.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "checks/lots.h"
#include "tax/wash_sale.h"

namespace lotwright {
namespace {

using numerics::Branch;
using numerics::Piece;
using numerics::Range;

// Which lots of a group a sell mode lets go. Replacement shares (young lots) that stay make every loss a wash sale,
// except of the very lot sold (Rev. Rul. 56-602). So losses need every young lot sold in full; or they touch one young
// lot alone, which may then stay in part, while the other young lots, none of them at a loss, go in full.
struct SellMode {
  enum class Losses { none, all, one_lot } losses = Losses::all;
  std::uint32_t lot = 0;      // one_lot: the young lot that may be sold at a loss
  bool young_forced = false;  // every (other) young lot goes in full
  bool bound_only = false;
};

struct LotOption {
  std::uint32_t lot = 0;
  Quantity quantity;
  bool loss = false;
  bool young = false;
};

class BlockBuilder {
 public:
  BlockBuilder(Problem& problem, const CheckedUnit& unit, const CheckedAccount& account,
               const tax::UnitProgress& progress, const PoseOptions& options)
      : problem_(problem),
        program_(problem.program),
        unit_(unit),
        checked_(account),
        progress_(progress),
        options_(options),
        account_(unit.book->account(account.account)) {}

  void add_all();

 private:
  struct LineChoice {
    std::uint32_t line = 0;
    int name = -1;
    std::vector<LotOption> lots;  // that may be sold
    bool all_saleable = false;    // the whole position may go
    double sell_most = 0.0;       // dollars
    bool may_buy = false;
    bool forced = false;
    bool young_stay = false;    // young shares that may not be sold
    bool lock_unclear = false;  // a lock on the line keeps shares, but not these lots in particular
  };

  [[nodiscard]] LineChoice choice_of(std::uint32_t line) const;
  [[nodiscard]] std::vector<SellMode> sell_modes(const std::vector<LineChoice>& lines,
                                                 const tax::WashFacts& facts) const;
  [[nodiscard]] std::vector<SellMode> kept_modes(const std::vector<LineChoice>& lines,
                                                 std::vector<SellMode> modes) const;
  void add_group(const std::vector<std::uint32_t>& lines);
  void add_block(std::vector<LineChoice>& lines, const tax::WashFacts& facts);
  void add_mode(std::vector<std::pair<int, Range>> offers, bool bound_only);
  int add_name(const LineChoice& choice);
  int add_branch(const Branch& branch, BranchMeaning meaning);
  Range hold_branch();
  Range sell_branches(const LineChoice& choice, const SellMode& mode);
  Range buy_branch(const LineChoice& choice);
  // The bundle of these entries; those on rows that the problem does not have (-1) are left out.
  int bundle(std::vector<numerics::RowEntry> list);
  [[nodiscard]] bool serves_a_goal(const CheckedLot& lot) const;
  [[nodiscard]] bool allowed(const LotOption& lot, const SellMode& mode) const;
  [[nodiscard]] bool forced_out(const LotOption& lot, const SellMode& mode) const;
  void add_piece(const LineChoice& choice, const LotOption& lot, bool forced);
  [[nodiscard]] const Security& security_of(std::uint32_t line) const {
    return unit_.book->security(checked_.lines[line].security);
  }
  [[nodiscard]] double dollars(std::uint32_t line, Quantity quantity) const {
    return value_of(quantity, *security_of(line).price).to_double();
  }
  // The least order the rules allow, / scale: minimum trade or one step, half a cent of rounding forgiven.
  [[nodiscard]] double least_order(std::uint32_t line) const;
  [[nodiscard]] bool taxable() const { return problem_.terms.taxable; }

  Problem& problem_;
  numerics::Program& program_;
  const CheckedUnit& unit_;
  const CheckedAccount& checked_;
  const tax::UnitProgress& progress_;
  const PoseOptions& options_;
  const Account& account_;
  std::map<std::vector<numerics::RowEntry>, int> bundles_;
};

double BlockBuilder::least_order(std::uint32_t line) const {
  const double step = dollars(line, security_of(line).quantity_step);
  return std::max({problem_.limits.trade_min.to_double(), step, 0.01}) / problem_.scale - 0.005 / problem_.scale;
}

bool any_in_force(const std::vector<Bar>& bars, const Relaxed& relaxed, std::optional<Strength> forcing) {
  return std::any_of(bars.begin(), bars.end(), [&](const Bar& bar) { return in_force(bar, relaxed, forcing); });
}

bool BlockBuilder::serves_a_goal(const CheckedLot& lot) const {
  return std::ranges::any_of(problem_.goals, [&](const Goal& goal) {
    return lot.gain && goal.realization.counted(lot.term, *lot.gain) >= cent;
  });
}

BlockBuilder::LineChoice BlockBuilder::choice_of(std::uint32_t index) const {
  const CheckedLine& line = checked_.lines[index];
  const std::optional<Strength> forcing = forcing_of(checked_, line);
  LineChoice choice;
  choice.line = index;
  choice.forced = forcing.has_value() && line.held.is_positive();
  const bool sells_allowed = !any_in_force(line.sell_bars, options_.relaxed, forcing);
  Quantity saleable;
  bool losses_only = false;
  bool sells_by_mode = true;
  bool buys_by_mode = true;
  if (!choice.forced) {
    const Mode mode = options_.relaxed.has(Strength::mode) ? Mode::full : account_.effective_policy.mode;
    losses_only = mode == Mode::harvest_only;
    if (problem_.needs_only) {
      sells_by_mode = problem_.terms.cash_line_before < problem_.limits.line_min;
      buys_by_mode =
          !problem_.goals.empty() ||
          (checked_.discretion && problem_.terms.cash_line_before >
                                      account_.effective_policy.cash_max.to_double() * problem_.terms.investable);
    }
  }
  for (std::uint32_t l = line.lot_begin; l < line.lot_end; ++l) {
    const CheckedLot& lot = checked_.lots[l];
    const bool loss = taxable() && may_be_loss(security_of(index), lot);
    const bool needed = sells_by_mode || serves_a_goal(lot);
    const bool may_go = sells_allowed && needed && lot.saleable.is_positive() && !(losses_only && !loss) &&
                        !any_in_force(lot.bars, options_.relaxed, forcing);
    if (may_go) {
      choice.lots.push_back({.lot = l, .quantity = lot.saleable, .loss = loss, .young = lot.young});
      saleable += lot.saleable;
    }
    const Quantity stays = may_go ? account_.lots[l].quantity - lot.saleable : account_.lots[l].quantity;
    if (lot.young && stays.is_positive()) choice.young_stay = true;
  }
  const Quantity free = line.held - line.locked;
  const Quantity most = std::min(saleable, free);
  choice.lock_unclear = line.locked > line.held - saleable;
  choice.all_saleable = most == line.held && line.held.is_positive();
  choice.sell_most = dollars(index, most);
  if (line.weight_min) {
    const double floor_dollars = line.weight_min->to_double() * problem_.terms.investable;
    choice.sell_most = std::min(choice.sell_most, std::max(0.0, dollars(index, line.held) - floor_dollars));
    if (floor_dollars > 0.0) choice.all_saleable = false;
  }
  choice.may_buy = buys_by_mode && !choice.forced && !line.sell_all && problem_.terms.investable > 0.0 &&
                   !any_in_force(line.buy_bars, options_.relaxed, std::nullopt);
  return choice;
}

bool BlockBuilder::allowed(const LotOption& lot, const SellMode& mode) const {
  if (!lot.loss) return true;
  switch (mode.losses) {
    case SellMode::Losses::none:
      return false;
    case SellMode::Losses::all:
      return true;
    case SellMode::Losses::one_lot:
      return lot.lot == mode.lot;
  }
  return false;
}

bool BlockBuilder::forced_out(const LotOption& lot, const SellMode& mode) const {
  return mode.young_forced && lot.young && !(mode.losses == SellMode::Losses::one_lot && lot.lot == mode.lot);
}

std::vector<SellMode> BlockBuilder::sell_modes(const std::vector<LineChoice>& lines,
                                               const tax::WashFacts& facts) const {
  using Losses = SellMode::Losses;
  bool any_loss = false;
  bool young_stay = false;
  bool lock_unclear = false;
  std::vector<std::uint32_t> young;
  std::vector<std::uint32_t> young_losses;
  for (const LineChoice& line : lines) {
    young_stay |= line.young_stay || line.lock_unclear;
    lock_unclear |= line.lock_unclear;
    for (const LotOption& lot : line.lots) {
      any_loss |= lot.loss;
      if (lot.young) young.push_back(lot.lot);
      if (lot.young && lot.loss) young_losses.push_back(lot.lot);
    }
  }
  if (!any_loss || options_.relaxed.wash) return {{}};
  if (facts.loss_barred) return {{.losses = Losses::none}};
  std::vector<SellMode> modes;
  const bool elsewhere = facts.replacements_elsewhere.is_positive();
  if (!elsewhere && young.empty() && !young_stay) return {{}};
  modes.push_back({.losses = Losses::none});
  const bool one_loss = young_losses.size() == 1;
  if (!elsewhere && !young_stay) {
    if (!young.empty()) modes.push_back({.losses = Losses::all, .young_forced = true});
    if (one_loss) modes.push_back({.losses = Losses::one_lot, .lot = young_losses[0], .young_forced = true});
  } else if (!elsewhere && one_loss && young.size() == 1) {
    // Some of the one young lot stays by a lock: it may still be sold in part, being no replacement of itself.
    modes.push_back({.losses = Losses::one_lot, .lot = young_losses[0], .bound_only = true});
  }
  if (account_.effective_policy.wash_sale_disallowed_max.is_positive() || (lock_unclear && !elsewhere)) {
    modes.push_back({.losses = Losses::all, .bound_only = true});
  }
  return modes;
}

int BlockBuilder::bundle(std::vector<numerics::RowEntry> list) {
  std::erase_if(list, [](const numerics::RowEntry& entry) { return entry.row < 0 || entry.coefficient == 0.0; });
  const auto [known, fresh] = bundles_.try_emplace(list, 0);
  if (fresh) known->second = numerics::add_bundle(program_, list);
  return known->second;
}

int BlockBuilder::add_branch(const Branch& branch, BranchMeaning meaning) {
  program_.branches.push_back(branch);
  problem_.meaning.push_back(meaning);
  return static_cast<int>(program_.branches.size()) - 1;
}

Range BlockBuilder::hold_branch() {
  const int index = add_branch({}, {.kind = BranchKind::hold});
  return {index, index + 1};
}

void BlockBuilder::add_piece(const LineChoice& choice, const LotOption& lot, bool forced) {
  const CheckedLot& facts = checked_.lots[lot.lot];
  const double worth = dollars(choice.line, account_.lots[lot.lot].quantity);
  const double true_gain = taxable() && facts.gain && worth > 0.0 ? facts.gain->to_double() / worth : 0.0;
  const double gain = options_.losses_count ? true_gain : std::max(true_gain, 0.0);
  const objective::Terms& terms = problem_.terms;
  const int own_row = facts.term == Term::long_term ? problem_.long_row : problem_.short_row;
  Piece piece;
  piece.length = dollars(choice.line, lot.quantity) / problem_.scale;
  piece.cost = -terms.tax_weight * terms.basis_value * terms.rates.rate_long.to_double() * gain;
  const double shares = account_.lots[lot.lot].quantity.to_double();
  if (worth > 0.0) piece.cost += objective::waiting_a_share(terms, lot.lot) * shares / worth;
  const tax::TaxSlopes& weights = problem_.tax_budget_weights;
  const double weight = facts.term == Term::long_term ? weights.on_long : weights.on_short;
  // What a dollar of gain puts on the rows; a loss that is no reason to sell counts for the goals alone.
  const double sign = true_gain < 0.0 ? -1.0 : 1.0;
  std::vector<numerics::RowEntry> rows;
  if (gain != 0.0) rows = {{own_row, sign}, {problem_.net_row, sign}, {problem_.tax_budget_row, sign * weight}};
  for (const Goal& goal : problem_.goals) rows.push_back({goal.row, goal.realization.counted(facts.term, sign)});
  piece.amount = std::abs(true_gain);
  piece.bundle = piece.amount > 0.0 ? bundle(std::move(rows)) : 0;
  piece.forced = forced;
  program_.pieces.push_back(piece);
  problem_.lot_of_piece.push_back(lot.lot);
  problem_.gain_of_piece.push_back(gain);
  problem_.true_gain_of_piece.push_back(true_gain);
  problem_.term_of_piece.push_back(facts.term);
}

std::vector<numerics::RowEntry> band_entries(const Problem& problem, std::uint32_t line) {
  std::vector<numerics::RowEntry> list;
  for (std::size_t b = 0; b < problem.bands.size(); ++b) {
    const std::vector<std::uint32_t>& lines = problem.bands[b].lines;
    if (std::binary_search(lines.begin(), lines.end(), line)) {
      list.push_back({problem.first_band_row + static_cast<int>(b), 1.0});
    }
  }
  return list;
}

Range BlockBuilder::sell_branches(const LineChoice& choice, const SellMode& mode) {
  const int begin = static_cast<int>(program_.branches.size());
  const objective::Terms& terms = problem_.terms;
  const objective::Line& line = terms.lines[choice.line];
  Branch branch;
  branch.pieces.begin = static_cast<int>(program_.pieces.size());
  double available = 0.0;
  double forced = 0.0;
  Quantity whole;
  for (const LotOption& lot : choice.lots) {
    if (!allowed(lot, mode)) continue;
    add_piece(choice, lot, forced_out(lot, mode));
    available += program_.pieces.back().length;
    if (program_.pieces.back().forced) forced += program_.pieces.back().length;
    whole += lot.quantity;
  }
  branch.pieces.end = static_cast<int>(program_.pieces.size());
  // Summed lot by lot and all at once, the same dollars may differ in the last bits.
  const double limit = choice.sell_most / problem_.scale;
  const double most = limit < available * (1.0 - 1e-12) ? limit : available;
  const bool closes = choice.all_saleable && whole == checked_.lines[choice.line].held;
  if (most <= 0.0 || forced > most) return {begin, begin};
  branch.cost = -(line.half_spread + terms.commission) - line.alpha;
  branch.fixed_cost = terms.ticket_cost / problem_.scale;
  std::vector<numerics::RowEntry> rows = band_entries(problem_, choice.line);
  rows.push_back({problem_.cash_row, -(1.0 - terms.commission)});
  rows.push_back({problem_.sells_row, -1.0});
  branch.bundle = bundle(std::move(rows));
  branch.fixed_bundle = bundle({{problem_.cash_row, -terms.ticket_cost / problem_.scale}});
  const double least = std::max(least_order(choice.line), forced);
  if (choice.forced) {  // everything that may go, goes
    branch.lower = branch.upper = -most;
    if (closes)
      branch.fixed_bundle =
          bundle({{problem_.cash_row, -terms.ticket_cost / problem_.scale}, {problem_.names_row, -name_unit}});
    add_branch(branch, {.kind = BranchKind::sell, .closes = closes});
    return {begin, begin + 1};
  }
  if (most >= least) {
    branch.lower = -most;
    branch.upper = -least;
    add_branch(branch, {.kind = BranchKind::sell});
  }
  if (closes && (most < least || problem_.limits.names_more_max.has_value())) {
    branch.lower = branch.upper = -most;
    branch.fixed_bundle =
        bundle({{problem_.cash_row, -terms.ticket_cost / problem_.scale}, {problem_.names_row, -name_unit}});
    add_branch(branch, {.kind = BranchKind::sell, .closes = true});
  }
  return {begin, static_cast<int>(program_.branches.size())};
}

Range BlockBuilder::buy_branch(const LineChoice& choice) {
  const int begin = static_cast<int>(program_.branches.size());
  const objective::Terms& terms = problem_.terms;
  const objective::Line& line = terms.lines[choice.line];
  const CheckedLine& checked = checked_.lines[choice.line];
  const double held = line.dollars_before;
  double cap = std::max(0.0, checked_.value.to_double());
  if (checked.weight_max && !options_.relaxed.has(checked.weight_max_strength)) {
    cap = std::min(cap, checked.weight_max->to_double() * terms.investable);
  }
  Branch branch;
  branch.lower = least_order(choice.line);
  branch.upper = (cap - held) / problem_.scale;
  if (branch.upper < branch.lower) return {begin, begin};
  branch.cost = line.half_spread + terms.commission - line.alpha;
  branch.fixed_cost = terms.ticket_cost / problem_.scale;
  std::vector<numerics::RowEntry> rows = band_entries(problem_, choice.line);
  rows.push_back({problem_.cash_row, -(1.0 + terms.commission)});
  rows.push_back({problem_.buys_row, 1.0});
  branch.bundle = bundle(std::move(rows));
  branch.fixed_bundle = bundle({{problem_.cash_row, -terms.ticket_cost / problem_.scale},
                               {problem_.names_row, checked.held.is_zero() ? name_unit : 0.0}});
  add_branch(branch, {.kind = BranchKind::buy});
  return {begin, begin + 1};
}

int BlockBuilder::add_name(const LineChoice& choice) {
  const objective::Line& line = problem_.terms.lines[choice.line];
  const bool invested = problem_.terms.investable > 0.0;
  program_.names.push_back({.start = line.dollars_before / problem_.scale - (invested ? line.target : 0.0),
                            .curvature = invested ? problem_.terms.risk_aversion * line.specific_variance : 0.0,
                            .hinge_cost = invested ? line.hurdle : 0.0});
  problem_.line_of_name.push_back(static_cast<int>(choice.line));
  problem_.must_sell.push_back(choice.forced);
  return static_cast<int>(program_.names.size()) - 1;
}

void BlockBuilder::add_mode(std::vector<std::pair<int, Range>> offers, bool bound_only) {
  const int begin = static_cast<int>(program_.offers.size());
  for (const auto& [name, branches] : offers) program_.offers.push_back({name, branches});
  program_.modes.push_back({{begin, static_cast<int>(program_.offers.size())}});
  problem_.bound_only.push_back(bound_only);
}

// A line that is driven out goes as far as the law lets it: of the sell modes, those that let most of it go.
std::vector<SellMode> BlockBuilder::kept_modes(const std::vector<LineChoice>& lines,
                                               std::vector<SellMode> modes) const {
  const auto driven_out = [&](const SellMode& mode) {
    Quantity total;
    for (const LineChoice& line : lines) {
      for (const LotOption& lot : line.lots) {
        if (line.forced && allowed(lot, mode)) total += lot.quantity;
      }
    }
    return total;
  };
  Quantity most;
  for (const SellMode& mode : modes) {
    if (!mode.bound_only) most = std::max(most, driven_out(mode));
  }
  std::erase_if(modes, [&](const SellMode& mode) { return driven_out(mode) < most; });
  return modes;
}

void BlockBuilder::add_block(std::vector<LineChoice>& lines, const tax::WashFacts& facts) {
  const int first_mode = static_cast<int>(program_.modes.size());
  for (LineChoice& line : lines) line.name = add_name(line);
  const bool single = lines.size() == 1;
  const bool any_forced = std::any_of(lines.begin(), lines.end(), [](const LineChoice& l) { return l.forced; });
  bool any_sale = false;
  for (const SellMode& mode : kept_modes(lines, sell_modes(lines, facts))) {
    std::vector<std::pair<int, Range>> offers;
    bool possible = true;
    bool sells = false;
    for (const LineChoice& line : lines) {
      Range sells_of = sell_branches(line, mode);
      const bool must = line.forced || std::any_of(line.lots.begin(), line.lots.end(), [&](const LotOption& lot) {
                          return allowed(lot, mode) && forced_out(lot, mode);
                        });
      if (sells_of.size() == 0 && must && !line.forced) possible = false;
      sells |= sells_of.size() > 0;
      if (sells_of.size() == 0) {
        sells_of = hold_branch();
      } else if (!must && !single) {
        sells_of.end = hold_branch().end;
      }
      offers.emplace_back(line.name, sells_of);
    }
    if (possible && sells) {
      add_mode(offers, mode.bound_only);
      any_sale = any_sale || !mode.bound_only;
    }
  }
  // Holding everything, unless a rule drives a line out that can be sold at all.
  if (!any_forced || !any_sale) {
    std::vector<std::pair<int, Range>> offers;
    for (const LineChoice& line : lines) offers.emplace_back(line.name, hold_branch());
    add_mode(offers, false);
  }
  if (!any_forced && !facts.buy_barred) {
    std::vector<std::pair<int, Range>> offers;
    bool buys = false;
    for (const LineChoice& line : lines) {
      Range branches = line.may_buy ? buy_branch(line) : Range{};
      buys |= branches.size() > 0;
      if (branches.size() == 0) {
        branches = hold_branch();
      } else if (!single) {
        branches.end = hold_branch().end;
      }
      offers.emplace_back(line.name, branches);
    }
    if (buys) add_mode(offers, false);
  }
  program_.blocks.push_back({{first_mode, static_cast<int>(program_.modes.size())}});
  problem_.block_of_many.push_back(!single);
}

void BlockBuilder::add_group(const std::vector<std::uint32_t>& indices) {
  const tax::WashFacts facts =
      progress_.wash.facts(checked_.account, unit_.book->security(checked_.lines[indices[0]].security).group);
  std::vector<LineChoice> lines;
  bool any = false;
  for (const std::uint32_t index : indices) {
    lines.push_back(choice_of(index));
    any |= !lines.back().lots.empty() || (lines.back().may_buy && !facts.buy_barred);
  }
  if (any) add_block(lines, facts);
}

void BlockBuilder::add_all() {
  std::map<GroupIndex, std::vector<std::uint32_t>> groups;
  for (std::uint32_t i = 0; i < checked_.lines.size(); ++i) {
    groups[unit_.book->security(checked_.lines[i].security).group].push_back(i);
  }
  for (const auto& [group, lines] : groups) add_group(lines);
}

}  // namespace

bool in_force(const Bar& bar, const Relaxed& relaxed, std::optional<Strength> forcing) {
  if (relaxed.has(bar.strength)) return false;
  return !forcing || bar.strength <= *forcing;
}

std::optional<Strength> forcing_of(const CheckedAccount& account, const CheckedLine& line) {
  if (!line.sell_all) return std::nullopt;
  return account.liquidating ? Strength::request : Strength::restriction;
}

void add_blocks(Problem& problem, const CheckedUnit& unit, const CheckedAccount& account,
                const tax::UnitProgress& progress, const PoseOptions& options) {
  BlockBuilder(problem, unit, account, progress, options).add_all();
}

}  // namespace lotwright
