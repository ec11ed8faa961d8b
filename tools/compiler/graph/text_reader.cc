#include "tools/compiler/graph/text_reader.h"

#include <algorithm>
#include <charconv>

#include "runtime/base/text.h"
#include "tools/compiler/graph/text_names.h"

namespace stint::compiler {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsWordCharacter(char c) { return IsLetter(c) || IsDigit(c) || c == '.'; }

constexpr std::string_view kSigns = "{}()[],:=+-*@";

}  // namespace

TextReader::TextReader(std::string_view text) : rest_(text) { Next(); }

void TextReader::Advance(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (rest_[i] == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
  }
  rest_.remove_prefix(count);
}

void TextReader::SkipBlanks() {
  while (!rest_.empty()) {
    if (rest_.substr(0, 2) == "//") {
      Advance(std::min(rest_.find('\n'), rest_.size()));
    } else if (rest_[0] == ' ' || rest_[0] == '\n' || rest_[0] == '\t' || rest_[0] == '\r') {
      Advance(1);
    } else {
      return;
    }
  }
}

size_t TextReader::Span(bool (*belongs)(char)) const {
  size_t length = 0;
  while (length < rest_.size() && belongs(rest_[length])) ++length;
  return length;
}

// At a quote. A string without end, or with an escape that does not exist, is a bad token.
void TextReader::ReadString() {
  size_t at = 1;
  while (at < rest_.size() && rest_[at] != '"' && rest_[at] != '\n') {
    if (rest_[at] != '\\') {
      token_.content += rest_[at++];
      continue;
    }
    const char escape = at + 1 < rest_.size() ? rest_[at + 1] : '\0';
    if (escape == '"' || escape == '\\') {
      token_.content += escape;
      at += 2;
      continue;
    }
    const int high = at + 3 < rest_.size() ? HexDigit(rest_[at + 2]) : -1;
    const int low = at + 3 < rest_.size() ? HexDigit(rest_[at + 3]) : -1;
    if (escape != 'x' || high < 0 || low < 0) break;
    token_.content += static_cast<char>(high * 16 + low);
    at += 4;
  }
  const bool closed = at < rest_.size() && rest_[at] == '"';
  token_.kind = closed ? Token::Kind::kString : Token::Kind::kBad;
  Advance(closed ? at + 1 : at);
}

// At a percent sign.
void TextReader::ReadValue() {
  Advance(1);
  if (!rest_.empty() && rest_[0] == '"') {
    ReadString();
    if (token_.kind == Token::Kind::kString) token_.kind = Token::Kind::kValue;
    return;
  }
  token_.numbered = !rest_.empty() && IsDigit(rest_[0]);
  const size_t length = Span(token_.numbered ? IsDigit : IsWordCharacter);
  token_.content = rest_.substr(0, length);
  const bool named = token_.numbered || IsPlainName(token_.content);
  token_.kind = named ? Token::Kind::kValue : Token::Kind::kBad;
  Advance(length);
}

void TextReader::ReadNumber() {
  size_t length = Span(IsWordCharacter);
  const bool hexadecimal = length > 1 && rest_[1] == 'x';
  const bool exponent = !hexadecimal && (rest_[length - 1] == 'e' || rest_[length - 1] == 'E');
  if (exponent && length < rest_.size() && (rest_[length] == '+' || rest_[length] == '-')) {
    ++length;
    while (length < rest_.size() && IsDigit(rest_[length])) ++length;
  }
  token_.kind = Token::Kind::kNumber;
  Advance(length);
}

void TextReader::Next() {
  SkipBlanks();
  token_ = Token();
  token_.line = line_;
  token_.column = column_;
  const std::string_view start = rest_;
  if (rest_.empty()) return;
  const char first = rest_[0];
  if (IsLetter(first)) {
    token_.kind = Token::Kind::kName;
    Advance(Span(IsWordCharacter));
  } else if (IsDigit(first)) {
    ReadNumber();
  } else if (first == '"') {
    ReadString();
  } else if (first == '%') {
    ReadValue();
  } else if (first == '$' || first == '#') {
    Advance(1);
    const size_t length = Span(IsDigit);
    token_.content = rest_.substr(0, length);
    token_.kind = length > 0 ? Token::Kind::kHandle : Token::Kind::kBad;
    Advance(length);
  } else if (rest_.substr(0, 2) == "->" || rest_.substr(0, 2) == "==") {
    token_.kind = Token::Kind::kSign;
    Advance(2);
  } else {
    token_.kind = kSigns.find(first) != kSigns.npos ? Token::Kind::kSign : Token::Kind::kBad;
    Advance(1);
  }
  token_.text = start.substr(0, start.size() - rest_.size());
  if (token_.kind == Token::Kind::kName) token_.content = token_.text;
}

bool TextReader::At(std::string_view word) const {
  return (token_.kind == Token::Kind::kName || token_.kind == Token::Kind::kSign) &&
         token_.text == word;
}

bool TextReader::Accept(std::string_view word) {
  if (!At(word)) return false;
  Next();
  return true;
}

Status TextReader::Expect(std::string_view word) {
  return Accept(word) ? Status() : Fail("'" + std::string(word) + "'");
}

Result<std::string> TextReader::Take(Token::Kind kind, const char* allowed) {
  if (token_.kind != kind) return Fail(allowed);
  std::string content = std::move(token_.content);
  Next();
  return content;
}

Result<int64_t> TextReader::TakeInteger(int64_t minimum, int64_t maximum) {
  const bool negative = At("-");
  if (negative) Next();
  std::string digits = negative ? "-" : "";
  digits += token_.text;
  int64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool valid = At(Token::Kind::kNumber) && result.ec == std::errc() &&
                     result.ptr == digits.data() + digits.size();
  if (!valid || value < minimum || value > maximum) {
    return Fail("an integer from " + std::to_string(minimum) + " to " + std::to_string(maximum));
  }
  Next();
  return value;
}

Result<std::string> TextReader::TakeNumber() {
  std::string text = Accept("-") ? "-" : "";
  if (!At(Token::Kind::kNumber) && !At("inf") && !At("nan")) return Fail("a number");
  text += token_.text;
  Next();
  return text;
}

Status TextReader::Fail(const std::string& allowed) const {
  std::string found = AtEnd() ? "the end" : "'" + std::string(token_.text.substr(0, 40)) + "'";
  return Error(Code::kInvalid,
               Formatted<>("line %d, column %d", token_.line, token_.column).c_str(),
               "found %s, allowed %s", found.c_str(), allowed.c_str());
}

}  // namespace stint::compiler
