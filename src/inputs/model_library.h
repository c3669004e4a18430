// inputs/model_library.h — every version of every model, and the models as they are on a day.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "book/book.h"

namespace lotwright::inputs {

// Why a version cannot be used. `message` is what follows "model "M"" in a sentence, remedy included.
struct Rejection {
  const char* rule = nullptr;
  std::int64_t line = 0;  // of models.csv; 0: no one line
  std::string column;
  std::string value;
  std::string message;
};

struct ModelVersion {
  std::optional<Date> effective_on;  // none: from ever
  std::vector<ModelPart> parts;      // securities before models, each by place; models by their place in the library
  std::vector<Rejection> rejections;
  std::int64_t line = 0;  // its first row
};

struct ModelHistory {
  std::string id;
  bool faulty = false;                 // one of its rows cannot be read: told when it was
  std::vector<ModelVersion> versions;  // by date, none first
};

// Sorted by id.
using ModelLibrary = std::vector<ModelHistory>;

struct ModelsOnDay {
  std::vector<Model> models;                       // beside the library
  std::vector<std::vector<Rejection>> rejections;  // beside the library
};

// Each model in its newest version not after `day`, its nested models too, unfolded to securities; each weight is
// rounded once, half away from zero.
[[nodiscard]] ModelsOnDay models_on(const ModelLibrary& library, Date day);

// The version in force on `day`; null where none is.
[[nodiscard]] const ModelVersion* version_on(const ModelHistory& history, Date day);

}  // namespace lotwright::inputs
