// run/side_by_side.h — a few tasks on a few threads, for results that do not depend on who does what when.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace lotwright {

// Calls `work(i)` once for every i below `count`; the first thing thrown is thrown again here. `threads` 0: all cores.
template <class Work>
void side_by_side(std::size_t count, int threads, const Work& work) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t wanted = threads > 0 ? static_cast<std::size_t>(threads) : cores;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr broken;
  const auto run = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      const std::scoped_lock lock(mutex);
      if (!broken) broken = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(wanted, count); ++i) others.emplace_back(run);
    run();
  }
  if (broken) std::rethrow_exception(broken);
}

}  // namespace lotwright
