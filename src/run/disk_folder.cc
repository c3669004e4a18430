#include "run/disk_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "book/rules.h"

namespace lotwright {
namespace fs = std::filesystem;
namespace {

constexpr const char* seal = "run.json";

fs::path without_trailing_slash(const std::string& path) {
  const fs::path full = fs::absolute(path).lexically_normal();
  return full.has_filename() ? full : full.parent_path();
}

Failure cannot_write(const fs::path& path, const std::error_code& why) {
  return {rule::output_unwritable,
          "cannot be written (" + why.message() + "): choose another folder, or free space",
          {path.string(), 0, {}, {}}};
}

std::error_code last_error() { return {errno, std::generic_category()}; }

bool write_all(int file, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

bool append(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return false;
  const bool wrote = write_all(file, text);
  return (::close(file) == 0) && wrote;
}

// On disk before it gets its name, so that a power cut cannot leave a named file without its text.
bool sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  return (::close(file) == 0) && synced;
}

}  // namespace

DiskFolder::DiskFolder(const std::string& path)
    : folder_(without_trailing_slash(path)),
      partial_(folder_.parent_path() / ("." + folder_.filename().string() + ".partial-" + std::to_string(::getpid()))) {
  std::error_code ignored;
  fs::remove_all(partial_, ignored);  // of an earlier process of the same number
}

DiskFolder::~DiskFolder() {
  std::error_code ignored;
  fs::remove_all(partial_, ignored);
}

Result<bool> DiskFolder::write(const std::string& name, const std::string& text) {
  const fs::path path = partial_ / name;
  if (names_.insert(name).second) {
    std::error_code why;
    fs::create_directories(path.parent_path(), why);
    if (why) return cannot_write(folder_ / name, why);
  }
  if (!append(path, text)) return cannot_write(folder_ / name, last_error());
  return true;
}

Result<bool> DiskFolder::publish() {
  for (const std::string& name : names_) {
    if (!sync(partial_ / name)) return cannot_write(folder_ / name, last_error());
  }
  try {
    fs::exists(folder_) ? move_into_existing() : fs::rename(partial_, folder_);
  } catch (const fs::filesystem_error& broken) {
    return cannot_write(folder_, broken.code());
  }
  return true;
}

void DiskFolder::move_into_existing() const {
  if (names_.contains(seal)) fs::remove(folder_ / seal);  // else it is of other files, which stay whole
  for (const std::string& name : names_) {
    if (name == seal) continue;
    fs::create_directories((folder_ / name).parent_path());
    fs::rename(partial_ / name, folder_ / name);
  }
  if (names_.contains(seal)) fs::rename(partial_ / seal, folder_ / seal);
}

}  // namespace lotwright
