#include "generation/chance.h"

namespace lotwright::generation {

std::uint64_t scatter(std::uint64_t word) {
  word += 0x9E3779B97F4A7C15;
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
  return word ^ (word >> 31);
}

std::uint64_t stream(std::uint64_t seed, Stream purpose, std::uint64_t number) {
  return scatter(scatter(scatter(seed) + static_cast<std::uint64_t>(purpose)) + number);
}

double Chance::uniform() {
  constexpr double unit = 1.0 / 9007199254740992.0;  // 2^-53
  return static_cast<double>(engine_() >> 11) * unit;
}

double Chance::uniform(double low, double high) { return low + (high - low) * uniform(); }

int Chance::between(int low, int high) {
  const int span = high - low + 1;
  return low + static_cast<int>(uniform() * static_cast<double>(span));
}

// Twelve uniforms of variance 1/12 each, 16 bits wide, less their mean.
double Chance::normal() {
  std::uint64_t sum = 0;
  for (int word = 0; word < 3; ++word) {
    std::uint64_t bits = engine_();
    for (int part = 0; part < 4; ++part, bits >>= 16) sum += bits & 0xFFFF;
  }
  return static_cast<double>(sum) / 65535.0 - 6.0;
}

std::size_t Chance::place(std::span<const double> weights) {
  double sum = 0.0;
  for (const double weight : weights) sum += weight;
  double left = uniform() * sum;
  for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
    if (left < weights[i]) return i;
    left -= weights[i];
  }
  return weights.size() - 1;
}

}  // namespace lotwright::generation
