// Functions that are compiled once for each instruction set; the one that fits is chosen when a
// program starts. Their results must not differ: sums have a fixed order, and products are not
// fused with sums.
#pragma once

#if defined(__x86_64__) && defined(__ELF__) && !defined(__SANITIZE_ADDRESS__)
#define BASEWISE_MOTIFS_CLONES [[gnu::target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")]]
#else
#define BASEWISE_MOTIFS_CLONES
#endif
