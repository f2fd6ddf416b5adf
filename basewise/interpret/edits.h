// Edited sequences through a model: only what an edit changes is computed again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/infer/score.h"
#include "basewise/infer/strands.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/bundle.h"

namespace basewise::interpret {

/// One change of one sequence: the letters [position, position + removed) become `letters`.
///
/// The edited sequence has the length of the original. Where more letters come in than go, what
/// stands to the right moves right and its end falls off; where fewer come in, it moves left and
/// `flank` fills up the end, then N.
struct Edit {
  std::int64_t sequence = 0;            ///< row of the batch
  std::int64_t position = 0;            ///< from 0
  std::int64_t removed = 1;             ///< letters that go
  std::vector<std::uint8_t> letters = {};  ///< that come: A C G T N = 0 to 4
  std::vector<std::uint8_t> flank = {};    ///< of the genome to the right of the sequence, for deletions
};

/// The four letters at each position of [begin, end) but the one that is there: position by
/// position, A C G T. `tokens` (L), A C G T N = 0 to 4; at an N all four.
std::vector<Edit> substitutions(const std::vector<std::uint8_t>& tokens, std::int64_t sequence, std::int64_t begin, std::int64_t end);

/// The sequence after an edit, of the same length.
/// Errors: ArgumentError for positions outside of the sequence and letters that are none.
std::vector<std::uint8_t> edited(const std::vector<std::uint8_t>& tokens, const Edit& edit);

/// Only what an edit changes, or the whole pass of each edited sequence.
enum class EditPasses { changed, full };
constexpr auto words_of(EditPasses) {
  return words<EditPasses>({{EditPasses::changed, "changed", "only what an edit changes is computed again"},
                            {EditPasses::full, "full", "a whole pass for each edited sequence"}});
}

struct EditOptions {
  EditPasses passes = EditPasses::changed;
  std::string input = "sequence";    ///< that is edited; the others are held
  std::vector<std::string> heads = {};  ///< that are computed; empty: all
  std::int64_t memory = 1024;        ///< MiB for values of reference passes and edits in work
  std::int64_t check = 8;            ///< edits of a call that are also computed by whole passes; 0: none
  double tolerance = 1e-4;           ///< between both, of the largest number of an output
  std::int64_t seed = 0;             ///< which edits are checked
};
void describe(Visitor& v, EditOptions& o);

/// What a call found about itself.
struct EditReport {
  std::int64_t edits = 0;
  std::int64_t full = 0;           ///< edits computed by whole passes, which were cheaper or the only way
  std::int64_t checked = 0;        ///< edits computed both ways
  double largest_difference = 0;   ///< between both, of the largest number of an output
  bool fell_back = false;          ///< a difference above the tolerance: all edits were computed by whole passes
  std::vector<std::string> behind = {};  ///< layers that a plan does not know: they and what stands behind them are computed whole
  std::vector<std::string> notes = {};   ///< for people: what was checked, and what is not as fast as it could be
};

/// Outputs of edited sequences, strands merged as `infer::score_fn` of the same arguments merges
/// them and equal to its outputs to rounding. What an edit gives does not depend on the other edits
/// of a call, their order, the memory or the number of threads, bit for bit.
class EditScorer {
 public:
  EditScorer(nn::ModelPtr model, infer::StrandStrategy strands = {}, infer::OutputForms forms = {}, EditOptions options = {});
  ~EditScorer();

  /// Called in the order of the edits with the number of the first one and outputs (edits, ...).
  using Consumer = std::function<void(std::int64_t first, const Bundle& outputs)>;

  /// `inputs`: all inputs of the model (N, ...), the edited one as tokens (N, L) uint8 or one-hot
  /// rows (N, 4, L). Returns what was found; `references` (may be null) gets the outputs (N, ...)
  /// of the sequences as they are.
  /// Errors: ArgumentError for edits outside of their sequence, sequences that are no DNA; those of
  /// the model.
  EditReport operator()(const Bundle& inputs, const std::vector<Edit>& edits, const Consumer& consumer, Bundle* references = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::interpret
