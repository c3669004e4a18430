// generation/chance.h — random numbers that are the same on every machine: the standard's generator, whose bits are
// fixed, with distributions of our own, whose bits the standard leaves open.
//
// In:       a seed and, for independent streams, what the stream is for and its number.
// Out:      uniform, whole, yes-or-no and roughly normal numbers.
// Promises: nothing but sums, products and quotients of doubles, which IEEE 754 fixes to the last bit.
// Example:  Chance chance(stream(seed, Stream::account, 17));
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace lotwright::generation {

// What a stream of numbers decides: so that a change to one part of a book leaves the others as they were.
enum class Stream : std::uint64_t { market = 1, security, model, fault, unit, account, wishes, harvested };

// Scatters all bits of `word`; equal words give equal results.
[[nodiscard]] std::uint64_t scatter(std::uint64_t word);

[[nodiscard]] std::uint64_t stream(std::uint64_t seed, Stream purpose, std::uint64_t number);

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] double uniform();  // [0, 1)
  [[nodiscard]] double uniform(double low, double high);
  [[nodiscard]] int between(int low, int high);  // both included
  [[nodiscard]] bool hits(double share) { return uniform() < share; }
  [[nodiscard]] double normal();  // mean 0, variance 1, within 6 either way

  // One of them, all equally likely.
  template <class Value, std::size_t Extent>
  [[nodiscard]] const Value& one_of(std::span<const Value, Extent> values) {
    return values[static_cast<std::size_t>(between(0, static_cast<int>(values.size()) - 1))];
  }
  template <class Values>
  [[nodiscard]] const auto& one_of(const Values& values) {
    return one_of(std::span(values));
  }

  // The place of one of `weights`, each as likely as its part of their sum.
  [[nodiscard]] std::size_t place(std::span<const double> weights);

 private:
  std::mt19937_64 engine_;
};

}  // namespace lotwright::generation
