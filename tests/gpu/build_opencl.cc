// Builds OpenCL C texts on the first OpenCL device, without linking to a loader.
//
//     stint-gpu-build-opencl TEXT...
//
// Prints one line a failure and `N passed, N failed`; exit 1 if any failed, 77 where there is no
// OpenCL device.
#include <CL/cl.h>
#include <dlfcn.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace {

constexpr int kNoDevice = 77;
constexpr const char* kKernelName = "stint_kernel";

// The functions of a loader that this program calls.
struct OpenCl {
  decltype(&clGetPlatformIDs) get_platforms = nullptr;
  decltype(&clGetDeviceIDs) get_devices = nullptr;
  decltype(&clGetDeviceInfo) get_device_info = nullptr;
  decltype(&clCreateContext) create_context = nullptr;
  decltype(&clReleaseContext) release_context = nullptr;
  decltype(&clCreateProgramWithSource) create_program = nullptr;
  decltype(&clReleaseProgram) release_program = nullptr;
  decltype(&clBuildProgram) build = nullptr;
  decltype(&clGetProgramBuildInfo) get_build_info = nullptr;
  decltype(&clCreateKernel) create_kernel = nullptr;
  decltype(&clReleaseKernel) release_kernel = nullptr;

  bool Load() {
    void* const library = dlopen("libOpenCL.so.1", RTLD_NOW);
    if (library == nullptr) return false;
    const auto find = [&](auto* function, const char* name) {
      *reinterpret_cast<void**>(function) = dlsym(library, name);
      return *function != nullptr;
    };
    return find(&get_platforms, "clGetPlatformIDs") && find(&get_devices, "clGetDeviceIDs") &&
           find(&get_device_info, "clGetDeviceInfo") && find(&create_context, "clCreateContext") &&
           find(&release_context, "clReleaseContext") &&
           find(&create_program, "clCreateProgramWithSource") &&
           find(&release_program, "clReleaseProgram") && find(&build, "clBuildProgram") &&
           find(&get_build_info, "clGetProgramBuildInfo") &&
           find(&create_kernel, "clCreateKernel") && find(&release_kernel, "clReleaseKernel");
  }
};

bool FindDevice(const OpenCl& cl, cl_device_id* device) {
  cl_platform_id platforms[8];
  cl_uint count = 0;
  if (cl.get_platforms(8, platforms, &count) != CL_SUCCESS) return false;
  for (cl_uint i = 0; i < count && i < 8; ++i) {
    if (cl.get_devices(platforms[i], CL_DEVICE_TYPE_ALL, 1, device, nullptr) == CL_SUCCESS) {
      return true;
    }
  }
  return false;
}

std::string LogOf(const OpenCl& cl, cl_program program, cl_device_id device) {
  std::string log(4096, '\0');
  size_t size = 0;
  cl.get_build_info(program, device, CL_PROGRAM_BUILD_LOG, log.size(), log.data(), &size);
  return size == 0 || size > log.size() ? "found no log that fits" : log.substr(0, size - 1);
}

// What is wrong with the text; an empty string when nothing is.
std::string BuildText(const OpenCl& cl, cl_context context, cl_device_id device,
                      const std::string& text) {
  const char* characters = text.c_str();
  const size_t size = text.size();
  cl_int error = CL_SUCCESS;
  cl_program program = cl.create_program(context, 1, &characters, &size, &error);
  if (program == nullptr) return "found no program, error " + std::to_string(error);
  std::string wrong;
  // The smallest values with which every kernel has work: see SPECIALIZATION in the preludes.
  const char* const options =
      "-cl-std=CL1.2 -DSTINT_CONSTANT_0=1 -DSTINT_CONSTANT_1=1 -DSTINT_CONSTANT_2=1";
  error = cl.build(program, 1, &device, options, nullptr, nullptr);
  if (error != CL_SUCCESS) {
    wrong = LogOf(cl, program, device);
  } else {
    cl_kernel kernel = cl.create_kernel(program, kKernelName, &error);
    if (kernel == nullptr) {
      wrong = "found no kernel, error " + std::to_string(error);
    } else {
      cl.release_kernel(kernel);
    }
  }
  cl.release_program(program);
  return wrong;
}

}  // namespace

int main(int argc, char** argv) {
  OpenCl cl;
  cl_device_id device = nullptr;
  if (!cl.Load() || !FindDevice(cl, &device)) {
    std::puts("found no OpenCL device");
    return kNoDevice;
  }
  char name[256] = {};
  cl.get_device_info(device, CL_DEVICE_NAME, sizeof(name), name, nullptr);
  std::printf("device: %s\n", name);
  cl_int error = CL_SUCCESS;
  cl_context context = cl.create_context(nullptr, 1, &device, nullptr, nullptr, &error);
  if (context == nullptr) {
    std::printf("found no context, error %d\n", error);
    return 1;
  }
  int passed = 0;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i]);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::string wrong = text.empty() ? "found no text" : BuildText(cl, context, device, text);
    if (wrong.empty()) {
      ++passed;
    } else {
      std::printf("FAIL %s: %s\n", argv[i], wrong.c_str());
    }
  }
  cl.release_context(context);
  std::printf("%d passed, %d failed\n", passed, argc - 1 - passed);
  return passed == argc - 1 && passed > 0 ? 0 : 1;
}
