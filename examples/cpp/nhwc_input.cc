// Runs a model of channels first on pixels that lie channels last, without moving them: a view with
// strides is an input like any other. Prints the sum of the first output.
#include <cstdio>
#include <numeric>
#include <stint/stint.hpp>
#include <vector>

int main(int argc, char** argv) try {
  if (argc != 2) return std::fprintf(stderr, "usage: nhwc_input PLAN\n"), 2;
  const auto plan = stint::api::Plan::Open(argv[1]);
  const auto input = plan.input(0);
  const int64_t height = input.shape[2] < 0 ? 4 : input.shape[2];
  const int64_t width = input.shape[3] < 0 ? 4 : input.shape[3];
  std::vector<float> pixels(static_cast<size_t>(height * width * 3));
  for (size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<float>(i % 3);  // r 0, g 1, b 2

  const stint::api::Tensor interleaved(pixels.data(), {1, height, width, 3});
  stint::api::Session session(plan);
  session.Run({interleaved.Transposed({0, 3, 1, 2})});

  const auto scores = session.output(0).elements<const float>();
  std::printf("%g\n", std::accumulate(scores.begin(), scores.end(), 0.0));
} catch (const std::exception& error) {
  std::fprintf(stderr, "nhwc_input: %s\n", error.what());
  return 1;
}
