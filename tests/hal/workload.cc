#include "tests/hal/workload.h"

#include <cstring>

#include "runtime/base/checked.h"

namespace stint::testing {

namespace {

constexpr uint64_t kStep = 64;
constexpr uint8_t kFill = 0xff;  // NaN as floats: what reads beyond its tensors shows.

uint64_t ViewBytes(const TensorView& view) {
  return static_cast<uint64_t>(ElementCount(view)) * static_cast<uint64_t>(BytesOf(view.dtype));
}

TensorView WithoutAddress(TensorView view) {
  view.data = nullptr;
  return view;
}

}  // namespace

size_t Workload::Input(Tensor values) {
  Entry entry;
  entry.view = WithoutAddress(values.view());
  entry.values = std::move(values);
  entries_.push_back(std::move(entry));
  return entries_.size() - 1;
}

size_t Workload::Constant(Tensor values) {
  const size_t tensor = Input(std::move(values));
  entries_[tensor].kind = Kind::kConstant;
  return tensor;
}

size_t Workload::View(size_t of, std::vector<int64_t> extents, std::vector<int64_t> strides,
                      int64_t offset) {
  Entry entry;
  entry.kind = Kind::kView;
  entry.base = of;
  entry.start = offset;
  entry.view.dtype = entries_[of].view.dtype;
  entry.view.rank = static_cast<int>(extents.size());
  std::copy(extents.begin(), extents.end(), entry.view.extents);
  std::copy(strides.begin(), strides.end(), entry.view.strides);
  entries_.push_back(std::move(entry));
  return entries_.size() - 1;
}

size_t Workload::AddCall(const OpInfo& op, std::shared_ptr<const void> attributes,
                         std::vector<size_t> operands, size_t result) {
  std::vector<TensorShape> shapes;
  for (const size_t operand : operands) {
    const TensorView view = operand == kAbsent ? TensorView() : entries_[operand].view;
    shapes.push_back(Shape(view.dtype, std::vector<Dim>(view.extents, view.extents + view.rank)));
  }
  IntegerDims dims;
  std::vector<TensorShape> results(static_cast<size_t>(op.core_results));
  Require(InferOp(op, attributes.get(), shapes, dims, results));
  Call call;
  call.op = &op;
  call.attributes = std::move(attributes);
  call.operands = std::move(operands);
  for (const TensorShape& shape : results) {
    if (!shape.present()) break;
    if (result == kAbsent || !call.results.empty()) {
      call.results.push_back(Input(Tensor(shape.dtype, ExtentsOf(shape))));
      entries_.back().kind = Kind::kResult;
    } else {
      call.results.push_back(result);
    }
  }
  calls_.push_back(std::move(call));
  return calls_.back().results[0];
}

void Workload::PlaceIn(size_t tensor, Buffer& buffer) {
  entries_[tensor].buffer = &buffer;
  entries_[tensor].own_buffer = true;
}

bool Workload::Prepare(size_t nth, MemoryKind kind) {
  bool any = false;
  for (Call& call : calls_) any = ChooseRow(call, nth) || any;
  if (!any && nth > 0) return false;
  PlaceTensors();
  arena_ = Take(device_.Allocate(arena_bytes_, kind));
  for (Entry& entry : entries_) {
    if (entry.buffer == nullptr && entry.kind != Kind::kConstant) entry.buffer = arena_.get();
  }
  WriteAll();
  return true;
}

// Whether the call has an nth row; it has its last one otherwise.
bool Workload::ChooseRow(Call& call, size_t nth) {
  const KernelCall unplaced = Describe(call, false);
  std::string refusals = "no row";
  size_t accepted = 0;
  for (const Kernel& row : device_.kernels()) {
    if (row.op != call.op->kind || !RunsPrograms(row, unplaced)) continue;
    const char* const reason = row.reject(unplaced, device_.info());
    if (reason != nullptr) {
      refusals += std::string("; ") + row.name + " " + reason;
      continue;
    }
    auto prepared = row.prepare(device_, unplaced);
    if (prepared.status().code() == Code::kUnsupported) continue;
    call.prepared = Take(std::move(prepared));
    REQUIRE(call.prepared != nullptr);
    call.row = &row;
    if (accepted++ == nth) return true;
  }
  INFO(call.op->name << " on " << device_.info().name << ": " << refusals);
  REQUIRE(call.row != nullptr);
  return false;
}

KernelCall Workload::Describe(Call& call, bool placed) {
  call.device_operands.clear();
  call.device_results.clear();
  for (const size_t operand : call.operands) {
    call.device_operands.push_back(Located(operand, placed));
  }
  for (const size_t result : call.results) call.device_results.push_back(Located(result, placed));
  return {call.op, call.attributes.get(), call.device_operands, call.device_results};
}

DeviceTensor Workload::Located(size_t tensor, bool placed) {
  DeviceTensor located;
  if (tensor == kAbsent) return located;
  const Entry& entry = entries_[tensor];
  const Entry& memory = entry.kind == Kind::kView ? entries_[entry.base] : entry;
  const auto start = static_cast<uint64_t>(entry.start * BytesOf(entry.view.dtype));
  located.view = entry.view;
  located.offset = start;
  if (memory.kind == Kind::kConstant) {
    located.constant = static_cast<std::byte*>(memory.values.view().data) + start;
  }
  if (!placed) return located;
  located.buffer = memory.buffer;
  located.offset += memory.offset;
  return located;
}

// The next odd multiple of 64.
uint64_t Workload::Reserve(uint64_t bytes) {
  const uint64_t offset = AlignUp(arena_bytes_, 2 * kStep) + kStep;
  arena_bytes_ = offset + bytes;
  return offset;
}

void Workload::PlaceTensors() {
  for (Entry& entry : entries_) {
    if (entry.kind == Kind::kView || entry.kind == Kind::kConstant || entry.own_buffer) continue;
    entry.offset = Reserve(ViewBytes(entry.view));
  }
  for (Call& call : calls_) call.scratch = Reserve(call.prepared->scratch_bytes);
  arena_bytes_ += kStep;
  if (device_.info().host_memory) return;
  uint64_t bytes = 0;
  for (Entry& entry : entries_) {
    if (entry.kind != Kind::kConstant) continue;
    entry.offset = bytes + kStep;
    bytes = AlignUp(entry.offset + ViewBytes(entry.view), kStep);
  }
  constants_ = Take(device_.Allocate(bytes, MemoryKind::kDevice));
  for (Entry& entry : entries_) {
    if (entry.kind == Kind::kConstant) entry.buffer = constants_.get();
  }
}

void Workload::WriteAll() {
  const std::vector<uint8_t> fill(arena_->bytes(), kFill);
  Require(device_.Write(*arena_, 0, fill.data(), fill.size()));
  for (const Entry& entry : entries_) {
    if (entry.kind == Kind::kInput || entry.kind == Kind::kConstant) WriteEntry(entry);
  }
}

void Workload::WriteEntry(const Entry& entry) {
  if (entry.buffer == nullptr || entry.own_buffer) return;
  const TensorView view = entry.values.view();
  Require(device_.Write(*entry.buffer, entry.offset, view.data, ViewBytes(view)));
}

std::unique_ptr<CommandList> Workload::Record(bool timed) {
  CommandListOptions options;
  options.timed = timed;
  for (const Call& call : calls_) options.capacity += call.prepared->commands;
  auto list = Take(device_.CreateCommandList(options));
  const uint64_t allocations = device_.counters().allocations;
  Require(RecordInto(*list));
  CHECK(device_.counters().allocations == allocations);
  return list;
}

Status Workload::RecordInto(CommandList& list) {
  for (Call& call : calls_) {
    DeviceTensor scratch;
    if (call.prepared->scratch_bytes > 0) {
      scratch.buffer = arena_.get();
      scratch.offset = call.scratch;
    }
    call.recorded = Describe(call, true);
    STINT_TRY(call.row->record(list, *call.prepared, call.recorded, scratch));
  }
  return {};
}

void Workload::DropKernels() {
  for (Call& call : calls_) call.prepared.reset();
}

void Workload::Set(size_t input, Tensor values) {
  entries_[input].values = std::move(values);
  WriteEntry(entries_[input]);
}

Tensor Workload::Read(size_t tensor) {
  const Entry& entry = entries_[tensor];
  Tensor values(entry.view.dtype,
                std::vector<int64_t>(entry.view.extents, entry.view.extents + entry.view.rank));
  const TensorView view = values.view();
  Require(device_.Read(*entry.buffer, entry.offset, view.data, ViewBytes(view)));
  return values;
}

void Workload::Check(size_t tensor) { CheckClose(Read(tensor), Expected(tensor)); }

Tensor Workload::Expected(size_t tensor) { return RunReferences()[tensor]; }

TensorView Workload::HostView(size_t tensor, std::vector<Tensor>& values) {
  if (tensor == kAbsent) return {};
  const Entry& entry = entries_[tensor];
  TensorView view = entry.view;
  const size_t memory = entry.kind == Kind::kView ? entry.base : tensor;
  view.data =
      static_cast<std::byte*>(values[memory].view().data) + entry.start * BytesOf(view.dtype);
  return view;
}

std::vector<Tensor> Workload::RunReferences() {
  std::vector<Tensor> values;
  for (const Entry& entry : entries_) values.push_back(entry.values);
  for (const Call& call : calls_) {
    std::vector<TensorView> operands;
    std::vector<TensorView> results;
    for (const size_t operand : call.operands) operands.push_back(HostView(operand, values));
    for (const size_t result : call.results) results.push_back(HostView(result, values));
    results.resize(static_cast<size_t>(call.op->core_results));
    Require(RunReference(*call.op, {call.attributes.get(), operands, results}));
  }
  return values;
}

void Workload::CheckUntouched() {
  std::vector<uint8_t> image(arena_->bytes(), kFill);
  const std::vector<uint8_t> found = ReadAll(device_, *arena_);
  const auto copy = [&](const uint8_t* from, uint64_t offset, uint64_t bytes) {
    if (bytes > 0) std::memcpy(image.data() + offset, from, bytes);
  };
  for (const Entry& entry : entries_) {
    if (entry.buffer != arena_.get() || entry.kind == Kind::kView) continue;
    const bool written = entry.kind == Kind::kResult;
    const TensorView view = entry.values.view();
    copy(written ? found.data() + entry.offset : view.as<const uint8_t>(), entry.offset,
         ViewBytes(view));
  }
  for (const Call& call : calls_) {
    copy(found.data() + call.scratch, call.scratch, call.prepared->scratch_bytes);
  }
  CheckSame(found, image);
}

}  // namespace stint::testing
