// Feeds a stream through a model with state: what output STATE_OUT of a step is becomes input
// STATE_IN of the next one, inside the session and without a copy. With a voice-activity model such
// as Silero's the stream is sound and the first output how likely it is that somebody speaks.
//
//   stream_state PLAN STATE_OUT STATE_IN STEPS
//
// Each step feeds ones to the inputs that are not state, and prints the first element of output 0.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <stint/stint.hpp>
#include <vector>

namespace {

using stint::api::Tensor;

// Of an input, with 1 for what the model leaves open.
std::vector<int64_t> ShapeOf(const stint::api::TensorInfo& info) {
  std::vector<int64_t> shape(info.shape, info.shape + info.rank);
  for (int64_t& extent : shape) extent = extent < 0 ? 1 : extent;
  return shape;
}

void Stream(const char* path, const char* state_out, const char* state_in, int steps) {
  const auto plan = stint::api::Plan::Open(path);
  stint::api::Session session(plan, {.threads = 1});
  const size_t state = plan.FindInput(state_in);
  const auto state_info = plan.input(state);
  session.BindState(plan.FindOutput(state_out), state,
                    Tensor(state_info.dtype, ShapeOf(state_info), nullptr));  // From zeros.

  std::vector<std::vector<float>> data(plan.input_count());
  std::vector<Tensor> inputs(plan.input_count());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (i == state) continue;  // State is no input of the caller's.
    const auto shape = ShapeOf(plan.input(i));
    size_t count = 1;
    for (const int64_t extent : shape) count *= static_cast<size_t>(extent);
    data[i].assign(count, 1.0f);
    inputs[i] = Tensor(STINT_FLOAT32, shape, data[i].data());
  }
  for (int step = 0; step < steps; ++step) {
    session.Run(inputs);
    const auto output = session.output(0).elements<const float>();
    if (output.empty()) throw std::runtime_error("found an empty output, allowed an element");
    std::printf("%g\n", output[0]);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) return std::fprintf(stderr, "usage: stream_state PLAN OUT IN STEPS\n"), 2;
  Stream(argv[1], argv[2], argv[3], std::atoi(argv[4]));
} catch (const std::exception& error) {
  std::fprintf(stderr, "stream_state: %s\n", error.what());
  return 1;
}
