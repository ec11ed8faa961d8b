#include "tools/stint/arguments.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "runtime/ops/tensor.h"
#include "tools/stint/command.h"

namespace stint::cli {

namespace {

bool ParseCount(std::string_view text, int64_t* out) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, *out);
  return parsed.ec == std::errc() && parsed.ptr == end && *out >= 0;
}

// "1x3x224x224"; empty for rank 0.
bool ParseExtents(std::string_view text, std::vector<int64_t>* extents) {
  if (text.empty()) return true;
  for (;;) {
    const size_t end = text.find('x');
    int64_t extent = 0;
    if (!ParseCount(text.substr(0, end), &extent) || extents->size() == kMaxRank) return false;
    extents->push_back(extent);
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

std::optional<NamedValue> SplitLast(const std::string& argument) {
  const size_t equals = argument.rfind('=');
  if (equals == std::string::npos) return std::nullopt;
  return NamedValue{argument.substr(0, equals), argument.substr(equals + 1)};
}

}  // namespace

std::optional<NamedValue> SplitNamed(const std::string& argument,
                                     std::span<const std::string> names) {
  for (size_t at = argument.find('='); at != std::string::npos; at = argument.find('=', at + 1)) {
    const std::string name = argument.substr(0, at);
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return NamedValue{name, argument.substr(at + 1)};
    }
  }
  return std::nullopt;
}

std::string NameList(std::span<const std::string> names) {
  constexpr size_t kShown = 8;
  if (names.empty()) return "none";
  std::string list;
  for (size_t i = 0; i < names.size() && i < kShown; ++i) {
    list += (i > 0 ? ", '" : "'") + names[i] + "'";
  }
  if (names.size() > kShown) list += " and " + std::to_string(names.size() - kShown) + " more";
  return list;
}

void AddShapeOptions(Command& command, ShapeArguments& arguments) {
  command.AddOption(
      "--input-shape,--shape", arguments.shapes,
      "Extents of an input, as in x=1x3x224x224; 'x=' for rank 0. Overrides what the model "
      "declares. Repeatable",
      "NAME=SHAPE");
  command.AddOption("--dim", arguments.dims, "Value of a named dim, as in batch=4. Repeatable",
                    "SYMBOL=N");
}

Result<Shapes> ParseShapes(const ShapeArguments& arguments) {
  Shapes parsed;
  for (const std::string& argument : arguments.shapes) {
    const auto split = SplitLast(argument);
    std::vector<int64_t> extents;
    if (!split || !ParseExtents(split->value, &extents)) {
      return Error(Code::kInvalid, "--input-shape", "found '%s', allowed NAME=1x3x224x224",
                   argument.c_str());
    }
    if (!parsed.inputs.emplace(split->name, extents).second) {
      return Error(Code::kInvalid, "--input-shape", "found '%s' twice, allowed once",
                   split->name.c_str());
    }
  }
  for (const std::string& argument : arguments.dims) {
    const auto split = SplitLast(argument);
    int64_t value = 0;
    if (!split || split->name.empty() || !ParseCount(split->value, &value)) {
      return Error(Code::kInvalid, "--dim", "found '%s', allowed SYMBOL=N", argument.c_str());
    }
    if (!parsed.dims.emplace(split->name, value).second) {
      return Error(Code::kInvalid, "--dim", "found '%s' twice, allowed once", split->name.c_str());
    }
  }
  return parsed;
}

}  // namespace stint::cli
