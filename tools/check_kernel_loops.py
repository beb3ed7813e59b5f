"""Looks at the tile kernels' machine code: the innermost loop of each must not touch the stack.

usage: check_kernel_loops.py [--objdump PROGRAM] OBJECT...     objects of the instruction-set units (avx2.cpp.o, avx512.cpp.o), x86-64 only

A kernel's sums live in registers, and each operand is loaded once a step; a compiler that runs out of registers spills
silently, or reads an operand from memory for every use, and the kernel is slower by half. For every kernel the innermost loop (the shortest backward jump around all its multiply-adds) is printed with
--verbose as: instructions, multiply-adds, loads, stack references. Exit 1 where a loop refers to the stack or loads more than it must.
"""
import argparse
import re
import subprocess

JUMP = re.compile(r'\bj[a-z]+\s+([0-9a-f]+)')


def functions(objdump, path):
    text = subprocess.run([objdump, '-d', '-C', '--no-show-raw-insn', path], capture_output=True, text=True, check=True).stdout
    name, lines = None, []
    for line in text.splitlines():
        header = re.match(r'^[0-9a-f]+ <(.*)>:$', line)
        if header:
            if name:
                yield name, lines
            name, lines = header.group(1), []
        elif (match := re.match(r'^\s*([0-9a-f]+):\s+(.*)$', line)):
            lines.append((int(match.group(1), 16), match.group(2)))
    if name:
        yield name, lines


def hot_loop(lines):
    """The shortest loop that holds the most multiply-adds of any innermost loop; empty without one."""
    best = []
    for end, (address, text) in enumerate(lines):
        jump = JUMP.match(text)
        if not jump or int(jump.group(1), 16) > address:
            continue
        target = int(jump.group(1), 16)
        body = [t for a, t in lines[:end + 1] if a >= target]
        inner = any((j := JUMP.match(t)) and target <= int(j.group(1), 16) < a for a, t in lines[:end] if a >= target)
        if not inner and sum('vfmadd' in t for t in body) > sum('vfmadd' in t for t in best):
            best = body
    return best


def shape_of(name):
    """(type, rows, vectors, the loads that a step may have: one for each row and vector, the table's and one to spare)."""
    tile = re.search(r'tile_kernel<(\w+), (\d+), (\d+)>', name)
    if tile:
        rows, vectors = int(tile.group(2)), int(tile.group(3))
        return tile.group(1), rows, vectors, rows + vectors + 2
    row = re.search(r'row_block<(\w+), (\d+), (\d+), (\d+)>', name)
    if row:
        phases, first, vectors = (int(row.group(i)) for i in (2, 3, 4))
        return row.group(1), phases, vectors, phases + vectors * (2 if first else 1) + 2
    points = re.search(r'point_block<(\d+), true, .*, (\w+)>\(', name)
    if points:
        return points.group(2), int(points.group(1)), 1, int(points.group(1)) + 4
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--objdump', default='objdump')
    parser.add_argument('--verbose', action='store_true')
    parser.add_argument('objects', nargs='+')
    options = parser.parse_args()
    looked_at, bad = 0, 0
    for path in options.objects:
        for name, lines in functions(options.objdump, path):
            shape = shape_of(name)
            if not shape:
                continue
            kind, rows, vectors, most_loads = shape
            loop = hot_loop(lines)
            wanted = rows * vectors
            sums = sum('vfmadd' in t for t in loop)
            stack = [t for t in loop if re.search(r'\((%rsp|%rbp)', t)]
            looked_at += 1
            loads = sum('(' in t and not t.startswith(('lea', 'nop')) for t in loop)
            if options.verbose:
                print(f'{path.rsplit("/", 1)[-1]:16s} {kind:6s} {rows}x{vectors}: '
                      f'{len(loop)} instructions, {sums} multiply-adds, {loads} loads, {len(stack)} of the stack')
            if stack or sums == 0 or sums % wanted or loads * wanted > most_loads * sums:
                bad += 1
                print(f'{path}: {name}: the inner loop has {sums} multiply-adds ({wanted} a step were expected), {loads} loads and '
                      f'{len(stack)} references to the stack' + ''.join(f'\n    {t}' for t in stack[:3]))
    if looked_at == 0:
        raise SystemExit('no tile kernels in: ' + ' '.join(options.objects))
    print(f'kernel loops: {looked_at} looked at, {bad} bad')
    raise SystemExit(1 if bad else 0)


if __name__ == '__main__':
    main()
