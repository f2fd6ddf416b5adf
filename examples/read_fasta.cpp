// Reads a FASTA file, plain or compressed: read_fasta FILE
#include <cstdio>

#include "basewise/io/fasta.h"
#include "basewise/seq/alphabet.h"
#include "basewise/seq/reverse_complement.h"

namespace bw = basewise;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  bw::io::FastaReader reader(argv[1], {.ambiguity = bw::seq::Ambiguity::as_n});
  bw::io::FastaRecord record;
  while (reader.next(record)) {
    const auto tokens = bw::seq::encode(record.sequence, bw::seq::Ambiguity::as_n);
    std::printf("%s: %zu bases, %.0f %% of them G or C; from the other strand %s\n", record.name.c_str(), tokens.size(),
                100 * bw::seq::gc_fraction(tokens), bw::seq::decode(bw::seq::reverse_complement(tokens)).c_str());
  }
}
