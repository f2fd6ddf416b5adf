// Examples of data sets as fields of tables and as arrays.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "basewise/data/dataset.h"
#include "basewise/io/npz_writer.h"
#include "basewise/tensor/schema.h"

namespace basewise::run::detail {

/// Columns that say where an example comes from: "name" and, of a genome, "chrom", "start", "end"
/// (0-based half-open, of the window that has labels) and "strand".
std::vector<std::string> origin_columns(bool places);

/// Whether examples of a set come from a genome.
bool has_places(const data::Dataset& set);

/// The fields of these columns. An example without a name is called by its number.
std::vector<std::string> origin_fields(const data::Dataset& set, std::int64_t example, bool places);

/// The labels of examples: targets without positions, one column per channel.
class LabelColumns {
 public:
  /// Of the targets of `schema` (T) or (), named by their channels, else by their target and a
  /// number.
  explicit LabelColumns(const Schema& schema);

  const std::vector<std::string>& names() const { return names_; }

  /// The fields of row `row` of a batch; NA where a label is missing or its set has none.
  std::vector<std::string> fields(const Bundle& batch, std::int64_t row) const;

 private:
  struct Target {
    std::string name;
    std::string mask;  ///< empty: none
    std::int64_t channels = 1;
  };
  std::vector<Target> targets_;
  std::vector<std::string> names_;
};

/// Calls `use` with the batches of a set in order, prepared while it works.
void each_batch(const data::DatasetPtr& set, const std::function<void(std::int64_t first, const Bundle& batch)>& use);

/// Adds the field of all examples as one array (N, ...), float32 or int64, batch by batch.
void add_field(io::NpzWriter& to, const std::string& name, const std::vector<data::DatasetPtr>& sets, const std::string& field);

}  // namespace basewise::run::detail
