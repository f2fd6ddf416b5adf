// Without torch: reads a FASTA file and prints the share of G and C of each record.
#include <basewise/io/fasta.h>
#include <basewise/seq/alphabet.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  for (const auto& record : basewise::io::read_fasta(argv[1]).records) {
    std::printf("%s\t%zu\t%.3f\n", record.name.c_str(), record.sequence.size(),
                basewise::seq::gc_fraction(basewise::seq::encode(record.sequence)));
  }
}
