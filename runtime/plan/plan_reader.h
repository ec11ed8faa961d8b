// Turns the bytes of a plan file into a Plan: header, checksums, FlatBuffers' verifier on a private
// copy of the metadata, then one semantic pass. No accessor of the raw metadata survives it, and
// nothing switches it off. Time and memory are bounded by the metadata's size and by Limits.
#ifndef STINT_RUNTIME_PLAN_PLAN_READER_H_
#define STINT_RUNTIME_PLAN_PLAN_READER_H_

#include "runtime/plan/header.h"
#include "runtime/plan/op_reader.h"
#include "runtime/plan/plan.h"

namespace stint {

class PlanReader {
 public:
  // `plan` has its file and limits.
  explicit PlanReader(Plan& plan) : plan_(plan) {}

  Status Read(Verify verify);

 private:
  // The totals of all functions, known before anything is built.
  struct Totals {
    uint64_t ops = 0;
    uint64_t values = 0;
    uint64_t expressions = 0;
    uint64_t attribute_bytes = 0;
    uint64_t uses = 0;
  };

  Status CopyMetadata();
  Status VerifyBlobs() const;
  Status VerifyContents() const;
  Status VerifyMetadata();
  Status ReadConstants();
  Status ReadConstant(const schema::Constant& stored, const Path& path, uint64_t* blob_end,
                      PlanConstant* constant) const;
  Status ReadInlined(const schema::Constant& stored, const Path& path,
                     PlanConstant* constant) const;
  Status ReadProperties();
  Status Measure(Totals* totals) const;
  Status MeasureFunction(const schema::Function& stored, const Path& path, Totals* totals) const;
  Status ReadFunctions();

  std::span<const uint8_t> Blobs() const;

  Plan& plan_;
  PlanHeader header_;
  const schema::Plan* root_ = nullptr;
};

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_PLAN_READER_H_
