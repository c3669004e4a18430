#include "problem/blocks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "tax/wash_sale.h"

namespace lotwright {
namespace {

constexpr double no_limit = 1e300;

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

struct LineOfGroup {
  GroupIndex group;
  std::uint32_t line = 0;
  friend auto operator<=>(const LineOfGroup&, const LineOfGroup&) = default;
};

void for_each_group(std::span<const LineOfGroup> lines, const auto& act) {
  for (auto first = lines.begin(); first != lines.end();) {
    const auto end =
        std::find_if(first, lines.end(), [&](const LineOfGroup& line) { return line.group != first->group; });
    act(std::span(first, end));
    first = end;
  }
}

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
        account_(unit.book->account(account.account)),
        mode_(options.relaxed.has(Strength::mode) ? Mode::full : account_.effective_policy.mode),
        sell_bundles_(problem.band_sets.size(), -1),
        buy_bundles_(problem.band_sets.size(), -1) {
    piece_bundles_.fill(-1);
    fixed_bundles_.fill(-1);
  }

  void add_all();

 private:
  struct LineChoice {
    std::uint32_t line = 0;
    int name = -1;
    Range lots;                 // of lots_: that may be sold
    bool all_saleable = false;  // the whole position may go
    double sell_most = 0.0;     // dollars
    double least_order = 0.0;   // / scale: whole steps worth the minimum trade, at least one
    bool may_buy = false;
    bool forced = false;
    Quantity directed;          // what a person ordered, as far as the group's modes let it be made
    bool young_stay = false;    // young shares that may not be sold
    bool lock_unclear = false;  // a lock on the line keeps shares, but not these lots in particular
  };

  // Its lots are added to lots_.
  [[nodiscard]] LineChoice choice_of(std::uint32_t line);
  [[nodiscard]] Quantity unbarred(const CheckedLine& line) const;
  [[nodiscard]] bool sells_directed(const LineChoice& choice) const {
    return choice.directed.is_positive() && checked_.lines[choice.line].directed_side == Side::sell;
  }
  [[nodiscard]] bool buys_directed(const LineChoice& choice) const {
    return choice.directed.is_positive() && checked_.lines[choice.line].directed_side == Side::buy;
  }
  // Of what is ordered, what the mode lets go.
  [[nodiscard]] Quantity directed_within(const LineChoice& choice, const SellMode& mode) const;
  void fit_directed(const tax::WashFacts& facts);
  void take_up_group(std::span<const LineOfGroup> lines);
  [[nodiscard]] double directed_cash(std::span<const LineOfGroup> lines);
  void set_line_before(std::span<const LineOfGroup> lines);
  [[nodiscard]] std::span<const LotOption> lots_of(const LineChoice& choice) const {
    return {lots_.data() + choice.lots.begin, static_cast<std::size_t>(choice.lots.size())};
  }
  void set_sell_modes(const tax::WashFacts& facts);
  void drop_lesser_modes();
  void reserve();
  void add_group(std::span<const LineOfGroup> lines);
  void add_block(const tax::WashFacts& facts);
  // Was one added that the rules allow?
  bool add_sell_mode(const SellMode& mode);
  [[nodiscard]] Quantity steps_within(const LineChoice& choice, double most, Quantity lots) const;
  void add_mode_of_each_branch(bool bound_only);
  void add_hold_mode();
  void add_buy_mode();
  // Of the offers from `first_offer` on.
  void add_mode(int first_offer, bool bound_only);
  int add_name(const LineChoice& choice);
  int add_branch(const Branch& branch, BranchMeaning meaning);
  Range hold_branch();
  Range sell_branches(const LineChoice& choice, const SellMode& mode);
  Range directed_sale(const LineChoice& choice, const SellMode& mode, Branch branch, double most);
  Range buy_branch(const LineChoice& choice);
  // An entry of the bundle that `bundle` makes next; nothing on a row that the problem does not have (-1).
  void put(int row, double coefficient);
  // The bundle of the entries put since the last one: an earlier one, where there is one of the same.
  int bundle();
  // The bundles of a piece, of a branch and of its ticket: each kind is made once.
  int piece_bundle(Term term, double true_gain, double gain);
  int branch_bundle(BranchKind kind, std::uint32_t line);
  int fixed_bundle(int names_more);
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
  [[nodiscard]] double least_order(std::uint32_t line) const;
  [[nodiscard]] bool taxable() const { return problem_.terms.taxable; }

  Problem& problem_;
  numerics::Program& program_;
  const CheckedUnit& unit_;
  const CheckedAccount& checked_;
  const tax::UnitProgress& progress_;
  const PoseOptions& options_;
  const Account& account_;
  const Mode mode_;
  std::vector<numerics::RowEntry> entries_;
  // Bundles by what they stand for, -1 where nothing has asked yet.
  std::array<int, 8> piece_bundles_;  // by term, sign and whether the decision counts the gain
  std::array<int, 3> fixed_bundles_;  // by names more, from -1
  std::vector<int> sell_bundles_;     // by set of bands
  std::vector<int> buy_bundles_;
  // Of the group at hand; kept, for their room.
  std::vector<LineChoice> lines_;
  std::vector<LotOption> lots_;
  std::vector<SellMode> modes_;
};

double BlockBuilder::least_order(std::uint32_t line) const {
  const Security& security = security_of(line);
  const Quantity least = least_quantity_worth(problem_.limits.trade_min, *security.price, security.quantity_step);
  return least.to_double() * security.price->to_double() / problem_.scale * (1.0 - 1e-12);
}

// Most lots and lines have no bars.
inline bool any_in_force(const std::vector<Bar>& bars, const Relaxed& relaxed, std::optional<Strength> forcing) {
  for (const Bar& bar : bars) {
    if (in_force(bar, relaxed, forcing)) return true;
  }
  return false;
}

bool BlockBuilder::serves_a_goal(const CheckedLot& lot) const {
  return std::ranges::any_of(problem_.goals, [&](const Goal& goal) {
    return lot.gain && goal.realization.counted(lot.term, *lot.gain) >= cent;
  });
}

// What may be sold of lots that no rule keeps.
Quantity BlockBuilder::unbarred(const CheckedLine& line) const {
  Quantity sum;
  for (std::uint32_t l = line.lot_begin; l < line.lot_end; ++l) {
    const CheckedLot& lot = checked_.lots[l];
    if (!any_in_force(lot.bars, options_.relaxed, std::nullopt)) sum += lot.saleable;
  }
  return sum;
}

BlockBuilder::LineChoice BlockBuilder::choice_of(std::uint32_t index) {
  const CheckedLine& line = checked_.lines[index];
  const std::optional<Strength> forcing = forcing_of(checked_, line);
  LineChoice choice;
  choice.line = index;
  choice.lots.begin = static_cast<int>(lots_.size());
  choice.forced = line.sell_all && line.held.is_positive();
  const bool sells_allowed = !any_in_force(line.sell_bars, options_.relaxed, forcing);
  Quantity saleable;
  bool losses_only = false;
  bool sells_by_mode = true;
  bool buys_by_mode = true;
  if (!choice.forced) {
    losses_only = mode_ == Mode::harvest_only;
    if (problem_.needs_only) {
      sells_by_mode = problem_.line_before < problem_.limits.line_min;
      buys_by_mode =
          !problem_.goals.empty() ||
          (checked_.discretion &&
           problem_.line_before > problem_.terms.cash_max * problem_.terms.investable + checked_.set_aside.to_double());
    }
  }
  choice.directed = line.directed;
  const bool sells_directed = line.directed.is_positive() && line.directed_side == Side::sell;
  if (line.directed.is_positive()) {
    losses_only = false;
    sells_by_mode = sells_directed;
    buys_by_mode = !sells_directed;
  }
  // Lots that a weaker rule keeps serve a directed sale only where the others are not enough.
  const bool spares = sells_directed && unbarred(line) >= line.directed;
  for (std::uint32_t l = line.lot_begin; l < line.lot_end; ++l) {
    const CheckedLot& lot = checked_.lots[l];
    const bool loss = taxable() && lot.at_loss();
    const bool needed = sells_by_mode || serves_a_goal(lot);
    const bool may_go = sells_allowed && needed && lot.saleable.is_positive() && !(losses_only && !loss) &&
                        !any_in_force(lot.bars, options_.relaxed, spares ? std::nullopt : forcing);
    if (may_go) {
      lots_.push_back({.lot = l, .quantity = lot.saleable, .loss = loss, .young = lot.young});
      saleable += lot.saleable;
    }
    const Quantity stays = may_go ? account_.lots[l].quantity - lot.saleable : account_.lots[l].quantity;
    if (lot.young && stays.is_positive()) choice.young_stay = true;
  }
  choice.lots.end = static_cast<int>(lots_.size());
  const Quantity free = line.held - line.locked;
  const Quantity most = std::min(saleable, free);
  choice.lock_unclear = line.locked > line.held - saleable;
  choice.all_saleable = most == line.held && line.held.is_positive();
  choice.sell_most = most == line.held ? problem_.terms.lines[index].dollars_before : dollars(index, most);
  if (line.weight_min) {
    const double floor_dollars = line.weight_min->to_double() * problem_.terms.investable;
    choice.sell_most = std::min(choice.sell_most, std::max(0.0, dollars(index, line.held) - floor_dollars));
    if (floor_dollars > 0.0) choice.all_saleable = false;
  }
  const bool buys_directed = line.directed.is_positive() && !sells_directed;
  choice.may_buy = buys_by_mode && !choice.forced && !line.sell_all && problem_.terms.investable > 0.0 &&
                   !any_in_force(line.buy_bars, options_.relaxed, buys_directed ? forcing : std::nullopt);
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

void BlockBuilder::set_sell_modes(const tax::WashFacts& facts) {
  using Losses = SellMode::Losses;
  bool any_loss = false;
  bool young_stay = false;
  bool lock_unclear = false;
  int young = 0;
  int young_losses = 0;
  std::uint32_t young_loss = 0;
  for (const LineChoice& line : lines_) {
    // A lock that could keep a young lot: without one it keeps nobody's replacement.
    const bool may_keep_young = line.lock_unclear && std::ranges::any_of(lots_of(line), &LotOption::young);
    young_stay |= line.young_stay || may_keep_young;
    lock_unclear |= may_keep_young;
    for (const LotOption& lot : lots_of(line)) {
      any_loss |= lot.loss;
      if (!lot.young) continue;
      ++young;
      if (!lot.loss) continue;
      ++young_losses;
      young_loss = lot.lot;
    }
  }
  modes_.clear();
  const bool elsewhere = facts.replacements_elsewhere.is_positive();
  if (!any_loss || options_.relaxed.wash || (!facts.loss_barred && !elsewhere && young == 0 && !young_stay)) {
    modes_.emplace_back();
    return;
  }
  modes_.push_back({.losses = Losses::none});
  if (facts.loss_barred) return;
  const bool one_loss = young_losses == 1;
  if (!elsewhere && !young_stay) {
    if (young > 0) modes_.push_back({.losses = Losses::all, .young_forced = true});
    if (one_loss) modes_.push_back({.losses = Losses::one_lot, .lot = young_loss, .young_forced = true});
  } else if (!elsewhere && one_loss && young == 1) {
    // Some of the one young lot stays by a lock: it may still be sold in part, being no replacement of itself.
    modes_.push_back({.losses = Losses::one_lot, .lot = young_loss, .bound_only = true});
  }
  if (account_.effective_policy.wash_sale_disallowed_max.is_positive() || (lock_unclear && !elsewhere)) {
    modes_.push_back({.losses = Losses::all, .bound_only = true});
  }
}

void BlockBuilder::put(int row, double coefficient) {
  if (row >= 0 && coefficient != 0.0) entries_.push_back({row, coefficient});
}

// Few are made, and most differ in their first entries: going through them costs less than keeping them in order.
int BlockBuilder::bundle() {
  const auto is_same = [&](const numerics::Bundle& made) {
    return static_cast<std::size_t>(made.size()) == entries_.size() &&
           std::equal(entries_.begin(), entries_.end(), program_.entries.begin() + made.begin);
  };
  const auto same = std::ranges::find_if(program_.bundles, is_same);
  const auto index = static_cast<int>(same - program_.bundles.begin());
  if (same == program_.bundles.end()) numerics::add_bundle(program_, entries_);
  entries_.clear();
  return index;
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

// What a dollar of gain puts on the rows; a loss that is no reason to sell counts for the goals alone.
int BlockBuilder::piece_bundle(Term term, double true_gain, double gain) {
  const bool long_term = term == Term::long_term;
  const bool loses = true_gain < 0.0;
  const bool counts = gain != 0.0;
  int& made = piece_bundles_[(long_term ? 4U : 0U) + (loses ? 2U : 0U) + (counts ? 1U : 0U)];
  if (made >= 0) return made;
  const tax::TaxSlopes& weights = problem_.tax_budget_weights;
  const double weight = long_term ? weights.on_long : weights.on_short;
  const double sign = loses ? -1.0 : 1.0;
  if (counts) {
    put(long_term ? problem_.long_row : problem_.short_row, sign);
    put(problem_.net_row, sign);
    put(problem_.tax_budget_row, sign * weight);
  }
  for (const Goal& goal : problem_.goals) put(goal.row, goal.realization.counted(term, sign));
  return made = bundle();
}

// What a unit of x puts on the rows.
int BlockBuilder::branch_bundle(BranchKind kind, std::uint32_t line) {
  const bool buys = kind == BranchKind::buy;
  const auto set = static_cast<std::size_t>(problem_.band_set_of_line[line]);
  int& made = (buys ? buy_bundles_ : sell_bundles_)[set];
  if (made >= 0) return made;
  for (const auto& [band, share] : problem_.band_sets[set]) put(problem_.first_band_row + band, share);
  const double commission = problem_.terms.commission;
  put(problem_.cash_row, buys ? -(1.0 + commission) : -(1.0 - commission));
  put(buys ? problem_.buys_row : problem_.sells_row, buys ? 1.0 : -1.0);
  return made = bundle();
}

// What an order puts on them once.
int BlockBuilder::fixed_bundle(int names_more) {
  int& made = fixed_bundles_[static_cast<std::size_t>(names_more + 1)];
  if (made >= 0) return made;
  put(problem_.cash_row, -problem_.terms.ticket_cost / problem_.scale);
  put(problem_.names_row, name_unit * names_more);
  return made = bundle();
}

void BlockBuilder::add_piece(const LineChoice& choice, const LotOption& lot, bool forced) {
  const CheckedLot& facts = checked_.lots[lot.lot];
  const Quantity whole = account_.lots[lot.lot].quantity;
  const double worth = dollars(choice.line, whole);
  const double true_gain = taxable() && facts.gain && worth > 0.0 ? facts.gain->to_double() / worth : 0.0;
  const double gain = options_.losses_count ? true_gain : std::max(true_gain, 0.0);
  const objective::Terms& terms = problem_.terms;
  Piece piece;
  piece.length = (lot.quantity == whole ? worth : dollars(choice.line, lot.quantity)) / problem_.scale;
  piece.cost = -terms.tax_weight * terms.basis_value * terms.rates.rate_long.to_double() * gain;
  if (worth > 0.0) piece.cost += objective::waiting_a_share(terms, lot.lot) * whole.to_double() / worth;
  piece.amount = std::abs(true_gain);
  piece.bundle = piece.amount > 0.0 ? piece_bundle(facts.term, true_gain, gain) : 0;
  piece.forced = forced;
  program_.pieces.push_back(piece);
  problem_.lot_of_piece.push_back(lot.lot);
  problem_.gain_of_piece.push_back(gain);
  problem_.true_gain_of_piece.push_back(true_gain);
  problem_.term_of_piece.push_back(facts.term);
}

// The most whole steps that may be sold: of the lots, of what is not locked, within `most` of x.
Quantity BlockBuilder::steps_within(const LineChoice& choice, double most, Quantity lots) const {
  const CheckedLine& line = checked_.lines[choice.line];
  const Security& security = security_of(choice.line);
  Quantity available = std::min(lots, line.held - line.locked);
  if (most < no_limit) {
    const double shares = most * problem_.scale / security.price->to_double();
    const auto count = static_cast<std::int64_t>(shares * static_cast<double>(Quantity::scale));
    available = std::min(available, Quantity::of_count(count));
  }
  const std::int64_t step = security.quantity_step.count();
  return Quantity::of_count(available.count() / step * step);
}

// What a person ordered and nothing else; none where the mode does not let all of it go.
Range BlockBuilder::directed_sale(const LineChoice& choice, const SellMode& mode, Branch branch, double most) {
  const int begin = static_cast<int>(program_.branches.size());
  if (directed_within(choice, mode) < choice.directed) return {begin, begin};
  const bool all = choice.directed == checked_.lines[choice.line].held;
  branch.lower = branch.upper = all ? -most : -dollars(choice.line, choice.directed) / problem_.scale;
  if (all) branch.fixed_bundle = fixed_bundle(-1);
  add_branch(branch, {.kind = BranchKind::sell, .closes = all});
  return {begin, begin + 1};
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
  Quantity forced_out_of_it;
  for (const LotOption& lot : lots_of(choice)) {
    if (!allowed(lot, mode)) continue;
    add_piece(choice, lot, forced_out(lot, mode));
    available += program_.pieces.back().length;
    whole += lot.quantity;
    if (!program_.pieces.back().forced) continue;
    forced += program_.pieces.back().length;
    forced_out_of_it += lot.quantity;
  }
  branch.pieces.end = static_cast<int>(program_.pieces.size());
  // Summed lot by lot and all at once, the same dollars may differ in the last bits.
  const double limit = choice.sell_most / problem_.scale;
  const double most = limit < available * (1.0 - 1e-12) ? limit : available;
  const bool closes = choice.all_saleable && whole == checked_.lines[choice.line].held;
  if (most <= 0.0 || forced > most) return {begin, begin};
  // Whole steps alone can be sold, where the sale does not close the position.
  const Quantity in_steps = closes ? whole : steps_within(choice, most < available ? most : no_limit, whole);
  if (in_steps < forced_out_of_it) return {begin, begin};
  branch.cost = -(line.half_spread + terms.commission) - objective::carry_of(line);
  branch.fixed_cost = (terms.ticket_cost + terms.order_price) / problem_.scale;
  branch.bundle = branch_bundle(BranchKind::sell, choice.line);
  branch.fixed_bundle = fixed_bundle(0);
  const double least = std::max(choice.least_order, forced);
  if (sells_directed(choice)) return directed_sale(choice, mode, branch, most);
  if (choice.forced) {  // everything that may go, goes
    if (in_steps.is_zero()) return {begin, begin};
    const double price = security_of(choice.line).price->to_double();
    branch.lower = branch.upper = closes ? -most : -in_steps.to_double() * price / problem_.scale;
    if (closes) branch.fixed_bundle = fixed_bundle(-1);
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
    branch.fixed_bundle = fixed_bundle(-1);
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
  branch.lower = choice.least_order;
  branch.upper = (cap - held) / problem_.scale;
  if (choice.directed.is_positive())
    branch.lower = branch.upper = dollars(choice.line, choice.directed) / problem_.scale;
  if (branch.upper < branch.lower) return {begin, begin};
  branch.cost = line.half_spread + terms.commission - objective::carry_of(line);
  branch.fixed_cost = (terms.ticket_cost + terms.order_price) / problem_.scale;
  branch.bundle = branch_bundle(BranchKind::buy, choice.line);
  branch.fixed_bundle = fixed_bundle(checked.held.is_zero() ? 1 : 0);
  add_branch(branch, {.kind = BranchKind::buy});
  return {begin, begin + 1};
}

int BlockBuilder::add_name(const LineChoice& choice) {
  const objective::Line& line = problem_.terms.lines[choice.line];
  const bool invested = problem_.terms.investable > 0.0;
  program_.names.push_back({.start = line.dollars_before / problem_.scale - (invested ? line.target : 0.0),
                            .curvature = invested ? problem_.terms.risk_aversion * line.specific_variance : 0.0,
                            .hinge_cost = invested ? line.hurdle : 0.0,
                            .step = security_of(choice.line).quantity_step.to_double() *
                                    security_of(choice.line).price->to_double() / problem_.scale});
  problem_.line_of_name.push_back(static_cast<int>(choice.line));
  problem_.must_sell.push_back(choice.forced);
  problem_.directed.push_back(choice.directed);
  return static_cast<int>(program_.names.size()) - 1;
}

void BlockBuilder::add_mode(int first_offer, bool bound_only) {
  program_.modes.push_back({{first_offer, static_cast<int>(program_.offers.size())}});
  problem_.bound_only.push_back(bound_only);
}

// Of a line by itself a part may be sold or all of it: modes can be held to, branches of one cannot.
void BlockBuilder::add_mode_of_each_branch(bool bound_only) {
  const numerics::Offer all = program_.offers.back();
  program_.offers.pop_back();
  for (int branch = all.branches.begin; branch < all.branches.end; ++branch) {
    program_.offers.push_back({all.name, {branch, branch + 1}});
    add_mode(static_cast<int>(program_.offers.size()) - 1, bound_only);
  }
}

// A line that is driven out goes as far as the law lets it: of the sell modes, those that let most of it go.
void BlockBuilder::drop_lesser_modes() {
  const auto driven_out = [&](const SellMode& mode) {
    Quantity total;
    for (const LineChoice& line : lines_) {
      if (!line.forced) continue;
      for (const LotOption& lot : lots_of(line)) {
        if (allowed(lot, mode)) total += lot.quantity;
      }
    }
    return total;
  };
  Quantity most;
  for (const SellMode& mode : modes_) {
    if (!mode.bound_only) most = std::max(most, driven_out(mode));
  }
  std::erase_if(modes_, [&](const SellMode& mode) { return driven_out(mode) < most; });
}

bool BlockBuilder::add_sell_mode(const SellMode& mode) {
  const int first_offer = static_cast<int>(program_.offers.size());
  bool possible = true;
  bool sells = false;
  for (const LineChoice& line : lines_) {
    Range sells_of = sell_branches(line, mode);
    const bool must =
        line.forced || line.directed.is_positive() || std::ranges::any_of(lots_of(line), [&](const LotOption& lot) {
          return allowed(lot, mode) && forced_out(lot, mode);
        });
    if (sells_of.size() == 0 && must && !line.forced) possible = false;
    sells |= sells_of.size() > 0;
    if (sells_of.size() == 0) {
      sells_of = hold_branch();
    } else if (!must && lines_.size() > 1) {
      sells_of.end = hold_branch().end;
    }
    program_.offers.push_back({line.name, sells_of});
  }
  if (possible && sells) {
    if (lines_.size() > 1) {
      add_mode(first_offer, mode.bound_only);
    } else {
      add_mode_of_each_branch(mode.bound_only);
    }
    return !mode.bound_only;
  }
  program_.offers.resize(static_cast<std::size_t>(first_offer));
  return false;
}

void BlockBuilder::add_hold_mode() {
  const int first_offer = static_cast<int>(program_.offers.size());
  for (const LineChoice& line : lines_) program_.offers.push_back({line.name, hold_branch()});
  add_mode(first_offer, false);
}

void BlockBuilder::add_buy_mode() {
  const int first_offer = static_cast<int>(program_.offers.size());
  bool buys = false;
  for (const LineChoice& line : lines_) {
    Range branches = line.may_buy ? buy_branch(line) : Range{};
    buys |= branches.size() > 0;
    if (branches.size() == 0) {
      branches = hold_branch();
    } else if (lines_.size() > 1 && line.directed.is_zero()) {
      branches.end = hold_branch().end;
    }
    program_.offers.push_back({line.name, branches});
  }
  if (buys) {
    add_mode(first_offer, false);
  } else {
    program_.offers.resize(static_cast<std::size_t>(first_offer));
  }
}

Quantity BlockBuilder::directed_within(const LineChoice& choice, const SellMode& mode) const {
  Quantity most;
  Quantity forced;
  for (const LotOption& lot : lots_of(choice)) {
    if (!allowed(lot, mode)) continue;
    most += lot.quantity;
    if (forced_out(lot, mode)) forced += lot.quantity;
  }
  if (forced > choice.directed) return {};
  if (most >= choice.directed) return choice.directed;
  const std::int64_t step = security_of(choice.line).quantity_step.count();
  return Quantity::of_count(most.count() / step * step);
}

// What a person ordered is made as far as the group's modes let it, a purchase unless the law bars it.
void BlockBuilder::fit_directed(const tax::WashFacts& facts) {
  for (LineChoice& line : lines_) {
    if (facts.buy_barred && buys_directed(line)) line.directed = {};
    if (!sells_directed(line)) continue;
    Quantity most;
    for (const SellMode& mode : modes_) {
      if (!mode.bound_only) most = std::max(most, directed_within(line, mode));
    }
    line.directed = most;
    if (most.is_zero()) line.lots.end = line.lots.begin;  // it stays: nobody asked for another sale of it
  }
}

void BlockBuilder::add_block(const tax::WashFacts& facts) {
  const int first_mode = static_cast<int>(program_.modes.size());
  set_sell_modes(facts);
  fit_directed(facts);
  for (LineChoice& line : lines_) {
    line.name = add_name(line);
    line.least_order = least_order(line.line);
  }
  const auto is_forced = [](const LineChoice& line) { return line.forced; };
  const bool any_forced = std::ranges::any_of(lines_, is_forced);
  const bool sells = std::ranges::any_of(lines_, [&](const LineChoice& line) { return sells_directed(line); });
  const bool buys = std::ranges::any_of(lines_, [&](const LineChoice& line) { return buys_directed(line); });
  if (any_forced) drop_lesser_modes();
  bool any_sale = false;
  if (!buys) {
    for (const SellMode& mode : modes_) any_sale |= add_sell_mode(mode);
  }
  // Holding everything, unless a rule drives a line out that can be sold at all, or a person ordered a trade.
  if (!buys && ((!any_forced && !sells) || !any_sale)) add_hold_mode();
  if (!any_forced && !sells && !facts.buy_barred) add_buy_mode();
  program_.blocks.push_back({{first_mode, static_cast<int>(program_.modes.size())}});
  problem_.block_of_many.push_back(lines_.size() > 1);
}

void BlockBuilder::take_up_group(std::span<const LineOfGroup> lines) {
  lines_.clear();
  lots_.clear();
  for (const LineOfGroup& line : lines) lines_.push_back(choice_of(line.line));
}

void BlockBuilder::add_group(std::span<const LineOfGroup> lines) {
  const tax::WashFacts facts = progress_.wash.facts(checked_.account, lines[0].group);
  take_up_group(lines);
  const auto may_trade = [&](const LineChoice& line) {
    return line.lots.size() > 0 || (line.may_buy && !facts.buy_barred);
  };
  if (std::ranges::any_of(lines_, may_trade)) add_block(facts);
}

// What the directed trades of a group that are really made bring to the cash line, their cost left out.
double BlockBuilder::directed_cash(std::span<const LineOfGroup> lines) {
  if (std::ranges::none_of(lines,
                           [&](const LineOfGroup& one) { return checked_.lines[one.line].directed.is_positive(); })) {
    return 0.0;
  }
  const tax::WashFacts facts = progress_.wash.facts(checked_.account, lines[0].group);
  take_up_group(lines);
  set_sell_modes(facts);
  fit_directed(facts);
  double cash = 0.0;
  for (const LineChoice& line : lines_) {
    if (sells_directed(line)) cash += dollars(line.line, line.directed);
    if (buys_directed(line) && line.may_buy) cash -= dollars(line.line, line.directed);
  }
  return cash;
}

// Of the line after directed trades, needs are told. Other lines of a group may serve a need: a second look, with the
// need that the first one leaves, tells what they do to its directed trades.
void BlockBuilder::set_line_before(std::span<const LineOfGroup> groups) {
  const double before = problem_.terms.cash_line_before;
  problem_.line_before = before;
  if (std::ranges::none_of(checked_.lines, [](const CheckedLine& line) { return line.directed.is_positive(); })) return;
  for (int look = 0; look < 2; ++look) {
    double line = before;
    for_each_group(groups, [&](std::span<const LineOfGroup> group) { line += directed_cash(group); });
    problem_.line_before = line;
  }
}

// Room for what most accounts need: every line by itself, selling, holding or buying.
void BlockBuilder::reserve() {
  const std::size_t lines = checked_.lines.size();
  const std::size_t lots = checked_.lots.size();
  program_.names.reserve(lines);
  program_.blocks.reserve(lines);
  program_.branches.reserve(4 * lines);
  program_.offers.reserve(4 * lines);
  program_.modes.reserve(4 * lines);
  program_.pieces.reserve(2 * lots);
  problem_.line_of_name.reserve(lines);
  problem_.meaning.reserve(4 * lines);
  problem_.lot_of_piece.reserve(2 * lots);
  problem_.gain_of_piece.reserve(2 * lots);
  problem_.true_gain_of_piece.reserve(2 * lots);
  problem_.term_of_piece.reserve(2 * lots);
}

void BlockBuilder::add_all() {
  reserve();
  std::vector<LineOfGroup> groups;
  groups.reserve(checked_.lines.size());
  for (std::uint32_t i = 0; i < checked_.lines.size(); ++i) {
    groups.push_back({unit_.book->security(checked_.lines[i].security).group, i});
  }
  std::ranges::sort(groups);
  set_line_before(groups);
  for_each_group(groups, [&](std::span<const LineOfGroup> group) { add_group(group); });
}

}  // namespace

bool in_force(const Bar& bar, const Relaxed& relaxed, std::optional<Strength> forcing) {
  if (relaxed.has(bar.strength)) return false;
  return !forcing || bar.strength <= *forcing;
}

std::optional<Strength> forcing_of(const CheckedAccount& account, const CheckedLine& line) {
  if (line.directed.is_positive()) return Strength::request;
  if (!line.sell_all) return std::nullopt;
  return account.liquidating ? Strength::request : Strength::restriction;
}

void add_blocks(Problem& problem, const CheckedUnit& unit, const CheckedAccount& account,
                const tax::UnitProgress& progress, const PoseOptions& options) {
  BlockBuilder(problem, unit, account, progress, options).add_all();
}

}  // namespace lotwright
