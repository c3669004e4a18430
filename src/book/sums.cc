#include "book/sums.h"

#include <algorithm>

namespace lotwright {

std::string fewest_above_one(NamedWeights weights) {
  std::sort(weights.begin(), weights.end(),
            [](const auto& a, const auto& b) { return std::pair(-a.second, a.first) < std::pair(-b.second, b.first); });
  const Weight whole = Weight::of_whole(1);
  Weight sum;
  std::string words;
  for (std::size_t i = 0; i < weights.size() && sum <= whole; ++i) {
    sum += weights[i].second;
    words += (i == 0 ? "" : " and ") + weights[i].first + " " + weights[i].second.to_string();
  }
  return sum <= whole ? std::string() : words + " sum to " + sum.to_string() + ", which is more than 1";
}

}  // namespace lotwright
