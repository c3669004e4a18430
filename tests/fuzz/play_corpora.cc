// Plays every file of tests/fuzz/corpus/TARGET through its target: what a fuzzer once found stays found, without one.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "targets.h"

namespace lotwright::fuzz {
namespace {

struct Target {
  const char* name;
  void (*play)(std::string_view bytes);
};

const Target targets[] = {{"csv", csv},     {"gunzip", gunzip},   {"firm", firm},
                          {"table", table}, {"numbers", numbers}, {"orders", orders},
                          {"past", past},   {"filter", filter},   {"settle", settle}};

std::vector<std::string> corpus_of(const Target& target) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/fuzz/corpus/" + std::string(target.name))) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<std::string> texts;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return texts;
}

// The text with a few of its bytes changed, left out, doubled or taken from another.
std::string mutated(std::string text, const std::string& other, std::mt19937_64& random) {
  const auto pick = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  for (std::size_t i = 1 + pick(4); i > 0; --i) {
    const std::size_t at = pick(text.size() + 1);
    const std::size_t count = std::min(text.size() - at, 1 + pick(8));
    switch (pick(4)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(pick(256));
        break;
      case 1:
        text.erase(at, count);
        break;
      case 2:
        text.insert(at, text.substr(at, count));
        break;
      default:
        text.insert(at, other.substr(pick(other.size()), 1 + pick(16)));
    }
  }
  return text;
}

class Corpora : public testing::TestWithParam<Target> {};

TEST_P(Corpora, AreSwallowedWholeAndMutated) {
  const std::vector<std::string> texts = corpus_of(GetParam());
  ASSERT_FALSE(texts.empty());
  std::mt19937_64 random(20250630);
  for (const std::string& text : texts) {
    GetParam().play(text);
    for (int i = 0; i < 20; ++i) GetParam().play(mutated(text, texts[random() % texts.size()], random));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Corpora, testing::ValuesIn(targets),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace lotwright::fuzz
