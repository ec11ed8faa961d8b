/* Loads a plan, feeds it ones and prints the sum of its first output. */
#include <stdio.h>
#include <stdlib.h>
#include <stint/stint.h>

static int fail(const stint_error* error) {
  fprintf(stderr, "run_plan: %s: %s\n", error->where, error->message);
  return 1;
}

int main(int argc, char** argv) {
  stint_error error = STINT_ERROR_INIT;
  stint_plan* plan = NULL;
  stint_session* session = NULL;
  stint_tensor_info info = STINT_TENSOR_INFO_INIT;
  int64_t shape[STINT_MAX_RANK];
  size_t count = 1;
  if (argc != 2) return fprintf(stderr, "usage: run_plan PLAN\n"), 2;
  if (stint_plan_open(argv[1], NULL, &plan, &error) != STINT_OK) return fail(&error);
  if (stint_session_create(plan, NULL, &session, &error) != STINT_OK) return fail(&error);
  if (stint_plan_input(plan, 0, &info, &error) != STINT_OK) return fail(&error);
  for (int axis = 0; axis < info.rank; ++axis) { /* What the model leaves open is 1 here. */
    shape[axis] = info.shape[axis] < 0 ? 1 : info.shape[axis];
    count *= (size_t)shape[axis];
  }

  float* ones = malloc(count * sizeof(*ones));
  if (ones == NULL) return 1;
  for (size_t i = 0; i < count; ++i) ones[i] = 1;
  stint_tensor input = stint_dense(STINT_FLOAT32, info.rank, shape, ones);
  stint_tensor output;
  if (stint_session_run(session, &input, 1, NULL, &error) != STINT_OK) return fail(&error);
  if (stint_session_output(session, 0, &output, &error) != STINT_OK) return fail(&error);
  const char* type = stint_dtype_name(output.dtype);
  if (output.dtype != STINT_FLOAT32) return fprintf(stderr, "found %s, not float32\n", type), 1;

  double sum = 0;
  for (count = 1; output.rank > 0; --output.rank) count *= (size_t)output.shape[output.rank - 1];
  for (size_t i = 0; i < count; ++i) sum += ((const float*)output.data)[i];
  printf("%g\n", sum);
  free(ones);
  stint_session_destroy(session);
  stint_plan_destroy(plan);
  return 0;
}
