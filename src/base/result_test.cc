#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace lotwright {
namespace {

const Failure no_such_file = {"data_file_missing", "is not there", {"lots.csv", 3, "quantity", "x"}};

TEST(Result, HoldsAValueOrAFailure) {
  const Result<int> good = 7;
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(*good, 7);
  const Result<int> bad = no_such_file;
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.failure(), no_such_file);
  EXPECT_EQ(bad.failure().place.line, 3);
}

TEST(Result, RefusesToReadWhatIsNotThere) {
  const Result<int> bad = no_such_file;
  EXPECT_THROW((void)bad.value(), Defect);
  EXPECT_THROW((void)*bad, Defect);
  const Result<int> good = 7;
  EXPECT_THROW((void)good.failure(), Defect);
}

TEST(Result, MovesItsValueOut) {
  Result<std::unique_ptr<int>> owned = std::make_unique<int>(5);
  EXPECT_EQ(*std::move(owned).value(), 5);
}

TEST(Result, HoldsAFailureAsAValueToo) {
  // A list of failures is a value like any other; only Failure itself is the other side.
  const Result<std::vector<Failure>> list = std::vector<Failure>{no_such_file};
  EXPECT_TRUE(list.ok());
}

TEST(Require, SaysWhatWasBroken) {
  EXPECT_NO_THROW(require(true, "all is well"));
  try {
    require(false, "two and two are five");
    FAIL() << "a broken invariant went unnoticed";
  } catch (const Defect& defect) {
    EXPECT_STREQ(defect.what(), "two and two are five");
  }
}

}  // namespace
}  // namespace lotwright
