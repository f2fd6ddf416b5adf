// How a type of layer says what it becomes in a model whose weights serve both strands.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/spec/layer_choices.h"
#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// How `share_strands` rewrites.
struct SharingOptions {
  bool wrapped = false;  ///< hybrid: the layers of `wrap` stay as they are inside an rc_wrap; the others are shared
  double filters = 1.0;  ///< share of the filters that shared convolutions keep, rounded, at least one; (0, 1]
  StrandPool pool = StrandPool::sum;  ///< how the strands come together before a readout
  std::vector<std::string> wrap = {
      "all"};                        ///< all, early, late, or names of layers: convolutions and blocks that hold some
  bool legacy_double_scale = false;  ///< of shared convolutions
};

/// What an activation of the rewritten model is.
struct StrandState {
  enum class Form {
    pairs,      ///< channel c and channel 2 F - 1 - c are one filter on the two strands
    mirrored,   ///< a track without strand
    invariant,  ///< the same for both strands
  };
  Form form = Form::pairs;
  bool positions = true;
  bool single = false;  ///< one channel: its own reversal

  bool pairs() const { return form == Form::pairs; }
};

/// Where a layer stands.
struct StrandPlace {
  StrandState input = {};          ///< what it takes; its form is `pairs`
  bool hidden = false;             ///< an activation or a normalisation follows
  bool last = false;               ///< of its list of layers
  const HeadSpec* head = nullptr;  ///< that it belongs to; null before the heads and inside of blocks

  /// Whether the head has a channel for each strand.
  bool stranded() const;
};

/// How what a head's last layer adds to each channel follows from the head's bias_initial.
enum class HeadBias {
  as_given,
  of_pairs,  ///< one number for both channels of a pair
  of_sum,    ///< the channels of a pair are summed, so that it counts twice
};

/// The model while it is rewritten.
class StrandWriter {
 public:
  virtual ~StrandWriter() = default;
  virtual const SharingOptions& options() const = 0;

  /// Appends a layer to the list that is being rewritten.
  virtual void put(LayerSpec layer) = 0;

  /// A name that no layer has, `wanted` or like it.
  virtual std::string fresh(const std::string& wanted, const FilePosition& where) = 0;

  /// Rewrites the layers inside of a block whose input is `input`;
  /// returns what the last of them gives.
  virtual StrandState rewrite_inside(LayerSpec& block, const StrandState& input) = 0;

  /// Of the head, if what was put last is its last layer.
  virtual void set_bias(HeadBias bias) = 0;
};

/// What a type of layer is to both strands. A type that stays as it is needs none of these.
struct StrandForm {
  /// What it is beside a convolution that is wrapped.
  enum class Role {
    other,
    filters,   ///< a convolution
    finish,    ///< position by position; makes the convolution above it a hidden one: activation, normalisation
    along,     ///< position by position, and says nothing about the layer above: dropout
    readout,   ///< reads all positions together
    stranded,  ///< serves both strands already: a model that has some is not rewritten
  };
  Role role = Role::other;

  /// May read a track without strand by itself; other layers take such tracks only beside what has
  /// strands.
  bool reads_mirrored = false;

  /// Puts what stands for `layer` into `out`; the result of the last of it has the layer's name.
  /// Returns what that is.
  /// Errors: `refuse_sharing`. Null:
  /// the layer stays as it is, and so does what it reads.
  StrandState (*rewrite)(LayerSpec layer, const StrandPlace& place, StrandWriter& out) = nullptr;
};

/// The form of a type of layer, by its name; null: not known.
using StrandForms = std::function<const StrandForm*(std::string_view type)>;

/// ArgumentError "model.toml:12: layer 'pool' (pool):
/// has no form that is shared between the strands: <why>".
[[noreturn]] void refuse_sharing(const LayerSpec& layer, const std::string& why);

/// The layer that brings the two channels of each pair together.
LayerSpec strand_pool(std::string name, const FilePosition& where, StrandPool kind);

/// Layers that bring both strands together as `options().pool` says, put before `reader`; the first
/// of them takes the sources of `reader`. `weighted` leaves the channels of a pair apart;
/// `pairs_to_one` sums them.
void put_strand_pool(LayerSpec& reader, bool positions, StrandWriter& out, bool pairs_to_one = true);

}  // namespace basewise::spec
