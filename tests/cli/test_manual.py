"""The manual page and completions: made from the commands, so that they name the same."""

import re
import subprocess
import unittest

from cases import CliCase

COMMANDS = ("compile", "run", "bench", "inspect", "check", "explain", "profile", "devices")


class Manual(CliCase):
    def flags_in_help(self, command):
        return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", self.options_of(command)))

    def options_of(self, command):
        """The left column of the options in --help."""
        text = self.succeed(command, "--help").out
        return "\n".join(re.findall(r"^  (-[^\n]*?)(?:  |$)", text, re.MULTILINE))

    def test_the_manual_page_describes_every_option_of_every_command(self):
        page = self.succeed("manual", "man").out
        self.assertTrue(page.startswith(".TH STINT 1 "))
        sections = dict(re.findall(r"^\.SS stint (\S+)\n(.*?)(?=^\.SS|\Z)", page, re.M | re.S))
        self.assertEqual(tuple(sections), COMMANDS)
        for command, section in sections.items():
            described = "\n".join(re.findall(r"^\\fB(.*?)\\fR", section, re.M)).replace("\\", "")
            for flag in self.flags_in_help(command):
                with self.subTest(command=command, flag=flag):
                    self.assertIn(flag, re.split(r"[,\s]+", described))

    def test_no_line_of_text_is_taken_for_a_request(self):
        requests = {line.split(" ")[0] for line in self.succeed("manual", "man").out.splitlines()
                    if line.startswith((".", "'"))}
        self.assertEqual(requests, {".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".br"})

    def complete(self, *words):
        script = self.succeed("manual", "bash").out + (
            "\nCOMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _stint; printf '%s\\n' ${COMPREPLY[@]}")
        done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True,
                              check=True)
        return done.stdout.split()

    def test_bash_completes_commands_and_options(self):
        self.assertEqual(self.complete("stint", "co"), ["compile"])
        self.assertEqual(self.complete("stint", ""), [*COMMANDS, "--help", "--version"])
        self.assertEqual(self.complete("stint", "compile", "--go"), ["--golden"])
        self.assertEqual(self.complete("stint", "run", "m.onnx", "--la"), ["--layout"])
        for command in COMMANDS:
            self.assertLessEqual(self.flags_in_help(command),
                                 set(self.complete("stint", command, "--")))

    def test_zsh_and_fish_name_every_option(self):
        zsh, fish = self.succeed("manual", "zsh").out, self.succeed("manual", "fish").out
        for command in COMMANDS:
            lines = re.findall(rf"^complete .*from {command}'.*", fish, re.M)
            arguments = zsh[zsh.index(f"    {command})\n"):].split(" ;;\n")[0]
            for flag in self.flags_in_help(command):
                with self.subTest(command=command, flag=flag):
                    self.assertTrue(any(f"-l {flag[2:]} " in line for line in lines))
                    self.assertIn(f"'*{flag}[", arguments)

    def test_help_does_not_list_what_the_build_uses(self):
        self.assertNotIn("manual", self.succeed("--help").out)
        self.fail_with(2, "manual", "html", says=["manual --help"])


if __name__ == "__main__":
    unittest.main()
