// The manual page and shell completions, made from the commands as they describe themselves, so
// that neither can say what the program does not. The build writes them with `stint manual`, which
// --help does not list.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/commands.h"
#include "tools/stint/console.h"

namespace stint::cli {

namespace {

std::vector<const CLI::App*> CommandsOf(const CLI::App& app) {
  std::vector<const CLI::App*> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) commands.push_back(command);
  }
  return commands;
}

// "-o" and "--output"; none for what is given by its position.
std::vector<std::string> FlagsOf(const CLI::Option& option) {
  std::vector<std::string> flags;
  for (const std::string& name : option.get_snames()) flags.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) flags.push_back("--" + name);
  return flags;
}

std::string Joined(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// `text` with a backslash before each letter of `special`.
std::string Escaped(std::string_view text, std::string_view special) {
  std::string escaped;
  for (const char letter : text) {
    if (special.find(letter) != std::string_view::npos) escaped += '\\';
    escaped += letter;
  }
  return escaped;
}

// Text of roff: hyphens that can be copied, breaks kept, no line that begins like a request.
std::string Roff(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::string roff;
  for (size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    const bool begins = i == 0 || text[i - 1] == '\n';
    if (begins && (letter == '.' || letter == '\'')) roff += "\\&";
    if (letter == '\n') {
      roff += "\n.br\n";
    } else if (letter == '\\') {
      roff += "\\e";
    } else {
      roff += letter == '-' ? "\\-" : std::string(1, letter);
    }
  }
  return roff;
}

// What stands for a value in usage, without the checks that CLI11 adds.
std::string ValueName(const CLI::Option& option) {
  const std::string name = option.get_type_name();
  return name.substr(0, name.find(':'));
}

std::string ManOption(const CLI::Option& option) {
  std::vector<std::string> flags = FlagsOf(option);
  const bool positional = flags.empty();
  std::string text = ".TP\n\\fB" + Roff(Joined(flags, ", ")) + "\\fR";
  if (TakesValue(option)) text += (positional ? "" : " ") + Roff(ValueName(option));
  text += "\n" + Roff(option.get_description());
  const std::string& value = option.get_default_str();
  return text + (value.empty() ? "" : " (" + Roff(value) + ")") + "\n";
}

std::string Man(const CLI::App& app) {
  std::string text = ".TH STINT 1 \"\" \"Stint " STINT_VERSION "\"\n.SH NAME\nstint \\- " +
                     Roff(app.get_description()) +
                     "\n.SH SYNOPSIS\n.B stint\nCOMMAND [OPTIONS]\n.SH DESCRIPTION\n" +
                     Roff(app.get_footer()) + "\n.SH COMMANDS\n";
  for (const CLI::App* command : CommandsOf(app)) {
    text +=
        ".SS stint " + Roff(command->get_name()) + "\n" + Roff(command->get_description()) + ".\n";
    for (const CLI::Option* option : command->get_options()) text += ManOption(*option);
    if (!command->get_footer().empty()) text += ".PP\n" + Roff(command->get_footer()) + "\n";
  }
  return text;
}

std::string Bash(const CLI::App& app) {
  std::vector<std::string> names;
  std::string cases;
  for (const CLI::App* command : CommandsOf(app)) {
    names.push_back(command->get_name());
    std::vector<std::string> flags;
    for (const CLI::Option* option : command->get_options()) {
      const std::vector<std::string> own = FlagsOf(*option);
      flags.insert(flags.end(), own.begin(), own.end());
    }
    cases.append("    ").append(command->get_name()).append(") words='");
    cases.append(Joined(flags, " ")).append("' ;;\n");
  }
  return "# Completion of stint for bash.\n_stint() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} words=\n"
         "  if [[ $COMP_CWORD -eq 1 ]]; then\n"
         "    COMPREPLY=($(compgen -W '" +
         Joined(names, " ") +
         " --help --version' -- \"$current\"))\n    return\n  fi\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases +
         "  esac\n"
         "  if [[ $current == -* ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$current\")); "
         "fi\n"
         "}\ncomplete -o default -F _stint stint\n";
}

std::string ZshOption(const CLI::Option& option) {
  std::string text;
  for (const std::string& flag : FlagsOf(option)) {
    std::string description;
    for (const char letter : Escaped(option.get_description(), "[]:\\")) {
      description += letter == '\'' ? "'\\''" : std::string(1, letter);
    }
    text.append(" \\\n        '*").append(flag).append("[").append(description).append("]");
    text.append(TakesValue(option) ? ":value:_files'" : "'");
  }
  return text;
}

std::string Zsh(const CLI::App& app) {
  std::vector<std::string> names;
  std::string cases;
  for (const CLI::App* command : CommandsOf(app)) {
    names.push_back(command->get_name());
    cases.append("    ").append(command->get_name()).append(")\n      _arguments");
    for (const CLI::Option* option : command->get_options()) cases += ZshOption(*option);
    cases += " \\\n        '*:file:_files' ;;\n";
  }
  return "#compdef stint\n# Completion of stint for zsh.\n_stint() {\n"
         "  if (( CURRENT == 2 )); then\n    compadd " +
         Joined(names, " ") +
         " -- --help --version\n    return\n  fi\n"
         "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n" +
         cases + "  esac\n}\n_stint \"$@\"\n";
}

std::string Fish(const CLI::App& app) {
  std::string text = "# Completion of stint for fish.\n";
  for (const CLI::App* command : CommandsOf(app)) {
    const std::string& name = command->get_name();
    text += "complete -c stint -n __fish_use_subcommand -f -a " + name + " -d '" +
            Escaped(command->get_description(), "\\'") + "'\n";
    for (const CLI::Option* option : command->get_options()) {
      if (FlagsOf(*option).empty()) continue;
      text += "complete -c stint -n '__fish_seen_subcommand_from " + name + "'";
      for (const std::string& letter : option->get_snames()) text += " -s " + letter;
      for (const std::string& word : option->get_lnames()) text += " -l " + word;
      text += TakesValue(*option) ? " -r" : "";
      text += " -d '" + Escaped(option->get_description(), "\\'") + "'\n";
    }
  }
  return text;
}

Result<int> RunManual(const CLI::App& app, const std::string& form) {
  std::string text;
  if (form == "man") text = Man(app);
  if (form == "bash") text = Bash(app);
  if (form == "zsh") text = Zsh(app);
  if (form == "fish") text = Fish(app);
  STINT_TRY(PrintResult(text));
  return 0;
}

}  // namespace

void AddManual(Command& program) {
  auto form = std::make_shared<std::string>();
  Command command = program.AddCommand("manual", "Print the manual page or a completion");
  command.HideFromHelp();
  command.AddOption("form", *form, "man, bash, zsh or fish", "FORM")
      .Required()
      .OneOf({"man", "bash", "zsh", "fish"});
  CLI::App& app = program.app();
  command.Does([form, &app] { return RunManual(app, *form); });
}

}  // namespace stint::cli
