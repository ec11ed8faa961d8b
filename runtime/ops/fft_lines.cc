#include "runtime/ops/fft_lines.h"

#include <algorithm>

#include "runtime/ops/elements.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

int AxisOf(const OpTensors& op) {
  const int64_t axis = op.as<FftAttributes>().axis[0].constant();
  return static_cast<int>(axis < 0 ? axis + op.operands[0].rank : axis);
}

// Moves one line in and out of the memory that is transformed.
template <typename T>
class Mover {
 public:
  Mover(const OpTensors& op, std::span<Complex<T>> line)
      : x_(op.operands[0]),
        y_(op.results[0]),
        axis_(AxisOf(op)),
        length_(static_cast<int64_t>(line.size())),
        inverse_(op.as<FftAttributes>().inverse != 0),
        mirrors_(inverse_ && op.as<FftAttributes>().onesided != 0),
        line_(line) {}

  // Of line `index` in `tensor`: the offset of its first element.
  int64_t OffsetOf(const TensorView& tensor, int64_t index) const {
    return OffsetsAt<1>(index, y_.rank - 1, y_.extents, {tensor.strides}, axis_)[0];
  }

  // The inverse is the conjugate of the transform of the conjugate.
  void Load(int64_t index) const {
    const int64_t offset = OffsetOf(x_, index);
    const bool real = x_.extents[x_.rank - 1] == 1;
    const int64_t most = mirrors_ ? length_ / 2 + 1 : length_;
    const int64_t count = std::min(x_.extents[axis_], most);
    std::fill(line_.begin(), line_.end(), Complex<T>{0, 0});
    for (int64_t i = 0; i < count; ++i) {
      const int64_t at = offset + i * x_.strides[axis_];
      const T re = stint::Load<T>(x_, at);
      const T im = real ? T{0} : stint::Load<T>(x_, at + x_.strides[x_.rank - 1]);
      line_[static_cast<size_t>(i)] = {re, inverse_ ? -im : im};
      if (!mirrors_ || i == 0) continue;
      // The middle bin of an even length is its own mirror image: its imaginary part is void.
      Complex<T>& mirror = line_[static_cast<size_t>(length_ - i)];
      mirror = {re, 2 * i == length_ ? T{0} : im};
    }
  }

  void Store(int64_t index) const {
    const int64_t offset = OffsetOf(y_, index);
    const T scale = inverse_ ? static_cast<T>(1 / static_cast<double>(length_)) : T{1};
    for (int64_t i = 0; i < y_.extents[axis_]; ++i) {
      const Complex<T>& value = line_[static_cast<size_t>(i)];
      const int64_t at = offset + i * y_.strides[axis_];
      stint::Store(value.re * scale, y_, at);
      if (mirrors_) continue;
      stint::Store(inverse_ ? -value.im * scale : value.im, y_, at + y_.strides[y_.rank - 1]);
    }
  }

 private:
  const TensorView& x_;
  const TensorView& y_;
  int axis_;
  int64_t length_;
  bool inverse_;
  bool mirrors_;
  std::span<Complex<T>> line_;
};

}  // namespace

int64_t FftLineCount(const OpTensors& op) {
  const TensorView& y = op.results[0];
  int64_t count = 1;
  for (int axis = 0; axis + 1 < y.rank; ++axis) count *= axis == AxisOf(op) ? 1 : y.extents[axis];
  return count;
}

bool FftInDouble(const OpTensors& op) {
  const auto& attributes = op.as<FftAttributes>();
  const TensorView& x = op.operands[0];
  const bool real = x.extents[x.rank - 1] == 1 || attributes.inverse * attributes.onesided != 0;
  return real || x.dtype == DType::kFloat64;
}

template <typename T>
void FftLines<T>::Run(const OpTensors& op, int64_t begin, int64_t end, const Work& work) const {
  const Mover<T> mover(op, work.line);
  for (int64_t index = begin; index < end; ++index) {
    mover.Load(index);
    fourier_.Forward(work.line.data(), work.fourier);
    mover.Store(index);
  }
}

template class FftLines<float>;
template class FftLines<double>;

}  // namespace stint
