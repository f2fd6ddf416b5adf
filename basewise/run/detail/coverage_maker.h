// What makes a measure of coverage of an options struct and a function.
#pragma once

#include <functional>
#include <memory>

#include "basewise/run/measure_tables.h"

namespace basewise::run::detail {

/// A measure whose options are the struct `O` and whose function is
/// `measure_of(run, set, context, options)`.
template <class O>
std::function<std::unique_ptr<Measure>()> coverage_maker(MeasureNumbers (*measure_of)(const OpenRun&, const data::DatasetPtr&,
                                                                                      const MeasureContext&, const O&)) {
  class Made : public TableMeasure {
   public:
    explicit Made(decltype(measure_of) function) : function_(function) {}
    void describe_options(Visitor& v) override { describe(v, options_); }
    MeasureNumbers measure_with(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context) const override {
      return function_(run, set, context, options_);
    }

   private:
    decltype(measure_of) function_;
    O options_{};
  };
  return [measure_of] { return std::make_unique<Made>(measure_of); };
}

}  // namespace basewise::run::detail
