"""Files with sites: what the user says comes before what a name suggests; BED and its relatives, GFF and GTF, summits."""

import gzip
import json

import inputs
import places


class SiteFiles(inputs.Case):
    def setUp(self):
        super().setUp()
        self.genome(places.LENGTHS)
        self.write("win.model.toml", places.WINDOW_MODEL)

    def train(self, file, content, options=""):
        self.write(file, content)
        self.write("run.toml", places.WINDOW_RECIPE.replace('file = "peaks.bed"', f'file = "{file}"\n{options}'))
        said = self.succeeds("train", "run.toml", "--out", "run", "--overwrite").out
        self.assertEqual([of["examples"] for of in json.loads(self.text("run/data.json"))["sets"]], [58, 38, 28])
        return said

    def rows(self, *more):
        return places.bed([(*row, *more) for row in places.peaks()])

    def test_peaks_without_a_summit_are_counted(self):
        said = self.train("p.narrowPeak", self.rows("p", 100, ".", 5.0, 3.0, 2.0, -1), 'point = "summit"')
        self.assertIn("62 of 62 have no summit: their centre was taken", said)

    def test_three_columns_have_no_summit_either(self):
        self.assertIn("62 of 62 have no summit", self.train("p.bed", self.rows(), 'point = "summit"'))

    def test_some_peaks_without_a_summit_are_counted(self):
        text = self.rows("p", 100, ".", 5.0, 3.0, 2.0, 7).replace("\t7\n", "\t-1\n", 5)
        self.assertIn("5 of 62 have no summit", self.train("p.narrowPeak", text, 'point = "summit"'))
        self.assertNotIn("no summit", self.train("p.narrowPeak", text))

    def test_bed_with_ten_columns_is_bed(self):
        ten = self.rows("p", 0, ".", "geneA", "intron", 1234, "high")
        self.train("p.bed", ten, 'format = "bed"')
        self.train("p.bed", ten)
        self.assertIn("signal 'geneA'", self.refused("p.bed", ten, 'format = "narrowpeak"'))

    def test_format_bed_beats_the_name_and_the_columns(self):
        peaks = self.rows("p", 0, ".", 5.0, 3.0, 2.0, 3)
        self.assertIn("62 of 62 have no summit", self.train("p.narrowPeak", peaks, 'format = "bed"\npoint = "summit"'))
        self.assertNotIn("no summit", self.train("p.bed", peaks, 'point = "summit"'))

    def test_broad_and_gapped_peaks_are_bed(self):
        broad = self.rows("p", 100, ".", 5.1, 3.0, 2.0)
        gapped = self.rows("p", 100, ".", 130, 171, 0, 1, 41, 0, 5.1, 3.0, 2.0)
        for name, text in (("p.broadPeak", broad), ("p.gappedPeak", gapped), ("p", broad), ("p.txt", gapped)):
            with self.subTest(name):
                self.train(name, text)
                self.train(name + ".gz", gzip.compress(text.encode()))

    def test_several_files_are_read_together_or_are_a_label_each(self):
        rows = places.peaks()
        self.write("ctcf.bed", places.bed(rows[::2]))
        self.write("pu1.narrowPeak", places.bed((*row, "p", 0, ".", 5.0, 3.0, 2.0, 20) for row in rows[1::2]))
        self.write("run.toml", places.WINDOW_RECIPE.replace('"peaks.bed"', '["ctcf.bed", "pu1.narrowPeak"]'))
        self.succeeds("train", "run.toml", "--out", "run", "--overwrite")
        self.assertEqual([of["examples"] for of in json.loads(self.text("run/data.json"))["sets"]], [58, 38, 28])
        self.write("win.model.toml", places.WINDOW_MODEL.replace("units = 1", "units = 2"))
        said = self.succeeds("train", "run.toml", "--out", "two", "--set", "data.genome.sites.task=file").err
        self.assertRegex(said, "train +58 +4 +labels ctcf: 15 positive, 43 negative; labels pu1: 14 positive, 44 negative")

    def features(self, type_, strand="+", attributes="ID=t"):
        return "".join(f"{of}\tx\t{type_}\t{start + 1}\t{end}\t.\t{strand}\t.\t{attributes}\n" for of, start, end in places.peaks())

    def test_transcription_starts_of_gff3_are_sites(self):
        said = self.train("genes.gff3", "##gff-version 3\n" + self.features("TSS"))
        self.assertIn("62 sites (0 on the reverse strand) from 62 rows; sites are the 5' ends of the features 'TSS'", said)

    def test_genes_of_gff3_and_gtf_are_sites_and_their_exons_are_not(self):
        gff = "##gff-version 3\n" + self.features("gene", "-") + self.features("exon", "-", "Parent=t")
        self.assertIn("62 sites (62 on the reverse strand) from 62 rows", self.train("genes.gff.gz", gzip.compress(gff.encode())))
        gtf = self.features("transcript", "+", 'gene_id "g"; transcript_id "t";') + self.features("exon", "+", 'gene_id "g";')
        self.assertIn("the 5' ends of the features 'transcript'", self.train("genes.gtf", gtf))
        self.assertIn("the centres of the features 'exon'",
                      self.train("genes.gtf", gtf, 'format = "gff"\nfeatures = ["exon"]\nfeature_point = "centre"'))

    def refused(self, file, content, options=""):
        self.write(file, content)
        self.write("run.toml", places.WINDOW_RECIPE.replace('file = "peaks.bed"', f'file = "{file}"\n{options}'))
        outcome = self.run_program("train", "run.toml", "--out", "none")
        self.assertIn(outcome.code, (2, 3), outcome.err)
        return outcome.err

    def test_several_types_without_a_gene_ask_which(self):
        gff = self.features("CDS") + self.features("exon")
        self.assertIn("say with 'features' which of its types are sites: 'CDS', 'exon'", self.refused("genes.gff3", gff))
        self.assertIn("no feature of type 'TSS'; its types are 'CDS', 'exon'", self.refused("genes.gff3", gff, 'features = ["TSS"]'))

    def test_starts_of_both_strands_are_the_five_prime_ends(self):
        """A model that finds the letter at the middle of its window would see which base was taken: here the BED written by hand from the
        same features gives the same weights."""
        gff = self.features("gene", "+").replace("chr2\tx\tgene", "chr2\ty\tgene")
        gff = "".join(line.replace("\t+\t", "\t-\t") if "\ty\t" in line else line for line in gff.splitlines(True))
        self.train("genes.gff3", gff)
        weights = (self.folder / "run/weights.safetensors").read_bytes()
        self.train("starts.bed", "".join(f"{of}\t{end - 1 if of == 'chr2' else start}\t{end if of == 'chr2' else start + 1}\tg\t0\t"
                                         f"{'-' if of == 'chr2' else '+'}\n" for of, start, end in places.peaks()))
        self.assertEqual(weights, (self.folder / "run/weights.safetensors").read_bytes())


class OwnFiles(inputs.Case):
    """Sets whose sites stand in files of their own: the same examples as those of a split by chromosome."""

    SPLIT = """  [data.split]
  by = "chromosome"
  validation_chromosomes = ["chr2"]
  test_chromosomes = ["chr3"]
"""
    OWN = """    [data.genome.sites]
    file = "chr1.bed"
    validation_file = "chr2.bed"
    test_file = "chr3.bed"
"""

    def logs(self, recipe):
        self.genome(places.LENGTHS)
        self.write("peaks.bed", places.bed(places.peaks()))
        for name in places.LENGTHS:
            self.write(f"{name}.bed", places.bed(row for row in places.peaks() if row[0] == name))
        own = recipe.replace(self.SPLIT, "").replace('    [data.genome.sites]\n    file = "peaks.bed"\n', self.OWN)
        self.assertEqual(own.count("_file = \"chr"), 2)
        self.assertNotIn("chromosome", own)
        found = []
        for out, text in (("split", recipe), ("own", own)):
            self.write("run.toml", text)
            log = self.succeeds("train", "run.toml", "--out", out, "--json").json["log"]
            sets = [of["examples"] for of in json.loads(self.text(f"{out}/data.json"))["sets"]]
            found.append((sets, [{key: value for key, value in row.items() if "second" not in key} for row in log]))
        self.assertEqual(found[0], found[1])
        return found[0][0]

    def test_windows(self):
        self.write("win.model.toml", places.WINDOW_MODEL)
        self.assertEqual(self.logs(places.WINDOW_RECIPE.replace('"random"', '"shuffled"')), [58, 38, 28])

    def test_profiles(self):
        for strand in ("plus", "minus"):
            self.bigwig(f"{strand}.bw", places.LENGTHS,
                        [(of, start, start + 40, 2.0) for of in places.LENGTHS for start in range(100, places.LENGTHS[of] - 100, 100)])
        self.write("profile.model.toml", places.PROFILE_MODEL)
        self.assertEqual(self.logs(places.PROFILE_RECIPE), [29, 19, 14])


if __name__ == "__main__":
    inputs.main()
