// Looks for a motif on both strands: motif MOTIFS.meme FILE.fa
#include <cstdio>

#include "basewise/io/fasta.h"
#include "basewise/io/meme.h"
#include "basewise/motifs/motif.h"
#include "basewise/seq/alphabet.h"

namespace bw = basewise;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  for (const bw::motifs::MotifMatrix& motif : bw::io::read_meme(argv[1]).motifs) {
    std::printf("%s: %s, %.1f bits\n", motif.name.c_str(), bw::motifs::consensus(motif).c_str(),
                bw::motifs::total_information(motif));
    const bw::motifs::Pwm forward = bw::motifs::log_odds(motif);
    for (const bw::io::FastaRecord& record : bw::io::read_fasta(argv[2], {.ambiguity = bw::seq::Ambiguity::as_n}).records) {
      const auto tokens = bw::seq::encode(record.sequence, bw::seq::Ambiguity::as_n);
      for (const bool reverse : {false, true}) {
        const auto scores = bw::motifs::scan(tokens, reverse ? bw::motifs::reverse_complement(forward) : forward);
        for (std::size_t at = 0; at < scores.size(); ++at)
          if (scores[at] > 4) std::printf("  %s:%zu %c %.1f\n", record.name.c_str(), at, reverse ? '-' : '+', scores[at]);
      }
    }
  }
}
