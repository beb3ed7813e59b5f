#!/usr/bin/env python3
"""tconv shape and tconv info from outside: fields, the seeds' numbers, the solver against brute force, code, refusals.

Usage: shape_test.py PATH-OF-TCONV
With TCONV_COMPILE (a compiler with its flags) and TCONV_LIBRARY (libtconv.a), C++ snippets are compiled and run.
"""
import ast
import json
import math
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

TCONV = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
LANGUAGES = ("pytorch", "keras", "onnx", "cpp")


def run(*arguments, **environment):
    return subprocess.run([TCONV, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, **environment})


class ShapeTest(unittest.TestCase):
    def succeed(self, *arguments, **environment):
        done = run(*arguments, **environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        return done.stdout

    def refuse(self, *arguments, code=2, says=""):
        done = run(*arguments)
        self.assertEqual((done.returncode, done.stdout), (code, ""), (arguments, done.stderr))
        self.assertTrue(done.stderr.startswith(f"tconv {arguments[0]}: "), (arguments, done.stderr))
        self.assertEqual(done.stderr.count("\n"), 1, (arguments, done.stderr))
        self.assertTrue(done.stderr.endswith("\n") and len(done.stderr) < 400, (arguments, done.stderr))
        self.assertIn(says, done.stderr, arguments)

    def shape(self, *arguments):
        return json.loads(self.succeed("shape", *arguments, "--json"))


class Sizes(ShapeTest):
    def test_json_fields(self):
        answer = self.shape("-p", "p1 s2 k4x4 i8x8 g1 d1")
        self.assertEqual(list(answer), ["schema_version", "problem", "input_size", "output_size", "full_size", "steps"])
        steps = answer.pop("steps")
        self.assertEqual(answer, {"schema_version": 1, "problem": "i8x8 k4 s2 p1", "input_size": [8, 8],
                                  "output_size": [16, 16], "full_size": [18, 18]})
        self.assertTrue(all(isinstance(step, str) and "\n" not in step for step in steps))
        self.assertIn("K + S = 4 + 2 = 6", steps[2])

    def test_the_seeds(self):
        for text, full, output in (("i2x2 k3", 4, 4), ("i2x2 k3 s2", 5, 5), ("i2x2 k3 s2 p2", 5, 1),
                                   ("i2x2 k3 s3 op2", 6, 8), ("i2x2 k4 s3 op1", 7, 8), ("i2x2 k2 s2 d2", 5, 5),
                                   ("i2x2 k2", 3, 3), ("i2x2 k2 p1", 3, 1), ("i2x2 k2 s2", 4, 4),
                                   ("ic20 oc10 i6x6 k5 s3 p2 op0", 20, 16), ("ic10 oc3 i32x32 k4 s2 p1", 66, 64)):
            answer = self.shape("-p", text)
            self.assertEqual((answer["full_size"], answer["output_size"]), ([full] * 2, [output] * 2), text)

    def test_options_say_what_a_text_says(self):
        by_text = self.shape("-p", "n2 ic4 oc6 i5x7 k3x2 s2x3 p1x0 op1x2 g2")
        by_options = self.shape("--batch", 2, "--channels", "4,6", "--input-size", "5,7", "--kernel", "3,2", "--stride",
                                "2,3", "--padding", "1,0", "--output-padding", "1,2", "--groups", 2)
        self.assertEqual(by_text, by_options)

    def test_random_problems_against_the_formula(self):
        for number in range(60):
            n, k, s, d, p = (1 + number % 5, 1 + number % 4, 1 + number % 3, 1 + number // 7 % 3, number // 11 % 2)
            op = number % max(s, d)
            full = (n - 1) * s + d * (k - 1) + 1
            if full - 2 * p + op < 1:
                continue
            answer = self.shape("-p", f"i{n} k{k} s{s} d{d} p{p} op{op}")
            self.assertEqual((answer["full_size"], answer["output_size"]), ([full], [full - 2 * p + op]))
            self.assertTrue(answer["steps"][-1].endswith(f"= {full - 2 * p + op}"), answer)

    def test_text(self):
        text = self.succeed("shape", "-p", "i64x64 ic3 oc8 k4 s2 p1")
        for words in ("64 x 64", "130 x 130", "128 x 128", "(1, 3, 64, 64)", "(3, 8, 4, 4)", "(1, 8, 128, 128)", "even",
                      "K + (m-1)S = 4 + 63*2 = 130"):
            self.assertIn(words, text)


class Solver(ShapeTest):
    def solve(self, *arguments):
        return json.loads(self.succeed("shape", *arguments, "--json"))

    def test_json_against_brute_force(self):
        for source, want in ((4, 8), (5, 12), (1, 6), (7, 3), (3, 40)):
            answer = self.solve("--from", source, "--want", want, "--max-kernel", 5, "--max-dilation", 3)
            self.assertEqual(list(answer), ["schema_version", "from", "want", "solutions"])
            self.assertEqual((answer["schema_version"], answer["from"], answer["want"]), (1, source, want))
            expected = set()
            for k in range(1, 6):
                for d in range(1, 4 if k > 1 else 2):
                    for s in range(1, 6 if source == 1 else want + 20):
                        for p in range(d * (k - 1) + 1):
                            op = want - ((source - 1) * s + d * (k - 1) + 1 - 2 * p)
                            if 0 <= op < max(s, d):
                                g = math.gcd(s, d)
                                verdict = "holes" if g > 1 or k < s else "uneven" if k % s else "even"
                                expected.add((k, s, p, op, d, verdict))
            found = [tuple(one[key] for key in ("k", "s", "p", "op", "d", "verdict")) for one in answer["solutions"]]
            self.assertEqual(len(found), len(set(found)))
            self.assertEqual(set(found), expected, (source, want))

    def test_table(self):
        text = self.succeed("shape", "--from", 64, "--want", 128)
        rows = [line.split() for line in text.splitlines()]
        self.assertEqual(rows[2], ["k", "s", "p", "op", "d", "taps"])
        self.assertEqual(rows[3], ["2", "2", "0", "0", "1", "even"])
        self.assertEqual(rows[4], ["4", "2", "1", "0", "1", "even"])
        self.assertEqual(sum(row[-1:] in (["even"], ["uneven"], ["holes"]) for row in rows), 25)
        total = len(self.solve("--from", 64, "--want", 128)["solutions"])
        self.assertIn(f"… and {total - 25} more (--all or --json)", text)
        everything = self.succeed("shape", "--from", 64, "--want", 128, "--all")
        self.assertEqual(len(everything.splitlines()), len(text.splitlines()) + total - 25 - 1)

    def test_nothing_found(self):
        self.assertEqual(self.solve("--from", 640, "--want", 1)["solutions"], [])
        self.assertIn("--max-kernel", self.succeed("shape", "--from", 640, "--want", 1))
        self.assertIn("--max-kernel", self.succeed("shape", "--from", 1, "--want", 2 ** 40))

    def test_refusals(self):
        self.refuse("shape", "--from", 64, says="--want")
        self.refuse("shape", "--want", 64, says="--from")
        self.refuse("shape", "--max-kernel", 4, says="--from")
        self.refuse("shape", "--from", 64, "--want", 128, "--stride", 2, says="--stride")
        self.refuse("shape", "--from", 64, "--want", 128, "-p", "i8 k4", says="-p")
        self.refuse("shape", "--from", 64, "--want", 128, "--code", "keras", says="--code")
        for value in ("0", "-1", 2 ** 62, 2 ** 64, "x", "1.5", "8,8"):
            self.refuse("shape", f"--from={value}", "--want", 128)
            self.refuse("shape", "--from", 64, f"--want={value}")
            self.refuse("shape", "--from", 64, "--want", 128, f"--max-kernel={value}")

    def test_never_hangs(self):
        for source, want in ((2, 2 ** 40), (1, 2 ** 40), (2 ** 40, 2 ** 40), (2 ** 40, 1), (3, 10 ** 9)):
            done = run("shape", "--from", source, "--want", want, "--max-kernel", 64, "--max-dilation", 64)
            self.assertIn(done.returncode, (0, 2))  # run() ends what takes over a minute


class Code(ShapeTest):
    texts = ("i8x8 k4 s2 p1", "i5 k3", "i2x3x4 k3x2x1 s2 op1", "ic4 oc6 i5x7 k3x2 s2x3 p1:0 op1 g2 bias leaky:0.2 sum",
             "i4 k2 s3 o25 bias relu", "i4x4 k3 s2 d2 p3 f64 nhwc tanh", "i6 k3 o2 clamp:-1:6", "i3 k3 s2 p3:0 sigmoid",
             'i3 k3 "a name \\ with */ traps)"')

    def test_snippets_are_complete_sources(self):
        for text in self.texts:
            for language in LANGUAGES:
                source = self.succeed("shape", "-p", text, "--code", language)
                self.assertTrue(source.endswith("\n") and "traps" not in source)
                if language != "cpp":
                    ast.parse(source)

    def test_pytorch(self):
        source = self.succeed("shape", "-p", "ic64 oc32 i8x8 k4 s2 p1", "--code", "pytorch")
        self.assertIn("nn.ConvTranspose2d(64, 32, kernel_size=4, stride=2, padding=1, bias=False)", source)
        self.assertIn("assert y.shape == (1, 32, 16, 16)", source)
        source = self.succeed("shape", "-p", "i8 k4 s2 p0:1 bias relu", "--code", "pytorch")
        self.assertIn("y = y[:, :, :-1]", source)
        self.assertIn("torch.relu(y)", source)

    def test_keras(self):
        self.assertIn('Conv2DTranspose(32, 4, strides=2, padding="same", use_bias=False)',
                      self.succeed("shape", "-p", "ic64 oc32 i8x8 k4 s2 p1", "--code", "keras"))
        source = self.succeed("shape", "-p", "i8x8 k3 s2 p1 op1", "--code", "keras")
        self.assertIn('padding="valid"', source)
        self.assertIn("Cropping2D(((1, 0), (1, 0)))", source)
        self.assertIn("Keras refuses dilation_rate", self.succeed("shape", "-p", "i8 k3 s2 d3", "--code", "keras"))

    def test_onnx(self):
        source = self.succeed("shape", "-p", "i8x8 k4 s2 p1 bias", "--code", "onnx")
        self.assertIn("kernel_shape=[4, 4], strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[0, 0]", source)
        self.assertIn("output_padding=[1]", self.succeed("shape", "-p", "i8 k3 s2 p1 op1", "--code", "onnx"))

    def test_refusals(self):
        self.refuse("shape", "-p", "i8 k4", "--code", "pytroch", says="did you mean pytorch?")
        self.refuse("shape", "-p", "i8 k4", "--code", "fortran", says="pytorch, keras, onnx, cpp")
        self.refuse("shape", "-p", "i8 k4", "--code", "cpp", "--json", says="--json")
        for language in ("pytorch", "keras"):
            self.refuse("shape", "-p", "oc0 i8 k4", "--code", language, code=5, says="channel")

    @unittest.skipUnless("TCONV_COMPILE" in os.environ, "TCONV_COMPILE is not set")
    def test_cpp_compiles_and_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            source, program = pathlib.Path(folder, "layer.cpp"), pathlib.Path(folder, "layer")
            for text in ("ic4 oc6 i5x7 k3x2 s2x3 p1:0 op1 g2 bias leaky:0.2 sum", "i4x4 k3 s2 d2 f64 nhwc tanh sum"):
                source.write_text(self.succeed("shape", "-p", text, "--code", "cpp"))
                subprocess.run([*shlex.split(os.environ["TCONV_COMPILE"]), "-Wall", "-Wextra", "-Werror", source, "-o",
                                program, *shlex.split(os.environ["TCONV_LIBRARY"])], check=True)
                printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
                self.assertEqual(printed, {"ic": "y has shape (1, 6, 11, 20)\n",
                                           "i4": "y has shape (1, 11, 11, 1)\n"}[text[:2]])


class Refusals(ShapeTest):
    def test_every_token_zero_negative_and_huge(self):
        usual = {"n": 1, "ic": 2, "oc": 2, "i": "8x8", "k": 4, "s": 2, "p": 1, "op": 0, "d": 1, "g": 1}
        zero_is_fine = {"n", "ic", "oc", "p", "op"}
        for token in [*usual, "o"]:
            for value in (-1, 0, 2 ** 31, 2 ** 62, 2 ** 63, 10 ** 30):
                tokens = {**usual, token: value}
                if token == "o":
                    del tokens["op"]
                text = " ".join(f"{key}{size}" for key, size in tokens.items())
                done = run("shape", "-p", text)
                if value == 0 and token in zero_is_fine:
                    self.assertEqual(done.returncode, 0, (text, done.stderr))
                elif value in (-1, 0) or value >= 2 ** 62 or done.returncode != 0:
                    self.refuse("shape", "-p", text)

    def test_every_option_zero_negative_and_huge(self):
        usual = {"--batch": 1, "--channels": "2,2", "--input-size": "8,8", "--kernel": 4, "--stride": 2, "--padding": 1,
                 "--output-padding": 0, "--dilation": 1, "--groups": 1}
        zero_is_fine = {"--batch", "--padding", "--output-padding"}
        for option in usual:
            for value in (-1, 0, 2 ** 31, 2 ** 62, 2 ** 63, 10 ** 30, "x", "1.5", "1,", "1,1,1,1"):
                given = {**usual, option: value}
                arguments = [f"{key}={size}" for key, size in given.items()]
                done = run("shape", *arguments)
                if value == 0 and option in zero_is_fine:
                    self.assertEqual(done.returncode, 0, (arguments, done.stderr))
                elif value != 2 ** 31 or done.returncode != 0:
                    self.refuse("shape", *arguments)

    def test_lists_of_the_wrong_rank(self):
        for token in ("k3x3x3", "s2x2x2", "p1x1x1", "op0x0x0", "d1x1x1", "p1x1:1x1x1"):
            rest = "i8x8" if token.startswith("k") else "i8x8 k3"
            self.refuse("shape", "-p", f"{rest} {token}")
        self.refuse("shape", "-p", "i2x2x2x2 k3")
        for option in ("--kernel", "--stride", "--padding", "--output-padding", "--dilation", "--output-size"):
            arguments = {"--input-size": "8,8", "--kernel": "3", option: "1,1,1"}
            self.refuse("shape", *(f"{key}={value}" for key, value in arguments.items()))

    def test_impossible_geometries(self):
        for text in ("", "k3", "i8", "i2 k3 p4", "i8 k3 op1", "i8 k3 s2 op2", "ic3 i8 k3 g2", "oc3 i8 k3 g2", "o2 k5",
                     "i8 k3 s2 op1 o17", "i8 i8 k3", "i8 k3 z1", "i8 k3 s", "i8 k3 sx2"):
            self.refuse("shape", "-p", text)
        self.refuse("shape")
        self.refuse("shape", "-p", "i8 k3", "--stride", 2, says="together")
        self.refuse("shape", "-p", "i8 k3", "--strid", 2, says="did you mean --stride?")
        self.refuse("shape", "-p", "i8 k3", "extra")
        self.refuse("shape", "-p", "i8 k3", "-o", "F.gif", says=".svg")


class Info(ShapeTest):
    def test_json(self):
        answer = json.loads(self.succeed("info", "--json"))
        self.assertEqual(list(answer), ["schema_version", "version", "abi", "cpu", "isa", "available_isas", "threads",
                                        "caches"])
        self.assertEqual(answer["schema_version"], 1)
        self.assertRegex(answer["version"], r"^\d+\.\d+\.\d+$")
        self.assertIn(answer["isa"], answer["available_isas"])
        self.assertGreaterEqual(answer["threads"], 1)
        self.assertTrue(all(isinstance(size, int) and size > 0 for size in answer["caches"].values()))

    def test_threads(self):
        self.assertEqual(json.loads(self.succeed("info", "--json", TCONV_NUM_THREADS="3"))["threads"], 3)
        usual = json.loads(self.succeed("info", "--json", TCONV_NUM_THREADS=""))["threads"]
        self.assertEqual(json.loads(self.succeed("info", "--json", TCONV_NUM_THREADS="-3"))["threads"], usual)

    def test_text(self):
        text = self.succeed("info")
        for word in ("version", "cpu", "isa", "threads", "caches"):
            self.assertIn(word, text)
        self.refuse("info", "--measur", says="unknown option")


if __name__ == "__main__":
    unittest.main()
