#include "runtime/plan/function_reader.h"

#include "runtime/base/checked.h"
#include "runtime/ops/elements.h"
#include "runtime/plan/check_regions.h"

namespace stint {

namespace {

// How many elements a value has, where all its extents are constants: -1 where they are not.
// kInvalid: more than int64 bytes.
Status CountElements(const PlanValue& value, const Path& path, int64_t* elements) {
  *elements = -1;
  int64_t count = 1;
  int64_t bytes = BytesOf(value.dtype);
  for (int axis = 0; axis < value.rank; ++axis) {
    if (!value.extents[axis].is_constant()) return {};
    const int64_t extent = value.extents[axis].constant();
    count *= extent == 0 ? 0 : 1;
    // Strides are products of extents, so that those of an empty value must not overflow either.
    if (!CheckedMul(bytes, extent == 0 ? 1 : extent, &bytes)) {
      const Path field = path / "extents";
      return Error(Code::kInvalid, field.text().c_str(), "found 2^63 bytes or more, allowed fewer");
    }
  }
  *elements = count == 0 ? 0 : bytes / BytesOf(value.dtype);
  return {};
}

bool HoldsShapes(DType dtype) {
  const ComputeClass compute = ComputeClassOf(dtype);
  return compute == ComputeClass::kFloat || compute == ComputeClass::kDouble ||
         dtype == DType::kInt32 || dtype == DType::kInt64 || dtype == DType::kBool;
}

}  // namespace

FunctionReader::FunctionReader(const schema::Function& stored, const Path& path,
                               std::span<const PlanConstant> constants, const AttributeScope& scope,
                               OpRoom* room, PlanFunction* function)
    : stored_(stored),
      path_(path),
      constants_(constants),
      scope_(scope),
      room_(room),
      function_(function) {
  scope_.expressions = SizeOf(stored.expressions());
}

Status FunctionReader::Read() {
  STINT_TRY(ReadName(stored_.name(), path_ / "name", &function_->name));
  STINT_TRY(ReadValues());
  STINT_TRY(ReadInputs());
  STINT_TRY(ReadForms());
  STINT_TRY(ReadViews());
  STINT_TRY(ReadSymbols());
  STINT_TRY(ReadExpressions());
  STINT_TRY(ReadChecks());
  return ReadOps();
}

Status FunctionReader::ReadDims(const flatbuffers::Vector<int64_t>* stored, const Path& path,
                                bool extents, int* rank, Dim* dims) const {
  STINT_TRY(CheckCount(path, SizeOf(stored), 0, kMaxRank));
  *rank = static_cast<int>(SizeOf(stored));
  for (size_t i = 0; i < SizeOf(stored); ++i) {
    dims[i] = Dim(ScalarAt(stored, i));
    STINT_TRY(CheckDimIndex(path[i], dims[i], scope_.expressions));
    if (extents && dims[i].is_constant() && dims[i].constant() < 0) {
      return Error(Code::kInvalid, path[i].text().c_str(), "found extent %lld, allowed 0 and up",
                   static_cast<long long>(dims[i].constant()));
    }
  }
  return {};
}

Status FunctionReader::ReadValues() {
  const Path list = path_ / "values";
  STINT_TRY(function_->values.Resize(SizeOf(stored_.values())));
  for (size_t i = 0; i < function_->values.size(); ++i) {
    STINT_TRY(ReadValue(TableAt(stored_.values(), i), list[i], &function_->values[i]));
  }
  return {};
}

Status FunctionReader::ReadValue(const schema::Value& stored, const Path& path,
                                 PlanValue* value) const {
  STINT_TRY(ReadName(stored.name(), path / "name", &value->name));
  STINT_TRY(CheckCount(path / "dtype", stored.dtype(), 1, kDTypeCount - 1));
  value->dtype = static_cast<DType>(stored.dtype());
  STINT_TRY(ReadDims(stored.extents(), path / "extents", true, &value->rank, value->extents));
  value->constant = stored.constant();
  if (value->constant == kNoIndex) return {};
  return CheckIndex(path / "constant", value->constant, constants_.size());
}

Status FunctionReader::CheckConstant(const PlanValue& value, const Path& path) const {
  int64_t elements = 0;
  STINT_TRY(CountElements(value, path, &elements));
  if (value.constant == kNoIndex) return {};
  if (value.is_input && constants_[value.constant].layout != Layout::kDense) {
    const Path field = path / "constant";
    return Error(Code::kInvalid, (field / "layout").text().c_str(),
                 "found a packed default of an input, allowed a dense one");
  }
  if (value.dtype == DType::kString) {
    const Path field = path / "dtype";
    return Error(Code::kInvalid, field.text().c_str(),
                 "found a constant of strings, allowed numbers");
  }
  if (elements < 0) {
    if (value.is_input) return {};  // A default, whose size is checked when the plan is bound.
    const Path field = path / "extents";
    return Error(Code::kInvalid, field.text().c_str(),
                 "found a constant with expressions, allowed integers");
  }
  const Path field = path / "constant";
  const PlanConstant& constant = constants_[value.constant];
  if (!IsReversible(constant.layout)) {
    return Error(Code::kInvalid, (field / "layout").text().c_str(),
                 "found %s, allowed a layout that every runtime can unpack",
                 LayoutName(constant.layout));
  }
  return CheckSize(value, constant, field);
}

Status FunctionReader::CheckSize(const PlanValue& value, const PlanConstant& constant,
                                 const Path& path) const {
  int64_t extents[kMaxRank] = {};
  for (int axis = 0; axis < value.rank; ++axis) extents[axis] = value.extents[axis].constant();
  auto packed = PackedBytes(constant.layout, value.dtype, value.rank, extents);
  if (!packed.ok()) return std::move(packed.TakeStatus()).At((path / "layout").text().c_str());
  const auto bytes = static_cast<uint64_t>(*packed);
  return CheckCount(path / "size", constant.bytes.size(), bytes, bytes);
}

// The value's own constant was checked, so that its extents are integers.
Status FunctionReader::CheckForm(const PlanForm& form, const PlanForm* before,
                                 const Path& path) const {
  STINT_TRY(CheckIndex(path / "value", form.value, function_->values.size()));
  STINT_TRY(CheckIndex(path / "constant", form.constant, constants_.size()));
  const PlanValue& value = function_->values[form.value];
  if (value.constant == kNoIndex || value.is_input) {
    return Error(Code::kInvalid, (path / "value").text().c_str(),
                 "found a value that is no constant, allowed constants");
  }
  const PlanConstant& constant = constants_[form.constant];
  const bool ascending =
      before == nullptr || before->value < form.value ||
      (before->value == form.value && constants_[before->constant].layout < constant.layout);
  if (!ascending || constant.layout == constants_[value.constant].layout) {
    return Error(Code::kInvalid, path.text().c_str(),
                 "found a value or layout again, allowed ascending ones, each layout once");
  }
  return CheckSize(value, constant, path);
}

Status FunctionReader::ReadForms() {
  const Path list = path_ / "forms";
  STINT_TRY(function_->forms.Resize(SizeOf(stored_.forms())));
  for (size_t i = 0; i < function_->forms.size(); ++i) {
    const schema::Form& stored = *stored_.forms()->Get(static_cast<uint32_t>(i));
    PlanForm& form = function_->forms[i];
    form = {stored.value(), stored.constant()};
    STINT_TRY(CheckForm(form, i > 0 ? &function_->forms[i - 1] : nullptr, list[i]));
  }
  return {};
}

Status FunctionReader::ReadInputs() {
  const Path list = path_ / "inputs";
  const size_t count = SizeOf(stored_.inputs());
  STINT_TRY(CheckCount(list, count, 0, function_->values.size()));
  STINT_TRY(function_->inputs.Resize(count));
  for (size_t i = 0; i < count; ++i) {
    const uint32_t value = ScalarAt(stored_.inputs(), i);
    STINT_TRY(CheckIndex(list[i], value, function_->values.size()));
    if (function_->values[value].is_input) {
      return Error(Code::kInvalid, list[i].text().c_str(), "found value %u twice, allowed once",
                   value);
    }
    function_->values[value].is_input = true;
    function_->inputs[i] = value;
  }
  const Path values = path_ / "values";
  for (size_t i = 0; i < function_->values.size(); ++i) {
    STINT_TRY(CheckConstant(function_->values[i], values[i]));
  }
  return {};
}

Status FunctionReader::ReadViews() {
  const Path list = path_ / "views";
  STINT_TRY(function_->views.Resize(SizeOf(stored_.views())));
  for (size_t i = 0; i < function_->views.size(); ++i) {
    const schema::View& stored = TableAt(stored_.views(), i);
    const Path path = list[i];
    PlanView& view = function_->views[i];
    int strides = 0;
    STINT_TRY(ReadDims(stored.extents(), path / "extents", true, &view.rank, view.extents));
    STINT_TRY(ReadDims(stored.strides(), path / "strides", false, &strides, view.strides));
    const auto rank = static_cast<uint64_t>(view.rank);
    STINT_TRY(CheckCount(path / "strides", static_cast<uint64_t>(strides), rank, rank));
    view.offset = Dim(stored.offset());
    STINT_TRY(CheckDimIndex(path / "offset", view.offset, scope_.expressions));
  }
  return {};
}

Status FunctionReader::ReadSymbols() {
  const Path list = path_ / "symbols";
  STINT_TRY(function_->symbols.Resize(SizeOf(stored_.symbols())));
  for (size_t i = 0; i < function_->symbols.size(); ++i) {
    const schema::Symbol& stored = TableAt(stored_.symbols(), i);
    const Path path = list[i];
    PlanSymbol& symbol = function_->symbols[i];
    STINT_TRY(ReadName(stored.name(), path / "name", &symbol.name));
    STINT_TRY(CheckCount(path / "source", stored.source(), 0, 2));
    symbol.source = static_cast<SymbolSource>(stored.source());
    const bool computed = symbol.source == SymbolSource::kComputed;
    STINT_TRY(CheckIndex(path / "input", stored.input(),
                         computed ? function_->values.size() : function_->inputs.size()));
    symbol.input = stored.input();
    symbol.index = stored.index();
    STINT_TRY(CheckSymbol(symbol, path));
  }
  return {};
}

Status FunctionReader::CheckSymbol(const PlanSymbol& symbol, const Path& path) const {
  const bool computed = symbol.source == SymbolSource::kComputed;
  const uint32_t source = computed ? symbol.input : function_->inputs[symbol.input];
  const PlanValue& value = function_->values[source];
  if (symbol.source == SymbolSource::kExtent) {
    return CheckIndex(path / "index", symbol.index, static_cast<uint64_t>(value.rank));
  }
  if (!HoldsShapes(value.dtype)) {
    return Error(Code::kInvalid, path.text().c_str(),
                 "found an element of a %s tensor, allowed int32, int64, bool and floats",
                 NameOf(value.dtype));
  }
  int64_t elements = 0;
  STINT_TRY(CountElements(value, path, &elements));
  if (elements < 0) return {};  // Checked when the plan is bound.
  return CheckIndex(path / "index", symbol.index, static_cast<uint64_t>(elements));
}

Status FunctionReader::ReadExpressions() {
  const Path list = path_ / "expressions";
  STINT_TRY(function_->expressions.Resize(SizeOf(stored_.expressions())));
  for (size_t i = 0; i < function_->expressions.size(); ++i) {
    STINT_TRY(
        ReadExpression(StructAt(stored_.expressions(), i), i, list[i], &function_->expressions[i]));
  }
  return {};
}

Status FunctionReader::ReadExpression(const schema::Expression& stored, uint64_t index,
                                      const Path& path, PlanExpression* expression) const {
  STINT_TRY(CheckIndex(path / "op", stored.op(), kDimOpCount));
  expression->op = static_cast<DimOp>(stored.op());
  expression->a = Dim(stored.a());
  expression->b = Dim(stored.b());
  expression->c = Dim(stored.c());
  STINT_TRY(CheckDimIndex(path / "a", expression->a, index));
  STINT_TRY(CheckDimIndex(path / "b", expression->b, index));
  STINT_TRY(CheckDimIndex(path / "c", expression->c, index));
  const int arity = ArityOf(expression->op);
  if ((arity < 2 && expression->b != Dim(0)) || (arity < 3 && expression->c != Dim(0))) {
    return Error(Code::kInvalid, path.text().c_str(), "found more operands, allowed %d for %s",
                 arity, NameOf(expression->op));
  }
  if (expression->op != DimOp::kSymbol) return {};
  const bool is_index = expression->a.is_constant() && expression->a.constant() >= 0;
  return CheckIndex(path / "a", is_index ? static_cast<uint64_t>(stored.a()) : UINT64_MAX,
                    function_->symbols.size());
}

Status FunctionReader::ReadChecks() {
  const Path list = path_ / "checks";
  STINT_TRY(function_->checks.Resize(SizeOf(stored_.checks())));
  for (size_t i = 0; i < function_->checks.size(); ++i) {
    const schema::Check stored = StructAt(stored_.checks(), i);
    PlanCheck& check = function_->checks[i];
    check = {Dim(stored.a()), Dim(stored.b())};
    STINT_TRY(CheckDimIndex(list[i] / "a", check.a, scope_.expressions));
    STINT_TRY(CheckDimIndex(list[i] / "b", check.b, scope_.expressions));
  }
  return {};
}

Status FunctionReader::ReadOps() {
  const Path list = path_ / "ops";
  OpReader reader(*function_, scope_, room_);
  STINT_TRY(reader.Prepare());
  STINT_TRY(function_->ops.Resize(SizeOf(stored_.ops())));
  for (size_t i = 0; i < function_->ops.size(); ++i) {
    STINT_TRY(reader.Read(TableAt(stored_.ops(), i), list[i], &function_->ops[i]));
  }
  STINT_TRY(ReadOutputs(reader));
  return ReadRegions();
}

Status FunctionReader::ReadOutputs(const OpReader& ops) {
  const Path list = path_ / "outputs";
  STINT_TRY(function_->outputs.Resize(SizeOf(stored_.outputs())));
  STINT_TRY(function_->output_names.Resize(function_->outputs.size()));
  for (size_t i = 0; i < function_->outputs.size(); ++i) {
    const schema::Output& stored = TableAt(stored_.outputs(), i);
    const Path path = list[i];
    STINT_TRY(ReadName(stored.name(), path / "name", &function_->output_names[i]));
    function_->outputs[i] = {stored.value(), stored.view()};
    STINT_TRY(ops.CheckRead(function_->outputs[i], path));
  }
  return {};
}

Status FunctionReader::ReadRegions() {
  const Path list = path_ / "regions";
  // The last region may have outputs alone; an op stands in each of the others.
  STINT_TRY(CheckCount(list, SizeOf(stored_.regions()), 1, function_->ops.size() + 1));
  STINT_TRY(function_->region_sizes.Resize(SizeOf(stored_.regions())));
  uint64_t total = 0;
  for (size_t i = 0; i < function_->region_sizes.size(); ++i) {
    function_->region_sizes[i] = TableAt(stored_.regions(), i).op_count();
    total += function_->region_sizes[i];
  }
  STINT_TRY(CheckCount(list / "op_count", total, function_->ops.size(), function_->ops.size()));
  return CheckRegions(path_, function_);
}

}  // namespace stint
