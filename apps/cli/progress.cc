#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace lotwright::cli {
namespace {

void show(const Progress& progress) {
  const double rate = progress.seconds > 0.0 ? static_cast<double>(progress.accounts_done) / progress.seconds : 0.0;
  const double left = static_cast<double>(progress.accounts_total - progress.accounts_done);
  const std::string time = rate > 0.0 ? fmt::format("{:.0f} s left", left / rate) : "";
  fmt::print(stderr, "\r{} of {} accounts, {:.0f} a second, {}\033[K", progress.accounts_done, progress.accounts_total,
             rate, time);
  if (progress.accounts_done == progress.accounts_total) fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
}

}  // namespace

std::function<void(const Progress&)> progress_line() {
  if (::isatty(STDERR_FILENO) != 1) return {};
  return show;
}

}  // namespace lotwright::cli
