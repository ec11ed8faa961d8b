#include "tools/compiler/import/onnx/sparse_tensor.h"

#include <cstring>
#include <utility>
#include <vector>

#include "runtime/base/checked.h"

namespace stint::compiler {

namespace {

class SparseDecoder {
 public:
  SparseDecoder(const onnx::SparseTensorProto& sparse, TensorSource& source)
      : sparse_(sparse),
        source_(source),
        where_("sparse tensor '" + sparse.values().name() + "'") {}

  Result<TensorData> Decode() {
    STINT_ASSIGN(const TensorData values, DecodeTensor(sparse_.values(), source_.folder));
    STINT_ASSIGN(const TensorData indices, DecodeTensor(sparse_.indices(), source_.folder));
    TensorData dense;
    dense.dtype = values.dtype;
    dense.extents.assign(sparse_.dims().begin(), sparse_.dims().end());
    STINT_ASSIGN(const int64_t count, Count(dense));
    STINT_TRY(CheckShapes(values, indices, dense.extents.size()));
    const auto width = static_cast<size_t>(BytesOf(dense.dtype));
    dense.bytes.resize(static_cast<size_t>(count) * width);
    source_.dense_bytes_left -= count * BytesOf(dense.dtype);
    int64_t previous = -1;
    for (int64_t i = 0; i < values.extents[0]; ++i) {
      STINT_ASSIGN(const int64_t position, Position(indices, i, dense.extents));
      if (position <= previous || position >= count) {
        return Bad("found element " + std::to_string(position) + " after " +
                   std::to_string(previous) + ", allowed ascending ones below " +
                   std::to_string(count));
      }
      std::memcpy(&dense.bytes[static_cast<size_t>(position) * width],
                  &values.bytes[static_cast<size_t>(i) * width], width);
      previous = position;
    }
    return dense;
  }

 private:
  Status Bad(const std::string& text) const {
    return Error(Code::kInvalid, where_.c_str(), "%s", text.c_str());
  }

  Result<int64_t> Count(const TensorData& dense) const {
    int64_t count = 1;
    for (const int64_t extent : dense.extents) {
      if (extent <= 0) {
        return Bad("found extent " + std::to_string(extent) + ", allowed positive ones");
      }
      const int64_t most = source_.dense_bytes_left / BytesOf(dense.dtype);
      if (!CheckedMul(count, extent, &count) || count > most) {
        return Error(Code::kLimit, where_.c_str(),
                     "found more than %lld bytes when dense, allowed fewer",
                     static_cast<long long>(source_.dense_bytes_left));
      }
    }
    return count;
  }

  Status CheckShapes(const TensorData& values, const TensorData& indices, size_t rank) const {
    const bool flat = indices.extents.size() == 1;
    const bool fits = values.extents.size() == 1 && indices.dtype == DType::kInt64 &&
                      (flat || (indices.extents.size() == 2 &&
                                indices.extents[1] == static_cast<int64_t>(rank))) &&
                      indices.extents[0] == values.extents[0];
    if (fits) return {};
    return Bad("found values and indices that do not agree, allowed [N], and int64 [N] or [N, " +
               std::to_string(rank) + "]");
  }

  // Of element i, in row-major order.
  Result<int64_t> Position(const TensorData& indices, int64_t i,
                           const std::vector<int64_t>& extents) const {
    const auto index = [&](int64_t at) {
      int64_t value = 0;
      std::memcpy(&value, &indices.bytes[static_cast<size_t>(at) * sizeof(value)], sizeof(value));
      return value;
    };
    if (indices.extents.size() == 1) return index(i);
    const auto rank = static_cast<int64_t>(extents.size());
    int64_t position = 0;
    for (int64_t axis = 0; axis < rank; ++axis) {
      const int64_t extent = extents[static_cast<size_t>(axis)];
      const int64_t at = index(i * rank + axis);
      if (at < 0 || at >= extent) {
        return Bad("found index " + std::to_string(at) + " on axis " + std::to_string(axis) +
                   ", allowed 0 to " + std::to_string(extent - 1));
      }
      position = position * extent + at;
    }
    return position;
  }

  const onnx::SparseTensorProto& sparse_;
  TensorSource& source_;
  const std::string where_;
};

}  // namespace

Result<TensorData> DecodeSparseTensor(const onnx::SparseTensorProto& sparse, TensorSource& source) {
  return SparseDecoder(sparse, source).Decode();
}

}  // namespace stint::compiler
