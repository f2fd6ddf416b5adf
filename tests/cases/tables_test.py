"""Tables of sequences and labels as tools, pandas, R and spreadsheets write them, and files in every role."""

import json
import random

import inputs

LENGTH = 30

MODEL = """
[model]
format = 1
inputs.sequence = {{channels = 4, length = {length}}}
  [[model.layers]]
  type = "conv"
  filters = 4
  width = 7
  [[model.layers]]
  type = "activation"
  kind = "relu"
  [[model.layers]]
  type = "pool"
  kind = "max"
  global = true
{heads}
"""

HEAD = """
  [[model.heads]]
  name = "{name}"
    [[model.heads.layers]]
    type = "dense"
    units = {units}
"""

TRAIN = """
[train]
epochs = 1
  [train.loader]
  batch_size = 16
  workers = 0
"""

LOSS = """
[[loss]]
type = "{type}"
output = "{output}"
target = "{target}"
"""


class Labelled(inputs.Case):
    """Tiny recipes on tables and FASTA files; what a run says is in its manifest."""

    def setUp(self):
        super().setUp()
        self.draw = random.Random(self.seed)

    def letters(self):
        return inputs.letters(self.draw, LENGTH)

    def recipe(self, data, units=1, loss="binary_cross_entropy"):
        """`data`: the lines of the table [data]."""
        heads, losses = HEAD.format(name="logits", units=units), LOSS.format(type=loss, output="logits", target="labels")
        self.write("run.toml", "seed = 1\n[data]\n" + data + losses + TRAIN + MODEL.format(length=LENGTH, heads=heads))

    def table(self, text, name="table.tsv", units=1, more=""):
        self.write(name, text)
        self.recipe(f'kind = "table"\ntable.file = "{name}"\nsplit.validation_fraction = 0.2\nsplit.test_fraction = 0.2\n{more}', units)

    def train(self, *more):
        self.succeeds("train", "run.toml", "--out", "run", "--overwrite", "--no-report", *more)
        return json.loads(self.text("run/manifest.json"))

    def refused(self, code=3):
        return self.fails(code, "train", "run.toml", "--out", "run", "--overwrite", "--no-report")

    def rows(self, n, label=lambda i: i % 2, separator="\t", first=0):
        """name, sequence, label"""
        return "".join(separator.join([f"s{i}", self.letters(), str(label(i))]) + "\n" for i in range(first, first + n))

    def fasta(self, name, names):
        return self.write(name, "".join(f">{of}\n{self.letters()}\n" for of in names))

    def assert_noted(self, manifest, *texts):
        for text in texts:
            self.assertTrue(any(text in note for note in manifest["notes"]), (text, manifest["notes"]))


class Forms(Labelled):
    def positives(self, manifest):
        """Positives of all three sets."""
        return sum(int(line.split("bound: ")[1].split()[0]) for line in manifest["data"].splitlines() if "bound: " in line)

    def test_a_table_with_commas_is_read(self):
        self.table("name,sequence,bound\n" + self.rows(60, separator=","), "table.csv")
        run = self.train()
        self.assertIn("train: 36 sequences of 30 bases", run["data"])
        self.assertEqual(self.positives(run), 30)
        self.assert_noted(run, "labels are the columns bound (data.table.labels chooses)")

    def test_quotes_line_ends_of_windows_and_a_byte_order_mark(self):
        rows = "".join(f'"s{i}, the ""{i}""",{self.letters()},"{i % 3 == 0:d}"\r\n' for i in range(60))
        self.table(b"\xef\xbb\xbf" + ('"name","sequence","bound"\r\n' + rows).encode(), "table.csv")
        self.assertEqual(self.positives(self.train()), 20)

    def test_the_index_column_of_pandas_is_no_label(self):
        self.table(",sequence,bound\n" + "".join(f"{i},{self.letters()},{i % 2}\n" for i in range(60)), "table.csv")
        run = self.train()
        self.assertEqual(self.positives(run), 30)
        self.assert_noted(run, "labels are the columns bound (")

    def test_the_row_names_of_r_are_names_and_its_truths_are_labels(self):
        rows = "".join(f'"s{i}"\t"{self.letters()}"\t{"TRUE" if i % 4 == 0 else "FALSE"}\n' for i in range(60))
        self.table('"sequence"\t"bound"\n' + rows)
        run = self.train()
        self.assertEqual(self.positives(run), 15)
        self.assert_noted(run, "TRUE and FALSE in column 'bound' are 1 and 0")

    def test_semicolons_of_spreadsheets(self):
        self.table("name;sequence;bound\n" + self.rows(60, separator=";"), "table.csv")
        self.assertEqual(self.positives(self.train()), 30)

    def test_blanks_are_no_separator_and_the_error_says_what_is(self):
        self.table("name sequence bound\n" + self.rows(60, separator=" "))
        self.assertIn("columns are separated by tabs, commas or semicolons", self.refused())

    def test_missing_labels_are_missing_and_not_zero(self):
        words = ["1", "0", "NA", "", "nan", "NULL"]
        self.table("name\tsequence\tbound\n" + self.rows(60, lambda i: words[i % 6]))
        run = self.train()
        self.assertEqual(self.positives(run), 10)
        missing = sum(int(line.split("(")[1].split()[0]) for line in run["data"].splitlines() if "missing)" in line)
        self.assertEqual(missing, 40)

    def test_sites_in_a_table_with_commas(self):
        self.genome({"chr1": 3000, "chr2": 2000, "chr3": 2000})
        rows = "".join(f"{of},{100 + 90 * k},+\n" for of in ("chr1", "chr2", "chr3") for k in range(15))
        self.write("sites.csv", "chrom,pos,strand\n" + rows)
        self.recipe('kind = "genome"\ngenome = {fasta = "genome.fa", window = 30, sites = {file = "sites.csv", chromosome = "chrom", '
                    'position = "pos", strand = "strand"}}\nnegatives.kind = "random"\nsplit = {by = "chromosome", '
                    'validation_chromosomes = ["chr2"], test_chromosomes = ["chr3"]}\n')
        self.assertEqual(self.train()["data"].count("15 around sites"), 3)


class Values(Labelled):
    def test_one_typo_among_labels_names_its_row(self):
        self.table("name\tsequence\tbound\n" + self.rows(120, lambda i: "O" if i == 77 else i % 2))
        error = self.refused()
        self.assertIn("table.tsv:79: label 'O' in column 'bound' is no number (119 of 120 rows are)", error)
        self.assertIn("data.table.labels", error)

    def test_one_typo_in_one_of_two_columns_drops_none(self):
        rows = "".join(f"s{i}\t{self.letters()}\t{i % 2}\t{'l' if i == 3 else i % 3}\n" for i in range(60))
        self.table("name\tsequence\ta\tb\n" + rows, units=2)
        self.assertIn("table.tsv:5: label 'l' in column 'b' is no number (59 of 60 rows are)", self.refused())

    def test_a_typo_in_a_column_that_was_named(self):
        self.table("name\tsequence\tbound\n" + self.rows(60, lambda i: "1O" if i == 10 else 10), more='table.labels = ["bound"]\n')
        self.assertIn("table.tsv:12: label '1O' in column 'bound' is no number (59 of 60 rows are)", self.refused())

    def test_infinite_labels_are_refused(self):
        for word in ("inf", "-Infinity", "1e99"):
            self.table("name\tsequence\tbound\n" + self.rows(60, lambda i: word if i == 5 else i))
            self.assertIn(f"table.tsv:7: label '{word}' in column 'bound' is not finite", self.refused())

    def test_truths_among_numbers_are_refused(self):
        self.table("name\tsequence\tbound\n" + self.rows(60, lambda i: "TRUE" if i == 5 else i % 2))
        self.assertIn("table.tsv:7: label 'TRUE' in column 'bound' is no number (59 rows are numbers, 1 TRUE or FALSE)", self.refused())

    def test_places_do_not_become_labels(self):
        rows = "".join(f"s{i}\tchr1\t{1000 + i}\t{1030 + i}\t{self.letters()}\t{i % 2}\n" for i in range(60))
        self.table("name\tchrom\tstart\tend\tsequence\tbound\n" + rows)
        run = self.train()
        self.assert_noted(run, "labels are the columns bound (data.table.labels chooses)",
                          "columns of numbers that are no labels by their names: start, end",
                          "columns that hold no numbers are no labels: chrom")

    def test_where_only_places_have_numbers_the_labels_must_be_named(self):
        rows = "".join(f"s{i}\t{i}\t{self.letters()}\t{i / 7}\n" for i in range(60))
        self.table("name\tpeak_start\tsequence\tscore\n" + rows)
        error = self.refused()
        self.assertIn("which columns are labels? peak_start, score are columns of numbers, but by name", error)
        self.assertIn("data.table.labels", error)
        self.recipe('kind = "table"\ntable = {file = "table.tsv", labels = ["score"]}\n', loss="mse")
        self.assertIn("score: mean", self.train()["data"])

    def test_words_that_are_no_labels_are_noted(self):
        rows = "".join(f"s{i}\t{self.letters()}\t{i % 2}\t{['good', 'bad', '7'][i % 3]}\n" for i in range(60))
        self.table("name\tsequence\tbound\tcomment\n" + rows)
        self.assert_noted(self.train(), "columns that hold no numbers are no labels: comment")

    def test_a_table_without_labels_says_what_its_columns_hold(self):
        self.table("name\tsequence\tbound\n" + self.rows(60, lambda i: ["no", "yes"][i % 2]))
        self.assertIn("table.tsv: no column holds labels: 'bound' holds 'no' in line 2; labels are numbers, or TRUE and FALSE",
                      self.refused())
        self.table("name;sequence;bound\n" + self.rows(60, lambda i: f"0,{i}", ";"), "table.csv")
        self.assertIn("'bound' holds '0,0' in line 2", self.refused())

    def test_a_label_that_is_named_twice_is_refused(self):
        self.table("name\tsequence\tbound\n" + self.rows(60), more='table.labels = ["bound", "bound"]\n')
        self.assertIn("data.table.labels names the column 'bound' twice", self.refused(2))

    def test_a_table_for_another_kind_is_refused(self):
        # Without kind the examples would be simulated.
        self.table("name\tsequence\tbound\n" + self.rows(60))
        self.write("run.toml", self.text("run.toml").replace('kind = "table"\n', ""))
        self.assertIn('data.table.file means nothing with data.kind = "simulation"; data.kind = "table" uses it', self.refused(2))
        self.write("run.toml", self.text("run.toml").replace("[data]\n", '[data]\nkind = "table"\nfasta.file = "x.fa"\n'))
        self.assertIn('data.fasta.file means nothing with data.kind = "table"', self.refused(2))

    def test_predictions_of_a_table_do_not_read_its_labels(self):
        self.table("name\tsequence\tbound\n" + self.rows(60))
        self.train()
        self.write("new.csv", "name,sequence,bound\n" + self.rows(5, lambda i: "O" if i == 2 else 1, ","))
        self.succeeds("predict", "run", "--table", "new.csv", "--out", "p")
        self.assertEqual([line.split("\t")[0] for line in self.text("p.tsv").splitlines()], ["name", "s0", "s1", "s2", "s3", "s4"])


class Joined(Labelled):
    """FASTA files with tables of labels."""

    def join(self, table, names, more=""):
        self.write("labels.tsv", table)
        self.fasta("seqs.fa", names)
        self.recipe(f'kind = "fasta"\nfasta.file = "seqs.fa"\nfasta.table = "labels.tsv"\n{more}')

    def test_label_rows_without_a_sequence_are_counted(self):
        self.join("name\tbound\n" + "".join(f"p{i}\t{i % 2}\n" for i in range(80)), [f"p{i}" for i in range(60)])
        self.assert_noted(self.train(), "20 of 80 rows of ", "labels.tsv belong to no sequence (p60, p61, p62 and 17 more)")

    def test_sequences_without_labels_are_counted(self):
        self.join("name\tbound\n" + "".join(f"p{i}\t{i % 2}\n" for i in range(50)), [f"p{i}" for i in range(60)])
        self.assert_noted(self.train(), "10 of 60 sequences have no row in ", "their labels are missing (p50, p51, p52 and 7 more)")

    def test_names_that_never_meet_are_shown(self):
        self.join("name\tbound\n" + "".join(f"peak_{i}\t1\n" for i in range(9)), [f"p{i}" for i in range(60)])
        error = self.refused()
        self.assertIn("none of its sequences has a row in", error)
        self.assertIn("peak_0", error)
        self.assertIn("p0", error)

    def test_labels_by_the_index_of_pandas(self):
        self.join(",start,bound\n" + "".join(f"p{i},{i},{i % 2}\n" for i in range(60)), [f"p{i}" for i in range(60)])
        run = self.train()
        self.assert_noted(run, "labels are the columns bound (data.fasta.labels chooses)", "no labels by their names: start")

    def test_a_typo_in_a_table_of_labels_names_its_row(self):
        self.join("name\tbound\n" + "".join(f"p{i}\t{'x' if i == 7 else i % 2}\n" for i in range(60)), [f"p{i}" for i in range(60)])
        self.assertIn("labels.tsv:9: label 'x' in column 'bound' is no number (59 of 60 rows are)", self.refused())

    def test_names_that_repeat_are_counted_unless_labels_go_by_them(self):
        names = [f"gene{i // 3}" if i < 9 else f"gene{i}" for i in range(60)]
        self.fasta("seqs.fa", names)
        self.recipe('kind = "fasta"\nfasta = {file = "seqs.fa", all_positive = true}\nnegatives.kind = "shuffled"\n')
        self.assert_noted(self.train(), "seqs.fa: 3 names occur more than once")
        self.join("name\tbound\n" + "".join(f"gene{i}\t{i % 2}\n" for i in range(60)), names)
        self.assertIn("seqs.fa:3: the name 'gene0' occurs twice, and the labels go by name", self.refused())

    def test_u_is_read_as_t(self):
        losses = []
        for change in ("T", "U", "u"):
            self.draw = random.Random(5)
            rows = "".join(f"s{i}\t{self.letters().replace('T', change)}\t{i % 2}\n" for i in range(60))
            self.table("name\tsequence\tbound\n" + rows)
            self.train()
            losses.append(self.text("run/log.tsv").splitlines()[-1].split("\t")[4:6])
        self.assertEqual(losses[0], losses[1])
        self.assertEqual(losses[0], losses[2])

    def test_infinite_labels_in_headers_are_refused(self):
        self.write("seqs.fa", "".join(f">s{i} y={'inf' if i == 4 else i}\n{self.letters()}\n" for i in range(20)))
        self.recipe('kind = "fasta"\nfasta = {file = "seqs.fa", label_key = "y"}\n')
        self.assertIn("seqs.fa:9: 'inf' in the labels of 's4' is no finite number", self.refused())

    def test_a_set_and_a_group_from_the_table_of_labels(self):
        rows = "".join(f"p{i}\t{i % 2}\t{'train' if i < 40 else 'val' if i < 50 else 'test'}\n" for i in range(60))
        self.join("name\tbound\tsplit\n" + rows, [f"p{i}" for i in range(60)], 'split.by = "column"\n')
        data = self.train()["data"]
        for text in ("train: 40 seq", "validation: 10 seq", "test: 10 seq"):
            self.assertIn(text, data)


class Several(Labelled):
    """Several files in a role, files for each set, groups, several targets."""

    def sizes(self, manifest):
        return [int(line.split()[1]) for line in manifest["data"].splitlines()[:3]]

    def test_positives_and_negatives_in_several_files(self):
        for name, n in (("a", 20), ("b", 15), ("n", 18), ("m", 7)):
            self.fasta(f"{name}.fa", [f"{name}{i}" for i in range(n)])
        self.recipe('kind = "fasta"\nfasta.file = ["a.fa", "b.fa"]\nfasta.negatives = ["n.fa", "m.fa"]\n'
                    "split.validation_fraction = 0.25\nsplit.test_fraction = 0.25\n")
        run = self.train()
        self.assertEqual(self.sizes(run), [30, 15, 15])
        self.assertEqual(sum(int(line.split("positive: ")[1].split()[0]) for line in run["data"].splitlines()[:3]), 35)
        self.assertEqual([one["reference"].split("/")[-1] for one in run["inputs"] if one["reference"].endswith(".fa")],
                         ["a.fa", "b.fa", "n.fa", "m.fa"])

    def test_every_set_from_files_of_its_own(self):
        for name, n in (("p", 30), ("n", 20), ("vp", 6), ("vn", 5), ("tp", 4), ("tn", 8)):
            self.fasta(f"{name}.fa", [f"{name}{i}" for i in range(n)])
        self.recipe('kind = "fasta"\n[data.fasta]\nfile = "p.fa"\nnegatives = "n.fa"\n'
                    'validation_file = "vp.fa"\nvalidation_negatives = "vn.fa"\n'
                    'test_file = "tp.fa"\ntest_negatives = "tn.fa"\n')
        run = self.train()
        self.assertEqual(self.sizes(run), [50, 11, 12])
        self.assertEqual([line.split("positive: ")[1].split()[0] for line in run["data"].splitlines()[:3]], ["30", "6", "4"])

    def test_a_test_file_without_its_negatives_is_refused(self):
        for name in "pnt":
            self.fasta(f"{name}.fa", [f"{name}{i}" for i in range(20)])
        self.recipe('kind = "fasta"\nfasta = {file = "p.fa", negatives = "n.fa", test_file = "t.fa"}\n')
        self.assertIn("'test_negatives' is missing", self.refused(2))

    def test_tables_in_a_list_and_for_each_set(self):
        for name, n in (("a.tsv", 30), ("b.csv", 20), ("v.tsv", 8), ("t.csv", 9)):
            separator = "," if name.endswith("csv") else "\t"
            self.write(name, separator.join(["name", "sequence", "bound"]) + "\n" + self.rows(n, separator=separator))
        self.recipe('kind = "table"\ntable = {file = ["a.tsv", "b.csv"], validation_file = "v.tsv", test_file = "t.csv"}\n')
        run = self.train()
        self.assertEqual(self.sizes(run), [50, 8, 9])
        names = [one["reference"].split("/")[-1] for one in run["inputs"]]
        self.assertEqual([name for name in names if name.endswith(("tsv", "csv"))], ["a.tsv", "b.csv", "v.tsv", "t.csv"])
        self.assertEqual(self.train("--set", 'data.table.file=["a.tsv"]')["data"].count("30 sequences"), 1)

    def test_a_second_table_without_the_label_is_refused(self):
        self.write("b.tsv", "name\tsequence\tbond\n" + self.rows(9))
        self.write("table.tsv", "name\tsequence\tbound\n" + self.rows(60))
        self.recipe('kind = "table"\ntable = {file = "table.tsv", test_file = "b.tsv"}\n')
        self.assertIn("b.tsv: no column 'bound' (did you mean 'bond'?)", self.refused())

    def test_groups_of_a_column_stay_together(self):
        rows = "".join(f"s{i}\t{self.letters()}\t{i % 2}\tgene{i // 4}\n" for i in range(80))
        self.table("name\tsequence\tbound\tgene\n" + rows, more='split.by = "group"\nsplit.group = "gene"\n')
        self.assertEqual(self.sizes(self.train()), [48, 16, 16])

    def test_groups_of_names_by_a_pattern(self):
        for name in ("p", "n"):
            self.fasta(f"{name}.fa", [f"gene{i // 2}_{name}{i % 2}" for i in range(40)])
        self.recipe('kind = "fasta"\nfasta = {file = "p.fa", negatives = "n.fa"}\n'
                    "split = {by = \"group\", group_pattern = '^([^_]+)_', test_groups = [\"gene3\", \"gene4\"], "
                    'validation_groups = ["gene9"]}\n')
        run = self.train()
        self.assertEqual(self.sizes(run), [68, 4, 8])
        self.assertEqual([line.split("positive: ")[1].split()[0] for line in run["data"].splitlines()[:3]], ["34", "2", "4"])

    def test_a_binary_and_a_regression_head_from_one_table(self):
        rows = "".join(f"s{i}\t{self.letters()}\t{i % 2}\t{i % 3 == 0:d}\t{'NA' if i % 10 == 0 else i / 10}\n" for i in range(80))
        self.write("table.tsv", "name\tsequence\tctcf\tpu1\tsignal\n" + rows)
        heads = HEAD.format(name="binding", units=2) + HEAD.format(name="level", units=1)
        losses = LOSS.format(type="binary_cross_entropy", output="binding", target="bound")
        losses += LOSS.format(type="mse", output="level", target="strength")
        targets = """
[[data.table.targets]]
name = "bound"
labels = ["ctcf", "pu1"]
[[data.table.targets]]
name = "strength"
labels = ["signal"]
"""
        data = 'seed = 1\n[data]\nkind = "table"\nsplit.test_fraction = 0.25\n[data.table]\nfile = "table.tsv"\n'
        self.write("run.toml", data + targets + losses + TRAIN + MODEL.format(length=LENGTH, heads=heads))
        run = self.train()
        self.assertIn("signal: mean", run["data"])
        metrics = json.dumps(self.succeeds("evaluate", "run", "--no-report", "--json").json)
        for word in ('"binding"', '"level"', '"ctcf"', '"pu1"', '"auroc"'):
            self.assertIn(word, metrics)


if __name__ == "__main__":
    inputs.main()
