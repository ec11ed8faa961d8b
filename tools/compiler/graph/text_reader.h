// The words of the text form. Text may hold anything: every error says line, column, what was found
// and what is allowed there.
#ifndef STINT_TOOLS_COMPILER_GRAPH_TEXT_READER_H_
#define STINT_TOOLS_COMPILER_GRAPH_TEXT_READER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace stint::compiler {

struct Token {
  enum class Kind : uint8_t {
    kEnd,
    kName,    // conv.f32
    kNumber,  // 12, 1.5e-3, 0x7f; never signed.
    kString,  // "..."; `content` holds its bytes.
    kValue,   // %x, %"any name", %3; `content` holds the name.
    kHandle,  // $3, #3
    kSign,    // One of { } ( ) [ ] , : = + - * @, or -> or ==.
    kBad,     // What no token starts with, or a string without end.
  };
  Kind kind = Kind::kEnd;
  std::string_view text;  // As it stands in the text.
  std::string content;
  bool numbered = false;  // kValue: %3
  int line = 1;
  int column = 1;
};

class TextReader {
 public:
  // `text` must outlive the reader.
  explicit TextReader(std::string_view text);

  const Token& token() const { return token_; }
  bool AtEnd() const { return token_.kind == Token::Kind::kEnd; }
  bool At(Token::Kind kind) const { return token_.kind == kind; }
  // Whether the token is this name or sign.
  bool At(std::string_view word) const;
  void Next();
  // Moves past the name or sign if it stands here.
  bool Accept(std::string_view word);
  Status Expect(std::string_view word);
  // The content of the token, which must be of the kind.
  Result<std::string> Take(Token::Kind kind, const char* allowed);
  // An integer with an optional sign.
  Result<int64_t> TakeInteger(int64_t minimum, int64_t maximum);
  // A number with an optional sign ("-1.5", "-inf", "nan"), as text.
  Result<std::string> TakeNumber();
  // The error at the current token.
  Status Fail(const std::string& allowed) const;

 private:
  void SkipBlanks();
  void ReadString();
  void ReadValue();
  void Advance(size_t count);
  size_t Span(bool (*belongs)(char)) const;
  void ReadNumber();

  std::string_view rest_;
  int line_ = 1;
  int column_ = 1;
  Token token_;
};

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_TEXT_READER_H_
