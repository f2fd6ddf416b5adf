// What is fuzzed: readers, each with valid files that the program made itself.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace basewise::fuzz {

/// Files by name, in the order in which they are written: an index comes after what it is of.
using Files = std::vector<std::pair<std::string, std::string>>;

struct Reader {
  std::string name;
  std::vector<Files> seeds;                                ///< the first file of a seed is damaged most often
  std::function<void(const std::filesystem::path&)> read;  ///< the folder that holds the files
};

/// `scratch` is a folder for making the seeds.
std::vector<Reader> text_readers(const std::filesystem::path& scratch);
std::vector<Reader> binary_readers(const std::filesystem::path& scratch);
std::vector<Reader> hdf5_readers(const std::filesystem::path& scratch);
std::vector<Reader> binned_readers(const std::filesystem::path& scratch);       ///< binned training sets
std::vector<Reader> genome_readers(const std::filesystem::path& scratch);       ///< what lies on a genome
std::vector<Reader> read_readers(const std::filesystem::path& scratch);         ///< reads and coverage
std::vector<Reader> methylation_readers(const std::filesystem::path& scratch);  ///< calls of cells, data files of DeepCpG
std::vector<Reader> learn_readers(const std::filesystem::path& scratch);        ///< tables to learn from, fitted models
std::vector<Reader> draft_readers();                                            ///< raw files that recipes are made for
std::vector<Reader> foreign_readers(const std::filesystem::path& scratch);      ///< models of other programs
std::vector<Reader> document_readers();

}  // namespace basewise::fuzz
