// Devices: opening them by name, what they say, how sessions use them.
#include <catch2/catch.hpp>

#include "tests/api/api_testing.h"
#include "tests/api/plans.h"

namespace stint::testing {

namespace {

struct Listed {
  std::string name;
  std::string description;
  stint_code unavailable;
};

int Keep(void* user, const stint_device_info* info) {
  static_cast<std::vector<Listed>*>(user)->push_back(
      {info->name, info->description, info->unavailable});
  return 0;
}

TEST_CASE("Every backend of the build is listed, with a description", "[api]") {
  std::vector<Listed> all;
  REQUIRE(stint_list_devices(&Keep, &all, nullptr) == STINT_OK);
  REQUIRE(all.size() >= 2);
  CHECK(all[0].name == "cpu");
  for (const Listed& device : all) CHECK(device.description != "");
  CHECK(all.back().name == "null");
}

TEST_CASE("Listing stops when the visitor says so", "[api]") {
  int calls = 0;
  const auto once = [](void* user, const stint_device_info*) {
    ++*static_cast<int*>(user);
    return 1;
  };
  REQUIRE(stint_list_devices(once, &calls, nullptr) == STINT_OK);
  CHECK(calls == 1);
}

TEST_CASE("The CPU says its threads and that it shares the host's memory", "[api]") {
  for (const char* const name : {"cpu", "cpu:0", "auto"}) {
    const DeviceHandle cpu = OpenDevice(name, 3);
    stint_device_info info = STINT_DEVICE_INFO_INIT;
    REQUIRE(stint_device_get_info(cpu.get(), &info, nullptr) == STINT_OK);
    CHECK(info.threads == 3);
    CHECK(std::string(info.name) == "cpu");
    CHECK((info.features & STINT_DEVICE_HOST_MEMORY) != 0);
    CHECK((info.features & STINT_DEVICE_SOFTWARE) == 0);
    CHECK(info.unavailable == STINT_OK);
  }
}

TEST_CASE("The CPU shows its rules with numbers, until the visitor has seen enough", "[api]") {
  const auto keep = [](void* user, const char* rule) {
    auto& rules = *static_cast<std::vector<std::string>*>(user);
    rules.emplace_back(rule);
    return rules.size() == 2 ? 1 : 0;
  };
  const DeviceHandle cpu = OpenDevice("cpu", 3);
  std::vector<std::string> rules;
  REQUIRE(stint_device_rules(cpu.get(), keep, &rules, nullptr) == STINT_OK);
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].find("3 threads") != std::string::npos);
  CHECK(rules[0].find('\n') == std::string::npos);
  CHECK(stint_device_rules(nullptr, keep, &rules, nullptr) == STINT_ERROR_INVALID);
  CHECK(stint_device_rules(cpu.get(), nullptr, &rules, nullptr) == STINT_ERROR_INVALID);
  CHECK(rules.size() == 2);
}

TEST_CASE("Devices that are not there, and names of none, are told apart", "[api]") {
  stint_device* device = nullptr;
  CHECK(stint_device_open("cpu:1", nullptr, &device, nullptr) == STINT_ERROR_UNAVAILABLE);
  CHECK(stint_device_open("metal", nullptr, &device, nullptr) == STINT_ERROR_UNAVAILABLE);
  for (const char* const name : {"", "tpu", "cpu:", "cpu:x", ":0", "cpu:99999", "auto:1"}) {
    CHECK(stint_device_open(name, nullptr, &device, nullptr) == STINT_ERROR_INVALID);
  }
  stint_device_options options = STINT_DEVICE_OPTIONS_INIT;
  options.threads = -1;
  CHECK(stint_device_open("cpu", &options, &device, nullptr) == STINT_ERROR_INVALID);
  options.threads = 100000;
  CHECK(stint_device_open("cpu", &options, &device, nullptr) == STINT_ERROR_INVALID);
  CHECK(device == nullptr);
}

TEST_CASE("A name of a device is checked without opening one", "[api]") {
  for (const char* const name : {"cpu", "cpu:0", "cpu:7", "null", "auto"}) {
    CHECK(stint_device_check_name(name, nullptr) == STINT_OK);
  }
  for (const char* const name : {"metal", "opencl", "opencl:1"}) {
    CHECK(stint_device_check_name(name, nullptr) == STINT_ERROR_UNAVAILABLE);
  }
  for (const char* const name : {"", "tpu", "cpu:", "cpu:x", ":0", "cpu:99999", "metal:"}) {
    CHECK(stint_device_check_name(name, nullptr) == STINT_ERROR_INVALID);
  }
}

TEST_CASE("A session asks its devices in order and says who refused what", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const DeviceHandle null = OpenDevice("null");
  const DeviceHandle cpu = OpenDevice("cpu");
  stint_device* const devices[] = {cpu.get(), null.get()};
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.devices = devices;
  options.device_count = 2;
  const SessionHandle session = MakeSession(plan.get(), &options);
  std::vector<float> x = {1, 1};
  const stint_tensor input = View(x, {1, 2});
  REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  stint_placement placement = STINT_PLACEMENT_INIT;
  REQUIRE(stint_session_device_count(session.get()) == 2);
  REQUIRE(stint_session_placement(session.get(), 1, &placement, nullptr) == STINT_OK);
  CHECK(std::string(placement.device) == "null");
  CHECK(placement.ops == 0);
  REQUIRE(stint_session_refusal_count(session.get()) > 0);
  stint_refusal refusal = STINT_REFUSAL_INIT;
  REQUIRE(stint_session_refusal(session.get(), 0, &refusal, nullptr) == STINT_OK);
  CHECK(refusal.op == 0);
  CHECK(std::string(refusal.name) == "op0");
  CHECK(std::string(refusal.device) == "cpu");
  CHECK(std::string(refusal.reason) != "");
}

TEST_CASE("Too many devices are refused", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const DeviceHandle cpu = OpenDevice("cpu");
  const std::vector<stint_device*> devices(100, cpu.get());
  stint_session* session = nullptr;
  for (const size_t count : {5, 64, 100}) {
    stint_session_options options = STINT_SESSION_OPTIONS_INIT;
    options.devices = devices.data();
    options.device_count = count;
    Failure failure;
    CHECK(stint_session_create(plan.get(), &options, &session, &failure.error) ==
          STINT_ERROR_INVALID);
    CHECK(failure.text() == "devices: found " + std::to_string(count) + ", allowed 1 to 4");
  }
}

}  // namespace

}  // namespace stint::testing
