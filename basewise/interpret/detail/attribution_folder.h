// The folder that the verb attribute leaves: its files by name, and what state it is in.
#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

namespace basewise::interpret::detail {

inline constexpr const char* kAttributeFile = "attribute.json";       ///< what was done; the last file that appears
inline constexpr const char* kBegunFile = "attribute.json.part";      ///< what is being done
inline constexpr const char* kPiecesFolder = "pieces";                ///< finished examples of what is being done
inline constexpr const char* kChosenFile = "chosen.npz";              ///< among the pieces: numbers of the examples that are taken
inline constexpr const char* kLockFile = "attribute.lock";
inline constexpr const char* kSequencesFile = "sequences.npz";
inline constexpr const char* kAttributionsFile = "attributions.npz";
inline constexpr const char* kLociFile = "loci.tsv";
inline constexpr const char* kH5File = "attributions.h5";
inline constexpr const char* kTrackFile = "attributions.bw";
inline constexpr const char* kAttributePage = "report.html";

enum class AttributeState { absent, unfinished, finished };

AttributeState attribute_state(const std::filesystem::path& folder);

/// Errors: StateError for a file, a folder of something else, a finished folder unless it is to be
/// replaced or the work `goes_on`, and an unfinished one unless either.
void require_usable(const std::filesystem::path& folder, bool goes_on, bool overwrite);

/// Removes what the verb writes and nothing else.
void clear_attributions(const std::filesystem::path& folder);

/// What is left of work that is done: pieces and what was begun.
void remove_pieces(const std::filesystem::path& folder);

/// Notes down what is begun: {"options": {...}, "inputs": [...], ...}, or compares it with what a
/// former call has noted down.
/// Errors: StateError naming the first option, or else the fact, that is another now.
void begin_attributions(const std::filesystem::path& folder, const nlohmann::ordered_json& facts);

/// The same for a finished folder: whether it was made with these facts.
bool was_made_with(const std::filesystem::path& folder, const nlohmann::ordered_json& facts);

}  // namespace basewise::interpret::detail
