#include "tools/compiler/graph/parse.h"

#include <map>
#include <string>
#include <utility>

#include "tools/compiler/graph/parse_dims.h"
#include "tools/compiler/graph/parse_fields.h"
#include "tools/compiler/graph/parse_program.h"
#include "tools/compiler/graph/text_reader.h"

namespace stint::compiler {

namespace {

// What "all 0" may make of a short text.
constexpr uint64_t kRepeatedBytes = uint64_t{256} << 20;
constexpr size_t kMaxElements = 1024;

class FunctionReader {
 public:
  FunctionReader(TextReader& reader, Function& function, uint64_t* budget)
      : reader_(reader), function_(function), dims_(reader, function.dims), budget_(budget) {}

  // After the word "function".
  Status Read() {
    STINT_ASSIGN(function_.name, reader_.Take(Token::Kind::kString, "a name in quotes"));
    STINT_TRY(reader_.Expect("{"));
    while (!reader_.Accept("}")) STINT_TRY(ReadStatement());
    STINT_TRY(CheckSymbols());
    Status checked = CheckFunction(function_);
    if (checked.ok()) return {};
    return Error(Code::kInvalid, checked.where(), "%s", checked.message());
  }

 private:
  Status ReadStatement() {
    if (reader_.Accept("symbol")) return dims_.ReadSymbol();
    if (reader_.Accept("dim")) return dims_.ReadDefinition();
    if (reader_.Accept("check")) return dims_.ReadCheck();
    if (reader_.Accept("input")) return ReadInput();
    if (reader_.Accept("constant")) return ReadConstant();
    if (reader_.Accept("output")) return ReadOutput();
    if (reader_.Accept("value")) {
      STINT_ASSIGN(const ValueId id, ReadDeclaration());
      (void)id;
      return {};
    }
    if (reader_.At(Token::Kind::kValue)) return ReadNode();
    return reader_.Fail("symbol, dim, check, input, constant, value, output, a node or '}'");
  }

  using Name = std::pair<bool, std::string>;  // Whether it is a number; the text.

  Name NameHere() const { return {reader_.token().numbered, reader_.token().content}; }

  // "%x as "name": float32[2, N] elements [1, 2]".
  Result<ValueId> ReadDeclaration() {
    if (!reader_.At(Token::Kind::kValue)) return reader_.Fail("a value, as in %x");
    const Name name = NameHere();
    if (names_.count(name) > 0) return reader_.Fail("each value once");
    Value value;
    if (!name.first) value.name = name.second;
    reader_.Next();
    if (reader_.Accept("as")) {
      STINT_ASSIGN(value.name, reader_.Take(Token::Kind::kString, "a name in quotes"));
    }
    STINT_TRY(reader_.Expect(":"));
    STINT_ASSIGN(value.dtype, ReadDType(reader_));
    STINT_ASSIGN(value.dims, dims_.ReadList(kMaxRank));
    if (reader_.Accept("elements")) {
      STINT_ASSIGN(value.elements, dims_.ReadList(kMaxElements));
    }
    const ValueId id = function_.AddValue(std::move(value));
    names_.emplace(name, id);
    return id;
  }

  Status ReadInto(Value& value) {
    STINT_ASSIGN(Bytes data, ReadData(reader_, value.dtype, value.dims, budget_));
    value.data = std::make_shared<const Bytes>(std::move(data));
    return {};
  }

  Status ReadInput() {
    STINT_ASSIGN(const ValueId id, ReadDeclaration());
    function_[id].is_input = true;
    function_.inputs.push_back(id);
    return reader_.Accept("=") ? ReadInto(function_[id]) : Status();
  }

  Status ReadConstant() {
    STINT_ASSIGN(const ValueId id, ReadDeclaration());
    STINT_TRY(reader_.Expect("="));
    return ReadInto(function_[id]);
  }

  Status ReadOutput() {
    Output output;
    output.is_shape = reader_.Accept("shape");
    STINT_ASSIGN(output.name, reader_.Take(Token::Kind::kString, "a name in quotes"));
    STINT_TRY(reader_.Expect("="));
    if (!reader_.At(Token::Kind::kValue)) return reader_.Fail("a value, as in %x");
    STINT_ASSIGN(output.view, ReadView());
    function_.outputs.push_back(std::move(output));
    return {};
  }

  Result<View> ReadView() {
    if (reader_.Accept("none")) return View();
    const auto found = names_.find(NameHere());
    if (!reader_.At(Token::Kind::kValue) || found == names_.end()) {
      return reader_.Fail("a value declared before, as in %x, or none");
    }
    reader_.Next();
    View view = function_.ViewOf(found->second);
    if (reader_.Accept("transposed")) return ReadTransposed(view);
    if (reader_.At("[")) {
      STINT_ASSIGN(view.dims, dims_.ReadList(kMaxRank));
      view.strides = DenseStrides(view.dims, function_.dims);
    }
    if (reader_.Accept("strides")) {
      STINT_ASSIGN(view.strides, dims_.ReadList(kMaxRank));
      if (view.strides.size() != view.dims.size()) {
        return reader_.Fail(std::to_string(view.dims.size()) + " strides before it");
      }
    }
    if (reader_.Accept("offset")) {
      STINT_ASSIGN(view.offset, dims_.Read());
    }
    return view;
  }

  Result<View> ReadTransposed(const View& dense) {
    STINT_ASSIGN(const std::vector<Dim> axes, dims_.ReadList(kMaxRank));
    View view = dense;
    std::vector<bool> taken(axes.size(), false);
    bool valid = axes.size() == dense.dims.size();
    for (size_t i = 0; valid && i < axes.size(); ++i) {
      const bool known = axes[i].is_constant() && axes[i].constant() >= 0 &&
                         static_cast<size_t>(axes[i].constant()) < axes.size();
      const size_t axis = known ? static_cast<size_t>(axes[i].constant()) : 0;
      valid = known && !taken[axis];
      taken[axis] = true;
      view.dims[i] = dense.dims[axis];
      view.strides[i] = dense.strides[axis];
    }
    if (!valid) return reader_.Fail("each axis of the value once before it");
    return view;
  }

  // A result is a new value, or a view of one that was declared.
  Result<View> ReadResult() {
    if (!reader_.At(Token::Kind::kValue) || names_.count(NameHere()) > 0) return ReadView();
    STINT_ASSIGN(const ValueId id, ReadDeclaration());
    return function_.ViewOf(id);
  }

  Status ReadNode() {
    Node node;
    do {
      STINT_ASSIGN(node.results.emplace_back(), ReadResult());
    } while (reader_.Accept(","));
    STINT_TRY(reader_.Expect("="));
    STINT_TRY(ReadOp(node));
    node.attributes = Attributes(*node.op);
    STINT_TRY(reader_.Expect("("));
    while (!reader_.At(")")) {
      if (!node.operands.empty()) STINT_TRY(reader_.Expect(","));
      STINT_ASSIGN(node.operands.emplace_back(), ReadView());
    }
    reader_.Next();
    if (reader_.Accept("@")) {
      STINT_ASSIGN(node.name, reader_.Take(Token::Kind::kString, "a name in quotes"));
    }
    if (reader_.Accept("{")) STINT_TRY(ReadFields(reader_, dims_, *node.op, node.attributes));
    node.results.resize(std::max<size_t>(node.results.size(), node.op->core_results));
    function_.nodes.push_back(std::move(node));
    return {};
  }

  Status ReadOp(Node& node) {
    std::string allowed = "an op:";
    for (const OpInfo* op : AllOps()) allowed += std::string(" ") + op->name;
    if (reader_.At(Token::Kind::kName)) node.op = FindOp(reader_.token().text);
    if (node.op == nullptr) return reader_.Fail(allowed);
    reader_.Next();
    return {};
  }

  bool IsElementOfOutput(const Symbol& symbol) const {
    if (symbol.input >= function_.outputs.size()) return false;
    const Output& output = function_.outputs[symbol.input];
    if (!output.is_shape || !IsStatic(output.view)) return false;
    int64_t count = 1;
    for (const Dim dim : output.view.dims)
      count = std::min<int64_t>(count, 1 << 20) * dim.constant();
    return symbol.index < count;
  }

  // Symbols come from what inputs and shape outputs have.
  Status CheckSymbols() {
    for (const Symbol& symbol : function_.dims.symbols()) {
      if (symbol.is_computed) {
        if (IsElementOfOutput(symbol)) continue;
        return Error(Code::kInvalid, function_.name.c_str(),
                     "found symbol '%s' of element %u of output %u, allowed those of shape outputs",
                     symbol.name.c_str(), symbol.index, symbol.input);
      }
      bool known = symbol.input < function_.inputs.size();
      if (known) {
        const Value& input = function_[function_.inputs[symbol.input]];
        known = symbol.is_element || symbol.index < input.dims.size();
      }
      if (known) continue;
      return Error(Code::kInvalid, function_.name.c_str(),
                   "found symbol '%s' of axis %u of input %u, allowed those that inputs have",
                   symbol.name.c_str(), symbol.index, symbol.input);
    }
    return {};
  }

  TextReader& reader_;
  Function& function_;
  DimReader dims_;
  uint64_t* budget_;
  std::map<Name, ValueId> names_;
};

Status ReadProperty(TextReader& reader, Graph& graph) {
  STINT_ASSIGN(std::string key, reader.Take(Token::Kind::kString, "a key in quotes"));
  STINT_TRY(reader.Expect("="));
  STINT_ASSIGN(std::string value, reader.Take(Token::Kind::kString, "a value in quotes"));
  graph.properties.emplace_back(std::move(key), std::move(value));
  return {};
}

}  // namespace

Result<Graph> ParseGraph(std::string_view text) {
  TextReader reader(text);
  Graph graph;
  uint64_t budget = kRepeatedBytes;
  while (!reader.AtEnd()) {
    if (reader.Accept("property")) {
      STINT_TRY(ReadProperty(reader, graph));
    } else if (reader.Accept("function")) {
      graph.functions.emplace_back();
      STINT_TRY(FunctionReader(reader, graph.functions.back(), &budget).Read());
    } else {
      return reader.Fail("'property' or 'function'");
    }
  }
  if (graph.functions.empty()) return reader.Fail("'function'");
  return graph;
}

}  // namespace stint::compiler
