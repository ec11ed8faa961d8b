#include "tools/stint/npy.h"

#include <cstring>
#include <string_view>

#include "runtime/base/checked.h"
#include "runtime/ops/elements.h"
#include "tools/stint/console.h"

namespace stint::cli {

namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);

struct TypeCode {
  std::string_view code;  // NumPy's, without the byte order.
  DType dtype;
};

constexpr TypeCode kTypeCodes[] = {
    {"f4", DType::kFloat32},   {"f2", DType::kFloat16},     {"f8", DType::kFloat64},
    {"i1", DType::kInt8},      {"i2", DType::kInt16},       {"i4", DType::kInt32},
    {"i8", DType::kInt64},     {"u1", DType::kUInt8},       {"u2", DType::kUInt16},
    {"u4", DType::kUInt32},    {"u8", DType::kUInt64},      {"b1", DType::kBool},
    {"c8", DType::kComplex64}, {"c16", DType::kComplex128},
};

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;
  DType dtype = DType::kNone;
  size_t end = 0;  // Where the data starts.
};

// Reads the header's Python dict: {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  bool Parse(Header* header) {
    if (!Take("{")) return false;
    int seen = 0;
    while (!Take("}")) {
      std::string key;
      if (!TakeText(&key) || !Take(":") || !TakeValue(key, header)) return false;
      ++seen;
      if (!Take(",") && !Peek('}')) return false;
    }
    SkipSpaces();
    return seen == 3 && rest_.empty();
  }

 private:
  bool TakeValue(const std::string& key, Header* header) {
    if (key == "descr") return TakeText(&header->descr);
    if (key == "shape") return TakeShape(&header->shape);
    if (key != "fortran_order") return false;
    header->fortran_order = Take("True");
    return header->fortran_order || Take("False");
  }

  bool TakeShape(std::vector<int64_t>* shape) {
    if (!Take("(")) return false;
    while (!Take(")")) {
      int64_t extent = 0;
      if (!TakeNumber(&extent) || shape->size() > 64) return false;
      shape->push_back(extent);
      if (!Take(",") && !Peek(')')) return false;
    }
    return true;
  }

  bool TakeNumber(int64_t* number) {
    SkipSpaces();
    size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      if (!CheckedMul<int64_t>(*number, 10, number) ||
          !CheckedAdd<int64_t>(*number, rest_[digits] - '0', number)) {
        return false;
      }
    }
    rest_.remove_prefix(digits);
    (void)Take("L");  // As Python 2 wrote them.
    return digits > 0;
  }

  bool TakeText(std::string* text) {
    SkipSpaces();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) return false;
    const size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) return false;
    *text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool Peek(char letter) {
    SkipSpaces();
    return !rest_.empty() && rest_.front() == letter;
  }

  bool Take(std::string_view token) {
    SkipSpaces();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  void SkipSpaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
};

Status Bad(const std::string& where, const std::string& found, const char* allowed) {
  return Error(Code::kInvalid, where.c_str(), "found %s, allowed %s", found.c_str(), allowed);
}

Result<DType> DTypeOfDescr(const std::string& where, const std::string& descr) {
  if (descr.size() < 2) return Bad(where, "dtype '" + descr + "'", "one like '<f4'");
  const char order = descr[0];
  const std::string_view code = std::string_view(descr).substr(1);
  if (code[0] == 'U' || code[0] == 'S') {
    return Error(Code::kInvalid, where.c_str(), "found strings ('%s'), allowed numbers",
                 descr.c_str());
  }
  for (const TypeCode& type : kTypeCodes) {
    if (type.code != code) continue;
    if (order == '<' || (order == '|' && BytesOf(type.dtype) == 1)) return type.dtype;
    return Bad(where, "byte order of '" + descr + "'", "little endian: array.astype('<...')");
  }
  return Bad(where, "dtype '" + descr + "'",
             "bool, int8 to uint64, float16 to float64, complex64, complex128");
}

// Where the header's text lies and where the data starts.
Result<std::string_view> FindHeader(const std::string& where, std::string_view file) {
  if (!file.starts_with(kMagic) || file.size() < 12) {
    return Bad(where, "no NumPy file", "one that numpy.save wrote");
  }
  const auto byte = [&](size_t i) { return size_t{static_cast<uint8_t>(file[i])}; };
  const size_t version = byte(6);
  if (version < 1 || version > 3) {
    return Bad(where, "format version " + std::to_string(version), "1 to 3");
  }
  const size_t start = version == 1 ? 10 : 12;
  size_t size = byte(8) | byte(9) << 8;
  if (version > 1) size |= byte(10) << 16 | byte(11) << 24;
  if (start + size > kMaxNpyHeaderBytes) {
    return Bad(where, "a header of " + BytesText(size), BytesText(kMaxNpyHeaderBytes).c_str());
  }
  if (size > file.size() - start) return Bad(where, "a truncated header", "a whole file");
  return file.substr(start, size);
}

// `data` is column-major.
void CopyFortran(const uint8_t* data, const HostTensor& tensor) {
  const size_t rank = tensor.extents.size();
  std::vector<int64_t> index(rank, 0);
  std::vector<uint64_t> strides(rank, 1);
  for (size_t i = 1; i < rank; ++i) {
    strides[i] = strides[i - 1] * static_cast<uint64_t>(tensor.extents[i - 1]);
  }
  const int64_t width = BytesOf(tensor.dtype);
  for (uint64_t i = 0; i < tensor.count; ++i) {
    uint64_t from = 0;
    for (size_t axis = 0; axis < rank; ++axis) {
      from += static_cast<uint64_t>(index[axis]) * strides[axis];
    }
    MoveElement(data, static_cast<int64_t>(from), tensor.data.get(), static_cast<int64_t>(i),
                width);
    for (size_t axis = rank; axis > 0 && ++index[axis - 1] == tensor.extents[axis - 1]; --axis) {
      index[axis - 1] = 0;
    }
  }
}

Result<Header> ReadHeader(const std::string& where, std::span<const uint8_t> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  STINT_ASSIGN(const std::string_view header_text, FindHeader(where, text));
  Header header;
  if (!HeaderParser(header_text).Parse(&header)) {
    return Bad(where, "header '" + std::string(header_text.substr(0, 80)) + "'",
               "the dict of descr, fortran_order and shape that numpy.save writes");
  }
  STINT_ASSIGN(header.dtype, DTypeOfDescr(where, header.descr));
  header.end = static_cast<size_t>(header_text.data() + header_text.size() - text.data());
  return header;
}

}  // namespace

Result<uint64_t> NpyFileBytes(const std::string& where, std::span<const uint8_t> start) {
  STINT_ASSIGN(const Header header, ReadHeader(where, start));
  STINT_ASSIGN(const uint64_t count, CountElements(where, header.dtype, header.shape));
  return header.end + count * static_cast<uint64_t>(BytesOf(header.dtype));
}

Result<HostTensor> DecodeNpy(const std::string& where, std::span<const uint8_t> file) {
  STINT_ASSIGN(const Header header, ReadHeader(where, file));
  STINT_ASSIGN(HostTensor tensor, AllocateTensor(where, header.dtype, header.shape));
  const uint8_t* const data = file.data() + header.end;
  const uint64_t available = file.size() - header.end;
  if (available != tensor.bytes) {
    return Bad(where, BytesText(available) + " of data", BytesText(tensor.bytes).c_str());
  }
  if (header.fortran_order && header.shape.size() > 1) {
    CopyFortran(data, tensor);
  } else if (tensor.bytes > 0) {
    std::memcpy(tensor.data.get(), data, tensor.bytes);
  }
  if (header.dtype == DType::kBool) {
    for (uint64_t i = 0; i < tensor.bytes; ++i) tensor.data.get()[i] = tensor.data.get()[i] != 0;
  }
  return tensor;
}

bool NpyHolds(DType dtype) {
  for (const TypeCode& type : kTypeCodes) {
    if (type.dtype == dtype) return InfoOf(dtype).kind != DTypeClass::kComplex;
  }
  return false;
}

std::vector<uint8_t> EncodeNpy(const TensorView& tensor) {
  std::string descr = BytesOf(tensor.dtype) == 1 ? "|" : "<";
  for (const TypeCode& type : kTypeCodes) {
    if (type.dtype == tensor.dtype) descr += type.code;
  }
  std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (";
  for (int i = 0; i < tensor.rank; ++i) {
    header += std::to_string(tensor.extents[i]);
    if (i == 0 || i + 1 < tensor.rank) header += ',';
    if (i + 1 < tensor.rank) header += ' ';
  }
  header += "), }";
  // The data starts on a multiple of 64, after a newline, as NumPy does it.
  header.resize(AlignUp(10 + header.size() + 1, 64) - 10 - 1, ' ');
  header += '\n';
  const auto data_bytes = static_cast<size_t>(ElementCount(tensor) * BytesOf(tensor.dtype));
  std::vector<uint8_t> file(10 + header.size() + data_bytes);
  std::memcpy(file.data(), kMagic.data(), kMagic.size());
  file[6] = 1;
  file[8] = static_cast<uint8_t>(header.size());
  file[9] = static_cast<uint8_t>(header.size() >> 8);
  std::memcpy(file.data() + 10, header.data(), header.size());
  if (data_bytes > 0) std::memcpy(file.data() + 10 + header.size(), tensor.data, data_bytes);
  return file;
}

}  // namespace stint::cli
