// What a session does, in miniature and on one device: calls in order, their tensors at odd
// multiples of 64 bytes of one buffer, constants where the device wants them, and the reference
// kernels to compare with. Any unexpected error fails the running case.
//
//   Workload work(device);
//   const size_t x = work.Input(Floats({3, 5}, 1));
//   const size_t y = work.Add(kSoftmaxOp, attributes, {x});
//   work.Prepare();
//   auto list = work.Record();
//   Require(list->Run());
//   work.Check(y);
#ifndef STINT_TESTS_HAL_WORKLOAD_H_
#define STINT_TESTS_HAL_WORKLOAD_H_

#include <deque>
#include <memory>
#include <vector>

#include "tests/hal/hal_testing.h"

namespace stint::testing {

class Workload {
 public:
  // An operand that is not there.
  static constexpr size_t kAbsent = SIZE_MAX;

  // The device outlives the workload.
  explicit Workload(Device& device) : device_(device) {}

  // Tensors, named by the number that is returned.
  size_t Input(Tensor values);
  size_t Constant(Tensor values);
  // Other strides over a tensor; `offset` in elements.
  size_t View(size_t of, std::vector<int64_t> extents, std::vector<int64_t> strides,
              int64_t offset);

  // Appends a call; returns its result 0. The shape function must accept it.
  template <typename Attributes>
  size_t Add(const OpInfo& op, const Attributes& attributes, std::vector<size_t> operands) {
    return AddCall(op, std::make_shared<Attributes>(attributes), std::move(operands), kAbsent);
  }
  // Appends a call whose result is a tensor that is there, as an in-place Map's is.
  template <typename Attributes>
  void AddInto(size_t result, const OpInfo& op, const Attributes& attributes,
               std::vector<size_t> operands) {
    AddCall(op, std::make_shared<Attributes>(attributes), std::move(operands), result);
  }

  // An input (or a result) lies in this buffer, from its first byte on, instead of the workload's.
  void PlaceIn(size_t tensor, Buffer& buffer);

  // Gives each call the `nth` row that accepts it, or its last one; prepares, allocates and writes
  // inputs and constants. False: no call has so many rows. A call without any fails the case.
  bool Prepare(size_t nth = 0, MemoryKind kind = MemoryKind::kDevice);
  // A new list of all calls. Recording allocates no device memory.
  std::unique_ptr<CommandList> Record(bool timed = false);
  // Appends all calls to a list that may have no room for them.
  Status RecordInto(CommandList& list);

  // New values of an input, here and on the device.
  void Set(size_t input, Tensor values);
  // Writes inputs and constants again, after their buffer grew.
  void WriteAll();
  Tensor Read(size_t tensor);
  // Compares a tensor with what the reference kernels make of the inputs.
  void Check(size_t tensor);
  Tensor Expected(size_t tensor);
  // That nothing was written but results and scratch.
  void CheckUntouched();

  // Parts, for cases that take them away or change them.
  std::unique_ptr<Buffer>& arena() { return arena_; }
  void DropKernels();

 private:
  enum class Kind { kInput, kConstant, kResult, kView };
  struct Entry {
    Kind kind = Kind::kInput;
    Tensor values;      // Initial ones of inputs; of results what the reference computed.
    TensorView view;    // Without an address.
    size_t base = 0;    // Of a view.
    int64_t start = 0;  // Of a view, in elements.
    Buffer* buffer = nullptr;
    uint64_t offset = 0;
    bool own_buffer = false;  // By PlaceIn.
  };
  struct Call {
    const OpInfo* op = nullptr;
    std::shared_ptr<const void> attributes;
    std::vector<size_t> operands;
    std::vector<size_t> results;
    const Kernel* row = nullptr;
    std::unique_ptr<PreparedKernel> prepared;
    uint64_t scratch = 0;
    std::vector<DeviceTensor> device_operands;
    std::vector<DeviceTensor> device_results;
    KernelCall recorded;  // Lists refer to it.
  };

  size_t AddCall(const OpInfo& op, std::shared_ptr<const void> attributes,
                 std::vector<size_t> operands, size_t result);
  bool ChooseRow(Call& call, size_t nth);
  KernelCall Describe(Call& call, bool placed);
  DeviceTensor Located(size_t tensor, bool placed);
  uint64_t Reserve(uint64_t bytes);
  void PlaceTensors();
  void WriteEntry(const Entry& entry);
  TensorView HostView(size_t tensor, std::vector<Tensor>& values);
  std::vector<Tensor> RunReferences();

  Device& device_;
  std::vector<Entry> entries_;
  std::deque<Call> calls_;
  std::unique_ptr<Buffer> arena_;
  std::unique_ptr<Buffer> constants_;  // Of devices without host memory.
  uint64_t arena_bytes_ = 0;
};

// Runs what `build` adds to a workload once for each row that accepts, and compares: `build`
// returns the tensor to look at.
template <typename Build>
void CheckEveryRow(const Build& build) {
  const auto device = OpenDevice();
  for (size_t nth = 0;; ++nth) {
    Workload work(*device);
    const size_t result = build(work);
    if (!work.Prepare(nth)) return;
    const auto list = work.Record();
    Require(list->Run());
    INFO("row " << nth << " that accepts");
    work.Check(result);
    work.CheckUntouched();
  }
}

}  // namespace stint::testing

#endif  // STINT_TESTS_HAL_WORKLOAD_H_
