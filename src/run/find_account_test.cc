#include "run/find_account.h"

#include <gtest/gtest.h>

#include "testing/book_builder.h"

namespace lotwright {
namespace {

Book invented() {
  BookBuilder builder;
  builder.security({.id = "AAA"}).model("M", {{"AAA", "1"}});
  for (const char* id : {"A000000", "A000001", "A000011"}) builder.account({.id = id});
  return builder.build();
}

TEST(UnknownAccount, an_id_in_small_letters_means_that_one_and_no_other) {
  EXPECT_EQ(unknown_account(invented(), "a000001").message, "the book has no account a000001; did you mean A000001?");
}

TEST(UnknownAccount, a_slip_may_mean_several) {
  EXPECT_EQ(unknown_account(invented(), "A00001").message,
            "the book has no account A00001; did you mean A000000, A000001, A000011?");
  EXPECT_NE(unknown_account(invented(), "Z").message.find("see account_id"), std::string::npos);
}

}  // namespace
}  // namespace lotwright
