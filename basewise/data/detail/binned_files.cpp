#include "basewise/data/detail/binned_files.h"

#include <algorithm>
#include <set>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/io/binned_hdf5.h"
#include "basewise/io/tsv.h"

namespace basewise::data::detail {

namespace {

namespace fs = std::filesystem;

// The files of a folder that are read, by their names inside it: as options would name them.
class Folder {
 public:
  explicit Folder(const std::string& given) : given_(given) {
    while (given_.size() > 1 && given_.ends_with('/')) given_.pop_back();
    if (corpus::is_data_reference(given_))
      find_registered();
    else
      find_on_disk();
  }

  bool has(const std::string& name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }
  const std::vector<std::string>& names() const { return names_; }
  std::string reference(const std::string& name) const { return given_ + "/" + name; }

 private:
  // "data:NAME/FOLDER": what the registry knows of it, wherever each file lies.
  void find_registered() {
    const std::string rest = given_.substr(std::string_view("data:").size());
    const std::size_t slash = rest.find('/');
    const std::string name = rest.substr(0, slash), inside = slash == std::string::npos ? "" : rest.substr(slash + 1) + "/";
    const corpus::Registry registry;
    for (const corpus::DataFile& file : registry.find(name).files)
      if (file.path.starts_with(inside)) names_.push_back(file.path.substr(inside.size()));
    if (names_.empty()) throw ArgumentError(format("binned.folder: the data set '{}' has no file in '{}'", name, inside));
  }

  void find_on_disk() {
    if (!fs::is_directory(given_)) throw DataError(format("{}: there is no such folder", given_));
    for (const char* name : {"statistics.json", "targets.txt", "sequences.bed"})
      if (fs::exists(fs::path(given_) / name)) names_.emplace_back(name);
    const fs::path records = fs::path(given_) / "tfrecords";
    if (!fs::is_directory(records)) throw DataError(format("{}: there is no folder tfrecords", given_));
    for (const auto& entry : fs::directory_iterator(records)) names_.push_back("tfrecords/" + entry.path().filename().string());
  }

  std::string given_;
  std::vector<std::string> names_;
};

std::array<const std::vector<std::string>*, 3> words_of_sets(const BinnedDataOptions& o) {
  return {&o.train_sets, &o.validation_sets, &o.test_sets};
}

void check_words(const BinnedDataOptions& o) {
  std::set<std::string> seen;
  for (const auto* words : words_of_sets(o))
    for (const std::string& word : *words)
      if (!seen.insert(word).second)
        throw ArgumentError(format("binned: the set '{}' is named twice in train_sets, validation_sets and test_sets", word));
}

void note_other_sets(const BinnedDataOptions& o, const std::set<std::string>& there, DataSplits& splits) {
  std::vector<std::string> left;
  for (const std::string& word : there) {
    const auto sets = words_of_sets(o);
    if (std::none_of(sets.begin(), sets.end(),
                     [&](const auto* words) { return std::find(words->begin(), words->end(), word) != words->end(); }))
      left.push_back(word);
  }
  if (!left.empty()) splits.notes.push_back(format("sets that are not used: {}", some_of(left)));
}

// Numbers count from 0 without a hole: a file that is gone would be a part of the set that nobody
// misses.
void check_numbers(const std::vector<fs::path>& files, const std::string& word, const Folder& folder) {
  for (std::size_t n = 0; n < files.size(); ++n) {
    const std::int64_t number = io::binned_file_name(files[n])->second, expected = static_cast<std::int64_t>(n);
    if (number == expected) continue;
    if (number < expected)
      throw DataError(format("{}: {} and {} have the same number; take one of them away", folder.reference("tfrecords"),
                             files[n - 1].filename().string(), files[n].filename().string()));
    throw DataError(format("{}: {}-{}.tfr is missing, but {} is there; put it back, or where it was left out with intent, number the "
                           "files of the set '{}' anew from 0",
                           folder.reference("tfrecords"), word, expected, files.back().filename().string(), word));
  }
}

// The records do not say how many targets they have, and 22 times 48 values are 11 times 96.
void check_table(const Folder& folder, std::int64_t targets) {
  io::TsvReader table(corpus::resolve_path(folder.reference("targets.txt")), {.separator = "\t", .comment = ""});
  std::int64_t rows = 0;
  while (table.next()) ++rows;
  if (rows != targets)
    throw DataError(format("{}: {} rows, but \"num_targets\" of statistics.json is {}; both must say what the records hold (targets are "
                           "chosen by 'binned.only', or by another table, 'binned.targets')",
                           table.name(), rows, targets));
}

// Records of each word, and their places, one word after the other.
BinnedSet set_of_folder(const Folder& folder, const std::vector<std::string>& words, const std::vector<fs::path>& records,
                        const io::BinnedStatistics& statistics, const std::vector<io::BinnedPlace>& places, DataSplits& splits) {
  BinnedSet set;
  bool known = !words.empty();
  std::int64_t expected = 0;
  for (const std::string& word : words) {
    const std::vector<fs::path> files = io::files_of_binned_set(records, word);
    check_numbers(files, word, folder);
    for (const fs::path& file : files) set.files.push_back(add_input(splits, folder.reference(file.string())));
    const auto said = std::find_if(statistics.sets.begin(), statistics.sets.end(), [&](const auto& one) { return one.first == word; });
    known = known && said != statistics.sets.end();
    if (said != statistics.sets.end()) expected += said->second;
    if (files.empty() && (said == statistics.sets.end() || said->second > 0))
      throw DataError(format("{}: there is no file tfrecords/{}-0.tfr of the set '{}'; set an empty list of sets where there is none",
                             folder.reference("tfrecords"), word, word));
    for (const io::BinnedPlace& place : places)
      if (place.set == word) set.places.push_back(place);
  }
  if (known) set.expected = expected;
  return set;
}

BinnedFiles files_of_folder(const BinnedDataOptions& o, DataSplits& splits) {
  const Folder folder(o.folder.string());
  if (!folder.has("statistics.json")) throw DataError(format("{}: the file is missing", folder.reference("statistics.json")));
  const io::BinnedStatistics statistics = io::read_binned_statistics(add_input(splits, folder.reference("statistics.json")));
  BinnedFiles found{.shape = {statistics.length, statistics.bins, statistics.targets}, .bin = statistics.bin};
  if (folder.has("targets.txt")) {
    check_table(folder, statistics.targets);
    found.targets = folder.reference("targets.txt");
  }
  std::vector<io::BinnedPlace> places;
  if (folder.has("sequences.bed")) places = io::read_binned_places(add_input(splits, folder.reference("sequences.bed")));
  std::vector<fs::path> records;
  std::set<std::string> there;
  for (const std::string& name : folder.names())
    if (const auto record = io::binned_file_name(name); record && name.starts_with("tfrecords/")) {
      records.emplace_back(name);
      there.insert(record->first);
    }
  for (std::size_t s = 0; s < 3; ++s) found.sets[s] = set_of_folder(folder, *words_of_sets(o)[s], records, statistics, places, splits);
  note_other_sets(o, there, splits);
  return found;
}

BinnedFiles files_of_h5(const BinnedDataOptions& o, DataSplits& splits) {
  const fs::path file = add_input(splits, o.h5);
  io::BinnedH5 h5 = io::read_binned_h5(file);
  BinnedFiles found{.shape = h5.shape, .bin = h5.bin, .target_names = std::move(h5.target_names)};
  for (std::size_t s = 0; s < 3; ++s) {
    const std::vector<std::string>& words = *words_of_sets(o)[s];
    if (words.size() > 1) throw ArgumentError(format("binned: {} sets of one HDF5 file cannot be one set; name one", words.size()));
    if (words.empty()) continue;
    if (std::find(h5.sets.begin(), h5.sets.end(), words[0]) == h5.sets.end()) {
      splits.notes.push_back(format("{} has no set '{}'", file.filename().string(), words[0]));
      continue;
    }
    found.sets[s] = {.files = {file}, .h5_set = words[0]};
  }
  note_other_sets(o, {h5.sets.begin(), h5.sets.end()}, splits);
  return found;
}

BinnedFiles files_alone(const BinnedDataOptions& o, DataSplits& splits) {
  const std::int64_t covered = o.length - 2 * o.cropped;
  if (o.length < 1 || covered < o.bin || covered % o.bin != 0)
    throw ArgumentError(
        format("binned: records without statistics.json need 'length' and 'bin' (and 'cropped'): {} bases without {} at each "
               "end are no whole number of bins of {}",
               o.length, o.cropped, o.bin));
  BinnedFiles found{.shape = {o.length, covered / o.bin, 0}, .bin = o.bin};
  const std::array<const FileList*, 3> lists = {&o.train_file, &o.validation_file, &o.test_file};
  for (std::size_t s = 0; s < 3; ++s)
    for (const fs::path& file : *lists[s]) found.sets[s].files.push_back(add_input(splits, file));
  return found;
}

}  // namespace

BinnedFiles find_binned_files(const BinnedDataOptions& o, DataSplits& splits) {
  const bool alone = !o.train_file.empty() || !o.validation_file.empty() || !o.test_file.empty();
  if (!o.folder.empty() + !o.h5.empty() + alone != 1)
    throw ArgumentError("binned: give one of 'folder', 'h5' and 'train_file' (with 'validation_file' and 'test_file')");
  check_words(o);
  BinnedFiles found = alone ? files_alone(o, splits) : o.h5.empty() ? files_of_folder(o, splits) : files_of_h5(o, splits);
  if (!o.targets.empty()) found.targets = o.targets;
  if (!found.targets.empty()) found.targets = add_input(splits, found.targets);
  if (found.sets[0].files.empty()) throw ArgumentError("binned: the training set has no file");
  return found;
}

}  // namespace basewise::data::detail
