// Stint for C++20: owners over stint.h, which says what each call does, borrows and forbids. Header
// only, so that no C++ ABI stands between an app and the library. Failures are thrown as
// stint::api::Error; code without exceptions uses stint.h.
#ifndef STINT_STINT_HPP_
#define STINT_STINT_HPP_

#include <stint/stint.h>

#include <chrono>
#include <complex>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#if !defined(__cpp_lib_span)
#error "stint.hpp needs C++20: set(CMAKE_CXX_STANDARD 20) or -std=c++20; or use stint.h"
#endif
#if !defined(__cpp_exceptions)
#error "stint.hpp throws: build with exceptions, or use stint.h"
#endif

namespace stint::api {

// What a call failed with: what() is "where: found X, allowed Y".
class Error : public std::exception {
 public:
  explicit Error(const stint_error& error)
      : code_(error.code),
        where_(error.where),
        message_(error.message),
        text_(where_ + ": " + message_) {}
  stint_code code() const noexcept { return code_; }
  const std::string& where() const noexcept { return where_; }
  const std::string& message() const noexcept { return message_; }  // "found X, allowed Y".
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  stint_code code_;
  std::string where_;
  std::string message_;
  std::string text_;
};

// Calls `call(arguments..., &error)` and throws what it says.
template <typename Call, typename... Arguments>
void Check(Call call, Arguments&&... arguments) {
  stint_error error = STINT_ERROR_INIT;
  if (call(std::forward<Arguments>(arguments)..., &error) != STINT_OK) throw Error(error);
}

// The dtype of elements of a C++ type.
template <typename T>
constexpr stint_dtype DTypeOf() {
  using U = std::remove_cv_t<T>;
  if constexpr (std::is_same_v<U, float>) return STINT_FLOAT32;
  if constexpr (std::is_same_v<U, double>) return STINT_FLOAT64;
  if constexpr (std::is_same_v<U, bool>) return STINT_BOOL;
  if constexpr (std::is_same_v<U, std::complex<float>>) return STINT_COMPLEX64;
  if constexpr (std::is_same_v<U, std::complex<double>>) return STINT_COMPLEX128;
  if constexpr (std::is_integral_v<U> && !std::is_same_v<U, bool>) {
    constexpr bool kSigned = std::is_signed_v<U>;
    if constexpr (sizeof(U) == 1) return kSigned ? STINT_INT8 : STINT_UINT8;
    if constexpr (sizeof(U) == 2) return kSigned ? STINT_INT16 : STINT_UINT16;
    if constexpr (sizeof(U) == 4) return kSigned ? STINT_INT32 : STINT_UINT32;
    if constexpr (sizeof(U) == 8) return kSigned ? STINT_INT64 : STINT_UINT64;
  }
  return STINT_NONE;
}

// A view of a tensor in somebody's memory.
class Tensor {
 public:
  Tensor() = default;  // Of no tensor: an optional input that is left out, or state.
  explicit Tensor(const stint_tensor& tensor) : tensor_(tensor) {}
  Tensor(stint_dtype dtype, std::span<const int64_t> shape, const void* data)
      : tensor_(stint_dense(dtype, static_cast<int32_t>(shape.size()), shape.data(),
                            const_cast<void*>(data))) {}
  // Dense elements, row-major, of a pointer: as many as the shape has.
  template <typename P>
    requires std::is_pointer_v<P>
  Tensor(const P& data, std::initializer_list<int64_t> shape)
      : Tensor(DTypeOf<std::remove_pointer_t<P>>(),
               std::span<const int64_t>(shape.begin(), shape.size()), data) {
    static_assert(DTypeOf<std::remove_pointer_t<P>>() != STINT_NONE,
                  "no dtype has elements of this type");
  }
  // The elements of a vector, array or span, which must outlive this. Throws where the shape has
  // another number of them, or more axes than a tensor can have.
  template <typename C>
    requires(std::is_lvalue_reference_v<C> || std::ranges::borrowed_range<C>) &&
            requires(C& elements) { std::span(elements); }
  Tensor(C&& elements, std::initializer_list<int64_t> shape) : Tensor(std::data(elements), shape) {
    CheckValid();
    if (std::size(elements) == size()) return;
    ThrowInvalid("found another number of elements, allowed as many as the shape has");
  }

  // The same elements with axis i being axis order[i] of this: Tensor(pixels, {1, height, width,
  // 3}).Transposed({0, 3, 1, 2}) sees pixels that lie channels last as N, C, height, width. Not
  // valid where this is not, or the order has other axes.
  Tensor Transposed(std::initializer_list<int> order) const {
    if (!valid()) return Invalid();
    Tensor result = *this;
    int axis = 0;
    for (const int from : order) {
      if (axis >= rank() || from < 0 || from >= rank()) return Invalid();
      result.tensor_.shape[axis] = tensor_.shape[from];
      result.tensor_.strides[axis++] = tensor_.strides[from];
    }
    return axis == rank() ? result : Invalid();
  }

  const stint_tensor& c() const { return tensor_; }
  stint_dtype dtype() const { return tensor_.dtype; }
  int rank() const { return tensor_.rank; }
  // Whether the rank is one that a tensor can have. A view that is not valid has an empty shape and
  // no elements, and every call refuses it.
  bool valid() const { return tensor_.rank >= 0 && tensor_.rank <= STINT_MAX_RANK; }
  std::span<const int64_t> shape() const {
    return {tensor_.shape, static_cast<size_t>(valid() ? tensor_.rank : 0)};
  }
  size_t size() const {
    size_t count = valid() ? 1 : 0;
    for (const int64_t extent : shape()) count *= static_cast<size_t>(extent);
    return count;
  }
  // The elements of a dense tensor. Throws where they are of another type or not there.
  template <typename T>
  std::span<T> elements() const {
    CheckValid();
    if (tensor_.dtype != DTypeOf<T>() || (tensor_.data == nullptr && size() > 0)) {
      ThrowInvalid("found other elements, or none yet, allowed the type asked for");
    }
    return {static_cast<T*>(tensor_.data), size()};
  }

 private:
  [[noreturn]] static void ThrowInvalid(const char* message) {
    stint_error error = {sizeof(error), STINT_ERROR_INVALID, "tensor", ""};
    std::strncpy(error.message, message, sizeof(error.message) - 1);
    throw Error(error);
  }
  void CheckValid() const {
    if (!valid()) ThrowInvalid("found a rank that no tensor has, allowed 0 to STINT_MAX_RANK");
  }
  Tensor Invalid() const {
    Tensor result = *this;
    result.tensor_.rank = -1;
    return result;
  }

  stint_tensor tensor_ = {};
};
static_assert(sizeof(Tensor) == sizeof(stint_tensor), "arrays of one are arrays of the other");

// An input or output as the model declares it; borrowed from its plan.
using TensorInfo = stint_tensor_info;

class Plan {
 public:
  static Plan Open(const std::string& path, const stint_plan_options* options = nullptr) {
    stint_plan* plan = nullptr;
    Check(stint_plan_open, path.c_str(), options, &plan);
    return Plan(plan);
  }
  static Plan FromMemory(std::span<const std::byte> bytes,
                         const stint_plan_options* options = nullptr) {
    stint_plan* plan = nullptr;
    Check(stint_plan_from_memory, bytes.data(), bytes.size(), options, &plan);
    return Plan(plan);
  }
  static Plan Read(const stint_reader& reader, const stint_plan_options* options = nullptr) {
    stint_plan* plan = nullptr;
    Check(stint_plan_read, &reader, options, &plan);
    return Plan(plan);
  }

  const stint_plan* c() const { return handle_.get(); }
  size_t input_count() const { return stint_plan_input_count(c()); }
  size_t output_count() const { return stint_plan_output_count(c()); }
  TensorInfo input(size_t index) const {
    TensorInfo info = STINT_TENSOR_INFO_INIT;
    Check(stint_plan_input, c(), index, &info);
    return info;
  }
  TensorInfo output(size_t index) const {
    TensorInfo info = STINT_TENSOR_INFO_INIT;
    Check(stint_plan_output, c(), index, &info);
    return info;
  }
  size_t FindInput(const std::string& name) const {
    size_t index = 0;
    Check(stint_plan_find_input, c(), name.c_str(), &index);
    return index;
  }
  size_t FindOutput(const std::string& name) const {
    size_t index = 0;
    Check(stint_plan_find_output, c(), name.c_str(), &index);
    return index;
  }
  stint_plan_info info() const {
    stint_plan_info info = STINT_PLAN_INFO_INIT;
    Check(stint_plan_get_info, c(), &info);
    return info;
  }
  std::vector<stint_op_info> ops() const {
    std::vector<stint_op_info> all(static_cast<size_t>(info().ops), STINT_OP_INFO_INIT);
    for (size_t i = 0; i < all.size(); ++i) Check(stint_plan_op, c(), i, &all[i]);
    return all;
  }
  // Keys and values of the model's metadata.
  std::vector<std::pair<std::string, std::string>> properties() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (size_t i = 0; i < stint_plan_property_count(c()); ++i) {
      stint_property own = STINT_PROPERTY_INIT;
      Check(stint_plan_property, c(), i, &own);
      all.emplace_back(std::string(own.key, own.key_size), std::string(own.value, own.value_size));
    }
    return all;
  }

 private:
  struct Destroy {
    void operator()(stint_plan* plan) const { stint_plan_destroy(plan); }
  };
  explicit Plan(stint_plan* plan) : handle_(plan) {}

  std::unique_ptr<stint_plan, Destroy> handle_;
};

class Device {
 public:
  explicit Device(const std::string& name, int threads = 0) {
    stint_device_options options = STINT_DEVICE_OPTIONS_INIT;
    options.threads = threads;
    stint_device* opened = nullptr;
    Check(stint_device_open, name.c_str(), &options, &opened);
    handle_.reset(opened);
  }
  // Throws what stint_device_check_name says of the name.
  static void CheckName(const std::string& name) { Check(stint_device_check_name, name.c_str()); }

  stint_device* c() const { return handle_.get(); }
  stint_device_info info() const {
    stint_device_info info = STINT_DEVICE_INFO_INIT;
    Check(stint_device_get_info, c(), &info);
    return info;
  }
  stint_device_counters counters() const {
    stint_device_counters counters = STINT_DEVICE_COUNTERS_INIT;
    Check(stint_device_get_counters, c(), &counters);
    return counters;
  }
  std::vector<std::string> rules() const {
    std::vector<std::string> rules;
    const auto keep = [](void* user, const char* rule) {
      static_cast<std::vector<std::string>*>(user)->emplace_back(rule);
      return 0;
    };
    Check(stint_device_rules, c(), +keep, &rules);
    return rules;
  }

 private:
  struct Destroy {
    void operator()(stint_device* device) const { stint_device_destroy(device); }
  };
  std::unique_ptr<stint_device, Destroy> handle_;
};

// stint_session_options with C++ types.
struct SessionOptions {
  std::vector<std::reference_wrapper<const Device>> devices =
      {};           // None: a CPU of the session's own.
  int threads = 0;  // Of that CPU.
  bool no_fallback = false;
  bool profile = false;
  bool no_groups = false;
  uint32_t prepared_shapes = 0;
  uint64_t prepared_bytes = 0;
  uint64_t arena_bytes = 0;
  stint_log log = {};
};

class Session {
 public:
  // `done` of an asynchronous run: null, or the error.
  using Done = std::function<void(const Error* error)>;

  explicit Session(const Plan& plan, const SessionOptions& options = {}) {
    std::vector<stint_device*> devices;
    for (const Device& device : options.devices) devices.push_back(device.c());
    stint_session_options own = STINT_SESSION_OPTIONS_INIT;
    own.devices = devices.data();
    own.device_count = devices.size();
    own.threads = options.threads;
    if (options.no_fallback) own.flags |= STINT_SESSION_NO_FALLBACK;
    if (options.profile) own.flags |= STINT_SESSION_PROFILE;
    if (options.no_groups) own.flags |= STINT_SESSION_NO_GROUPS;
    own.prepared_shapes = options.prepared_shapes;
    own.prepared_bytes = options.prepared_bytes;
    own.arena_bytes = options.arena_bytes;
    own.log = options.log;
    stint_session* made = nullptr;
    Check(stint_session_create, plan.c(), &own, &made);
    handle_.reset(made);
  }

  stint_session* c() const { return handle_.get(); }

  void Prepare(std::span<const Tensor> inputs) {
    Check(stint_session_prepare, c(), First(inputs), inputs.size());
  }
  void Prepare(std::initializer_list<Tensor> inputs) { Prepare(SpanOf(inputs)); }

  // Timeout 0: none; below 0, as of a deadline that has passed: STINT_ERROR_DEADLINE.
  void Run(std::span<const Tensor> inputs, std::chrono::nanoseconds timeout = {}) {
    const stint_run_options options = OptionsOf(timeout);
    Check(stint_session_run, c(), First(inputs), inputs.size(), &options);
  }
  void Run(std::initializer_list<Tensor> inputs, std::chrono::nanoseconds timeout = {}) {
    Run(SpanOf(inputs), timeout);
  }

  // `done` is called on a thread of the session's, and must not throw. The timeout is that of Run.
  void RunAsync(std::span<const Tensor> inputs, Done done, std::chrono::nanoseconds timeout = {}) {
    const stint_run_options options = OptionsOf(timeout);
    auto kept = std::make_unique<Done>(std::move(done));
    Check(stint_session_run_async, c(), First(inputs), inputs.size(), &options, &CallDone,
          kept.get());
    (void)kept.release();  // CallDone owns it.
  }
  // Throws what the asynchronous run failed with.
  void Wait() { Check(stint_session_wait, c()); }
  void Cancel() noexcept { stint_session_cancel(c()); }

  Tensor output(size_t index) const {
    stint_tensor tensor = {};
    Check(stint_session_output, c(), index, &tensor);
    return Tensor(tensor);
  }
  void BindOutput(size_t index, const Tensor& memory) {
    Check(stint_session_bind_output, c(), index, &memory.c());
  }
  void UnbindOutput(size_t index) { Check(stint_session_bind_output, c(), index, nullptr); }

  void BindState(size_t output, size_t input, const Tensor& first) {
    Check(stint_session_bind_state, c(), output, input, &first.c());
  }
  void ResetState() { Check(stint_session_reset_state, c()); }

  std::vector<stint_placement> placement() const {
    std::vector<stint_placement> all(stint_session_device_count(c()), STINT_PLACEMENT_INIT);
    for (size_t i = 0; i < all.size(); ++i) Check(stint_session_placement, c(), i, &all[i]);
    return all;
  }
  std::vector<stint_step> steps() const {
    std::vector<stint_step> all(stint_session_step_count(c()), STINT_STEP_INIT);
    for (size_t i = 0; i < all.size(); ++i) Check(stint_session_step, c(), i, &all[i]);
    return all;
  }
  std::vector<stint_group> groups() const {
    std::vector<stint_group> all(stint_session_group_count(c()), STINT_GROUP_INIT);
    for (size_t i = 0; i < all.size(); ++i) Check(stint_session_group, c(), i, &all[i]);
    return all;
  }
  std::vector<stint_refusal> refusals() const {
    std::vector<stint_refusal> all(stint_session_refusal_count(c()), STINT_REFUSAL_INIT);
    for (size_t i = 0; i < all.size(); ++i) Check(stint_session_refusal, c(), i, &all[i]);
    return all;
  }
  stint_statistics statistics() const {
    stint_statistics statistics = STINT_STATISTICS_INIT;
    Check(stint_session_get_statistics, c(), &statistics);
    return statistics;
  }

 private:
  struct Destroy {
    void operator()(stint_session* session) const { stint_session_destroy(session); }
  };

  static const stint_tensor* First(std::span<const Tensor> tensors) {
    return tensors.empty() ? nullptr : &tensors[0].c();
  }
  static std::span<const Tensor> SpanOf(std::initializer_list<Tensor> tensors) {
    return {tensors.begin(), tensors.size()};
  }
  static stint_run_options OptionsOf(std::chrono::nanoseconds timeout) {
    stint_run_options options = STINT_RUN_OPTIONS_INIT;
    // Below 0 the shortest that there is, as 0 means none.
    options.timeout = static_cast<uint64_t>(timeout.count() < 0 ? 1 : timeout.count());
    return options;
  }
  static void CallDone(void* user, stint_session*, const stint_error* error) {
    const std::unique_ptr<Done> done(static_cast<Done*>(user));
    if (!*done) return;
    if (error->code == STINT_OK) return (*done)(nullptr);
    const Error failure(*error);
    (*done)(&failure);
  }

  std::unique_ptr<stint_session, Destroy> handle_;
};

// The devices of this build's backends, and why a backend has none.
struct ListedDevice {
  std::string name;
  std::string description;
  stint_device_info info;  // Without its texts, which stand above.
};
inline std::vector<ListedDevice> ListDevices() {
  std::vector<ListedDevice> all;
  const auto visit = [](void* user, const stint_device_info* info) {
    static_cast<std::vector<ListedDevice>*>(user)->push_back(
        {info->name, info->description, *info});
    stint_device_info& own = static_cast<std::vector<ListedDevice>*>(user)->back().info;
    own.name = nullptr;
    own.description = nullptr;
    return 0;
  };
  Check(stint_list_devices, +visit, &all);
  return all;
}

}  // namespace stint::api

#endif  // STINT_STINT_HPP_
