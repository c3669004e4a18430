// What a checked account becomes: which lines may trade which way, which lots a sale may touch, and how far limits go.

#include "problem/problem.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "problem/blocks.h"
#include "testing/households.h"

namespace lotwright {
namespace {

// The first account of a book, checked.
struct Decision {
  Book book;
  std::vector<DecisionUnit> units;
  FactorRisk risk;
  CheckedUnit unit;
  tax::UnitProgress progress;

  explicit Decision(const BookBuilder& builder)
      : book(builder.build()),
        units(decision_units(book)),
        risk(FactorRisk::of(book.risk, book.securities.size()).value()),
        unit(check(book, risk, units[0])),
        progress(book, units[0]) {}
  Decision(const Decision&) = delete;
  Decision& operator=(const Decision&) = delete;

  [[nodiscard]] Problem posed(Relaxed relaxed = {}, bool needs_only = false) const {
    return pose(unit, unit.accounts[0], progress, {.relaxed = std::move(relaxed), .needs_only = needs_only});
  }
};

Relaxed without(Strength strength) { return {.strengths = {strength}, .wash = false}; }

int name_of(const Decision& decision, const Problem& problem, const std::string& security) {
  for (std::size_t n = 0; n < problem.line_of_name.size(); ++n) {
    const auto line = static_cast<std::size_t>(problem.line_of_name[n]);
    if (decision.book.security(decision.unit.accounts[0].lines[line].security).id.text == security) {
      return static_cast<int>(n);
    }
  }
  return -1;
}

// The ways a name may trade: "b" buy, "s" sell, "c" close; in order, each once.
std::string ways(const Decision& decision, const Problem& problem, const std::string& security) {
  const int name = name_of(decision, problem, security);
  std::string found;
  for (const numerics::Offer& offer : problem.program.offers) {
    if (offer.name != name) continue;
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
      const BranchMeaning meaning = problem.meaning[static_cast<std::size_t>(b)];
      const char way = meaning.kind == BranchKind::buy    ? 'b'
                       : meaning.kind == BranchKind::hold ? 'h'
                       : meaning.closes                   ? 'c'
                                                          : 's';
      if (way != 'h' && found.find(way) == std::string::npos) found += way;
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

// The modes of the only block: of each offer its ways, a sale with its lots ("*": goes in full), "?" only for the
// bound.
std::string modes_of(const Decision& decision, const Problem& problem) {
  const Account& account = decision.book.account(decision.unit.accounts[0].account);
  std::string text;
  for (std::size_t m = 0; m < problem.program.modes.size(); ++m) {
    if (m > 0) text += " | ";
    const numerics::Range offers = problem.program.modes[m].offers;
    for (int o = offers.begin; o < offers.end; ++o) {
      if (o > offers.begin) text += ", ";
      const numerics::Range branches = problem.program.offers[static_cast<std::size_t>(o)].branches;
      for (int b = branches.begin; b < branches.end; ++b) {
        if (b > branches.begin) text += "/";
        const BranchKind kind = problem.meaning[static_cast<std::size_t>(b)].kind;
        text += kind == BranchKind::hold ? "hold" : kind == BranchKind::buy ? "buy" : "sell";
        const numerics::Range pieces = problem.program.branches[static_cast<std::size_t>(b)].pieces;
        for (int p = pieces.begin; p < pieces.end; ++p) {
          text += " " + account.lots[problem.lot_of_piece[static_cast<std::size_t>(p)]].id.text;
          if (problem.program.pieces[static_cast<std::size_t>(p)].forced) text += "*";
        }
      }
    }
    if (problem.bound_only[m]) text += "?";
  }
  return text;
}

LotDraft lot_of(const std::string& id, const std::string& security, bool young, bool loss) {
  return {.account = "A",
          .id = id,
          .security = security,
          .quantity = "10",
          .cost_basis = loss ? "1500" : "500",
          .acquired_on = young ? "2025-06-20" : "2020-01-15"};
}

// One line AAA; "ELSE" is an untaxed account of the same taxpayer, which sorts behind.
BookBuilder group_of(const std::vector<LotDraft>& lots) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).account({.id = "A", .household = "H", .cash = "1000"});
  for (const LotDraft& lot : lots) builder.lot(lot);
  return builder;
}

TEST(SellModes, OfYoungLotsAndLosses) {
  constexpr bool young = true;
  constexpr bool loss = true;
  const struct {
    const char* what;
    std::vector<LotDraft> lots;
    const char* modes;
  } cases[] = {
      {"no loss", {lot_of("L1", "AAA", young, !loss)}, "sell L1 | hold | buy"},
      {"an old loss alone", {lot_of("L1", "AAA", !young, loss)}, "sell L1 | hold | buy"},
      {"an old loss beside a young gain",
       {lot_of("L1", "AAA", !young, loss), lot_of("L2", "AAA", young, !loss)},
       "sell L2 | sell L1 L2* | hold | buy"},
      {"a young loss alone may go in part", {lot_of("L1", "AAA", young, loss)}, "sell L1* | sell L1 | hold | buy"},
      {"a young loss beside an old gain",
       {lot_of("L1", "AAA", !young, !loss), lot_of("L2", "AAA", young, loss)},
       "sell L1 | sell L1 L2* | sell L1 L2 | hold | buy"},
      {"a young loss beside a young gain",
       {lot_of("L1", "AAA", young, !loss), lot_of("L2", "AAA", young, loss)},
       "sell L1 | sell L1* L2* | sell L1* L2 | hold | buy"},
      {"two young losses go together or not at all",
       {lot_of("L1", "AAA", young, loss), lot_of("L2", "AAA", young, loss)},
       "sell L1* L2* | hold | buy"},
  };
  for (const auto& c : cases) {
    const Decision decision(group_of(c.lots));
    EXPECT_EQ(modes_of(decision, decision.posed()), c.modes) << c.what;
  }
}

TEST(SellModes, OfTheGroupElsewhere) {
  const auto old_loss = lot_of("L1", "AAA", false, true);
  const auto old_gain = lot_of("L2", "AAA", false, false);
  BookBuilder replaced = group_of({old_loss, old_gain});
  replaced.account({.id = "ELSE", .household = "H", .taxpayer = "T", .treatment = TaxTreatment::tax_deferred})
      .lot({.account = "ELSE", .security = "AAA", .quantity = "5", .cost_basis = "500", .acquired_on = "2025-06-20"});
  const Decision elsewhere(replaced);
  EXPECT_EQ(modes_of(elsewhere, elsewhere.posed()), "sell L2 | hold | buy") << "a loss would be washed";
  EXPECT_EQ(modes_of(elsewhere, elsewhere.posed({.strengths = {}, .wash = true})), "sell L1 L2 | hold | buy");
  replaced.policy("A", "wash_sale_disallowed_max_usd", "100");
  const Decision tolerated(replaced);
  EXPECT_EQ(modes_of(tolerated, tolerated.posed()), "sell L2 | sell L1 L2? | hold | buy");

  const Decision sold(group_of({old_loss, old_gain})
                          .transaction({.account = "A",
                                        .trade_date = "2025-06-10",
                                        .kind = TransactionKind::sell,
                                        .security = "AAA",
                                        .gain_short = "-50",
                                        .gain_long = "0"}));
  EXPECT_EQ(modes_of(sold, sold.posed()), "sell L1 L2 | hold") << "bought again, the loss sold would be washed";
}

TEST(SellModes, IdenticalLinesChooseTogether) {
  BookBuilder builder;
  builder.security({.id = "AAA", .group = "TWINS"})
      .security({.id = "AAB", .group = "TWINS"})
      .account({.id = "A", .cash = "1000"})
      .lot(lot_of("L1", "AAA", false, true))
      .lot(lot_of("L2", "AAB", true, false));
  const Decision decision(builder);
  const Problem problem = decision.posed();
  // AAA's loss needs AAB's young shares gone; both are bought or both sold, never one against the other.
  EXPECT_EQ(modes_of(decision, problem),
            "hold, sell L2/hold | sell L1/hold, sell L2* | hold, hold | buy/hold, buy/hold");
  EXPECT_EQ(problem.block_of_many, std::vector<bool>{true});
}

TEST(Bars, YieldToWhatIsStronger) {
  const Bar restriction{.strength = Strength::restriction, .rule = "restriction_never_sell", .source = "R1"};
  const Bar stop{.strength = Strength::short_term, .rule = "short_term_stop", .source = {}};
  EXPECT_TRUE(in_force(stop, {}, std::nullopt));
  EXPECT_FALSE(in_force(stop, without(Strength::short_term), std::nullopt));
  EXPECT_TRUE(in_force(restriction, without(Strength::short_term), std::nullopt));
  EXPECT_FALSE(in_force(stop, {}, Strength::request)) << "a liquidation overrides it";
  EXPECT_TRUE(in_force(restriction, {}, Strength::request)) << "but not a restriction";
  EXPECT_TRUE(in_force(restriction, {}, Strength::restriction));
}

TEST(Bars, RelaxedRulesDropTheirs) {
  const auto account = [] {
    return BookBuilder()
        .security({.id = "AAA"})
        .account({.id = "A", .cash = "1000"})
        .lot({.account = "A",
              .id = "L1",
              .security = "AAA",
              .quantity = "10",
              .cost_basis = "500",
              .acquired_on = "2024-12-20"});
  };
  const struct {
    const char* setting;
    const char* value;
    Strength strength;
    const char* strict;
    const char* relaxed;
  } cases[] = {{"mode", "buy_only", Strength::mode, "b", "bs"},
               {"mode", "sell_only", Strength::mode, "s", "bs"},
               {"mode", "hold", Strength::mode, "", "bs"},
               {"mode", "harvest_only", Strength::mode, "b", "bs"},
               {"short_term_gains", "avoid", Strength::short_term, "b", "bs"},
               {"position_weight_max", "0.30", Strength::position, "s", "bs"},
               {"trade_min_usd", "1500", Strength::trade_min, "c", "bs"}};
  for (const auto& c : cases) {
    BookBuilder builder = account();
    const Decision decision(builder.policy("A", c.setting, c.value));
    EXPECT_EQ(ways(decision, decision.posed(), "AAA"), c.strict) << c.setting << " " << c.value;
    EXPECT_EQ(ways(decision, decision.posed(without(c.strength)), "AAA"), c.relaxed) << c.setting << " " << c.value;
    const Strength other = c.strength == Strength::mode ? Strength::band : Strength::mode;
    EXPECT_EQ(ways(decision, decision.posed(without(other)), "AAA"), c.strict) << c.setting << " " << c.value;
  }
}

TEST(Restrictions, OfALineStand) {
  const Decision decision(restricted());
  const Problem problem = decision.posed();
  const std::pair<const char*, const char*> expected[] = {{"AAA", "s"}, {"BBB", "b"}, {"CCC", "bs"},
                                                          {"DDD", "b"}, {"EEE", "c"}, {"FFF", ""}};
  for (const auto& [security, way] : expected) {
    const std::string found = ways(decision, problem, security);
    if (std::string(security) == "EEE") {  // the whole position, and only that
      const auto name = static_cast<std::size_t>(name_of(decision, problem, security));
      EXPECT_TRUE(problem.must_sell[name]);
      EXPECT_EQ(found, "c");
    } else {
      EXPECT_EQ(found, way) << security;
    }
  }
  EXPECT_TRUE(problem.forced);
  // CCC: 20 % of 8,200 is 1,640; 1,000 are held, so 640 of 8,200 may be bought.
  const int ccc = name_of(decision, problem, "CCC");
  for (const numerics::Offer& offer : problem.program.offers) {
    const auto branch = static_cast<std::size_t>(offer.branches.begin);
    if (offer.name == ccc && problem.meaning[branch].kind == BranchKind::buy) {
      EXPECT_NEAR(problem.program.branches[branch].upper, 640.0 / 8200.0, 1e-12);
    }
  }
}

TEST(NeedsOnly, OffersOnlyWhatTheCashLineNeeds) {
  const Decision short_of_cash(cash_out_due());
  EXPECT_EQ(ways(short_of_cash, short_of_cash.posed({}, true), "AAA"), "s");
  BookBuilder rich;
  rich.security({.id = "AAA"}).account({.id = "A", .cash = "1000"}).lot(lot_of("L1", "AAA", false, false));
  const Decision too_much(rich);
  EXPECT_EQ(ways(too_much, too_much.posed({}, true), "AAA"), "b");
}

// AAA is held at a loss, BBB at a gain, 1,000 dollars each and 100 of cash; a harvest asks for `amount`.
BookBuilder harvest_due(const std::string& amount) {
  BookBuilder book;
  book.security({.id = "AAA"}).security({.id = "BBB"}).account({.id = "A", .cash = "100"});
  book.lot(lot_of("L1", "AAA", false, true)).lot(lot_of("L2", "BBB", false, false));
  return book.request({.account = "A", .kind = RequestKind::harvest, .amount = amount});
}

TEST(Goals, HaveARowOfTheLotsThatCount) {
  const Decision decision(harvest_due("50"));
  Problem problem = decision.posed();
  ASSERT_EQ(problem.goals.size(), 1U);
  const Goal& goal = problem.goals[0];
  EXPECT_TRUE(problem.forced);
  EXPECT_EQ(goal.asked, 50.0);
  EXPECT_EQ(goal.aim, 50.0) << "whole shares are not rounded";
  EXPECT_GT(goal.most, 1e299);
  enter_cell(problem, problem.cells[0], TurnoverSide::unlimited);
  const numerics::Row& row = problem.program.rows[static_cast<std::size_t>(goal.row)];
  EXPECT_EQ(numerics::cost_of(row, 50.0 / problem.scale), 0.0);
  EXPECT_NEAR(numerics::cost_of(row, 0.0), goal.slope * 50.0 / problem.scale, goal.slope * 0.1 / problem.scale);
  EXPECT_LE(goal.slope * goal.aim / problem.scale, 1500.0 + 1e-9) << "missing all of it is cheaper than a broken limit";
}

TEST(Goals, OutOfReachForceNothing) {
  BookBuilder book = harvest_due("50");
  book.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "AAA"});
  EXPECT_FALSE(Decision(book).posed().forced);
}

TEST(Goals, WhereOnlyNeedsAreServedNothingElseIsSoldAndNoMore) {
  const Decision decision(harvest_due("50"));
  const Problem problem = decision.posed({}, true);
  EXPECT_NE(ways(decision, problem, "AAA").find('s'), std::string::npos) << ways(decision, problem, "AAA");
  EXPECT_EQ(ways(decision, problem, "BBB").find('s'), std::string::npos) << ways(decision, problem, "BBB");
  EXPECT_GT(problem.goals[0].most, 50.0);
  EXPECT_LT(problem.goals[0].most, 200.0);
}

TEST(Goals, AskForNoMoreThanIsKnownToBeReachable) {
  const Decision decision(harvest_due("50"));
  PoseOptions options;
  options.reachable = {30.0};
  const Problem problem = pose(decision.unit, decision.unit.accounts[0], decision.progress, options);
  EXPECT_NEAR(problem.goals[0].asked, 29.99, 1e-9);
}

TEST(Limits, OfADueCashOut) {
  const Decision decision(cash_out_due());
  const Problem problem = decision.posed();
  EXPECT_TRUE(problem.forced);
  EXPECT_DOUBLE_EQ(problem.terms.reserved, 5000.0);
  EXPECT_DOUBLE_EQ(problem.terms.cash_line_before, -4500.0);
  // min(cash_min V + reserved, max(line, reserved)) less the reserve: the reserve, not the band, must be reached.
  EXPECT_DOUBLE_EQ(problem.limits.line_min, 0.0);
  EXPECT_DOUBLE_EQ(problem.scale, 15500.0);
}

// Own cash and a fund, 10,000 together, of which 500 must stay; a ticket costs a dollar. Purchases down to a line of
// 501 sell of the fund where it has more than that, and the ticket leaves 500.
TEST(Limits, SellingAFundTakesItsTicketFromTheLine) {
  struct Row {
    const char *cash, *fund, *ticket;
    double line_min;
  };
  for (const auto& [cash, fund, ticket, line_min] :
       {Row{"0", "10000", "1", 501.0}, Row{"0", "10000", "0", 500.0}, Row{"9400", "600", "1", 501.0},
        Row{"9499.60", "500.40", "1", 500.4}, Row{"9500", "500", "1", 500.0}, Row{"9700", "300", "1", 500.0}}) {
    BookBuilder builder;
    builder.security({.id = "AAA"})
        .security({.id = "FUND", .price = "1", .kind = SecurityKind::cash, .quantity_step = "0.01"})
        .account({.id = "A", .treatment = TaxTreatment::tax_free, .cash = cash})
        .lot({.account = "A", .security = "FUND", .quantity = fund, .cost_basis = fund});
    const Decision decision(builder.policy("A", "cash_min", "0.05").policy("A", "ticket_cost_usd", ticket));
    Problem problem = decision.posed();
    EXPECT_DOUBLE_EQ(problem.limits.line_min, line_min) << cash << " and " << fund;
    const auto least = [&](Serves serves) {
      enter_cell(problem, problem.cells[0], TurnoverSide::unlimited, serves);
      return problem.program.rows[static_cast<std::size_t>(problem.cash_row)].knots.front() * problem.scale;
    };
    EXPECT_NEAR(least(Serves::plan), line_min, 1e-9);
    EXPECT_NEAR(least(Serves::bound), 500.0, 0.03) << "whoever sells the fund more cheaply is bounded too";
  }
}

TEST(Limits, ExceededAlreadyBecomeNotMadeWorse) {
  const auto account = [] {
    return BookBuilder()
        .security({.id = "AAA"})
        .security({.id = "BBB", .asset_class = "us_bonds"})
        .security({.id = "CCC", .asset_class = "us_bonds"})
        .taxpayer({.id = "T", .realized_long_ytd = "4000"})
        .account({.id = "A", .cash = "10"})
        .lot({.account = "A", .security = "AAA", .quantity = "80", .cost_basis = "8000"})
        .lot({.account = "A", .security = "BBB", .quantity = "20", .cost_basis = "2000"});
  };
  const auto limits = [&](const char* setting, const char* value) {
    BookBuilder builder = account();
    const Decision decision(builder.policy("A", setting, value));
    return decision.posed().limits;
  };
  EXPECT_DOUBLE_EQ(limits("cash_min", "0.01").line_min, 10.0) << "below cash_min: not below itself";
  EXPECT_DOUBLE_EQ(limits("cash_min", "0.0005").line_min, 5.005);  // V = 10,010
  EXPECT_DOUBLE_EQ(limits("gain_budget", "1000").gain_max, 0.0);
  EXPECT_DOUBLE_EQ(limits("gain_budget", "4500").gain_max, 500.0);
  // Due already: 15 % of 4,000.
  EXPECT_DOUBLE_EQ(*limits("tax_budget", "100").tax_due_max, 600.0);
  EXPECT_DOUBLE_EQ(*limits("tax_budget", "700").tax_due_max, 700.0);
  EXPECT_EQ(limits("names_max", "1").names_more_max, 0);
  EXPECT_EQ(limits("names_max", "3").names_more_max, 1);
  EXPECT_EQ(limits("names_max", "2").names_more_max, 0);
}

TEST(Limits, OfTurnoverCountWhatWasTradedLately) {
  const auto traded = [](const char* bought, const char* sold) {
    BookBuilder builder;
    builder.security({.id = "AAA"}).account({.id = "A", .cash = "1000"}).lot(lot_of("L1", "AAA", false, false));
    builder.policy("A", "turnover_max", "0.10");
    builder.transaction({.account = "A", .trade_date = "2025-06-20", .security = "AAA", .amount = bought});
    builder.transaction({.account = "A",
                         .trade_date = "2025-06-20",
                         .kind = TransactionKind::sell,
                         .security = "AAA",
                         .amount = sold,
                         .gain_short = "1",
                         .gain_long = "0"});
    return Decision(builder).posed().limits;
  };
  EXPECT_DOUBLE_EQ(traded("900", "50").turnover_max, 200.0);  // 10 % of 2,000: the smaller side is within it
  EXPECT_DOUBLE_EQ(traded("900", "700").turnover_max, 700.0) << "exceeded already";
  EXPECT_DOUBLE_EQ(traded("900", "50").bought_recently, 900.0);
  EXPECT_DOUBLE_EQ(traded("900", "50").sold_recently, 50.0);
}

// us_equity stands at 8,000 of 10,000.
BookBuilder banded(const char* side, const char* value) {
  BookBuilder builder;
  builder.security({.id = "AAA"})
      .security({.id = "BBB", .asset_class = "us_bonds"})
      .account({.id = "A", .cash = "1000"})
      .lot({.account = "A", .security = "AAA", .quantity = "80", .cost_basis = "8000"})
      .lot({.account = "A", .security = "BBB", .quantity = "10", .cost_basis = "1000"})
      .policy("A", std::string("band_us_equity_") + side, value);
  return builder;
}

TEST(Bands, HaveARowOfTheirLinesAndYieldByStrength) {
  const struct {
    const char* side;
    const char* value;
    double min;
    double max;
  } cases[] = {{"max", "0.90", -1e300, 9000.0},
               {"max", "0.50", -1e300, 8000.0},  // exceeded: not made worse
               {"min", "0.30", 3000.0, 1e300},
               {"min", "0.95", 8000.0, 1e300}};
  for (const auto& c : cases) {
    const Decision decision(banded(c.side, c.value));
    Problem problem = decision.posed();
    ASSERT_EQ(problem.bands.size(), 1u);
    EXPECT_DOUBLE_EQ(problem.bands[0].start, 8000.0);
    EXPECT_DOUBLE_EQ(problem.bands[0].min, c.min);
    EXPECT_DOUBLE_EQ(problem.bands[0].max, c.max);
    enter_cell(problem, problem.cells[0], TurnoverSide::unlimited);
    const numerics::Row& row = problem.program.rows[static_cast<std::size_t>(problem.first_band_row)];
    const double slack = 0.01 * 3 / 10'000;  // of two names and the cash
    EXPECT_DOUBLE_EQ(row.start, 0.8);
    EXPECT_DOUBLE_EQ(row.knots[0], c.max < 1e299 ? c.max / 10'000 + slack : c.min / 10'000 - slack);
    // AAA's orders move the row one for one, BBB's not at all.
    for (const numerics::Offer& offer : problem.program.offers) {
      for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
        if (problem.meaning[static_cast<std::size_t>(b)].kind == BranchKind::hold) continue;
        const int bundle = problem.program.branches[static_cast<std::size_t>(b)].bundle;
        const numerics::Bundle& entries = problem.program.bundles[static_cast<std::size_t>(bundle)];
        double moved = 0.0;
        for (int e = entries.begin; e < entries.end; ++e) {
          const numerics::RowEntry entry = problem.program.entries[static_cast<std::size_t>(e)];
          if (entry.row == problem.first_band_row) moved += entry.coefficient;
        }
        EXPECT_EQ(moved, offer.name == name_of(decision, problem, "AAA") ? 1.0 : 0.0);
      }
    }
    EXPECT_TRUE(decision.posed(without(Strength::band)).bands.empty());
    EXPECT_EQ(decision.posed(without(Strength::budget)).bands.size(), 1u);
  }
}

TEST(Bands, AreListedByLineAndSharedByLinesInTheSameOnes) {
  BookBuilder builder = banded("min", "0.10");
  builder.security({.id = "CCC", .tags = {"green"}})
      .security({.id = "DDD", .tags = {"green"}})
      .lot({.account = "A", .security = "CCC", .quantity = "10", .cost_basis = "1000"})
      .lot({.account = "A", .security = "DDD", .quantity = "10", .cost_basis = "1000"})
      .policy("A", "band_us_bonds_max", "0.90")
      .restriction({.scope_id = "A",
                    .rule = RestrictionRule::weight_max,
                    .subject_kind = RestrictionSubject::tag,
                    .subject_id = "green",
                    .value = "0.9"});
  const Problem problem = Decision(builder).posed();
  ASSERT_EQ(problem.bands.size(), 3u);
  for (std::size_t line = 0; line < problem.terms.lines.size(); ++line) {
    std::vector<int> in;
    for (std::size_t b = 0; b < problem.bands.size(); ++b) {
      if (std::ranges::count(problem.bands[b].lines, line) > 0) in.push_back(static_cast<int>(b));
    }
    std::vector<int> listed;
    for (const auto& [band, share] : problem.bands_of(static_cast<int>(line))) {
      listed.push_back(band);
      EXPECT_EQ(share, 1.0);
    }
    EXPECT_EQ(listed, in) << "line " << line;
  }
  EXPECT_EQ(problem.band_set_of_line[2], problem.band_set_of_line[3]);
  EXPECT_NE(problem.band_set_of_line[0], problem.band_set_of_line[2]);
}

// AAA and half of BBB, which is a fund: 8,000 + 500 of 10,000 may be 9,000.
TEST(Bands, CountAFundByItsPart) {
  BookBuilder builder = banded("max", "1");
  builder.fund_holding({.fund = "BBB", .security = "AAA", .weight = "0.5"})
      .restriction({.scope_id = "A", .rule = RestrictionRule::weight_max, .subject_id = "AAA", .value = "0.9"});
  const Problem problem = Decision(builder).posed();
  ASSERT_EQ(problem.bands.size(), 2u);
  EXPECT_DOUBLE_EQ(problem.bands[0].start, 8500.0);
  EXPECT_DOUBLE_EQ(problem.bands[0].max, 9000.0);
  ASSERT_EQ(problem.bands_of(1).size(), 1u);
  EXPECT_EQ(problem.bands_of(1)[0].band, 0);
  EXPECT_EQ(problem.bands_of(1)[0].share, 0.5);
}

// The band ends at 5,000 of 10,000 and 8,000 are held: the row costs what the formula says, and forbids nothing.
TEST(Bands, WithAPriceCostWhatTheFormulaSays) {
  BookBuilder builder = banded("max", "0.5");
  builder.policy("A", "band_us_equity_price_bps", "100");
  const Decision decision(builder);
  Problem problem = decision.posed();
  ASSERT_EQ(problem.bands.size(), 1u);
  EXPECT_DOUBLE_EQ(problem.bands[0].max, 5000.0);
  enter_cell(problem, problem.cells[0], TurnoverSide::unlimited);
  const numerics::Row& row = problem.program.rows[static_cast<std::size_t>(problem.first_band_row)];
  EXPECT_NEAR(numerics::cost_of(row, row.start) * problem.scale, 30.0, 1e-9);
  EXPECT_NEAR(objective::parts_of(problem.terms, objective::before(problem.terms)).band, 30.0, 1e-9);
  EXPECT_EQ(decision.posed(without(Strength::band)).bands.size(), 1u);
}

TEST(Bands, MinimaGiveWayToForcedSalesAsFarAsTheseGo) {
  BookBuilder builder = banded("min", "0.70");
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::sell_all, .subject_id = "AAA"});
  const Problem problem = Decision(builder).posed();
  ASSERT_EQ(problem.bands.size(), 1u);
  EXPECT_TRUE(problem.bands[0].yielded);
  EXPECT_DOUBLE_EQ(problem.bands[0].forced_out, 8000.0);
  EXPECT_NEAR(problem.bands[0].min, 0.0, 1e-9);
}

// A taxpayer in the 12 % bracket whose lots can win or lose 20,000 in either term.
BookBuilder in_a_low_bracket(const std::string& tax_budget) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB"}).brackets(single_2025());
  builder.taxpayer({.id = "T", .tax_budget = tax_budget, .filing_status = "single", .ordinary_income = "40000"});
  builder.account({.id = "A", .cash = "1000"});
  for (const char* acquired_on : {"2020-01-15", "2025-03-03"}) {
    for (const char* cost_basis : {"10000", "50000"}) {
      const char* security = cost_basis[0] == '1' ? "AAA" : "BBB";
      builder.lot({.account = "A",
                   .security = security,
                   .quantity = "300",
                   .cost_basis = cost_basis,
                   .acquired_on = acquired_on});
    }
  }
  return builder;
}

double on_row(const Problem& problem, int row, double dollars) {
  return numerics::cost_of(problem.program.rows[static_cast<std::size_t>(row)], dollars / problem.scale);
}

TEST(TaxRows, OfEachCellCostTheTaxByBrackets) {
  const Decision decision(in_a_low_bracket(""));
  Problem problem = decision.posed();
  EXPECT_EQ(problem.cells.size(), 6U) << "the start of the 20 % rate is out of reach";
  for (const tax::TaxCell& cell : problem.cells) {
    enter_cell(problem, cell, TurnoverSide::unlimited);
    int inside = 0;
    for (double s = -20'000; s <= 20'000; s += 1250) {
      for (double l = -20'000; l <= 20'000; l += 1250) {
        const double cost =
            problem.scale * (on_row(problem, problem.short_row, s) + on_row(problem, problem.long_row, l) +
                             on_row(problem, problem.net_row, s + l));
        const double tax = tax::tax_value(s, l, problem.terms.rates);
        const auto within = [](const tax::CellFunction& f, double x) { return f.lowest <= x && x <= f.highest; };
        if (within(cell.on_short, s) && within(cell.on_long, l) && within(cell.on_net, s + l)) {
          EXPECT_NEAR(cost, tax, 1e-6) << "S " << s << " L " << l;
          ++inside;
        } else {
          EXPECT_GT(cost, tax + 1.0) << "S " << s << " L " << l << " costs nothing outside its cell";
        }
      }
    }
    EXPECT_GT(inside, 10);
  }
}

TEST(TaxRows, OfABudgetLetThroughWhatItAllows) {
  // 8,350 dollars of long-term gain at 0 %, 4,000 at 15 %.
  const Decision decision(in_a_low_bracket("600"));
  Problem problem = decision.posed();
  bool binding = false;
  for (const tax::TaxCell& cell : problem.cells) {
    enter_cell(problem, cell, TurnoverSide::unlimited);
    const numerics::Row& row = problem.program.rows[static_cast<std::size_t>(problem.tax_budget_row)];
    for (double s = -20'000; s <= 20'000; s += 1250) {
      for (double l = -20'000; l <= 20'000; l += 1250) {
        const auto within = [](const tax::CellFunction& f, double x) { return f.lowest <= x && x <= f.highest; };
        if (!within(cell.on_short, s) || !within(cell.on_long, l) || !within(cell.on_net, s + l)) continue;
        const double weighed = problem.tax_budget_weights.on_short * s + problem.tax_budget_weights.on_long * l;
        const double penalty = numerics::cost_of(row, weighed / problem.scale) * problem.scale;
        const double net = on_row(problem, problem.net_row, s + l) * problem.scale;
        const double tax = tax::tax_value(s, l, problem.terms.rates);
        if (tax <= 600.0) {
          EXPECT_LT(penalty + std::max(0.0, net - 20'000.0), 1e-6) << "S " << s << " L " << l;
        }
        binding = binding || penalty > 1.0;
      }
    }
  }
  EXPECT_TRUE(binding) << "the row never says anything";
}

// The account of `lot_of`'s lots with waiting on, decided on 30 June 2025.
BookBuilder waiting_account() {
  BookBuilder builder;
  builder.security({.id = "AAA", .half_spread_bps = "5"}).security({.id = "BBB"}).security({.id = "OUT"});
  builder.model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}}).account({.id = "A", .cash = "1000"});
  builder.lot({.account = "A", .id = "L1", .security = "AAA", .quantity = "10", .cost_basis = "1010"});
  builder.lot({.account = "A",
               .id = "L2",
               .security = "BBB",
               .quantity = "10",
               .cost_basis = "900",
               .acquired_on = "2024-07-04"});
  builder.lot({.account = "A", .id = "L3", .security = "BBB", .quantity = "10", .cost_basis = ""});
  builder.lot({.account = "A", .id = "L4", .security = "OUT", .quantity = "10", .cost_basis = "5000"});
  return builder.policy("A", "commission_bps", "1").policy("A", "waiting_weight", "0.5");
}

TEST(Waiting, IsCountedByLotFromTheFactsOfTheDay) {
  const Decision decision(waiting_account());
  const std::vector<double> waiting = decision.posed().terms.waiting;
  const auto of = [&](const char* lot) { return waiting.at(lot_index(decision.book, "A", lot)); };
  const double basis = 0.3 * 0.15;
  // Any dollar of loss is set against income at 35 %; the volatility is that of the market and AAA's own.
  const tax::MarginalRates rates{.on_gain = {0.35 - basis, 0.15 - basis}, .on_loss = {0.35 - basis, 0.35 - basis}};
  const double loss = tax::waiting_value({.gain = -10,
                                          .value = 1000,
                                          .days_to_long_term = 0,
                                          .days_to_year_end = 184,
                                          .volatility = std::sqrt(0.0225 + 0.04),
                                          .way_back = 1000 * 2 * 6e-4},
                                         rates);
  EXPECT_NEAR(of("L1"), 0.5 * loss / 10, 1e-9);
  EXPECT_GT(of("L1"), 0.5 * 2 * 6e-4 * 100) << "more than the way back";
  // From 5 July on long-term: (0.20 x 365 / 5 - 0.305) x 100 dollars of gain, and at most the lot's 1,000.
  EXPECT_NEAR(of("L2"), 0.5 * 1000 / 10, 1e-9);
  EXPECT_EQ(of("L3"), 0.0) << "of unknown basis";
  EXPECT_EQ(of("L4"), 0.0) << "a deep loss, and no wish to come back";
}

TEST(Waiting, IsWhatAPieceCostsMore) {
  const Decision decision(waiting_account().policy("A", "long_term_wait_days", "0"));
  const Decision without(waiting_account().policy("A", "long_term_wait_days", "0").policy("A", "waiting_weight", "0"));
  const Problem problem = decision.posed();
  const Problem plain = without.posed();
  ASSERT_EQ(problem.program.pieces.size(), plain.program.pieces.size());
  ASSERT_GE(problem.program.pieces.size(), 3U);
  for (std::size_t p = 0; p < problem.program.pieces.size(); ++p) {
    const double more = problem.program.pieces[p].cost - plain.program.pieces[p].cost;
    EXPECT_NEAR(more, problem.terms.waiting[problem.lot_of_piece[p]] / 100.0, 1e-12) << "a share costs 100 dollars";
  }
}

TEST(Waiting, CountsNothingWhereThereIsNothingToWaitFor) {
  EXPECT_TRUE(Decision(waiting_account().policy("A", "waiting_weight", "0")).posed().terms.waiting.empty());
  BookBuilder untaxed = waiting_account();
  untaxed.adjust([](Book& book) { book.accounts[0].tax_treatment = TaxTreatment::tax_free; });
  EXPECT_TRUE(Decision(untaxed).posed().terms.waiting.empty());
  const Decision no_harvest(waiting_account().policy("A", "harvest", "no"));
  EXPECT_EQ(no_harvest.posed().terms.waiting.at(lot_index(no_harvest.book, "A", "L1")), 0.0);
  EXPECT_GT(no_harvest.posed().terms.waiting.at(lot_index(no_harvest.book, "A", "L2")), 0.0);
}

TEST(Names, CountOnTheirRow) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB"}).account({.id = "A", .cash = "2000"});
  builder.lot(lot_of("L1", "AAA", false, false)).policy("A", "names_max", "2");
  const Decision decision(builder);
  Problem problem = decision.posed();
  ASSERT_EQ(problem.limits.names_more_max, 1);
  enter_cell(problem, problem.cells[0], TurnoverSide::unlimited);
  EXPECT_DOUBLE_EQ(problem.program.rows[static_cast<std::size_t>(problem.names_row)].knots[0], name_unit);
  EXPECT_EQ(ways(decision, problem, "AAA"), "bcs") << "a close counts one name less: it is a branch of its own";
  for (const numerics::Offer& offer : problem.program.offers) {
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
      const BranchMeaning meaning = problem.meaning[static_cast<std::size_t>(b)];
      const int bundle = problem.program.branches[static_cast<std::size_t>(b)].fixed_bundle;
      const numerics::Bundle& entries = problem.program.bundles[static_cast<std::size_t>(bundle)];
      double names = 0.0;
      for (int e = entries.begin; e < entries.end; ++e) {
        const numerics::RowEntry entry = problem.program.entries[static_cast<std::size_t>(e)];
        if (entry.row == problem.names_row) names += entry.coefficient;
      }
      const bool is_new = meaning.kind == BranchKind::buy && offer.name == name_of(decision, problem, "BBB");
      EXPECT_EQ(names, is_new ? name_unit : meaning.closes ? -name_unit : 0.0);
    }
  }
  EXPECT_EQ(decision.posed(without(Strength::position)).names_row, -1);
}

}  // namespace
}  // namespace lotwright
