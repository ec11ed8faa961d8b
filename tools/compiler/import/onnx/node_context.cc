#include "tools/compiler/import/onnx/node_context.h"

#include "runtime/base/hash.h"
#include "runtime/ops/map/run_map.h"
#include "tools/compiler/graph/describe.h"
#include "tools/compiler/import/onnx/attribute_types.h"

namespace stint::compiler {

namespace {

Bytes ToFloat64(const Bytes& bytes, DType dtype) {
  const size_t count = bytes.size() / static_cast<size_t>(BytesOf(dtype));
  Bytes doubles(count * sizeof(double));
  MapBuilder map;
  map.Store(map.Convert(map.Load(dtype), MapType::kF64), DType::kFloat64);
  const Result<MapProgram> program = map.Finish();
  for (size_t i = 0; program.ok() && i < count; ++i) {
    const void* input = bytes.data() + i * static_cast<size_t>(BytesOf(dtype));
    void* output = doubles.data() + i * sizeof(double);
    RunMapElement(*program, &input, nullptr, &output);
  }
  return doubles;
}

}  // namespace

const onnx::AttributeProto* NodeContext::Find(const char* name) const {
  for (const auto& attribute : node_.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

uint32_t NodeContext::OwnSeed() const {
  const auto* bytes = reinterpret_cast<const uint8_t*>(place_.data());
  return static_cast<uint32_t>(HashBytes({bytes, place_.size()}, 0).low);
}

Status NodeContext::Need(int i) const {
  if (has(i)) return {};
  return Invalid("found no operand " + std::to_string(i) + ", allowed one");
}

// The attribute where it is of the type. A value that is left out is zero or an empty list.
const onnx::AttributeProto* NodeContext::Find(const char* name,
                                              onnx::AttributeProto::AttributeType type) const {
  const auto* attribute = Find(name);
  if (attribute == nullptr || IsOfType(*attribute, type)) return attribute;
  if (mistyped_.empty()) mistyped_ = name;
  return nullptr;
}

Status NodeContext::CheckAttributes() const {
  if (mistyped_.empty()) return {};
  return Invalid("found attribute '" + mistyped_ + "' of another type, allowed the operator's");
}

// What lies below would be the handle of an expression if it became a Dim.
static int64_t AsConstant(int64_t number) { return std::max(number, Dim::kSmallestConstant); }

int64_t NodeContext::Int(const char* name, int64_t otherwise) const {
  const auto* attribute = Find(name, onnx::AttributeProto::INT);
  return attribute != nullptr ? AsConstant(attribute->i()) : otherwise;
}

double NodeContext::Float(const char* name, double otherwise) const {
  const auto* attribute = Find(name, onnx::AttributeProto::FLOAT);
  return attribute != nullptr ? static_cast<double>(attribute->f()) : otherwise;
}

std::string NodeContext::String(const char* name, const std::string& otherwise) const {
  const auto* attribute = Find(name, onnx::AttributeProto::STRING);
  return attribute != nullptr ? attribute->s() : otherwise;
}

std::vector<int64_t> NodeContext::Ints(const char* name, std::vector<int64_t> otherwise) const {
  const auto* attribute = Find(name, onnx::AttributeProto::INTS);
  if (attribute == nullptr) return otherwise;
  std::vector<int64_t> numbers(attribute->ints().begin(), attribute->ints().end());
  for (int64_t& number : numbers) number = AsConstant(number);
  return numbers;
}

int64_t NodeContext::RawInt(const char* name) const {
  const auto* attribute = Find(name, onnx::AttributeProto::INT);
  return attribute != nullptr ? attribute->i() : 0;
}

std::vector<int64_t> NodeContext::RawInts(const char* name) const {
  const auto* attribute = Find(name, onnx::AttributeProto::INTS);
  if (attribute == nullptr) return {};
  return {attribute->ints().begin(), attribute->ints().end()};
}

std::vector<double> NodeContext::Floats(const char* name, std::vector<double> otherwise) const {
  const auto* attribute = Find(name, onnx::AttributeProto::FLOATS);
  if (attribute == nullptr) return otherwise;
  return {attribute->floats().begin(), attribute->floats().end()};
}

std::vector<std::string> NodeContext::Strings(const char* name) const {
  const auto* attribute = Find(name, onnx::AttributeProto::STRINGS);
  if (attribute == nullptr) return {};
  return {attribute->strings().begin(), attribute->strings().end()};
}

Result<TensorData> NodeContext::Tensor(const char* name) const {
  const auto* attribute = Find(name);
  if (attribute == nullptr || !attribute->has_t()) {
    return Invalid(std::string("found no tensor attribute '") + name + "', allowed one");
  }
  return DecodeTensor(attribute->t(), source_.folder);
}

Result<TensorData> NodeContext::SparseTensor(const char* name) const {
  const auto* attribute = Find(name);
  if (attribute == nullptr || !attribute->has_sparse_tensor()) {
    return Invalid(std::string("found no sparse attribute '") + name + "', allowed one");
  }
  return DecodeSparseTensor(attribute->sparse_tensor(), source_);
}

Result<std::vector<View>> NodeContext::Inline(const char* name,
                                              const std::vector<View>& inputs) const {
  const auto* attribute = Find(name);
  if (attribute == nullptr || !attribute->has_g() || !inliner_) {
    return Invalid(std::string("found no graph attribute '") + name + "', allowed one");
  }
  const std::string own = build.name();
  auto results = inliner_(attribute->g(), inputs);
  build.SetName(own);
  return results;
}

Result<std::vector<Dim>> NodeContext::Elements(int i) const {
  STINT_TRY(Need(i));
  View operand = input(i);
  if (IsInteger(dtype(i)) && !HoldsDims(dtype(i))) {
    STINT_ASSIGN(operand, build.Cast(operand, DType::kInt64));
  }
  auto elements = build.Elements(operand);
  if (!elements && build.MakeSymbols(operand)) elements = build.Elements(operand);
  if (elements) return std::move(*elements);
  return Unsupported("operand " + std::to_string(i) +
                     " is computed from data, and must be constant or follow from shapes");
}

Result<std::vector<Dim>> NodeContext::WholeElements(int i) const {
  STINT_TRY(Need(i));
  if (!IsFloat(dtype(i))) return Elements(i);
  STINT_ASSIGN(const std::vector<Real> reals, Reals(i));
  std::vector<Dim> elements;
  for (const Real real : reals) elements.push_back(build.dims().Floor(real));
  return elements;
}

Result<std::vector<Real>> NodeContext::Reals(int i) const {
  STINT_TRY(Need(i));
  auto reals = build.Reals(input(i));
  if (!reals && build.MakeSymbols(input(i))) reals = build.Reals(input(i));
  if (reals) return std::move(*reals);
  return Unsupported("operand " + std::to_string(i) +
                     " is computed from data, and must be constant or follow from inputs");
}

Result<Dim> NodeContext::Element(int i) const {
  STINT_ASSIGN(const std::vector<Dim> elements, Elements(i));
  if (elements.size() == 1) return elements[0];
  return Invalid("found " + std::to_string(elements.size()) + " elements in operand " +
                 std::to_string(i) + ", allowed one");
}

Result<Real> NodeContext::RealElement(int i) const {
  STINT_ASSIGN(const std::vector<Real> reals, Reals(i));
  if (reals.size() == 1) return reals[0];
  return Invalid("found " + std::to_string(reals.size()) + " elements in operand " +
                 std::to_string(i) + ", allowed one");
}

Result<std::vector<int64_t>> NodeContext::ConstantInts(int i) const {
  STINT_ASSIGN(const std::vector<Dim> elements, Elements(i));
  std::vector<int64_t> integers;
  for (const Dim element : elements) {
    if (!element.is_constant()) {
      return Unsupported("operand " + std::to_string(i) + " must be constant");
    }
    integers.push_back(element.constant());
  }
  return integers;
}

Result<std::vector<double>> NodeContext::ConstantFloats(int i) const {
  STINT_TRY(Need(i));
  const std::optional<Bytes> bytes = build.ConstantBytes(input(i));
  if (!bytes) return Unsupported("operand " + std::to_string(i) + " must be constant");
  const Bytes doubles = ToFloat64(*bytes, dtype(i));
  std::vector<double> values(doubles.size() / sizeof(double));
  std::copy_n(reinterpret_cast<const double*>(doubles.data()), values.size(), values.data());
  return values;
}

Result<int> NodeContext::Axis(int64_t axis, int rank) const {
  if (axis < -rank || axis >= rank) {
    return Invalid("found axis " + std::to_string(axis) + ", allowed those of rank " +
                   std::to_string(rank));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

std::string NodeContext::Operands() const {
  std::string text;
  for (const View& view : inputs_) {
    if (!text.empty()) text += ", ";
    text += DescribeView(view, build.function());
  }
  return text;
}

Status NodeContext::Unsupported(const std::string& reason) const {
  return Error(Code::kUnsupported, ("node '" + build.name() + "'").c_str(), "%s", reason.c_str());
}

Status NodeContext::Invalid(const std::string& found_and_allowed) const {
  return Error(Code::kInvalid, ("node '" + build.name() + "'").c_str(), "%s",
               found_and_allowed.c_str());
}

}  // namespace stint::compiler
