// Options by their dotted path: "train.optimizer.learning_rate=0.01".
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options_check.h"
#include "basewise/core/visitor.h"
#include "basewise/core/written.h"

namespace basewise {

/// Sets one option by its dotted path: "train.optimizer.learning_rate=0.01" (the text after = is a
/// TOML value or bare text; a bare "1,2,3" is a list where one is expected). Items of lists are
/// named by number, "loss.0.weight=2"; the number after the last one appends. Relative paths are
/// taken relative to `folder`; an empty one leaves them as they are. `origin` is named in errors.
/// Whether the option counts is not asked: what makes it count may be assigned later.
void assign(const Described& options, std::string_view assignment, std::string_view origin = "--set",
            const std::filesystem::path& folder = std::filesystem::current_path());

/// Sets several, one after the other, and refuses those that count for another choice only (see
/// `Idle`).
Written assign_all(const Described& options, const std::vector<std::string>& assignments,
                   std::string_view origin = "--set", const std::filesystem::path& folder = std::filesystem::current_path());

}  // namespace basewise
