// One decision of a fixed account, for callgrind to count: counted_decisions ACCOUNT [COUNT], or the accounts' names
// without one. Everything before and after counted_decision() is left out of the count (bench/instructions.py).

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "bench/ready.h"

// A plain name, so that callgrind finds it.
extern "C" [[gnu::noinline]] void counted_decision(const lotwright::bench::ReadyAccount& ready, std::string* told) {
  const auto made = ready.attempt({});
  *told = fmt::format("{:.6f}", made->bound);
}

namespace lotwright::bench {
namespace {

struct FixedAccount {
  std::string_view name;
  InstanceSettings settings;
};

const FixedAccount fixed_accounts[] = {
    {"n50_whole_shares", {.names = 50, .accounts = 1, .seed = 11, .whole_shares = true}},
    {"n200_fractional", {.names = 200, .accounts = 1, .seed = 11}},
    {"n500_fractional", {.names = 500, .accounts = 1, .seed = 11}},
};

}  // namespace
}  // namespace lotwright::bench

int main(int argc, char** argv) {
  using namespace lotwright::bench;
  if (argc < 2) {
    for (const FixedAccount& one : fixed_accounts) fmt::print("{}\n", one.name);
    return 0;
  }
  const auto one = std::ranges::find(fixed_accounts, std::string_view(argv[1]), &FixedAccount::name);
  if (one == std::end(fixed_accounts)) {
    fmt::print(stderr, "no such account: {}\n", argv[1]);
    return 2;
  }
  const ReadyBook ready(instances(one->settings));
  std::string bound;
  counted_decision(ready.accounts().front(), &bound);
  fmt::print("bound {}\n", bound);
}
