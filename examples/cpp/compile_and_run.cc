// Compiles an ONNX model in memory and runs it, in one process: needs component `compiler`.
#include <stint/compile.h>
#include <cstdio>
#include <memory>
#include <stint/stint.hpp>

int main(int argc, char** argv) try {
  if (argc != 2) return std::fprintf(stderr, "usage: compile_and_run MODEL.onnx\n"), 2;
  stint_plan_bytes* made = nullptr;
  stint::api::Check(stint_compile_file, argv[1], nullptr, &made);
  const std::unique_ptr<stint_plan_bytes, void (*)(stint_plan_bytes*)> bytes(
      made, &stint_plan_bytes_destroy);
  const auto plan = stint::api::Plan::FromMemory(
      {static_cast<const std::byte*>(stint_plan_bytes_data(made)), stint_plan_bytes_size(made)});
  std::printf("%zu inputs, %zu outputs, %zu ops\n", plan.input_count(), plan.output_count(),
              static_cast<size_t>(plan.info().ops));
} catch (const std::exception& error) {
  std::fprintf(stderr, "compile_and_run: %s\n", error.what());
  return 1;
}
