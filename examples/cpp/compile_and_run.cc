// Compiles an ONNX model in memory and runs it, in one process: needs component `compiler`.
#include <cstdio>
#include <stint/compile.hpp>

int main(int argc, char** argv) try {
  if (argc != 2) return std::fprintf(stderr, "usage: compile_and_run MODEL.onnx\n"), 2;
  const stint::api::PlanBytes bytes = stint::api::CompileFile(argv[1]);
  const auto plan = stint::api::Plan::FromMemory(bytes.span());
  std::printf("%zu inputs, %zu outputs, %zu ops\n", plan.input_count(), plan.output_count(),
              static_cast<size_t>(plan.info().ops));
} catch (const std::exception& error) {
  std::fprintf(stderr, "compile_and_run: %s\n", error.what());
  return 1;
}
