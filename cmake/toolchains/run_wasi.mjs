// Runs a WASI program in node (18 or later): run_wasi.mjs PROGRAM.wasm [ARGUMENT...]. It sees its arguments and the
// environment, no files.
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const [program, ...words] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: [program, ...words], env: process.env, returnOnExit: true });
// Each behind a function of its own: node 20 breaks its heap where compiled code calls them straight ("fast API calls").
const calls = Object.entries(wasi.wasiImport).map(([name, call]) => [name, (...numbers) => call(...numbers)]);
const module = await WebAssembly.compile(await readFile(program));
const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: Object.fromEntries(calls) });
process.exitCode = wasi.start(instance);
