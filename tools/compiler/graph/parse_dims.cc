#include "tools/compiler/graph/parse_dims.h"

#include "tools/compiler/graph/dim_text.h"

namespace stint::compiler {

namespace {

constexpr int kMaxDepth = 64;
// Operations of one expression: sums and products grow with them.
constexpr int kMaxOperations = 2048;
constexpr size_t kMaxSymbols = size_t{1} << 16;

}  // namespace

Status DimReader::ReadSymbol() {
  Symbol symbol;
  std::string handle;
  if (reader_.At(Token::Kind::kHandle)) {
    handle = "$" + std::to_string(dims_.symbols().size());
    if (reader_.token().text != handle) return reader_.Fail("'" + handle + "', the next number");
  } else if (reader_.At(Token::Kind::kName)) {
    handle = symbol.name = reader_.token().text;
    if (symbols_.count(handle) > 0) return reader_.Fail("a name that no symbol has yet");
    if (DimOpFromName(handle) != DimOp::kSymbol)
      return reader_.Fail("a name that no operation has");
  } else {
    return reader_.Fail("a name or '$' and a number");
  }
  if (dims_.symbols().size() >= kMaxSymbols) {
    return reader_.Fail(std::to_string(kMaxSymbols) + " symbols at most");
  }
  reader_.Next();
  if (reader_.Accept("as")) {
    STINT_ASSIGN(symbol.name, reader_.Take(Token::Kind::kString, "a name in quotes"));
  }
  STINT_TRY(reader_.Expect("="));
  symbol.is_element = reader_.Accept("element");
  if (!symbol.is_element && !reader_.Accept("extent")) return reader_.Fail("'extent' or 'element'");
  STINT_ASSIGN(const int64_t index, reader_.TakeInteger(0, UINT32_MAX));
  STINT_TRY(reader_.Expect("of"));
  symbol.is_computed = reader_.Accept("output");
  if (!symbol.is_computed && !reader_.Accept("input")) return reader_.Fail("'input' or 'output'");
  STINT_ASSIGN(const int64_t input, reader_.TakeInteger(0, UINT32_MAX));
  symbol.index = static_cast<uint32_t>(index);
  symbol.input = static_cast<uint32_t>(input);
  const Dim dim = dims_.AddSymbol(std::move(symbol));
  symbols_.emplace("$" + std::to_string(dims_.symbols().size() - 1), dim);
  symbols_.emplace(std::move(handle), dim);
  return {};
}

Status DimReader::ReadDefinition() {
  const std::string handle = "#" + std::to_string(definitions_.size());
  if (!reader_.At(Token::Kind::kHandle) || reader_.token().text != handle) {
    return reader_.Fail("'" + handle + "', the next number");
  }
  reader_.Next();
  STINT_TRY(reader_.Expect("="));
  STINT_ASSIGN(const Dim dim, Read());
  definitions_.push_back(dim);
  return {};
}

Status DimReader::ReadCheck() {
  STINT_ASSIGN(const Dim a, Read());
  STINT_TRY(reader_.Expect("=="));
  STINT_ASSIGN(const Dim b, Read());
  dims_.Require(a, b, "stated in the text");
  return dims_.ok() ? Status() : dims_.TakeStatus();
}

Status DimReader::Count() {
  if (++operations_ <= kMaxOperations) return {};
  return reader_.Fail(std::to_string(kMaxOperations) + " operations in one expression at most");
}

Result<Dim> DimReader::Read() {
  operations_ = 0;
  STINT_ASSIGN(const Dim dim, ReadSum(0));
  if (!dims_.ok()) {
    const Status status = dims_.TakeStatus();
    return reader_.Fail(std::string("an expression before it that can be computed: ") +
                        status.message());
  }
  return dim;
}

Result<std::vector<Dim>> DimReader::ReadList(size_t capacity) {
  STINT_TRY(reader_.Expect("["));
  std::vector<Dim> list;
  while (!reader_.At("]")) {
    if (!list.empty()) STINT_TRY(reader_.Expect(","));
    if (list.size() == capacity) return reader_.Fail(std::to_string(capacity) + " entries at most");
    STINT_ASSIGN(const Dim dim, Read());
    list.push_back(dim);
  }
  reader_.Next();
  return list;
}

Result<Dim> DimReader::ReadSum(int depth) {
  if (depth > kMaxDepth) return reader_.Fail("expressions nested less deeply");
  const bool negative = reader_.Accept("-");
  STINT_ASSIGN(Dim sum, ReadProduct(depth));
  if (negative) sum = dims_.Sub(0, sum);
  while (reader_.At("+") || reader_.At("-")) {
    STINT_TRY(Count());
    const bool minus = reader_.At("-");
    reader_.Next();
    STINT_ASSIGN(const Dim term, ReadProduct(depth));
    sum = minus ? dims_.Sub(sum, term) : dims_.Add(sum, term);
  }
  return sum;
}

Result<Dim> DimReader::ReadProduct(int depth) {
  STINT_ASSIGN(Dim product, ReadFactor(depth));
  while (reader_.Accept("*")) {
    STINT_TRY(Count());
    STINT_ASSIGN(const Dim factor, ReadFactor(depth));
    product = dims_.Mul(product, factor);
  }
  return product;
}

Result<Dim> DimReader::ReadFactor(int depth) {
  if (reader_.At(Token::Kind::kNumber)) {
    STINT_ASSIGN(const int64_t number, reader_.TakeInteger(0, INT64_MAX));
    return Dim(number);
  }
  if (reader_.Accept("(")) {
    STINT_ASSIGN(const Dim inner, ReadSum(depth + 1));
    STINT_TRY(reader_.Expect(")"));
    return inner;
  }
  const std::string text(reader_.token().text);
  const DimOp op = reader_.At(Token::Kind::kName) ? DimOpFromName(text) : DimOp::kSymbol;
  if (op != DimOp::kSymbol) {
    reader_.Next();
    return ReadCall(op, depth);
  }
  if (reader_.At(Token::Kind::kHandle) && text[0] == '#') {
    STINT_ASSIGN(const std::string digits, reader_.Take(Token::Kind::kHandle, "a name"));
    const size_t index = digits.size() > 9 ? SIZE_MAX : std::stoul(digits);
    if (index < definitions_.size()) return definitions_[index];
    return reader_.Fail("'" + text + "' before this only after 'dim " + text + " = ...'");
  }
  const auto symbol = symbols_.find(text);
  if (symbol == symbols_.end()) return reader_.Fail("a number, symbol or operation");
  reader_.Next();
  return symbol->second;
}

Result<Dim> DimReader::ReadCall(DimOp op, int depth) {
  STINT_TRY(Count());
  STINT_TRY(reader_.Expect("("));
  Dim arguments[3];
  for (int i = 0; i < ArityOf(op); ++i) {
    if (i > 0) STINT_TRY(reader_.Expect(","));
    STINT_ASSIGN(arguments[i], ReadSum(depth + 1));
  }
  STINT_TRY(reader_.Expect(")"));
  return dims_.Apply(op, arguments[0], arguments[1], arguments[2]);
}

}  // namespace stint::compiler
