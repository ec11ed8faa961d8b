// State: an output that is an input of the next run. Two buffers change places after each run that
// succeeds, so that a failed one has written only what nobody reads.
#include <algorithm>
#include <cstring>

#include "runtime/api/session.h"
#include "runtime/base/text.h"

using stint::Code;
using stint::Error;
using stint::Formatted;
using stint::Status;
using stint::TensorView;
using stint::abi::CheckIndex;
using stint::abi::Use;

// Inputs and outputs of state get this run's buffers.
Status stint_session::SetUpState() {
  for (const State& state : states_) {
    TensorView& input = views_[state.input];
    input = state.view;
    input.data = state.memory[state.current].data();
    TensorView output = state.view;
    output.data = state.memory[1 - state.current].data();
    STINT_TRY(session_->PlaceOutput(state.output, output));
  }
  return {};
}

void stint_session::ResetOne(State& state) const {
  uint8_t* const memory = state.memory[state.current].data();
  if (state.zeros) {
    std::memset(memory, 0, state.bytes);
  } else {
    std::memcpy(memory, state.first.data(), state.bytes);
  }
}

Status stint_session::MakeState(const stint_tensor& first, State* state) const {
  const Formatted<> where("state of input %zu", state->input);
  STINT_TRY(stint::abi::ReadShape(where.c_str(), first, &state->view));
  STINT_TRY(CheckAgainstPlan(state->input, state->view));
  state->bytes = static_cast<uint64_t>(ElementCount(state->view) * BytesOf(state->view.dtype));
  const uint64_t most = plan_->plan->limits().arena_bytes;
  if (state->bytes > most) {
    return Error(Code::kLimit, where.c_str(), "found %llu bytes, allowed %llu",
                 static_cast<unsigned long long>(state->bytes),
                 static_cast<unsigned long long>(most));
  }
  for (auto& memory : state->memory) STINT_TRY(memory.Grow(where.c_str(), state->bytes));
  state->zeros = first.data == nullptr;
  if (state->zeros) return {};
  STINT_TRY(state->first.Grow(where.c_str(), state->bytes));
  stint::abi::CopyFromStrided(first, state->view, state->first.data());
  return {};
}

Status stint_session::CheckFree(size_t output, size_t input) const {
  for (const State& state : states_) {
    const bool same_input = state.input == input;
    if (same_input == (state.output == output)) continue;
    return Error(Code::kInvalid, "state", "found input %zu fed by output %zu, allowed one %s",
                 state.input, state.output, same_input ? "output" : "input: unbind it first");
  }
  return {};
}

Status stint_session::BindState(size_t output, size_t input, const stint_tensor* first) {
  const Use use(worker_);
  STINT_TRY(use.Check());
  STINT_TRY(CheckIndex("output", output, outputs_.size()));
  STINT_TRY(CheckIndex("input", input, inputs_.size()));
  State state;
  state.output = output;
  state.input = input;
  if (first != nullptr) {
    STINT_TRY(CheckFree(output, input));
    STINT_TRY(MakeState(*first, &state));
  }
  STINT_TRY(states_.Reserve(states_.size() + 1));
  STINT_TRY(session_->PlaceOutput(output, {}));
  Unbind(output);
  if (first == nullptr) return {};
  ResetOne(state);
  inputs_[input].state = true;
  return states_.Push(std::move(state));
}

Status stint_session::ResetState() {
  const Use use(worker_);
  STINT_TRY(use.Check());
  results_ = std::min(results_, Results::kShapes);
  for (State& state : states_) ResetOne(state);
  return {};
}
