// Motifs from a file, or from a collection that is known by name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/motif_file.h"
#include "basewise/motifs/motif.h"

namespace basewise::annotate {

/// A collection of motifs of the registry.
struct MotifCollection {
  std::string_view name;   ///< "jaspar2024"
  std::string_view set;    ///< data set of the registry
  std::string_view file;   ///< file of it
  std::string_view title;  ///< what it holds
};

/// In the order in which help pages list them.
const std::vector<MotifCollection>& motif_collections();

/// Their names, one a line with titles, for help pages.
std::string collections_text();

/// The collection of that name, whatever the case of its letters; nullptr: there is none.
const MotifCollection* find_collection(std::string_view name);

/// Motifs and where they came from.
struct LoadedMotifs {
  std::vector<motifs::MotifMatrix> motifs;
  std::filesystem::path path;
  std::string source;  ///< as it was asked for: a path, "data:...", or the name of a collection
};

/// Motifs of `source`: a file that exists, whatever it is called (formats of `io::read_motifs`);
/// else "data:<set>/<file>"; else the name of a collection, looked for where the registry does.
/// Tabs and other control characters in names become _, in further names blanks.
/// What a reader left out or found peculiar, and names that several motifs share, are appended to
/// `notes`.
/// Errors: ArgumentError for a name that is neither, with the nearest name; DataError as the
/// reader's and the registry's.
LoadedMotifs load_motif_source(const std::string& source, std::vector<std::string>& notes,
                               io::MotifRows rows = io::MotifRows::automatic);

/// The motifs alone.
std::vector<motifs::MotifMatrix> load_motifs(const std::string& source, std::vector<std::string>& notes);

}  // namespace basewise::annotate
