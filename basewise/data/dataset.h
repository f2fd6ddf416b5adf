// Datasets are views that compose: a size, and example i as named tensors.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/tensor/bundle.h"
#include "basewise/tensor/schema.h"

namespace basewise::data {

class Dataset;
using DatasetPtr = std::shared_ptr<const Dataset>;

using basewise::StrandRule;

/// Where one example of a batch goes: memory by name, laid out as the schema says.
/// Look-up is linear, as in a Bundle.
class ExampleRow {
 public:
  struct Slot {
    std::string_view name;
    at::ScalarType type;
    at::IntArrayRef shape;  ///< of the example
    std::size_t bytes;
    void* data;
  };

  ExampleRow() = default;

  /// Rows over the tensors of one example; they must stay alive, contiguous and on the CPU.
  explicit ExampleRow(const Bundle& example);

  void add(Slot slot) { slots_.push_back(slot); }
  std::span<Slot> slots() { return slots_; }
  std::span<const Slot> slots() const { return slots_; }

  /// Errors: InternalError for a name that is not there or another type.
  template <class T>
  T* data(std::string_view name) const {
    return static_cast<T*>(find(name, c10::CppTypeToScalarType<T>::value).data);
  }

 private:
  const Slot& find(std::string_view name, at::ScalarType type) const;
  std::vector<Slot> slots_;
};

/// Where an example comes from, for files that people read.
struct Origin {
  std::string name = {};        ///< of its sequence, or its place; empty: the set keeps no names
  std::string chromosome = {};  ///< empty: it comes from no genome
  std::int64_t start = 0;       ///< of the window that has labels, 0-based half-open; it may leave the chromosome
  std::int64_t end = 0;
  bool reverse = false;  ///< read from the other strand
  bool made_up = false;  ///< its letters are drawn at random, as those of a shuffled negative
};

/// A set of examples. Thread safe for concurrent `get`.
///
/// Names used by convention: "sequence" (4, L) float32 one-hot (A C G T; N is all zeros), or (L)
/// uint8 tokens (A C G T N = 0 .. 4); targets under the names that the recipe gives; "x.mask"
/// beside "x" where values may be missing. What a tensor is there for, how it moves and what its
/// channels are called says `schema`.
class Dataset {
 public:
  Dataset() = default;
  Dataset(const Dataset&) = delete;
  Dataset& operator=(const Dataset&) = delete;
  virtual ~Dataset() = default;
  virtual std::int64_t size() const = 0;

  /// Example i in [0, size()). `draw` is the only source of randomness (jitter, strand, resampled
  /// negatives): equal streams give equal examples. Datasets without randomness ignore it.
  virtual Bundle get(std::int64_t i, Stream draw) const = 0;

  /// What the tensors of an example are, in their order; made at the first call and kept. Empty for
  /// an empty set of a kind that learns its tensors from an example.
  const Schema& schema() const;

  /// Whether `write` is there; then the schema is exact for every example, and the loader fills its
  /// batches without a copy.
  virtual bool writes_rows() const { return false; }

  /// Example i straight into the rows of a batch: the same bytes as `get`. Only if `writes_rows`.
  virtual void write(std::int64_t i, Stream draw, const ExampleRow& row) const;

  /// Whether any value of the first target of example i is 1, for balanced sampling.
  /// Errors: ArgumentError for a set without targets.
  virtual bool positive(std::int64_t i) const;

  /// Name and place of example i as it is without random moves.
  virtual Origin origin(std::int64_t i) const {
    static_cast<void>(i);
    return {};
  }

  /// Sizes of the data sets that this one is made of, whose examples follow each other and never
  /// share a batch; one size where there is nothing to keep apart.
  virtual std::vector<std::int64_t> set_sizes() const { return {size()}; }

  /// Lengths of the stretches of examples that follow each other without a gap (the tiles of one
  /// strand of a region), in order; empty where examples stand alone.
  virtual std::vector<std::int64_t> stretches() const { return {}; }

  /// What is known about the set for people and manifests:
  /// source, counts, what was skipped and why.
  virtual std::string summary() const = 0;

  /// The set as it stands during one epoch, for sets that change as a whole from epoch to epoch
  /// (the phase of a tiling), or in turn (`epoch` counts from 0). Equal streams and numbers give
  /// equal sets; the size never changes. Null: nothing changes. The loader asks once per epoch; a
  /// dataset used without this call is the set of phase zero.
  virtual DatasetPtr at_epoch(const Stream& draw, std::int64_t epoch) const {
    static_cast<void>(draw);
    static_cast<void>(epoch);
    return nullptr;
  }

  /// Whether `finish_batch` does something.
  virtual bool finishes_batches() const { return false; }

  /// Changes a batch (N, ...) of examples of this set as a whole, for what is drawn once for all of
  /// them; `draw` is a stream of the batch. The loader calls it for every batch.
  virtual void finish_batch(Bundle& batch, const Stream& draw) const {
    static_cast<void>(batch);
    static_cast<void>(draw);
  }

 protected:
  /// The schema. Default: by the names of the tensors of example 0 (`schema_by_names`).
  virtual Schema make_schema() const { return size() > 0 ? schema_by_names(get(0, Stream(0))) : Schema(); }

 private:
  mutable std::once_flag schema_made_;
  mutable Schema schema_;
};

}  // namespace basewise::data
