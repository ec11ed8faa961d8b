#include "tools/compiler/import/onnx/read_model.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "tools/compiler/import/onnx/scope.h"

namespace stint::compiler {

namespace {

constexpr int64_t kNewestIr = 13;
constexpr int64_t kNewestOpset = 27;
constexpr uint64_t kMaxModelBytes = (uint64_t{1} << 31) - 1;  // Protobuf's own limit.

Status CheckSize(const std::string& path, uint64_t size) {
  if (size == 0)
    return Error(Code::kInvalid, path.c_str(), "found an empty file, allowed an ONNX model");
  if (size > kMaxModelBytes) {
    return Error(Code::kLimit, path.c_str(), "found %llu bytes, allowed %llu: use external data",
                 static_cast<unsigned long long>(size),
                 static_cast<unsigned long long>(kMaxModelBytes));
  }
  return {};
}

Status CheckFile(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return Error(Code::kIo, path.c_str(), "found no such file, allowed an ONNX model");
  }
  if (!std::filesystem::is_regular_file(status)) {
    return Error(Code::kIo, path.c_str(),
                 "found something that is not a regular file, allowed one");
  }
  const uint64_t size = std::filesystem::file_size(path, error);
  if (error)
    return Error(Code::kIo, path.c_str(), "found an unreadable file, allowed readable ones");
  return CheckSize(path, size);
}

Status CheckModel(const std::string& path, const onnx::ModelProto& model) {
  if (!model.has_graph() || model.graph().output_size() == 0 || model.opset_import_size() == 0) {
    return Error(Code::kInvalid, path.c_str(),
                 "found no graph with outputs and opset imports, allowed an ONNX model");
  }
  if (model.ir_version() > kNewestIr) {
    return Error(Code::kUnsupported, path.c_str(), "found IR version %lld, allowed up to %lld",
                 static_cast<long long>(model.ir_version()), static_cast<long long>(kNewestIr));
  }
  return ReadOpsets(path, model.opset_import()).TakeStatus();
}

Result<std::unique_ptr<onnx::ModelProto>> Parse(const std::string& path,
                                                google::protobuf::io::ZeroCopyInputStream* stream) {
  auto model = std::make_unique<onnx::ModelProto>();
  google::protobuf::io::CodedInputStream coded(stream);
  coded.SetTotalBytesLimit(INT32_MAX);
  if (!model->ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage()) {
    return Error(Code::kInvalid, path.c_str(),
                 "found bytes that are no protobuf message of ONNX, "
                 "allowed an ONNX model");
  }
  STINT_TRY(CheckModel(path, *model));
  return model;
}

}  // namespace

Result<std::unique_ptr<onnx::ModelProto>> ReadModel(const std::string& path,
                                                    std::span<const uint8_t> bytes) {
  if (!bytes.empty()) {
    STINT_TRY(CheckSize(path, bytes.size()));
    google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
    return Parse(path, &stream);
  }
  STINT_TRY(CheckFile(path));
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Error(Code::kIo, path.c_str(), "found an unreadable file, allowed readable ones");
  google::protobuf::io::IstreamInputStream stream(&file);
  return Parse(path, &stream);
}

Result<std::map<std::string, int64_t>> ReadOpsets(
    const std::string& where,
    const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto>& imports) {
  std::map<std::string, int64_t> versions;
  for (const auto& import : imports) {
    const std::string domain = DomainOf(import.domain());
    const auto [known, added] = versions.emplace(domain, import.version());
    if (!added && known->second != import.version()) {
      return Error(Code::kInvalid, where.c_str(),
                   "found opsets %lld and %lld of domain '%s', allowed one",
                   static_cast<long long>(known->second), static_cast<long long>(import.version()),
                   import.domain().c_str());
    }
    if (domain.empty() && (import.version() < 1 || import.version() > kNewestOpset)) {
      return Error(Code::kUnsupported, where.c_str(), "found opset %lld, allowed 1 to %lld",
                   static_cast<long long>(import.version()), static_cast<long long>(kNewestOpset));
    }
  }
  return versions;
}

}  // namespace stint::compiler
