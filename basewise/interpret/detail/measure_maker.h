// A measure made of an options struct and a function.
#pragma once

#include "basewise/run/measure.h"

namespace basewise::interpret::detail {

/// A measure whose options are the struct `O` and whose function is
/// `measure_of(run, set, options)`.
template <class O>
std::function<std::unique_ptr<run::Measure>()> maker(run::MeasureNumbers (*measure_of)(const run::OpenRun&, const data::DatasetPtr&,
                                                                                       const O&)) {
  class Made : public run::Measure {
   public:
    explicit Made(decltype(measure_of) function) : function_(function) {}
    void describe_options(Visitor& v) override { describe(v, options_); }
    run::MeasureNumbers measure(const run::OpenRun& run, const data::DatasetPtr& set) const override {
      return function_(run, set, options_);
    }

   private:
    decltype(measure_of) function_;
    O options_{};
  };
  return [measure_of] { return std::make_unique<Made>(measure_of); };
}

}  // namespace basewise::interpret::detail
