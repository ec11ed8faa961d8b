#include "tools/stint/tensor_file.h"

#include <cstring>

#include "tools/stint/files.h"
#include "tools/stint/npy.h"

#ifdef STINT_HAS_COMPILER
#include "tools/compiler/import/onnx/tensor_proto.h"
#endif

namespace stint::cli {

namespace {

constexpr uint64_t kMaxFileBytes = kMaxTensorBytes + (1 << 20);

#ifdef STINT_HAS_COMPILER

// Protobuf writes no message of 2 GiB; the rest is for the name and the shape.
constexpr int64_t kMaxPbBytes = INT32_MAX - (1 << 20);

Result<HostTensor> DecodePb(const std::string& path, std::span<const uint8_t> file) {
  onnx::TensorProto proto;
  if (file.size() > INT32_MAX || file.empty() ||
      !proto.ParseFromArray(file.data(), static_cast<int>(file.size()))) {
    return Error(Code::kInvalid, path.c_str(),
                 "found %zu bytes that are no TensorProto, allowed an ONNX tensor", file.size());
  }
  if (proto.data_type() == onnx::TensorProto::STRING) {
    return Error(Code::kInvalid, path.c_str(), "found strings, allowed numbers");
  }
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
    return Error(Code::kInvalid, path.c_str(), "found external data, allowed data in the file");
  }
  auto decoded = compiler::DecodeTensor(proto, ".");
  if (!decoded.ok()) return decoded.TakeStatus().At(path.c_str());
  STINT_ASSIGN(HostTensor tensor, AllocateTensor(path, decoded->dtype, decoded->extents));
  if (decoded->bytes.size() != tensor.bytes) {
    return Error(Code::kInternal, path.c_str(), "found %zu decoded bytes, allowed %llu",
                 decoded->bytes.size(), static_cast<unsigned long long>(tensor.bytes));
  }
  if (tensor.bytes > 0) std::memcpy(tensor.data.get(), decoded->bytes.data(), tensor.bytes);
  return tensor;
}

Result<std::vector<uint8_t>> EncodePb(const std::string& name, const TensorView& tensor) {
  const int64_t bytes = ElementCount(tensor) * BytesOf(tensor.dtype);
  if (bytes > kMaxPbBytes) {
    return Error(Code::kLimit, ("output '" + name + "'").c_str(),
                 "found %lld bytes, allowed %lld in a .pb file", static_cast<long long>(bytes),
                 static_cast<long long>(kMaxPbBytes));
  }
  const onnx::TensorProto proto =
      compiler::EncodeTensor(name, tensor.dtype, ExtentsOf(tensor), tensor.as<const uint8_t>());
  std::vector<uint8_t> file(proto.ByteSizeLong());
  proto.SerializeToArray(file.data(), static_cast<int>(file.size()));
  return file;
}

Status CheckPb(const std::string&) { return {}; }

#else

Status CheckPb(const std::string& where) {
  return Error(Code::kInvalid, where.c_str(),
               "found the .pb format, allowed .npy and .npz: this stint was built without the "
               "compiler");
}

Result<HostTensor> DecodePb(const std::string& path, std::span<const uint8_t>) {
  return CheckPb(path);
}

Result<std::vector<uint8_t>> EncodePb(const std::string& name, const TensorView&) {
  return CheckPb("output '" + name + "'");
}

#endif

}  // namespace

Result<HostTensor> ReadTensorFile(const std::string& path) {
  const std::string extension = ExtensionOf(path);
  if (extension == ".pb") STINT_TRY(CheckPb(path));
  STINT_ASSIGN(const FileBytes file, ReadFile(path, kMaxFileBytes));
  if (extension == ".npy") return DecodeNpy(path, file.span());
  if (extension == ".pb") return DecodePb(path, file.span());
  return Error(Code::kInvalid, path.c_str(), "found the extension '%s', allowed .npy, .npz, .pb",
               extension.c_str());
}

Status CheckFormat(TensorFormat format, const std::string& name, DType dtype) {
  const std::string where = "output '" + name + "'";
  if (format == TensorFormat::kPb) return CheckPb(where);
  if (NpyHolds(dtype)) return {};
  return Error(Code::kInvalid, where.c_str(),
               "found %s, which .npy does not hold, allowed --output-format pb", NameOf(dtype));
}

Result<std::vector<uint8_t>> EncodeTensorFile(TensorFormat format, const std::string& name,
                                              const TensorView& tensor) {
  if (format == TensorFormat::kPb) return EncodePb(name, tensor);
  return EncodeNpy(tensor);
}

}  // namespace stint::cli
