#include "tools/compiler/emit/plan_writer.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "runtime/base/checked.h"
#include "runtime/base/hash.h"
#include "runtime/plan/header.h"
#include "runtime/plan/schema.h"
#include "tools/compiler/emit/attribute_writer.h"

namespace stint::compiler {

namespace {

template <typename T>
using Offsets = std::vector<flatbuffers::Offset<T>>;

struct StoredConstant {
  ConstantDescription description;
  Hash128 hash;
  uint64_t offset = 0;  // In the blob section.
};

class Writer {
 public:
  explicit Writer(const PlanDescription& plan) : plan_(plan) {}

  Result<std::vector<uint8_t>> Write() {
    MergeConstants();
    PlaceBlobs();
    const auto functions = WriteFunctions();
    const auto constants = WriteConstants();
    const auto properties = WriteProperties();
    const auto producer = Text(plan_.producer);
    const auto min_runtime = Text(plan_.min_runtime);
    const auto stored_functions = builder_.CreateVector(functions);
    const auto stored_constants = List(constants);
    const auto stored_properties = List(properties);
    schema::FinishPlanBuffer(builder_,
                             schema::CreatePlan(builder_, producer, min_runtime, stored_functions,
                                                stored_constants, stored_properties));
    if (builder_.GetSize() > kLargestMetadataBytes) {
      return Error(Code::kLimit, "plan", "found %u bytes of metadata, allowed %llu",
                   builder_.GetSize(), static_cast<unsigned long long>(kLargestMetadataBytes));
    }
    return Assemble();
  }

 private:
  // Empty texts and lists are left out.
  flatbuffers::Offset<flatbuffers::String> Text(const std::string& text) {
    return text.empty() ? 0 : builder_.CreateString(text);
  }
  template <typename T>
  flatbuffers::Offset<flatbuffers::Vector<T>> List(const std::vector<T>& list) {
    return list.empty() ? 0 : builder_.CreateVector(list);
  }
  template <typename T>
  flatbuffers::Offset<flatbuffers::Vector<const T*>> Structs(const std::vector<T>& list) {
    return list.empty() ? 0 : builder_.CreateVectorOfStructs(list);
  }
  flatbuffers::Offset<flatbuffers::Vector<int64_t>> Dims(const std::vector<Dim>& dims) {
    std::vector<int64_t> raw;
    for (const Dim dim : dims) raw.push_back(dim.raw());
    return List(raw);
  }

  bool SameContent(const StoredConstant& a, const ConstantDescription& b) const {
    return a.description.dtype == b.dtype && a.description.extents == b.extents &&
           std::equal(a.description.bytes.begin(), a.description.bytes.end(), b.bytes.begin(),
                      b.bytes.end());
  }

  // Fills constants_ with those that differ, in the order of their first appearance.
  void MergeConstants() {
    using Key = std::tuple<uint64_t, uint64_t, uint64_t, Layout>;
    std::multimap<Key, uint32_t> known;
    for (const ConstantDescription& constant : plan_.constants) {
      const Hash128 hash = HashBytes(constant.bytes);
      const Key key(hash.low, hash.high, constant.bytes.size(), constant.layout);
      const auto [first, last] = known.equal_range(key);
      const auto same = std::find_if(first, last, [&](const auto& entry) {
        return SameContent(constants_[entry.second], constant);
      });
      if (same != last) {
        constant_ids_.push_back(same->second);
        continue;
      }
      const auto id = static_cast<uint32_t>(constants_.size());
      known.emplace(key, id);
      constant_ids_.push_back(id);
      constants_.push_back({constant, hash});
    }
  }

  void PlaceBlobs() {
    for (StoredConstant& constant : constants_) {
      const uint64_t bytes = constant.description.bytes.size();
      if (bytes < kSmallestBlobBytes) continue;
      constant.offset = AlignUp(blob_bytes_, AlignmentOfBlob(bytes));
      blob_bytes_ = constant.offset + bytes;
    }
  }

  uint32_t ConstantId(uint32_t constant) const {
    return constant < constant_ids_.size() ? constant_ids_[constant] : constant;
  }

  Offsets<schema::Function> WriteFunctions() {
    Offsets<schema::Function> functions;
    for (const FunctionDescription& function : plan_.functions) {
      functions.push_back(WriteFunction(function));
    }
    return functions;
  }

  flatbuffers::Offset<schema::Function> WriteFunction(const FunctionDescription& function) {
    const auto name = Text(function.name);
    const auto inputs = List(function.inputs);
    const auto outputs = List(WriteOutputs(function));
    const auto values = List(WriteValues(function));
    const auto views = List(WriteViews(function));
    const auto symbols = List(WriteSymbols(function));
    const auto expressions = Structs(ExpressionsOf(function));
    const auto checks = Structs(ChecksOf(function));
    const auto ops = List(WriteOps(function));
    const auto regions = List(WriteRegions(function));
    const auto forms = Structs(FormsOf(function));
    return schema::CreateFunction(builder_, name, inputs, outputs, values, views, symbols,
                                  expressions, checks, ops, regions, forms);
  }

  std::vector<schema::Form> FormsOf(const FunctionDescription& function) const {
    std::vector<schema::Form> forms;
    for (const FormDescription& form : function.forms) {
      forms.emplace_back(form.value, ConstantId(form.constant));
    }
    return forms;
  }

  Offsets<schema::Output> WriteOutputs(const FunctionDescription& function) {
    Offsets<schema::Output> outputs;
    for (const OutputDescription& output : function.outputs) {
      const auto name = Text(output.name);
      outputs.push_back(schema::CreateOutput(builder_, name, output.use.value, output.use.view));
    }
    return outputs;
  }

  Offsets<schema::Value> WriteValues(const FunctionDescription& function) {
    Offsets<schema::Value> values;
    for (const ValueDescription& value : function.values) {
      const auto name = Text(value.name);
      const auto extents = Dims(value.extents);
      values.push_back(schema::CreateValue(builder_, name, static_cast<uint8_t>(value.dtype),
                                           extents, ConstantId(value.constant)));
    }
    return values;
  }

  Offsets<schema::View> WriteViews(const FunctionDescription& function) {
    Offsets<schema::View> views;
    for (const ViewDescription& view : function.views) {
      const auto extents = Dims(view.extents);
      const auto strides = Dims(view.strides);
      views.push_back(schema::CreateView(builder_, extents, strides, view.offset.raw()));
    }
    return views;
  }

  Offsets<schema::Symbol> WriteSymbols(const FunctionDescription& function) {
    Offsets<schema::Symbol> symbols;
    for (const SymbolDescription& symbol : function.symbols) {
      const auto name = Text(symbol.name);
      symbols.push_back(schema::CreateSymbol(builder_, name, static_cast<uint8_t>(symbol.source),
                                             symbol.input, symbol.index));
    }
    return symbols;
  }

  static std::vector<schema::Expression> ExpressionsOf(const FunctionDescription& function) {
    std::vector<schema::Expression> expressions;
    for (const PlanExpression& expression : function.expressions) {
      expressions.emplace_back(static_cast<uint8_t>(expression.op), expression.a.raw(),
                               expression.b.raw(), expression.c.raw());
    }
    return expressions;
  }

  static std::vector<schema::Check> ChecksOf(const FunctionDescription& function) {
    std::vector<schema::Check> checks;
    for (const PlanCheck& check : function.checks)
      checks.emplace_back(check.a.raw(), check.b.raw());
    return checks;
  }

  static std::vector<schema::Use> UsesOf(const std::vector<PlanUse>& uses) {
    std::vector<schema::Use> stored;
    for (const PlanUse& use : uses) stored.emplace_back(use.value, use.view);
    return stored;
  }

  Offsets<schema::Op> WriteOps(const FunctionDescription& function) {
    Offsets<schema::Op> ops;
    for (const OpDescription& op : function.ops) {
      const auto name = Text(op.name);
      const auto operands = Structs(UsesOf(op.operands));
      const auto results = Structs(UsesOf(op.results));
      const auto attributes = List(WriteAttributes(op, constant_ids_, builder_));
      ops.push_back(schema::CreateOp(builder_, static_cast<uint16_t>(op.info->kind), name, operands,
                                     results, attributes));
    }
    return ops;
  }

  Offsets<schema::Region> WriteRegions(const FunctionDescription& function) {
    Offsets<schema::Region> regions;
    for (const uint32_t size : function.region_sizes) {
      regions.push_back(schema::CreateRegion(builder_, size));
    }
    return regions;
  }

  Offsets<schema::Constant> WriteConstants() {
    Offsets<schema::Constant> constants;
    for (const StoredConstant& constant : constants_) {
      const std::span<const uint8_t> bytes = constant.description.bytes;
      flatbuffers::Offset<flatbuffers::Vector<uint8_t>> inlined = 0;
      if (!bytes.empty() && bytes.size() < kSmallestBlobBytes) {
        builder_.ForceVectorAlignment(bytes.size(), 1, kInlineAlignment);
        inlined = builder_.CreateVector(bytes.data(), bytes.size());
      }
      constants.push_back(schema::CreateConstant(
          builder_, static_cast<uint8_t>(constant.description.layout), bytes.size(),
          constant.offset, constant.hash.low, constant.hash.high, inlined));
    }
    return constants;
  }

  Offsets<schema::Property> WriteProperties() {
    Offsets<schema::Property> properties;
    for (const auto& [key, value] : plan_.properties) {
      const auto stored_key = Text(key);
      const auto stored_value = Text(value);
      properties.push_back(schema::CreateProperty(builder_, stored_key, stored_value));
    }
    return properties;
  }

  std::vector<uint8_t> Assemble() const {
    PlanHeader header;
    header.metadata_bytes = builder_.GetSize();
    header.blob_offset = BlobOffset(header.metadata_bytes, blob_bytes_);
    header.blob_bytes = blob_bytes_;
    header.file_bytes = header.blob_offset + blob_bytes_;
    std::vector<uint8_t> file(header.file_bytes);
    EncodeHeader(header, file);
    const uint8_t* metadata = builder_.GetBufferPointer();
    std::copy(metadata, metadata + builder_.GetSize(), file.begin() + kPlanHeaderBytes);
    for (const StoredConstant& constant : constants_) {
      const std::span<const uint8_t> bytes = constant.description.bytes;
      if (bytes.size() < kSmallestBlobBytes) continue;
      std::copy(bytes.begin(), bytes.end(),
                file.begin() + static_cast<ptrdiff_t>(header.blob_offset + constant.offset));
    }
    SealPlan(file);
    return file;
  }

  const PlanDescription& plan_;
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<StoredConstant> constants_;
  std::vector<uint32_t> constant_ids_;  // By index in plan_.constants.
  uint64_t blob_bytes_ = 0;
};

}  // namespace

Result<std::vector<uint8_t>> WritePlan(const PlanDescription& plan) { return Writer(plan).Write(); }

}  // namespace stint::compiler
