// numerics/width_answers.h — what the solver answers on a program drawn at random, for width_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "numerics/ascent.h"
#include "numerics/test_programs.h"

namespace lotwright::numerics {

inline std::vector<double> answers(std::uint64_t seed) {
  Random random(seed);
  const bool hostile = seed % 4 == 0;
  ProgramMaker maker(random, hostile);
  const Program program = seed % 2 == 0 ? maker.make() : maker.many_names(40, 20);
  const Modes free(program.blocks.size(), -1);
  Climber climber(program);
  const Ascent& ascent = climber.ascend(zero_multipliers(program), free, {});
  std::vector<double> all = {ascent.bound, static_cast<double>(ascent.iterations)};
  all.insert(all.end(), ascent.multipliers.factor.begin(), ascent.multipliers.factor.end());
  all.insert(all.end(), ascent.multipliers.row.begin(), ascent.multipliers.row.end());
  std::vector<BlockChoice> choices;
  climber.dual().choose(ascent.multipliers, free, choices);
  for (const BlockChoice& block : choices) {
    all.push_back(block.margin);
    for (const NameChoice& name : block.names) all.push_back(name.x);
  }
  return all;
}

}  // namespace lotwright::numerics
