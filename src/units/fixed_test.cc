#include "units/fixed.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

#include "units/amounts.h"

namespace lotwright {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

TEST(ParseDecimal, ReadsPlainDecimals) {
  const std::pair<const char*, std::int64_t> good[] = {{"0", 0},
                                                       {"-0", 0},
                                                       {"1", 1'000'000},
                                                       {"+1.5", 1'500'000},
                                                       {"-0.000001", -1},
                                                       {"007.10", 7'100'000},
                                                       {".5", 500'000},
                                                       {"5.", 5'000'000},
                                                       {"1.2345670000", 1'234'567},
                                                       {"9223372036854.775807", most},
                                                       {"-9223372036854.775807", -most}};
  for (const auto& [text, count] : good) {
    const Result<std::int64_t> parsed = parse_decimal(text, 6);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*parsed, count) << text;
  }
}

TEST(ParseDecimal, RefusesEverythingElse) {
  for (const char* text : {"",
                           "-",
                           "+",
                           ".",
                           "-.",
                           "1e3",
                           "1,000",
                           "1.2.3",
                           " 1",
                           "1 ",
                           "$1",
                           "--1",
                           "+-1",
                           "0x10",
                           "nan",
                           "inf",
                           "1.2345678",
                           "0.0000001",
                           "9223372036854.775808",
                           "-9223372036854.775808",
                           "10000000000000",
                           "99999999999999999999999999999999999999999999999999",
                           "\xD9\xA1",
                           "½"}) {
    const Result<std::int64_t> parsed = parse_decimal(text, 6);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.failure().rule, "data_number_unreadable") << text;
    EXPECT_EQ(parsed.failure().place.value, text);
  }
}

TEST(ParseDecimal, KeepsNoMoreThan200BytesOfABadValue) {
  EXPECT_EQ(parse_decimal(std::string(5000, 'x'), 6).failure().place.value.size(), 200U);
}

TEST(FormatDecimal, IsTheShortestTextThatReadsBack) {
  EXPECT_EQ(format_decimal(1'500'000, 6, 0), "1.5");
  EXPECT_EQ(format_decimal(1'500'000, 6, 2), "1.50");
  EXPECT_EQ(format_decimal(-1, 6, 2), "-0.000001");
  EXPECT_EQ(format_decimal(0, 6, 0), "0");
  EXPECT_EQ(format_decimal(0, 6, 2), "0.00");
  EXPECT_EQ(format_decimal(-10'000, 6, 2), "-0.01");
  EXPECT_EQ(format_decimal(42, 0, 0), "42");
  EXPECT_EQ(format_decimal(least, 6, 0), "-9223372036854.775808");
}

TEST(FormatDecimal, ReadsBackWhateverTheNumber) {
  EXPECT_TRUE(rc::check("parse(format(count)) = count", [] {
    const auto count = *rc::gen::arbitrary<std::int64_t>();
    const int decimals = *rc::gen::inRange(0, 13);
    const int decimals_min = *rc::gen::inRange(0, decimals + 1);
    RC_PRE(count != least);
    const Result<std::int64_t> back = parse_decimal(format_decimal(count, decimals, decimals_min), decimals);
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == count);
  }));
}

TEST(Fixed, AddsSubtractsAndComparesExactly) {
  const Money dime = *Money::parse("0.1");
  Money sum;
  for (int i = 0; i < 10; ++i) sum += dime;
  EXPECT_EQ(sum, Money::of_whole(1));
  EXPECT_EQ(sum - dime, *Money::parse("0.9"));
  EXPECT_LT(-dime, Money());
  EXPECT_EQ((-dime).abs(), dime);
  EXPECT_EQ((sum - dime).to_string(2), "0.90");
  EXPECT_DOUBLE_EQ(dime.to_double(), 0.1);
}

TEST(Fixed, RefusesOverflowInsteadOfWrapping) {
  const Money top = Money::of_count(most);
  const Money bottom = Money::of_count(least);
  const Money one = Money::of_count(1);
  EXPECT_THROW((void)(top + one), Defect);
  EXPECT_THROW((void)(bottom - one), Defect);
  EXPECT_THROW((void)(-bottom), Defect);
  EXPECT_THROW((void)bottom.abs(), Defect);
  EXPECT_THROW((void)Money::of_whole(9'223'372'036'855), Defect);
  EXPECT_EQ(top + bottom, -one);
  Money kept = top;
  EXPECT_THROW(kept += one, Defect);
  EXPECT_EQ(kept, top) << "a refused sum changes nothing";
}

}  // namespace
}  // namespace lotwright
