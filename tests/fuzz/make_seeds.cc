// Writes seed plans for the fuzz targets: stint-fuzz-seeds FOLDER [COUNT]. Every op of the table
// starts COUNT plans; an op for which none can be found is an error.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/fuzz/random_plan.h"

namespace {

constexpr int kAttempts = 200000;

bool WriteSeed(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::ofstream stream(path, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  return stream.good();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: stint-fuzz-seeds FOLDER [COUNT]\n");
    return 2;
  }
  const int count = argc > 2 ? std::atoi(argv[2]) : 4;
  stint::fuzz::Random random(1);
  int missing = 0;
  for (const stint::OpInfo* info : stint::AllOps()) {
    int found = 0;
    for (int i = 0; i < count; ++i) {
      const auto bytes = stint::fuzz::RandomPlan(random, *info, kAttempts);
      if (bytes.empty()) continue;
      const std::string name = std::string(info->name) + "-" + std::to_string(i) + ".stint";
      if (!WriteSeed(std::string(argv[1]) + "/" + name, bytes)) {
        std::fprintf(stderr, "found a folder that cannot be written: %s\n", argv[1]);
        return 7;
      }
      ++found;
    }
    std::printf("%-10s %d\n", info->name, found);
    missing += found == 0 ? 1 : 0;
  }
  return missing == 0 ? 0 : 1;
}
