#!/usr/bin/env python3
"""Looks at the tile and row kernels' machine code: the innermost loop of each must not touch the stack.

usage: check_kernel_loops.py [--objdump PROGRAM] [--verbose] OBJECT... | --self-test

OBJECTs are those of instruction-set units (avx2.cpp.o, neon.cpp.o ...), for x86-64 or AArch64. A kernel's sums live in
registers, and each operand is loaded once a step; a compiler that runs out of registers spills silently, or reads an
operand from memory for every use, and the kernel is slower by half. The innermost loop is the shortest backward jump
around all its multiply-adds; --verbose prints, for every kernel: instructions, multiply-adds, loads, stack references.
Exit 1 where a loop refers to the stack, loads more than it must or does more multiplications than a step has.
"""
import argparse
import re
import subprocess


class X86:
    jump = re.compile(r'\bj[a-z]+\s+([0-9a-f]+)')
    product = re.compile(r'\bvfn?madd|\bv?mul[ps][sd]\b')  # a fused multiply-add; where there is none, its product
    stack = re.compile(r'\(%r[sb]p\)')  # with an index, it is a register as any other

    @staticmethod
    def is_load(text):
        return '(' in text and not text.startswith(('lea', 'nop', 'prefetch', 'j'))


class Arm64:
    jump = re.compile(r'\b(?:b\.[a-z]+|cbn?z\s+\w+,|tbn?z\s+\w+, #\d+,)\s+([0-9a-f]+)')
    product = re.compile(r'\bf(?:mla|mls|madd)\b')
    stack = re.compile(r'\[(?:sp|x29)\b')

    @staticmethod
    def is_load(text):
        # A pair is one instruction and two operands.
        return 2 if text.startswith(('ldp', 'ldnp')) else text.startswith('ld')


def functions(objdump, path):
    """The machine, and each function's name and instructions."""
    text = subprocess.run([objdump, '-d', '-C', '--no-show-raw-insn', path], capture_output=True, text=True, check=True).stdout
    return (Arm64 if 'aarch64' in text[:300] else X86), parsed(text)


def parsed(text):
    found = []
    for line in text.splitlines():
        if (header := re.match(r'^[0-9a-f]+ <(.*)>:$', line)):
            found.append((header.group(1), []))
        elif found and (match := re.match(r'^\s*([0-9a-f]+):\s+(.*)$', line)):
            found[-1][1].append((int(match.group(1), 16), match.group(2)))
    return found


def hot_loop(machine, lines):
    """The shortest loop that holds the most multiply-adds of any innermost loop; empty without one."""
    best, most = [], 0
    for end, (address, text) in enumerate(lines):
        jump = machine.jump.match(text)
        if not jump or int(jump.group(1), 16) > address:
            continue
        target = int(jump.group(1), 16)
        body = [(a, t) for a, t in lines[:end + 1] if a >= target]
        inner = any((j := machine.jump.match(t)) and target <= int(j.group(1), 16) < a for a, t in body[:-1])
        products = sum(bool(machine.product.search(t)) for _, t in body)
        if not inner and products > most:
            best, most = [t for _, t in body], products
    return best


def shape_of(name):
    """(type, rows, vectors, the loads that a step may have: one for each row and vector, the table's and one to spare)."""
    tile = re.search(r'tile_kernel<(\w+), (\d+), (\d+)>', name)
    if tile:
        rows, vectors = int(tile.group(2)), int(tile.group(3))
        return tile.group(1), rows, vectors, rows + vectors + 2
    row = re.search(r'row_block<(\d+), (\d+), (\d+), (\d+), (\w+)>', name)
    if row:
        lines, phases, first, vectors = (int(row.group(i)) for i in (1, 2, 3, 4))
        return row.group(5), lines * phases, vectors, lines * phases + vectors * (2 if first else 1) + 2
    points = re.search(r'point_block<(\d+), true, .*, (\w+)>\(', name)
    if points:
        return points.group(2), int(points.group(1)), 1, int(points.group(1)) + 4
    return None


def complaint(machine, lines, rows, vectors, most_loads):
    """What is wrong with a kernel of so many rows and vectors (or nothing), and the loop in numbers."""
    loop = hot_loop(machine, lines)
    wanted = rows * vectors
    products = sum(bool(machine.product.search(t)) for t in loop)
    stack = [t for t in loop if machine.stack.search(t)]
    loads = sum(int(machine.is_load(t)) for t in loop)
    numbers = f'{len(loop)} instructions, {products} multiply-adds, {loads} loads, {len(stack)} of the stack'
    if stack or products == 0 or products % wanted or loads * wanted > most_loads * products:
        return f'the inner loop has {numbers}; {wanted} multiply-adds a step were expected' + ''.join(
            f'\n    {t}' for t in stack[:3]), numbers
    return None, numbers


GOOD_X86 = '''
0000000000000010 <tile_kernel<float, 1, 2>()>:
      10:	movslq (%rdx),%rdi
      14:	movss  (%rax),%xmm2
      18:	movups (%rsi),%xmm0
      1c:	movups 0x10(%rsi),%xmm1
      20:	mulps  %xmm2,%xmm0
      24:	addps  %xmm0,%xmm4
      28:	mulps  %xmm2,%xmm1
      2c:	addps  %xmm1,%xmm5
      30:	jne    10 <tile_kernel>
      34:	ret
'''
GOOD_ARM64 = '''
0000000000000010 <tile_kernel<float, 1, 2>()>:
  10:	ldrsw	x5, [x4], #4
  14:	ldp	q0, q1, [x6]
  18:	ld1r	{v2.4s}, [x1]
  1c:	fmla	v4.4s, v0.4s, v2.4s
  20:	fmla	v5.4s, v1.4s, v2.4s
  24:	b.ne	10 <tile_kernel>  // b.any
  28:	ret
'''


def self_test():
    complaints = []
    for name, machine, text, spill, fold in (
            ('x86', X86, GOOD_X86, 'movups %xmm1,-0x20(%rsp)', 'mulps 0x20(%rsi),%xmm1'),
            ('arm64', Arm64, GOOD_ARM64, 'str\tq1, [sp, #16]', 'fmla\tv5.4s, v1.4s, v2.4s')):
        last = [line for line in text.splitlines() if 'j' in line or 'b.ne' in line][-1]
        unloaded = ('\n'.join([f'      {0x11 + i:x}:\t' + ('mov (%rax),%rbx' if machine is X86 else 'ldr\tx1, [x2]')
                               for i in range(3)]))
        cases = [('as it should be', text, True),
                 ('a spill', text.replace(last, f'      25:\t{spill}\n{last}'), False),
                 ('a product too many', text.replace(last, f'      25:\t{fold}\n{last}'), False),
                 ('loads too many', text.replace(last, f'{unloaded}\n{last}'), False),
                 ('no loop', text.replace(last, ''), False)]
        for what, case, good in cases:
            found, _ = complaint(machine, parsed(case)[0][1], 1, 2, 5)
            if (found is None) != good:
                complaints.append(f'self-test: {name}, {what}: {found or "nothing was found"}')
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--objdump', default='objdump')
    parser.add_argument('--verbose', action='store_true')
    parser.add_argument('--self-test', action='store_true')
    parser.add_argument('objects', nargs='*')
    options = parser.parse_args()
    if options.self_test:
        complaints = self_test()
        print('\n'.join(complaints) or 'kernel loops: the self-test is passed')
        raise SystemExit(1 if complaints else 0)
    looked_at, bad = 0, 0
    for path in options.objects:
        machine, found = functions(options.objdump, path)
        for name, lines in found:
            shape = shape_of(name)
            if not shape:
                continue
            kind, rows, vectors, most_loads = shape
            wrong, numbers = complaint(machine, lines, rows, vectors, most_loads)
            looked_at += 1
            if options.verbose:
                print(f'{path.rsplit("/", 1)[-1]:16s} {kind:6s} {rows}x{vectors}: {numbers}')
            if wrong:
                bad += 1
                print(f'{path}: {name}: {wrong}')
    if looked_at == 0:
        raise SystemExit('no tile kernels in: ' + ' '.join(options.objects))
    print(f'kernel loops: {looked_at} looked at, {bad} bad')
    raise SystemExit(1 if bad else 0)


if __name__ == '__main__':
    main()
