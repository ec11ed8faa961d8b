#include "tools/stint/command.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <type_traits>

namespace stint::cli {

namespace {

// CLI11 reads integers as C writes them, where "010" is 8, and takes the largest for what is
// larger.
template <typename T>
std::string ToDecimal(std::string& text) {
  T number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) {
    return "found '" + text + "', allowed an integer from " +
           std::to_string(std::numeric_limits<T>::min()) + " to " +
           std::to_string(std::numeric_limits<T>::max());
  }
  text = std::to_string(number);
  return "";
}

template <typename T>
Option AddTypedOption(CLI::App& app, const std::string& flags, T& value,
                      const std::string& description, const std::string& type) {
  // Extra arguments would let CLI11 read "[a,b]" as a list and swallow the model's path.
  CLI::Option* const option =
      app.add_option(flags, value, description)->type_name(type)->allow_extra_args(false);
  if constexpr (std::is_integral_v<T>) option->transform(CLI::Validator(ToDecimal<T>, ""));
  return Option(option);
}

}  // namespace

Option& Option::Required() {
  option_->required();
  return *this;
}

Option& Option::ShowDefault() {
  option_->capture_default_str();
  return *this;
}

Option& Option::Range(int least, int greatest) {
  option_->check(CLI::Range(least, greatest));
  return *this;
}

Option& Option::Range(double least, double greatest) {
  option_->check(CLI::Range(least, greatest));
  // Which lets NaN pass: no bound is above or below it.
  Check([](const std::string& value) {
    return std::isnan(std::strtod(value.c_str(), nullptr)) ? "found no number, allowed one" : "";
  });
  return *this;
}

Option& Option::NonNegative() {
  option_->check(CLI::NonNegativeNumber);
  return *this;
}

Option& Option::OneOf(const std::vector<std::string>& values) {
  option_->check(CLI::IsMember(values));
  return *this;
}

Option& Option::Check(const std::function<std::string(const std::string&)>& problem) {
  option_->check(CLI::Validator([problem](std::string& value) { return problem(value); }, ""));
  return *this;
}

Option& Option::WhenGiven(const std::function<void()>& then) {
  option_->each([then](const std::string&) { then(); });
  return *this;
}

Option& Option::Excludes(const std::string& flag) {
  option_->excludes(flag);
  return *this;
}

Command Command::AddCommand(const std::string& name, const std::string& description) {
  return Command(*app_->add_subcommand(name, description), *chosen_);
}

void Command::RequireCommand() { app_->require_subcommand(1); }

void Command::Description(const std::string& text) { app_->description(text); }

void Command::Footer(const std::string& text) { app_->footer(text); }

void Command::HideFromHelp() { app_->group(""); }

Option Command::AddOption(const std::string& flags, std::string& value,
                          const std::string& description, const std::string& type) {
  return AddTypedOption(*app_, flags, value, description, type);
}

Option Command::AddOption(const std::string& flags, std::vector<std::string>& values,
                          const std::string& description, const std::string& type) {
  return AddTypedOption(*app_, flags, values, description, type);
}

Option Command::AddOption(const std::string& flags, int& value, const std::string& description,
                          const std::string& type) {
  return AddTypedOption(*app_, flags, value, description, type);
}

Option Command::AddOption(const std::string& flags, uint64_t& value, const std::string& description,
                          const std::string& type) {
  return AddTypedOption(*app_, flags, value, description, type);
}

Option Command::AddOption(const std::string& flags, double& value, const std::string& description,
                          const std::string& type) {
  return AddTypedOption(*app_, flags, value, description, type);
}

Option Command::AddFlag(const std::string& flags, bool& value, const std::string& description) {
  return Option(app_->add_flag(flags, value, description));
}

void Command::Does(const Action& action) {
  app_->callback([chosen = chosen_, action] { *chosen = action; });
}

}  // namespace stint::cli
