"""Names of chromosomes: an exact name wins, translations and what is left out are said, tables of aliases, places on the command line."""

import json
import re

import inputs
import places


class Names(inputs.Case):
    def windows(self, peaks=None, recipe=places.WINDOW_RECIPE, genome=None):
        self.letters = self.genome({**places.LENGTHS, "chrM": 200} if genome is None else genome)
        self.write("peaks.bed", places.bed(places.peaks() if peaks is None else peaks))
        self.write("win.model.toml", places.WINDOW_MODEL)
        self.write("run.toml", recipe)

    def train(self, *more):
        return self.succeeds("train", "run.toml", "--out", "run", "--overwrite", *more).out

    def examples(self):
        return [of["examples"] for of in json.loads(self.text("run/data.json"))["sets"]]


class Tracks(Names):
    def profiles(self, genome, track, peaks):
        self.genome(genome)
        for strand in ("plus", "minus"):
            self.bigwig(f"{strand}.bw", track, [(of, start, start + 40, 2.0) for of in track for start in range(100, track[of] - 100, 100)])
        self.write("peaks.bed", places.bed(peaks))
        self.write("profile.model.toml", places.PROFILE_MODEL)
        self.write("run.toml", places.PROFILE_RECIPE)
        return self.train()

    def test_counts_of_a_spike_in_x_are_not_those_of_chrx(self):
        both = {**places.LENGTHS, "chrX": 900, "X": 900}
        said = self.profiles(both, {**places.LENGTHS, "X": 900}, places.peaks() + places.peaks(counts={"chrX": 2}))
        self.assertIn("2 windows were left out: a track lacks their chromosome: chrX", said)
        self.assertEqual(self.examples(), [29, 19, 14])

    def test_a_track_with_both_spellings_serves_both(self):
        both = {**places.LENGTHS, "chrX": 900, "X": 900}
        said = self.profiles(both, both, places.peaks() + places.peaks(counts={"chrX": 2, "X": 1}))
        self.assertNotIn("left out", said)
        self.assertEqual(self.examples(), [32, 19, 14])

    def test_a_track_that_spells_all_names_otherwise_is_used(self):
        self.profiles(places.LENGTHS, {name.removeprefix("chr"): n for name, n in places.LENGTHS.items()}, places.peaks())
        self.assertEqual(self.examples(), [29, 19, 14])


class Sites(Names):
    def test_sites_on_chromosomes_that_were_not_asked_for_are_counted(self):
        self.windows(places.peaks() + [("chrM", 90, 130)],
                     places.WINDOW_RECIPE.replace("window = 100", 'window = 100\n  chromosomes = ["chr1", "chr2", "chr3"]'))
        said = self.train()
        self.assertIn("1 of 63 lie on sequences that are not used and were left out: 'chrM' is not among the chromosomes that were asked for",
                      said)
        self.assertEqual(self.examples(), [58, 38, 28])

    def test_x_is_not_chrx_where_only_chrx_was_asked_for(self):
        self.windows(places.peaks() + places.peaks(counts={"chrX": 4, "X": 3}),
                     places.WINDOW_RECIPE.replace("window = 100", 'window = 100\n  chromosomes = ["chr1", "chr2", "chr3", "chrX"]'),
                     {**places.LENGTHS, "chrX": 2000, "X": 2000})
        self.assertIn("3 of 69 lie on sequences that are not used and were left out: 'X' is not among", self.train())
        self.assertEqual(self.examples(), [66, 38, 28])

    def test_chromosomes_may_name_what_the_genome_has_not(self):
        self.windows(recipe=places.WINDOW_RECIPE.replace("window = 100", 'window = 100\n  chromosomes = ["1", "chr2", "chr3", "chrY"]'))
        said = self.train()
        self.assertRegex(said, "1 name is translated, such as '1' to 'chr1' of .*genome.fa")
        self.assertRegex(said, "'chrY' is not in .*genome.fa, which has 'chr1', 'chr2', 'chr3', 'chrM'")
        self.windows(recipe=places.WINDOW_RECIPE.replace("window = 100", 'window = 100\n  chromosomes = ["chr8", "chr9"]'))
        self.assertIn("the option chromosomes uses 'chr8', 'chr9'", self.fails(3, "train", "run.toml", "--out", "none"))

    def test_a_translation_is_said_once_with_an_example(self):
        self.windows([(of.removeprefix("chr"), *rest) for of, *rest in places.peaks()])
        said = self.train()
        self.assertEqual(said.count("3 names are translated, such as '1' to 'chr1'"), 1, said)
        self.assertEqual(self.examples(), [58, 38, 28])

    def test_two_names_that_would_be_one_are_not_merged(self):
        self.windows(places.peaks() + [("1", 5000, 5040)])
        self.assertIn("1 of 63 lie on sequences that are not used and were left out: '1' is not taken for another spelling", self.train())
        self.windows([("Chr1", 130, 170), ("1", 330, 370)] + [row for row in places.peaks() if row[0] != "chr1"])
        self.assertIn("has the names 'Chr1' and '1', and both would be 'chr1'", self.fails(3, "train", "run.toml", "--out", "none"))

    def test_a_fold_file_may_name_chromosomes_that_are_not_there(self):
        self.write("fold.json", json.dumps({"train": ["chr1", "chr4"], "valid": ["chr2", "chrX"], "test": ["3"]}))
        split = 'by = "chromosome"\n  validation_chromosomes = ["chr2"]\n  test_chromosomes = ["chr3"]'
        self.windows(recipe=places.WINDOW_RECIPE.replace(split, 'by = "folds"\n  folds = "fold.json"'))
        said = self.train()
        self.assertRegex(said, "2 of 5 chromosomes of .*fold.json are not used: 'chr4', 'chrX' are not in .*genome.fa")
        self.assertEqual(self.examples(), [58, 38, 28])
        self.write("fold.json", json.dumps({"train": ["chr4"], "valid": ["chr2"], "test": ["chr3"]}))
        self.assertIn("nothing is left to train on", self.fails(3, "train", "run.toml", "--out", "none"))

    def test_long_lists_of_names_end_in_a_count(self):
        contigs = {f"scaffold_{i:04d}": 4 for i in range(3000)}
        self.windows(genome={**places.LENGTHS, "chrM": 60, **contigs})
        self.write("sites.tsv", "chrom\tposition\n" + "".join(f"{of}\t{start + 20}\n" for of, start, _ in [*places.peaks(), ("chr99", 0, 0)]))
        self.write("run.toml", places.WINDOW_RECIPE.replace('"peaks.bed"', '"sites.tsv"\n    chromosome = "chrom"'))
        said = self.train()
        self.assertIn("1 of 63 lie on sequences that are not used", said)
        self.assertRegex(said, "'chr99' is not in .*genome.fa, which has 'chr1', 'chr2', 'chr3', 'chrM', 'scaffold_0000' and 2999 more")
        self.write("sites.tsv", "chrom\tposition\nchr99\t5\n")
        self.assertIn("and 2999 more", self.fails(3, "train", "run.toml", "--out", "none"))


class Aliases(Names):
    ACCESSIONS = {"chr1": "NC_000001.11", "chr2": "NC_000002.12", "chr3": "NC_000003.12"}

    def test_the_table_that_the_error_asks_for_is_an_option(self):
        self.windows([(self.ACCESSIONS[of], *rest) for of, *rest in places.peaks()])
        error = self.fails(3, "train", "run.toml", "--out", "none")
        self.assertIn("genome.aliases", error)
        self.assertIn("--aliases", error)
        self.write("chromAlias.txt", "# ucsc\tassembly\trefseq\n" + "".join(f"{a}\t{a[3:]}\t{b}\n" for a, b in self.ACCESSIONS.items()))
        self.train("--set", "data.genome.aliases=chromAlias.txt")
        self.assertEqual(self.examples(), [58, 38, 28])

    def test_two_columns_and_the_table_of_the_ucsc_database(self):
        self.windows([(self.ACCESSIONS[of], *rest) for of, *rest in places.peaks()])
        self.write("two.txt", "".join(f"{b}\t{a}\n" for a, b in self.ACCESSIONS.items()))
        self.train("--set", "data.genome.aliases=two.txt")
        self.assertEqual(self.examples(), [58, 38, 28])
        self.write("three.txt", "".join(f"{b}\t{a}\trefseq\n" for a, b in self.ACCESSIONS.items()))
        self.train("--set", "data.genome.aliases=three.txt")
        self.assertEqual(self.examples(), [58, 38, 28])

    def test_predict_takes_the_same_table(self):
        self.windows()
        self.train()
        self.write("places.bed", "NC_000002.12\t100\t200\nchr1\t100\t200\n")
        self.write("two.txt", "".join(f"{b}\t{a}\n" for a, b in self.ACCESSIONS.items()))
        self.succeeds("predict", "run", "--genome", "genome.fa", "--bed", "places.bed", "--aliases", "two.txt", "--out", "p")
        rows = [line.split("\t") for line in self.text("p.tsv").splitlines()[1:]]
        self.assertEqual(len(rows), 2)
        self.write("same.bed", "chr2\t100\t200\nchr1\t100\t200\n")
        self.succeeds("predict", "run", "--genome", "genome.fa", "--bed", "same.bed", "--out", "q")
        self.assertEqual([row[-1] for row in rows], [line.split("\t")[-1] for line in self.text("q.tsv").splitlines()[1:]])


class Annotation(Names):
    def test_genes_elsewhere_are_left_out_and_counted(self):
        self.genome(places.LENGTHS)
        self.write("peaks.bed", places.bed(places.peaks()))
        self.write("track.model.toml", places.TRACK_MODEL)
        self.write("run.toml", places.TRACK_RECIPE + '[report]\nannotation = "genes.gff3"\n')
        self.write("genes.gff3", "".join(f"{of}\tx\tgene\t100\t2100\t.\t+\t.\tName=g\n" for of in ("3", "chr1", "chrUn")))
        self.train()
        said = self.succeeds("evaluate", "run").out
        self.assertIn("genes of genes.gff3: 1 of 3 lie on sequences that are not used and were left out: 'chrUn' is not in", said)
        self.assertIn("genes of genes.gff3: 1 name is translated, such as '3' to 'chr3'", said)
        self.assertNotIn("no genes", said)


class Digits(Names):
    """A genome whose chromosomes are called 1, 2 and 3."""

    def tracks(self):
        self.genome({name.removeprefix("chr"): n for name, n in places.LENGTHS.items()})
        self.write("peaks.bed", places.bed([(of.removeprefix("chr"), *rest) for of, *rest in places.peaks()]))
        self.write("track.model.toml", places.TRACK_MODEL)
        self.write("run.toml", re.sub('"chr([0-9])', r'"\1', places.TRACK_RECIPE))

    def predicted(self, *arguments):
        return self.succeeds("predict", "run", "--genome", "genome.fa", "--formats", "npz", "--json", "--out", "p", *arguments).json

    def test_chromosome_1_is_a_name_wherever_names_are_given(self):
        self.tracks()
        self.train("--set", "data.split.validation_chromosomes=2", "--set", "data.split.test_chromosomes=[3]")
        self.assertEqual(self.predicted("--regions", "1")["values"], 2 * 6200)
        self.assertEqual(self.predicted("--regions", "3,2", "--circular", "1")["values"], 2 * (4200 + 3200))
        self.assertEqual(self.predicted("--regions", "1:11-20")["values"], 2 * 10)

    def test_places_may_be_written_as_browsers_show_them(self):
        self.tracks()
        self.train()
        for text, bases in (("1:1,001-2,000", 1000), ("chr1:1,001-2,000", 1000), ("1:1,001-2,000,2:11-20,3", 1000 + 10 + 3200), ("chr1", 6200)):
            with self.subTest(text):
                self.assertEqual(self.predicted("--regions", text)["values"], 2 * bases)

    def test_a_region_elsewhere_is_an_error(self):
        self.tracks()
        self.train()
        error = self.fails(3, "predict", "run", "--genome", "genome.fa", "--regions", "chr9:1-5", "--out", "p")
        self.assertIn("'chr9'", error)


if __name__ == "__main__":
    inputs.main()
