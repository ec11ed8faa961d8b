// The calls of the C interface that take a session: each is one line, and a check for NULL.
#include "runtime/api/session.h"

using stint::Make;
using stint::Status;
using stint::abi::Missing;
using stint::abi::Report;

namespace {

Status Create(const stint_plan* plan, const stint_session_options* given, stint_session** out) {
  if (plan == nullptr) return Missing("plan");
  if (out == nullptr) return Missing("session");
  stint_session_options options = {};
  STINT_TRY(stint::abi::ReadOptions("stint_session_options", given, &options));
  STINT_ASSIGN(auto session, Make<stint_session>());
  STINT_TRY(session->Init(plan, options));
  *out = session.release();
  return {};
}

}  // namespace

// The answer of `call`, or the error of a session that is not there.
#define STINT_SESSION_CALL(call) \
  return Report(session == nullptr ? Missing("session") : session->call, error)

extern "C" {

stint_code stint_session_create(const stint_plan* plan, const stint_session_options* options,
                                stint_session** session, stint_error* error) {
  return Report(Create(plan, options, session), error);
}

void stint_session_destroy(stint_session* session) {
  if (session != nullptr && !session->IsOwnThread()) delete session;
}

stint_code stint_session_prepare(stint_session* session, const stint_tensor* inputs, size_t count,
                                 stint_error* error) {
  STINT_SESSION_CALL(Prepare(inputs, count));
}

stint_code stint_session_run(stint_session* session, const stint_tensor* inputs, size_t count,
                             const stint_run_options* options, stint_error* error) {
  STINT_SESSION_CALL(Run(inputs, count, options));
}

stint_code stint_session_run_async(stint_session* session, const stint_tensor* inputs, size_t count,
                                   const stint_run_options* options,
                                   void (*done)(void* user, stint_session* session,
                                                const stint_error* error),
                                   void* user, stint_error* error) {
  STINT_SESSION_CALL(RunAsync(inputs, count, options, done, user));
}

stint_code stint_session_wait(stint_session* session, stint_error* error) {
  if (session == nullptr) return Report(Missing("session"), error);
  stint_code code = STINT_OK;
  const Status status = session->Wait(error, &code);
  return status.ok() ? code : Report(status, error);
}

void stint_session_cancel(stint_session* session) {
  if (session != nullptr) session->Cancel();
}

stint_code stint_session_output(const stint_session* session, size_t index, stint_tensor* output,
                                stint_error* error) {
  STINT_SESSION_CALL(GetOutput(index, output));
}

stint_code stint_session_bind_output(stint_session* session, size_t index,
                                     const stint_tensor* memory, stint_error* error) {
  STINT_SESSION_CALL(BindOutput(index, memory));
}

stint_code stint_session_bind_state(stint_session* session, size_t output, size_t input,
                                    const stint_tensor* first, stint_error* error) {
  STINT_SESSION_CALL(BindState(output, input, first));
}

stint_code stint_session_reset_state(stint_session* session, stint_error* error) {
  STINT_SESSION_CALL(ResetState());
}

size_t stint_session_device_count(const stint_session* session) {
  return session == nullptr ? 0 : session->device_count();
}

stint_code stint_session_placement(const stint_session* session, size_t index,
                                   stint_placement* placement, stint_error* error) {
  STINT_SESSION_CALL(GetPlacement(index, placement));
}

size_t stint_session_step_count(const stint_session* session) {
  return session == nullptr ? 0 : session->step_count();
}

stint_code stint_session_step(stint_session* session, size_t index, stint_step* step,
                              stint_error* error) {
  STINT_SESSION_CALL(GetStep(index, step));
}

size_t stint_session_group_count(const stint_session* session) {
  return session == nullptr ? 0 : session->group_count();
}

stint_code stint_session_group(const stint_session* session, size_t index, stint_group* group,
                               stint_error* error) {
  STINT_SESSION_CALL(GetGroup(index, group));
}

size_t stint_session_refusal_count(const stint_session* session) {
  return session == nullptr ? 0 : session->refusal_count();
}

stint_code stint_session_refusal(const stint_session* session, size_t index, stint_refusal* refusal,
                                 stint_error* error) {
  STINT_SESSION_CALL(GetRefusal(index, refusal));
}

stint_code stint_session_get_statistics(const stint_session* session, stint_statistics* statistics,
                                        stint_error* error) {
  STINT_SESSION_CALL(GetStatistics(statistics));
}

}  // extern "C"
