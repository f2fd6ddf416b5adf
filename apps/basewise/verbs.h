// The verbs of the program.
#pragma once

#include <array>
#include <string_view>

#include "apps/basewise/methylation.h"
#include "apps/basewise/motifs.h"
#include "apps/basewise/support/command.h"

namespace basewise::app {

/// A verb; `run` is null for those that need tensors and live in the library beside the program.
struct Verb {
  std::string_view name;
  std::string_view summary;
  int (*run)(const Arguments&);
};

int new_recipe(const Arguments& arguments);
int simulate(const Arguments& arguments);
int convert(const Arguments& arguments);
int report(const Arguments& arguments);
int data(const Arguments& arguments);
int data_coverage(const Arguments& arguments);
int data_sites(const Arguments& arguments);
int learn(const Arguments& arguments);
int doctor(const Arguments& arguments);

/// In the order in which they are used.
inline constexpr std::array kVerbs = {
    Verb{"new", "look into raw files and write a recipe for them", new_recipe},
    Verb{"simulate", "make a data set with planted motifs, and say what was planted where", simulate},
    Verb{"convert", "make a model file of another program's parameters or Keras model", convert},
    Verb{"train", "train the model of a recipe into a run folder", nullptr},
    Verb{"evaluate", "compute the metrics of a run on held-out data, with intervals", nullptr},
    Verb{"report", "write the page of one or several runs, and their figures as files", report},
    Verb{"predict", "apply a run to sequences, or to a whole genome", nullptr},
    Verb{"attribute", "say how much each base of a sequence matters to a prediction", nullptr},
    Verb{"perturb", "change sequences, and say what that does to predictions", nullptr},
    Verb{"variants", "say what variants do to predictions: VCF in, VCF with scores out", nullptr},
    Verb{"learn", "predict columns of a table by a random forest or logistic regression, fold by fold", learn},
    Verb{"motifs", "find motifs in attributions, filters and sequences, and name them", motifs},
    Verb{"study", "run many variants of a recipe, and compare them in one table", nullptr},
    Verb{"inspect", "show the layers of a model: shapes, parameters, FLOPs, receptive field", nullptr},
    Verb{"data", "list, fetch and check data sets; make tracks of reads, sites of peaks; export what a model would see", data},
    Verb{"methylation", "make training sets of single-cell methylation calls, and say what is in them", methylation},
    Verb{"options", "print every option of recipes and model files", nullptr},
    Verb{"doctor", "print what this program is made of and what it finds on this machine", doctor},
};

}  // namespace basewise::app
