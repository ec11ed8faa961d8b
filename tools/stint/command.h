// What declares options. Only the sources that do so include this: CLI11 takes seconds to compile.
#ifndef STINT_TOOLS_STINT_OPTIONS_H_
#define STINT_TOOLS_STINT_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>

namespace stint::cli {

// Adds an option that takes exactly one value each time; a vector collects them.
template <typename T>
CLI::Option* AddOption(CLI::App& command, const std::string& flags, T& value,
                       const std::string& description, const std::string& type) {
  // Extra arguments would let CLI11 read "[a,b]" as a list and swallow the model's path.
  return command.add_option(flags, value, description)->type_name(type)->allow_extra_args(false);
}

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_OPTIONS_H_
