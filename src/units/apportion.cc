#include "units/apportion.h"

#include <algorithm>
#include <numeric>

namespace lotwright {

std::vector<std::int64_t> apportion(std::int64_t total, const std::vector<Int128>& shares) {
  Int128 sum = 0;
  for (const Int128 share : shares) {
    require(share >= 0, "a share of what is apportioned is not negative");
    sum += share;
  }
  require(total >= 0 && sum > 0, "what is apportioned is not negative and has a share that takes it");
  std::vector<std::int64_t> parts;
  std::vector<Int128> remainders;
  std::int64_t left = total;
  for (const Int128 share : shares) {
    parts.push_back(static_cast<std::int64_t>(total * share / sum));
    remainders.push_back(total * share % sum);
    left -= parts.back();
  }
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; left > 0; ++i, --left) ++parts[order[i]];
  return parts;
}

}  // namespace lotwright
