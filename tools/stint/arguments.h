// The arguments that several sub-commands take: NAME=VALUE pairs, shapes and dims.
#ifndef STINT_TOOLS_STINT_ARGUMENTS_H_
#define STINT_TOOLS_STINT_ARGUMENTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/command.h"

namespace stint::cli {

struct NamedValue {
  std::string name;
  std::string value;
};

// Splits NAME=VALUE at the first '=' whose left side is one of `names`, which may hold any
// character themselves. nullopt when there is none.
std::optional<NamedValue> SplitNamed(const std::string& argument,
                                     std::span<const std::string> names);

// "'a', 'b' and 3 more", for errors.
std::string NameList(std::span<const std::string> names);

// --input-shape and --dim as they were given.
struct ShapeArguments {
  std::vector<std::string> shapes;
  std::vector<std::string> dims;
};

void AddShapeOptions(Command& command, ShapeArguments& arguments);

struct Shapes {
  std::map<std::string, std::vector<int64_t>> inputs;
  std::map<std::string, int64_t> dims;
};

// Splits at the last '=': a shape or number holds none, so this is the only split that can be
// meant, whatever the model's names are. kInvalid: malformed, or a name twice.
Result<Shapes> ParseShapes(const ShapeArguments& arguments);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_ARGUMENTS_H_
