#include "basewise/data/site_labels.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/site_index.h"
#include "basewise/data/signal_source.h"

namespace basewise::data {

namespace {

class SiteLabels : public SignalSource {
 public:
  SiteLabels(const corpus::SiteTable& table, const seq::ChromSizes& sizes, std::string name)
      : SignalSource({.name = std::move(name),
                      .shape = {2},
                      .rule = StrandRule::paired,
                      .bin = 1,
                      .channels = {"forward", "reverse"}}),
        index_(table, sizes),
        summary_(table.summary()) {}

  std::string summary() const override { return format("{}: {}", name(), summary_); }

 protected:
  void read(std::size_t chrom, std::int64_t start, std::int64_t length, float* values, bool* measured,
            std::int64_t stride) const override {
    for (const seq::Strand strand : {seq::Strand::forward, seq::Strand::reverse}) {
      std::fill_n(values, length, 0.0F);
      std::fill_n(measured, length, true);
      for (const std::int64_t position : index_.range(chrom, strand, start, start + length)) values[position - start] = 1;
      values += stride;
      measured += stride;
    }
  }

 private:
  corpus::SiteIndex index_;
  std::string summary_;
};

}  // namespace

SourcePtr site_labels(const corpus::SiteTable& table, const seq::ChromSizes& sizes, std::string name) {
  return std::make_shared<SiteLabels>(table, sizes, std::move(name));
}

}  // namespace basewise::data
