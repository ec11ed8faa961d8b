#include "tools/compiler/import/onnx/tensor_proto.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "runtime/base/checked.h"

namespace stint::compiler {

namespace {

struct DTypePair {
  onnx::TensorProto::DataType onnx;
  DType dtype;
};

constexpr DTypePair kDTypes[] = {
    {onnx::TensorProto::FLOAT, DType::kFloat32},
    {onnx::TensorProto::UINT8, DType::kUInt8},
    {onnx::TensorProto::INT8, DType::kInt8},
    {onnx::TensorProto::UINT16, DType::kUInt16},
    {onnx::TensorProto::INT16, DType::kInt16},
    {onnx::TensorProto::INT32, DType::kInt32},
    {onnx::TensorProto::INT64, DType::kInt64},
    {onnx::TensorProto::STRING, DType::kString},
    {onnx::TensorProto::BOOL, DType::kBool},
    {onnx::TensorProto::FLOAT16, DType::kFloat16},
    {onnx::TensorProto::DOUBLE, DType::kFloat64},
    {onnx::TensorProto::UINT32, DType::kUInt32},
    {onnx::TensorProto::UINT64, DType::kUInt64},
    {onnx::TensorProto::COMPLEX64, DType::kComplex64},
    {onnx::TensorProto::COMPLEX128, DType::kComplex128},
    {onnx::TensorProto::BFLOAT16, DType::kBFloat16},
    {onnx::TensorProto::FLOAT8E4M3FN, DType::kFloat8E4M3FN},
    {onnx::TensorProto::FLOAT8E4M3FNUZ, DType::kFloat8E4M3FNUZ},
    {onnx::TensorProto::FLOAT8E5M2, DType::kFloat8E5M2},
    {onnx::TensorProto::FLOAT8E5M2FNUZ, DType::kFloat8E5M2FNUZ},
    {onnx::TensorProto::UINT4, DType::kUInt4},
    {onnx::TensorProto::INT4, DType::kInt4},
    {onnx::TensorProto::FLOAT4E2M1, DType::kFloat4E2M1},
    {onnx::TensorProto::FLOAT8E8M0, DType::kFloat8E8M0},
    {onnx::TensorProto::UINT2, DType::kUInt2},
    {onnx::TensorProto::INT2, DType::kInt2},
};

constexpr uint64_t kMaxTensorBytes = uint64_t{1} << 33;

Status Bad(const onnx::TensorProto& tensor, const std::string& text) {
  return Error(Code::kInvalid, ("tensor '" + tensor.name() + "'").c_str(), "%s", text.c_str());
}

bool IsSubByte(DType dtype) { return InfoOf(dtype).bits < 8; }

uint64_t PackedBytes(DType dtype, uint64_t count) { return (count * InfoOf(dtype).bits + 7) / 8; }

// Packed elements, low bits first, to one byte an element.
std::vector<uint8_t> Unpack(DType dtype, uint64_t count, const uint8_t* packed) {
  const unsigned bits = InfoOf(dtype).bits;
  const unsigned mask = (1u << bits) - 1;
  const bool is_signed = InfoOf(dtype).kind == DTypeClass::kSigned;
  std::vector<uint8_t> bytes(count);
  for (uint64_t i = 0; i < count; ++i) {
    unsigned code = (packed[i * bits / 8] >> (i * bits % 8)) & mask;
    if (is_signed && (code & (1u << (bits - 1))) != 0) code |= 0xffu & ~mask;
    bytes[i] = static_cast<uint8_t>(code);
  }
  return bytes;
}

std::vector<uint8_t> Pack(DType dtype, uint64_t count, const uint8_t* bytes) {
  const unsigned bits = InfoOf(dtype).bits;
  const unsigned mask = (1u << bits) - 1;
  std::vector<uint8_t> packed(PackedBytes(dtype, count));
  for (uint64_t i = 0; i < count; ++i) {
    packed[i * bits / 8] |= static_cast<uint8_t>((bytes[i] & mask) << (i * bits % 8));
  }
  return packed;
}

// Copies a typed field whose entries are wider than the element, keeping the low bytes.
template <typename Field>
Result<std::vector<uint8_t>> FromField(const onnx::TensorProto& tensor, const Field& field,
                                       uint64_t entries, uint64_t bytes_each) {
  if (static_cast<uint64_t>(field.size()) != entries) {
    return Bad(tensor, "found " + std::to_string(field.size()) + " elements, allowed " +
                           std::to_string(entries));
  }
  std::vector<uint8_t> bytes(entries * bytes_each);
  for (uint64_t i = 0; i < entries; ++i) {
    const auto entry = field.Get(static_cast<int>(i));
    std::memcpy(bytes.data() + i * bytes_each, &entry, bytes_each);
  }
  return bytes;
}

Result<std::vector<uint8_t>> FromTypedField(const onnx::TensorProto& tensor, DType dtype,
                                            uint64_t count) {
  const auto width = static_cast<uint64_t>(BytesOf(dtype));
  switch (dtype) {
    case DType::kFloat32:
      return FromField(tensor, tensor.float_data(), count, 4);
    case DType::kComplex64:
      return FromField(tensor, tensor.float_data(), count * 2, 4);
    case DType::kFloat64:
      return FromField(tensor, tensor.double_data(), count, 8);
    case DType::kComplex128:
      return FromField(tensor, tensor.double_data(), count * 2, 8);
    case DType::kInt64:
      return FromField(tensor, tensor.int64_data(), count, 8);
    case DType::kUInt32:
    case DType::kUInt64:
      return FromField(tensor, tensor.uint64_data(), count, width);
    default:
      break;
  }
  if (!IsSubByte(dtype)) return FromField(tensor, tensor.int32_data(), count, width);
  return FromField(tensor, tensor.int32_data(), PackedBytes(dtype, count), 1);
}

// A path inside `folder`, links resolved; empty when it leads out of it.
std::filesystem::path ResolveInside(const std::string& folder, const std::string& location) {
  std::error_code error;
  const std::filesystem::path relative(location);
  if (location.empty() || relative.is_absolute()) return {};
  if (location.find('\0') != std::string::npos) return {};
  const auto root = std::filesystem::weakly_canonical(folder.empty() ? "." : folder, error);
  if (error) return {};
  const auto resolved = std::filesystem::weakly_canonical(root / relative, error);
  if (error) return {};
  const auto [root_end, ignored] =
      std::mismatch(root.begin(), root.end(), resolved.begin(), resolved.end());
  return root_end == root.end() ? resolved : std::filesystem::path();
}

// What fits into a message: up to a NUL, 80 bytes at most.
std::string Shown(const std::string& text) {
  return text.substr(0, std::min<size_t>(text.find('\0'), 80));
}

struct ExternalRange {
  std::string location;
  uint64_t offset = 0;
  uint64_t length = 0;
  bool has_length = false;
};

bool ParseCount(const std::string& text, uint64_t* out) {
  if (text.empty() || text.size() > 18) return false;
  *out = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return false;
    *out = *out * 10 + static_cast<uint64_t>(digit - '0');
  }
  return true;
}

Result<ExternalRange> ParseExternal(const onnx::TensorProto& tensor) {
  ExternalRange range;
  std::set<std::string> keys;
  for (const auto& entry : tensor.external_data()) {
    if (!keys.insert(entry.key()).second) {
      return Bad(tensor, "found external " + Shown(entry.key()) + " twice, allowed once");
    }
    bool good = true;
    if (entry.key() == "location") range.location = entry.value();
    if (entry.key() == "offset") good = ParseCount(entry.value(), &range.offset);
    if (entry.key() == "length") {
      good = ParseCount(entry.value(), &range.length);
      range.has_length = true;
    }
    if (!good)
      return Bad(tensor, "found external " + entry.key() + " '" + Shown(entry.value()) +
                             "', allowed a number");
  }
  return range;
}

Result<std::vector<uint8_t>> FromExternal(const onnx::TensorProto& tensor, uint64_t bytes,
                                          const std::string& folder) {
  STINT_ASSIGN(const ExternalRange range, ParseExternal(tensor));
  if (range.has_length && range.length != bytes) {
    return Bad(tensor, "found external length " + std::to_string(range.length) + ", allowed " +
                           std::to_string(bytes));
  }
  const auto path = ResolveInside(folder, range.location);
  if (path.empty()) {
    return Bad(tensor, "found external location '" + Shown(range.location) +
                           "', allowed a relative path inside the model's folder");
  }
  std::error_code error;
  const uint64_t size =
      std::filesystem::is_regular_file(path, error) ? std::filesystem::file_size(path, error) : 0;
  const std::string where = "tensor '" + tensor.name() + "'";
  if (error || !std::filesystem::is_regular_file(path, error)) {
    return Error(Code::kIo, where.c_str(), "found no regular file '%s', allowed the external data",
                 range.location.c_str());
  }
  if (range.offset > size || bytes > size - range.offset) {
    return Bad(tensor, "found an external file of " + std::to_string(size) + " bytes, allowed " +
                           std::to_string(range.offset) + " + " + std::to_string(bytes) +
                           " or more");
  }
  std::vector<uint8_t> data(bytes);
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(range.offset));
  file.read(reinterpret_cast<char*>(data.data()), static_cast<std::streamsize>(bytes));
  if (!file) {
    return Error(Code::kIo, where.c_str(), "found a read error in '%s', allowed none",
                 range.location.c_str());
  }
  return data;
}

bool HasTypedData(const onnx::TensorProto& tensor) {
  return tensor.float_data_size() > 0 || tensor.int32_data_size() > 0 ||
         tensor.int64_data_size() > 0 || tensor.double_data_size() > 0 ||
         tensor.uint64_data_size() > 0 || tensor.string_data_size() > 0;
}

Result<uint64_t> CountElements(const onnx::TensorProto& tensor, DType dtype) {
  uint64_t count = 1;
  for (const int64_t extent : tensor.dims()) {
    if (extent < 0 || !CheckedMul(count, static_cast<uint64_t>(extent), &count) ||
        count > kMaxTensorBytes / static_cast<uint64_t>(BytesOf(dtype))) {
      return Bad(tensor,
                 "found extent " + std::to_string(extent) + ", allowed tensors under 8 GiB");
    }
  }
  return count;
}

}  // namespace

DType DTypeFromOnnx(int32_t data_type) {
  for (const DTypePair& pair : kDTypes) {
    if (pair.onnx == data_type) return pair.dtype;
  }
  return DType::kNone;
}

int32_t DTypeToOnnx(DType dtype) {
  for (const DTypePair& pair : kDTypes) {
    if (pair.dtype == dtype) return pair.onnx;
  }
  return onnx::TensorProto::UNDEFINED;
}

Result<TensorData> DecodeTensor(const onnx::TensorProto& tensor, const std::string& folder) {
  TensorData data;
  data.dtype = DTypeFromOnnx(tensor.data_type());
  if (data.dtype == DType::kNone) {
    return Bad(tensor, "found element type " + std::to_string(tensor.data_type()) +
                           ", allowed those of ONNX 1.22");
  }
  if (data.dtype == DType::kString) {
    return Error(Code::kUnsupported, ("tensor '" + tensor.name() + "'").c_str(),
                 "found strings, allowed numbers and bools");
  }
  data.extents.assign(tensor.dims().begin(), tensor.dims().end());
  STINT_ASSIGN(const uint64_t count, CountElements(tensor, data.dtype));
  const bool external = tensor.data_location() == onnx::TensorProto::EXTERNAL;
  if (tensor.has_raw_data() && HasTypedData(tensor)) {
    return Bad(tensor, "found raw and typed data, allowed one of them");
  }
  if (!external && !tensor.has_raw_data()) {
    STINT_ASSIGN(data.bytes, FromTypedField(tensor, data.dtype, count));
  } else {
    const uint64_t expected = PackedBytes(data.dtype, count);
    if (external) {
      STINT_ASSIGN(data.bytes, FromExternal(tensor, expected, folder));
    } else {
      data.bytes.assign(tensor.raw_data().begin(), tensor.raw_data().end());
    }
    if (data.bytes.size() != expected) {
      return Bad(tensor, "found " + std::to_string(data.bytes.size()) + " bytes, allowed " +
                             std::to_string(expected));
    }
  }
  if (IsSubByte(data.dtype)) data.bytes = Unpack(data.dtype, count, data.bytes.data());
  if (data.dtype == DType::kBool) {
    for (uint8_t& byte : data.bytes) byte = byte != 0;
  }
  return data;
}

onnx::TensorProto EncodeTensor(const std::string& name, DType dtype,
                               const std::vector<int64_t>& extents, const uint8_t* bytes) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(DTypeToOnnx(dtype));
  uint64_t count = 1;
  for (const int64_t extent : extents) {
    tensor.add_dims(extent);
    count *= static_cast<uint64_t>(extent);
  }
  if (IsSubByte(dtype)) {
    const std::vector<uint8_t> packed = Pack(dtype, count, bytes);
    tensor.set_raw_data(packed.data(), packed.size());
  } else {
    tensor.set_raw_data(bytes, count * static_cast<uint64_t>(BytesOf(dtype)));
  }
  return tensor;
}

}  // namespace stint::compiler
