#include "tools/stint/inputs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tools/stint/elements.h"
#include "tools/stint/model.h"
#include "tools/stint/named_files.h"
#include "tools/stint/plan_text.h"

namespace stint::cli {

namespace {

std::string WhereOf(const PlanValue& value) { return "input '" + std::string(value.name) + "'"; }

// The extents of inputs, as far as they are known, and the values of the symbols in them.
class Extents {
 public:
  explicit Extents(const PlanFunction& function)
      : function_(function), symbols_(function.symbols.size()), fixed_(function.inputs.size()) {}

  // States that input `i` has these extents. kInvalid: against the plan or an earlier statement.
  Status Fix(size_t i, const std::vector<int64_t>& extents) {
    const PlanValue& value = InputAt(i);
    if (extents.size() != static_cast<size_t>(value.rank)) {
      return Error(Code::kInvalid, WhereOf(value).c_str(), "found shape %s, allowed rank %d: %s",
                   ExtentsText(extents).c_str(), value.rank, Declared(i).c_str());
    }
    for (size_t axis = 0; axis < extents.size(); ++axis) {
      const std::optional<int64_t> known = ValueOf(value.extents[axis]);
      if (known && *known != extents[axis]) {
        return Error(Code::kInvalid, WhereOf(value).c_str(),
                     "found shape %s, allowed %s with %lld on axis %zu",
                     ExtentsText(extents).c_str(), Declared(i).c_str(),
                     static_cast<long long>(*known), axis);
      }
      if (const auto symbol = SymbolOf(value.extents[axis])) symbols_[*symbol] = extents[axis];
    }
    fixed_[i] = extents;
    return {};
  }

  Status FixSymbol(const std::string& name, int64_t extent) {
    std::vector<std::string> names;
    bool found = false;
    for (size_t i = 0; i < function_.symbols.size(); ++i) {
      const std::string symbol(function_.symbols[i].name);
      if (!symbol.empty()) names.push_back(symbol);
      if (symbol != name) continue;
      symbols_[i] = extent;
      found = true;
    }
    if (found) return {};
    return Error(Code::kInvalid, "--dim", "found '%s', allowed dynamic dims: %s", name.c_str(),
                 NameList(names).c_str());
  }

  // Axes 0 that nothing has fixed are 1.
  void FixBatch(size_t i) {
    const PlanValue& value = InputAt(i);
    const auto symbol = value.rank > 0 ? SymbolOf(value.extents[0]) : std::nullopt;
    if (symbol && !symbols_[*symbol]) symbols_[*symbol] = 1;
  }

  // The extents of an input, as far as they are known.
  std::vector<std::optional<int64_t>> Known(size_t i) const {
    const PlanValue& value = InputAt(i);
    std::vector<std::optional<int64_t>> extents;
    for (int axis = 0; axis < value.rank; ++axis) extents.push_back(ValueOf(value.extents[axis]));
    return extents;
  }

  // The extents of a seeded input. kInvalid: unknown.
  Result<std::vector<int64_t>> Resolve(size_t i) const {
    if (fixed_[i]) return *fixed_[i];
    const PlanValue& value = InputAt(i);
    std::vector<int64_t> extents;
    for (int axis = 0; axis < value.rank; ++axis) {
      const std::optional<int64_t> known = ValueOf(value.extents[axis]);
      if (!known && axis > 0) return Unknown(i, axis);
      extents.push_back(known.value_or(1));
    }
    return extents;
  }

 private:
  const PlanValue& InputAt(size_t i) const { return function_.values[function_.inputs[i]]; }

  std::string Declared(size_t i) const {
    return ShapeText(function_, PlanUse{.value = function_.inputs[i], .view = kNoIndex});
  }

  std::optional<size_t> SymbolOf(Dim dim) const {
    if (dim.is_constant()) return std::nullopt;
    const PlanExpression& expression = function_.expressions[dim.expression()];
    if (expression.op != DimOp::kSymbol) return std::nullopt;
    return static_cast<size_t>(expression.a.constant());
  }

  std::optional<int64_t> ValueOf(Dim dim) const {
    if (dim.is_constant()) return dim.constant();
    const auto symbol = SymbolOf(dim);
    return symbol ? symbols_[*symbol] : std::nullopt;
  }

  Status Unknown(size_t i, int axis) const {
    const PlanValue& value = InputAt(i);
    const std::string dim = DimText(function_, value.extents[axis]);
    const std::string name(value.name);
    const std::string by_dim = dim == "?" ? "" : "--dim " + dim + "=N or ";
    return Error(Code::kInvalid, WhereOf(value).c_str(),
                 "found dynamic axis %d of %s, allowed when %s--input-shape '%s=...' fixes it or a "
                 "file is given",
                 axis, Declared(i).c_str(), by_dim.c_str(), name.c_str());
  }

  const PlanFunction& function_;
  std::vector<std::optional<int64_t>> symbols_;
  std::vector<std::optional<std::vector<int64_t>>> fixed_;
};

Status ApplyShapes(const PlanFunction& function, const Shapes& shapes, Extents& extents) {
  const std::vector<std::string> names = InputNames(function);
  for (const auto& [name, shape] : shapes.inputs) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      return Error(Code::kInvalid, "--input-shape", "found '%s', allowed inputs: %s", name.c_str(),
                   NameList(names).c_str());
    }
    STINT_TRY(extents.Fix(static_cast<size_t>(found - names.begin()), shape));
  }
  for (const auto& [name, extent] : shapes.dims) STINT_TRY(extents.FixSymbol(name, extent));
  return {};
}

Status CheckDType(const PlanValue& value, const HostTensor& tensor) {
  if (tensor.dtype == value.dtype) return {};
  return Error(Code::kInvalid, WhereOf(value).c_str(), "found %s in the file, allowed %s",
               NameOf(tensor.dtype), NameOf(value.dtype));
}

Result<HostTensor> MakeSeeded(const PlanValue& value, std::vector<int64_t> extents, uint64_t seed,
                              uint64_t stream) {
  if (value.dtype == DType::kString) {
    return Error(Code::kUnsupported, WhereOf(value).c_str(), "found strings, allowed numbers");
  }
  STINT_ASSIGN(HostTensor tensor, AllocateTensor(WhereOf(value), value.dtype, std::move(extents)));
  FillSeeded(tensor.View(), seed, stream);
  return tensor;
}

// "in0", "in1", ... for inputs without a default.
std::vector<std::string> Positions(const PlanFunction& function) {
  std::vector<std::string> positions;
  int count = 0;
  for (const uint32_t input : function.inputs) {
    const bool required = function.values[input].constant == kNoIndex;
    positions.push_back(required ? "in" + std::to_string(count++) : "");
  }
  return positions;
}

}  // namespace

void AddInputOptions(CLI::App& command, InputArguments& arguments) {
  AddOption(command, "--input", arguments.files,
            "Tensor for an input: .npy, .npz, ONNX .pb, or a picture: .png, .jpg. A bare FILE.npz "
            "binds its members by "
            "input name, else in0, in1, ... Repeatable",
            "NAME=FILE | FILE.npz");
  AddOption(command, "--seed", arguments.seed,
            "Seed of inputs without a file: floats uniform in [-1, 1), integers and bools 0 or 1",
            "N")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  AddImageOptions(command, arguments.images);
}

Result<std::vector<HostTensor>> MakeInputs(const PlanFunction& function,
                                           const InputArguments& arguments, const Shapes& shapes) {
  Extents extents(function);
  STINT_TRY(ApplyShapes(function, shapes, extents));
  const auto read_image = [&](size_t i, const std::string& path) {
    const PlanValue& value = function.values[function.inputs[i]];
    return ReadImageTensor(path, arguments.images, {WhereOf(value), value.dtype, extents.Known(i)});
  };
  const NamedFiles named = {InputNames(function), Positions(function), "--input", "input",
                            read_image};
  STINT_ASSIGN(std::vector<HostTensor> tensors, ReadNamedFiles(named, arguments.files));
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].present()) continue;
    STINT_TRY(CheckDType(function.values[function.inputs[i]], tensors[i]));
    STINT_TRY(extents.Fix(i, tensors[i].extents));
  }
  const auto is_seeded = [&](size_t i) {
    return !tensors[i].present() && function.values[function.inputs[i]].constant == kNoIndex;
  };
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (is_seeded(i)) extents.FixBatch(i);
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!is_seeded(i)) continue;
    STINT_ASSIGN(std::vector<int64_t> shape, extents.Resolve(i));
    STINT_ASSIGN(tensors[i], MakeSeeded(function.values[function.inputs[i]], std::move(shape),
                                        arguments.seed, i));
  }
  return tensors;
}

std::vector<TensorView> ViewsOf(const std::vector<HostTensor>& tensors) {
  std::vector<TensorView> views;
  for (const HostTensor& tensor : tensors) views.push_back(tensor.View());
  return views;
}

}  // namespace stint::cli
