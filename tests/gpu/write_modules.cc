// Writes each embedded kernel as FOLDER/NAME.spv, for tools to look at.
//
//     stint-gpu-modules FOLDER
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "backends/gpu/kernel_sources.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("found no folder, allowed: stint-gpu-modules FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const stint::gpu::KernelSource* source : stint::gpu::KernelSources()) {
    std::ofstream file(folder / (std::string(source->name) + ".spv"), std::ios::binary);
    const auto bytes = std::as_bytes(source->spirv);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    if (!file) {
      std::fprintf(stderr, "found no way to write %s\n", source->name);
      return 1;
    }
  }
  return 0;
}
