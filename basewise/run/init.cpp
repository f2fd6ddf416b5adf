#include "basewise/run/init.h"

#include <algorithm>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/some_of.h"
#include "basewise/nn/weights.h"
#include "basewise/results/run_files.h"
#include "basewise/run/integrity.h"
#include "basewise/tensor/bundle.h"
#include "basewise/tensor/tensors.h"
#include "basewise/train/freeze.h"
#include "basewise/train/tensor_file.h"
#include "basewise/train/trainer.h"

namespace basewise::run {
namespace {

/// Beginnings of names here and in the source.
struct Prefix {
  std::string here;
  std::string there;
  bool used = false;
};

std::vector<Prefix> prefixes_of(const InitOptions& o) {
  std::vector<Prefix> prefixes;
  for (const std::string& text : o.match) {
    const auto equals = text.find('=');
    if (equals == std::string::npos)
      throw ArgumentError(format("init.match '{}': expected NEW=OLD, the beginnings of names in this model and in the source", text));
    prefixes.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  if (prefixes.empty()) prefixes.push_back({});
  return prefixes;
}

/// The name in the source; nothing where no entry of `match` names the tensor.
std::optional<std::string> name_there(std::vector<Prefix>& prefixes, const std::string& name) {
  for (Prefix& prefix : prefixes) {
    if (!name.starts_with(prefix.here)) continue;
    prefix.used = true;
    return prefix.there + name.substr(prefix.here.size());
  }
  return std::nullopt;
}

/// Parts of the model that keep their values.
std::vector<std::string> skipped_parts(const InitOptions& o, const nn::Model& model) {
  std::vector<std::string> parts = o.skip;
  if (!o.trunk) return parts;
  for (const std::string& head : model.output_names()) parts.push_back(head);
  return parts;
}

bool skipped(const std::vector<std::string>& parts, const std::string& name) {
  return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) { return train::names_part(part, name); });
}

bool same_kind(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() || (at::isFloatingType(a.scalar_type()) && at::isFloatingType(b.scalar_type()));
}

/// What one source gives, by names of the model; the model is not touched.
Bundle taken_from(const InitOptions& o, const nn::Model& model, const Bundle& live, InitReport& report) {
  const std::vector<std::string> skip = skipped_parts(o, model);
  const Bundle source = train::load_bundle(report.file);
  std::vector<Prefix> prefixes = prefixes_of(o);
  std::vector<std::string> problems, used;
  Bundle taken;
  for (const auto& [name, tensor] : live) {
    const std::optional<std::string> there = name_there(prefixes, name);
    if (!there || skipped(skip, name)) {
      report.kept.push_back(name);
    } else if (!source.contains(*there)) {
      problems.push_back(format("{} is missing", *there == name ? name : format("{} (for {})", *there, name)));
    } else if (o.resized && source.at(*there).sizes() != tensor.sizes()) {
      report.kept.push_back(name);
      report.resized.push_back(name);
    } else if (const at::Tensor& found = source.at(*there); found.sizes() != tensor.sizes() || !same_kind(found, tensor)) {
      problems.push_back(format("{} is {} {}, the model needs {} {}", *there, shape_text(found.sizes()), dtype_text(found.scalar_type()),
                                shape_text(tensor.sizes()), dtype_text(tensor.scalar_type())));
    } else {
      nn::check_finite(*there, found.to(tensor.scalar_type()), report.file.string());
      taken.set(name, found);
      used.push_back(*there);
    }
  }
  for (const Prefix& prefix : prefixes)
    if (!prefix.used) throw ArgumentError(format("init.match '{}={}': no tensor of the model begins so", prefix.here, prefix.there));
  if (!problems.empty())
    throw StateError(
        format("init: {} does not fit the model: {}; name what is to keep its initial values in init.skip (trunk = true: all heads; "
               "resized = true: what has another shape), or the names of the source in init.match",
               report.file.string(), some_of(problems)));
  for (const std::string& name : source.names())
    if (std::find(used.begin(), used.end(), name) == used.end()) report.unused.push_back(name);
  report.taken = taken.names();
  return taken;
}

}  // namespace

void describe(Visitor& v, InitOptions& o) {
  v("from", o.from, "run folder, or file of weights (.safetensors), whose weights the model starts with", required());
  v("match", o.match, "NEW=OLD: tensors whose names begin with NEW here are those that begin with OLD there; empty: the same names");
  v("skip", o.skip, "names or parts of the model that keep their initial values; * stands for any characters");
  v("trunk", o.trunk, "all heads of the model keep their initial values");
  v("resized", o.resized, "tensors that have another shape there keep their initial values, say heads for another number of labels");
  v("freeze", o.freeze, "names or parts of the model that do not learn: no gradient, running means of norms stay; * for any characters");
}

std::string InitReport::to_string() const {
  std::string text = format("{}: {} tensors taken", file.string(), taken.size());
  if (!kept.empty()) text += format(", {} keep their values ({})", kept.size(), some_of(kept));
  if (!resized.empty()) text += format(", of these {} have another shape in the source ({})", resized.size(), some_of(resized));
  if (!unused.empty()) text += format(", {} of the source are not used ({})", unused.size(), some_of(unused));
  if (!freeze.empty()) text += format(", frozen: {}", fmt::join(freeze, ", "));
  return text;
}

nlohmann::ordered_json to_json(const InitReport& r) {
  nlohmann::ordered_json json = {
      {"file", r.file.string()}, {"taken", r.taken}, {"kept", r.kept}, {"unused", r.unused}, {"freeze", r.freeze}};
  if (!r.resized.empty()) json["resized"] = r.resized;
  return json;
}

fs::path weights_of(const InitOptions& o) {
  const fs::path file = fs::is_directory(o.from) ? o.from / results::weights_file() : o.from;
  if (fs::is_regular_file(file)) return file;
  throw StateError(format("init.from: {} is not there; give a finished run, or a file of weights (.safetensors)", file.string()));
}

std::vector<InitReport> initialise(nn::Model& model, const std::vector<InitOptions>& inits) {
  std::vector<InitReport> reports;
  const Bundle live = train::weights_of(model);
  Bundle all;
  for (const InitOptions& o : inits) {
    InitReport report{.file = weights_of(o), .freeze = o.freeze};
    if (fs::is_directory(o.from)) check_weights(o.from, report.file);
    for (const auto& [name, tensor] : taken_from(o, model, live, report)) {
      if (all.contains(name)) throw StateError(format("init: {} is given by two sources, the second is {}", name, report.file.string()));
      all.set(name, tensor);
    }
    reports.push_back(std::move(report));
  }
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : all) at::Tensor(live.at(name)).copy_(tensor);
  return reports;
}

std::vector<std::string> frozen_parts(const std::vector<InitOptions>& inits) {
  std::vector<std::string> parts;
  for (const InitOptions& o : inits) parts.insert(parts.end(), o.freeze.begin(), o.freeze.end());
  return parts;
}

}  // namespace basewise::run
