#include "tools/bench/tune_table/cases.h"

#include <numeric>
#include <stdexcept>

#include "runtime/ops/conv.h"
#include "runtime/ops/copy.h"
#include "runtime/ops/fft.h"
#include "runtime/ops/gather.h"
#include "runtime/ops/map.h"
#include "runtime/ops/map/build_map.h"
#include "runtime/ops/normalize.h"
#include "runtime/ops/pool.h"
#include "runtime/ops/prefix.h"
#include "runtime/ops/recurrent.h"
#include "runtime/ops/reduce.h"
#include "runtime/ops/resample.h"
#include "runtime/ops/sample.h"
#include "runtime/ops/scatter.h"
#include "runtime/ops/softmax.h"
#include "runtime/ops/top_k.h"

namespace stint::bench {

namespace {

using Extents = std::vector<int64_t>;

const std::vector<int> kChannelsLast = {0, 2, 3, 1};
const std::vector<int> kPlanes = {0, 1, 2, 3};

template <typename T>
T Take(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().message());
  return std::move(*result);
}

int64_t Product(const Extents& extents) {
  return std::accumulate(extents.begin(), extents.end(), int64_t{1}, std::multiplies<>());
}

void SetView(const Extents& extents, const std::vector<int>& order, TensorView* view) {
  view->dtype = DType::kFloat32;
  view->rank = static_cast<int>(extents.size());
  std::copy(extents.begin(), extents.end(), view->extents);
  DenseStrides(view->rank, view->extents, view->strides);
  int64_t stride = 1;
  for (size_t i = order.size(); i-- > 0;) {
    view->strides[order[i]] = stride;
    stride *= view->extents[order[i]];
  }
}

struct Window {
  int64_t side, channels, out_channels;
  int64_t kernel = 1, stride = 1;
};

template <typename T>
void SetWindow(const Window& window, T& attributes) {
  for (int axis = 0; axis < 2; ++axis) {
    attributes.strides.Push(window.stride);
    attributes.dilations.Push(1);
  }
  for (int i = 0; i < 4; ++i) attributes.pads.Push(Dim(window.kernel / 2));
}

int64_t OutSide(const Window& window) {
  return (window.side + 2 * (window.kernel / 2) - window.kernel) / window.stride + 1;
}

std::unique_ptr<Case> Conv(Device& device, const Window& window, Layout layout,
                           const std::vector<int>& x, const std::vector<int>& y) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kConv));
  const bool depthwise = window.out_channels == 0;
  const int64_t out = depthwise ? window.channels : window.out_channels;
  auto& attributes = made->attributes<ConvAttributes>();
  SetWindow(window, attributes);
  attributes.group = depthwise ? window.channels : 1;
  made->Operand({1, window.channels, window.side, window.side}, x);
  made->Constant({out, depthwise ? 1 : window.channels, window.kernel, window.kernel}, layout);
  made->Constant({out}, Layout::kDense);
  made->Result({1, out, OutSide(window), OutSide(window)}, y);
  return made;
}

std::unique_ptr<Case> Transposed(Device& device, const Window& window) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kConv));
  auto& attributes = made->attributes<ConvAttributes>();
  for (int axis = 0; axis < 2; ++axis) {
    attributes.strides.Push(window.stride);
    attributes.dilations.Push(1);
  }
  for (int i = 0; i < 4; ++i) attributes.pads.Push(Dim(0));
  attributes.transposed = 1;
  const int64_t out = (window.side - 1) * window.stride + window.kernel;
  made->Operand({1, window.channels, window.side, window.side});
  made->Constant({window.channels, window.out_channels, window.kernel, window.kernel},
                 Layout::kDense);
  made->Result({1, window.out_channels, out, out});
  return made;
}

std::unique_ptr<Case> Pool(Device& device, const Window& window, PoolKind kind,
                           const std::vector<int>& order) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kPool));
  auto& attributes = made->attributes<PoolAttributes>();
  attributes.kind = kind;
  for (int axis = 0; axis < 2; ++axis) attributes.kernel.Push(window.kernel);
  SetWindow(window, attributes);
  made->Operand({1, window.channels, window.side, window.side}, order);
  made->Result({1, window.channels, OutSide(window), OutSide(window)}, order);
  return made;
}

std::unique_ptr<Case> MatMul(Device& device, int64_t rows, int64_t depth, int64_t columns,
                             bool panels) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kMatMul));
  made->Operand({rows, depth});
  if (panels) {
    made->Constant({depth, columns}, Layout::kPanel16);
  } else {
    made->Operand({depth, columns});
  }
  made->Result({rows, columns});
  return made;
}

std::unique_ptr<Case> Reduce(Device& device, ReduceKind kind, const Extents& extents,
                             const std::vector<int>& order, const std::vector<int>& axes) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kReduce));
  auto& attributes = made->attributes<ReduceAttributes>();
  attributes.kind = kind;
  Extents out = extents;
  for (const int axis : axes) {
    attributes.axes.Push(Dim(axis));
    out[static_cast<size_t>(axis)] = 1;
  }
  made->Operand(extents, order);
  made->Result(out);
  return made;
}

std::unique_ptr<Case> Softmax(Device& device, const Extents& extents) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kSoftmax));
  made->attributes<SoftmaxAttributes>().axis = static_cast<int64_t>(extents.size()) - 1;
  made->Operand(extents);
  made->Result(extents);
  return made;
}

std::unique_ptr<Case> Normalize(Device& device, const Extents& extents) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kNormalize));
  auto& attributes = made->attributes<NormalizeAttributes>();
  attributes.axis = static_cast<int64_t>(extents.size()) - 1;
  attributes.epsilon = 1e-5;
  made->Operand(extents);
  made->Result(extents);
  return made;
}

std::unique_ptr<Case> Lstm(Device& device, int64_t steps, int64_t inputs, int64_t units) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kRecurrent));
  auto& attributes = made->attributes<RecurrentAttributes>();
  attributes.kind = RecurrentKind::kLstm;
  for (const auto activation :
       {RecurrentActivation::kSigmoid, RecurrentActivation::kTanh, RecurrentActivation::kTanh}) {
    attributes.activations.Push(static_cast<int64_t>(activation));
  }
  made->Operand({steps, 1, inputs});
  made->Constant({4 * units, inputs}, Layout::kPanel16);
  made->Constant({4 * units, units}, Layout::kPanel16);
  made->Result({steps, 1, 1, units});
  made->Result({1, 1, units});
  made->Result({1, 1, units});
  return made;
}

std::unique_ptr<Case> Sample(Device& device, int64_t side, int64_t channels) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kSample));
  made->Operand({1, channels, side, side});
  made->Constant({1, side, side, 2}, Layout::kDense);
  made->Result({1, channels, side, side});
  return made;
}

// Twice as many lines and columns, between them linear.
std::unique_ptr<Case> Resample(Device& device, int64_t side, int64_t channels,
                               const std::vector<int>& order) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kResample));
  auto& attributes = made->attributes<ResampleAttributes>();
  for (const int64_t extent : {int64_t{1}, channels, 2 * side, 2 * side}) {
    attributes.extents.Push(Dim(extent));
  }
  made->Operand({1, channels, side, side}, order);
  made->Result({1, channels, 2 * side, 2 * side}, order);
  return made;
}

// Rows of a table, or one element an index.
std::unique_ptr<Case> Gather(Device& device, GatherMode mode, int64_t rows, int64_t columns) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kGather));
  made->attributes<GatherAttributes>().mode = mode;
  made->Operand({rows, columns});
  const bool elements = mode == GatherMode::kElements;
  made->Indices(elements ? Extents{rows, columns} : Extents{rows}, rows);
  made->Result({rows, columns});
  return made;
}

// Complex numbers forth.
std::unique_ptr<Case> Fft(Device& device, int64_t lines, int64_t length) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kFft));
  made->attributes<FftAttributes>().length.Push(Dim(length));
  made->Operand({lines, length, 2});
  made->Result({lines, length, 2});
  return made;
}

// Along the second of two axes.
std::unique_ptr<Case> Prefix(Device& device, const Extents& extents) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kPrefix));
  made->attributes<PrefixAttributes>().axis.Push(Dim(1));
  made->Operand(extents);
  made->Result(extents);
  return made;
}

std::unique_ptr<Case> TopK(Device& device, int64_t lines, int64_t length, int64_t k) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kTopK));
  auto& attributes = made->attributes<TopKAttributes>();
  attributes.axis = 1;
  attributes.k.Push(Dim(k));
  made->Operand({lines, length});
  made->Result({lines, k});
  return made;
}

// One update an element of every second row.
std::unique_ptr<Case> Scatter(Device& device, int64_t rows, int64_t columns) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kScatter));
  made->Operand({rows, columns});
  made->Indices({rows / 2, columns}, rows);
  made->Operand({rows / 2, columns});
  made->Result({rows, columns});
  return made;
}

// A copy that moves axes, or with a table mirrors the border.
std::unique_ptr<Case> Copy(Device& device, const Extents& extents, const std::vector<int>& order,
                           AxisTable table) {
  auto made = std::make_unique<Case>(device, *FindOp(OpKind::kCopy));
  auto& attributes = made->attributes<CopyAttributes>();
  for (const int64_t extent : extents) {
    attributes.extents.Push(Dim(extent));
    attributes.starts.Push(Dim(0));
    if (table != AxisTable::kAffine) attributes.tables.Push(static_cast<int64_t>(table));
  }
  made->Operand(extents, order);
  made->Result(extents);
  return made;
}

std::unique_ptr<Case> Map(Device& device, const Extents& extents, bool sigmoid) {
  auto made = std::make_unique<Case>(device, kMapOp);
  MapBuilder build;
  const int a = build.Load(DType::kFloat32);
  const int b = build.Load(DType::kFloat32);
  int value = build.Binary(MapOpcode::kAdd, a, b);
  const int one = build.Constant(MapType::kF32, 1);
  if (sigmoid) {
    value = build.Unary(MapOpcode::kExp, build.Unary(MapOpcode::kNeg, value));
    value = build.Binary(MapOpcode::kDiv, one, build.Binary(MapOpcode::kAdd, one, value));
  } else {
    value = build.Binary(MapOpcode::kMul, build.Binary(MapOpcode::kMax, value, one), b);
  }
  build.Store(value, DType::kFloat32);
  made->attributes<MapAttributes>().program = Take(build.Finish());
  made->Operand(extents);
  made->Operand(extents);
  made->Result(extents);
  return made;
}

}  // namespace

Case::Attributes::Attributes(const OpInfo& op) : data(new uint64_t[op.attributes_size / 8 + 1]()) {
  op.construct(data.get());
}

DeviceTensor Case::Tensor(const Extents& extents, const std::vector<int>& order) {
  DeviceTensor tensor;
  SetView(extents, order, &tensor.view);
  const auto bytes = static_cast<uint64_t>(Product(extents)) * sizeof(float);
  buffers_.push_back(Take(device_.Allocate(bytes, MemoryKind::kShared)));
  tensor.buffer = buffers_.back().get();
  const Floats content(static_cast<size_t>(Product(extents)));
  std::copy_n(content.data(), Product(extents), static_cast<float*>(tensor.buffer->host()));
  return tensor;
}

void Case::Operand(const Extents& extents, const std::vector<int>& order) {
  operands_.push_back(Tensor(extents, order));
}

void Case::Indices(const Extents& extents, int64_t below) {
  DeviceTensor tensor = Tensor(extents, {});
  tensor.view.dtype = DType::kInt32;
  auto* const indices = static_cast<int32_t*>(tensor.buffer->host());
  for (int64_t i = 0; i < Product(extents); ++i) indices[i] = static_cast<int32_t>(i * 7 % below);
  operands_.push_back(tensor);
}

void Case::Result(const Extents& extents, const std::vector<int>& order) {
  results_.push_back(Tensor(extents, order));
}

void Case::Constant(const Extents& extents, Layout layout) {
  DeviceTensor tensor;
  SetView(extents, {}, &tensor.view);
  TensorView packed = tensor.view;
  // A matrix [K, N] is packed as [N, K].
  const bool matrix = op_.kind == OpKind::kMatMul && layout == Layout::kPanel16;
  if (matrix) {
    SetView({extents[1], extents[0]}, {}, &packed);
    std::swap(tensor.view.strides[0], tensor.view.strides[1]);
    tensor.view.strides[1] = extents[0];
    tensor.view.strides[0] = 1;
  }
  const int64_t bytes = Take(PackedBytes(layout, packed.dtype, packed.rank, packed.extents));
  const Floats dense(static_cast<size_t>(Product(extents)));
  constants_.emplace_back(static_cast<size_t>(bytes) / sizeof(float));
  packed.data = const_cast<float*>(dense.data());
  if (!Pack(layout, packed, constants_.back().data()).ok()) throw std::runtime_error("pack");
  tensor.layout = layout;
  tensor.constant = constants_.back().data();
  operands_.push_back(tensor);
}

std::unique_ptr<Case> MakeTransformCase(Device& device, int64_t side, int64_t channels) {
  return Conv(device, {side, channels, channels, 3}, Layout::kPanel16, kChannelsLast,
              kChannelsLast);
}

std::unique_ptr<Case> MakeEmptyCase(Device& device) {
  return Copy(device, {1}, {}, AxisTable::kAffine);
}

std::vector<std::unique_ptr<Case>> MakeCases(Device& device) {
  std::vector<std::unique_ptr<Case>> cases;
  const auto add = [&](std::unique_ptr<Case> made) { cases.push_back(std::move(made)); };
  constexpr Window kDirect[] = {{56, 128, 128},  {28, 256, 256},    {14, 512, 512},   {28, 192, 32},
                                {56, 64, 64, 3}, {28, 128, 128, 3}, {14, 256, 256, 3}};
  for (const Window& window : kDirect) {
    add(Conv(device, window, Layout::kPanel16, kChannelsLast, kChannelsLast));
    add(Conv(device, window, Layout::kDense, kPlanes, kPlanes));
  }
  constexpr Window kDepthwise[] = {
      {56, 144, 0, 3}, {28, 192, 0, 3}, {14, 384, 0, 3}, {28, 240, 0, 5}};
  for (const Window& window : kDepthwise) {
    add(Conv(device, window, Layout::kDepthwise16, kChannelsLast, kChannelsLast));
    add(Conv(device, window, Layout::kDense, kPlanes, kPlanes));
  }
  for (const Window& window : {Window{112, 64, 64, 3, 2}, Window{27, 64, 64, 3, 2}}) {
    add(Pool(device, window, PoolKind::kMax, kChannelsLast));
    add(Pool(device, window, PoolKind::kMax, kPlanes));
  }
  add(Transposed(device, {28, 64, 32, 2, 2}));
  add(Transposed(device, {14, 128, 64, 4, 2}));
  for (const bool panels : {true, false}) {
    add(MatMul(device, 128, 384, 384, panels));
    add(MatMul(device, 128, 384, 1536, panels));
    add(MatMul(device, 128, 128, 64, panels));
  }
  for (const Extents& extents : {Extents{1, 960, 7, 7}, Extents{1, 96, 56, 56}}) {
    add(Reduce(device, ReduceKind::kMean, extents, kChannelsLast, {2, 3}));
    add(Reduce(device, ReduceKind::kMean, extents, kPlanes, {2, 3}));
  }
  add(Reduce(device, ReduceKind::kSum, {128, 384}, {}, {1}));
  add(Softmax(device, {12, 128, 128}));
  add(Softmax(device, {1, 1000}));
  add(Normalize(device, {1, 128, 384}));
  add(Lstm(device, 32, 128, 128));
  add(Sample(device, 56, 16));
  add(Resample(device, 56, 64, kPlanes));
  add(Resample(device, 56, 64, kChannelsLast));
  add(Gather(device, GatherMode::kAxis, 1000, 384));
  add(Gather(device, GatherMode::kElements, 128, 384));
  add(Fft(device, 64, 512));
  add(Fft(device, 64, 400));
  add(Prefix(device, {128, 384}));
  add(TopK(device, 64, 1000, 5));
  add(Scatter(device, 128, 384));
  add(Copy(device, {1, 96, 56, 56}, kChannelsLast, AxisTable::kAffine));
  add(Copy(device, {1, 64, 28, 28}, kPlanes, AxisTable::kAffine));
  add(Copy(device, {1, 64, 56, 56}, kPlanes, AxisTable::kReflect));
  add(Map(device, {1, 96, 56, 56}, false));
  add(Map(device, {1, 96, 56, 56}, true));
  return cases;
}

}  // namespace stint::bench
