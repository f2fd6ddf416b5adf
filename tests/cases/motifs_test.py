"""Motifs as databases and programs write them: what is planted is what the file says, and never its mirror."""

import inputs

RECIPE = """sequences = 20
length = 60
[[motifs]]
name = "{name}"
file = "{file}"
{more}
[[tasks]]
name = "t"
motifs = ["{name}"]
positive_fraction = 1.0
reverse_probability = 0.0
"""

COLUMNS = {"A": "1 0 0 0", "C": "0 1 0 0", "G": "0 0 1 0", "T": "0 0 0 1"}


def positions(letters, scale=1, separator=" "):
    """A row A C G T for each letter."""
    return "".join(separator.join(str(scale * int(x)) for x in COLUMNS[letter].split()) + "\n" for letter in letters)


def matrix(letters):
    """As MEME writes it."""
    return f"letter-probability matrix: alength= 4 w= {len(letters)} nsites= 20 E= 1.2e-010\n" + positions(letters)


STARS = "*" * 80 + "\n"
DASHES = "-" * 80 + "\n"

# What meme.txt holds, section by section.
MEME_TEXT = (
    STARS + "MEME - Motif discovery tool\n" + STARS + "MEME version 5.4.1 (Release date: Sat Aug 21 19:23:23 2021 -0700)\n\n"
    "For further information on how to interpret these results please access https://meme-suite.org/meme.\n" + STARS
    + STARS + "TRAINING SET\n" + STARS + "PRIMARY SEQUENCES= x.fa\nCONTROL SEQUENCES= --none--\nALPHABET= ACGT\n"
    "Sequence name            Weight Length\n-------------            ------ ------\ns1                       1.0000    100\n"
    + STARS + "COMMAND LINE SUMMARY\n" + STARS + "command: meme x.fa -dna\n"
    "Letter frequencies in dataset:\nA 0.251 C 0.249 G 0.249 T 0.251\n"
    "Background letter frequencies (from file dataset with add-one prior applied):\nA 0.251 C 0.249 G 0.249 T 0.251\n"
    + STARS + "MOTIF M1 MEME-1\twidth =   7  sites =  20  llr = 150  E-value = 1.2e-010\n" + STARS
    + DASHES + "\tMotif M1 MEME-1 Description\n" + DASHES
    + "Simplified        A  ::a:::a\npos.-specific     C  :::a:a:\nprobability       G  :a:::::\nmatrix            T  a:::a::\n\n"
    + DASHES + "\tMotif M1 MEME-1 in BLOCKS format\n" + DASHES
    + "BL   MOTIF M1 width=7 seqs=1\ns1                       (   41) TGACTCA  1\n//\n"
    + DASHES + "log-odds matrix: alength= 4 w= 7 n= 188 bayes= 7.5 E= 1.2e-010\n" + "  -865   -865   -865    199 \n" * 7
    + DASHES + matrix("TGACTCA") + DASHES + "TGACTCA\n" + DASHES + "\nTime  0.10 secs.\n"
)


class Motifs(inputs.Case):
    def simulate(self, file, text, name="M1", more=""):
        self.write(file, text)
        self.write("sim.toml", RECIPE.format(name=name, file=file, more=more))
        return ["simulate", "sim.toml", "--out", "out", "--seed", "1"]

    def planted(self, *arguments, **options):
        self.succeeds(*self.simulate(*arguments, **options))
        head, *rows = (line.split("\t") for line in self.text("out/planted.tsv").splitlines())
        sites = [row[head.index("letters")] for row in rows]
        self.assertEqual(len(sites), 20)
        self.assertEqual(len(set(sites)), 1, "each position has one letter")
        return sites[0]

    def refused(self, *arguments, **options):
        return self.fails(3, *self.simulate(*arguments, **options))

    def test_the_full_text_of_meme_is_read(self):
        self.assertEqual(self.planted("meme.txt", MEME_TEXT), "TGACTCA")

    def test_the_second_name_of_meme_finds_a_motif(self):
        self.assertEqual(self.planted("meme.txt", MEME_TEXT, name="MEME-1"), "TGACTCA")

    def test_the_text_of_dreme_is_read(self):
        text = ("# DREME 5.5.6\n#     command: dreme -p x.fa\n#        host: here\n\nMEME version 5.5.6\n\nALPHABET \"DNA\" DNA-LIKE\n"
                'A "Adenine" CC0000 ~ T "Thymine" 008000\nC "Cytosine" 0000CC ~ G "Guanine" FFB300\nEND ALPHABET\n\nstrands: + -\n\n'
                "Background letter frequencies (from dataset):\nA 0.255 C 0.245 G 0.243 T 0.257\n\n\nMOTIF TGACTCA DREME-1\n\n"
                "#             Word    RC Word        Pos        Neg    P-value    E-value\n"
                "# BEST     TGACTCA    TGAGTCA        350         40   4.9e-078   2.1e-073\n\n")
        self.assertEqual(self.planted("dreme.txt", text + matrix("TGACTCA"), name="TGACTCA"), "TGACTCA")

    def test_comments_before_the_version_and_small_letters(self):
        text = ("# made by hand\n\nMEME version 4\n\nALPHABET= acgt\n\nBackground letter frequencies\na 0.25 c 0.25 g 0.25 t 0.25\n\n"
                "MOTIF M1\n")
        self.assertEqual(self.planted("m.meme", text + matrix("TGACT")), "TGACT")

    def test_a_motif_without_a_matrix_is_skipped_and_counted(self):
        text = "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF M0 empty\n\nMOTIF M1 TEST\n\n" + matrix("TGACTCA") + "\nMOTIF M2 empty\n"
        self.assertEqual(self.planted("m.meme", text), "TGACTCA")
        self.assertRegex(self.succeeds(*self.simulate("m.meme", text)).err, "m.meme: skipped 2 motifs without a matrix")

    def test_who_asks_for_a_motif_without_a_matrix_is_told(self):
        text = "MEME version 4\n\nMOTIF M0 empty\n\nMOTIF M1 TEST\n\n" + matrix("TGACTCA")
        self.assertIn("no motif named 'M0' among 1 motifs (1 more without a matrix)", self.refused("m.meme", text, name="M0"))

    def test_jaspar_with_small_letters(self):
        text = ">M1\tTEST\na  [ 0 0 20 0 0 0 20 ]\nc  [ 0 0 0 20 0 20 0 ]\ng  [ 0 20 0 0 0 0 0 ]\nt  [20 0 0 0 20 0 0 ]\n"
        self.assertEqual(self.planted("m.jaspar", text), "TGACTCA")
        self.assertEqual(self.planted("m.jaspar", text, name="TEST"), "TGACTCA")

    def test_jaspar_without_letters(self):
        self.assertEqual(self.planted("m.pfm", ">M1\n0 0 20 0 0\n0 0 0 20 0\n0 20 0 0 0\n20 0 0 0 20\n"), "TGACT")

    def test_homer_has_a_row_for_each_position(self):
        head = ">{}\tM1\t6.049537\t-1782.996\t0\tT:9805.3\n"
        self.assertEqual(self.planted("m.motif", head.format("TGACTCA") + positions("TGACTCA", separator="\t"), name="TGACTCA"), "TGACTCA")
        self.assertEqual(self.planted("m.motif", head.format("TGAC") + positions("TGAC", separator="\t")), "TGAC", "four rows of four")

    def test_hocomoco_has_a_row_for_each_position(self):
        self.assertEqual(self.planted("m.pcm", ">AP1.H12\n" + positions("TGACTCA", 20, "\t"), name="AP1.H12"), "TGACTCA")

    def test_four_bare_rows_of_four_numbers_are_refused(self):
        error = self.refused("m.pcm", ">M1\n" + positions("TGAC", 20, "\t"))
        self.assertIn("m.pcm:1: motif 'M1' has four rows of four numbers without letters", error)
        self.assertIn('rows = "positions"', error)

    def test_who_says_what_the_rows_are_gets_it(self):
        text = ">M1\n" + positions("TGAC", 20, "\t")
        self.assertEqual(self.planted("m.pcm", text, more='rows = "positions"'), "TGAC")
        self.assertEqual(self.planted("m.pcm", text, more='rows = "letters"'), "GTCA")
        self.assertIn("rows", self.fails(2, *self.simulate("m.pcm", text, more='rows = "columns"')))

    def test_log_odds_are_refused(self):
        text = ">M1\n-2.1\t-2.1\t-2.1\t1.3\n-2.1\t-2.1\t1.3\t-2.1\n-2.1\t1.3\t-2.1\t-2.1\n"
        self.assertIn("m.pwm:2: count '-2.1'; expected a number of at least 0: log-odds", self.refused("m.pwm", text))

    def test_tables_that_are_no_file_of_motifs_name_the_formats_that_are(self):
        for text in ("Pos\tA\tC\tG\tT\n1\t0.1\t0.2\t0.3\t0.4\n", "Protein: X\tSeed: TGAC\nA:\t0.1\t0.9\n"):
            error = self.refused("m.txt", text)
            self.assertIn("m.txt:1: expected 'MEME version 4', found '", error)
            self.assertIn("JASPAR, HOMER, HOCOMOCO; or with AC, ID or P0: TRANSFAC", error)

    def test_transfac_is_read(self):
        text = "AC  M00001\nXX\nID  M1\nXX\nP0      A      C      G      T\n"
        rows = positions("TGACT", 9).splitlines()
        text += "".join(f"{i + 1:02d}      {row}      {'TGACT'[i]}\n" for i, row in enumerate(rows))
        self.assertEqual(self.planted("m.transfac", text + "XX\n//\n"), "TGACT")

    def test_every_option_that_takes_motifs_reads_them_alike(self):
        self.write("m.pcm", ">M1\n" + positions("TGACTCA", 20, "\t"))
        self.write("run.toml", """seed = 1
[data]
kind = "simulation"
[data.simulation]
sequences = 60
length = 30
[[data.simulation.motifs]]
name = "M1"
file = "m.pcm"
[[data.simulation.tasks]]
motifs = ["M1"]
[train]
epochs = 1
[model]
format = 1
inputs.sequence = {channels = 4, length = 30}
[[model.layers]]
type = "pool"
kind = "max"
global = true
[[model.heads]]
name = "logits"
[[model.heads.layers]]
type = "dense"
units = 1
[[loss]]
type = "binary_cross_entropy"
output = "logits"
target = "labels"
""")
        self.succeeds("train", "run.toml", "--out", "run", "--no-report")


if __name__ == "__main__":
    inputs.main()
