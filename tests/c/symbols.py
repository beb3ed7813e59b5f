#!/usr/bin/env python3
"""The shared library exports what its header declares, and nothing else. Usage: symbols.py NM LIBRARY HEADER"""
import re
import subprocess
import sys


def main(nm, library, header):
    listing = subprocess.run([nm, '-D', '--defined-only', library], capture_output=True, text=True, check=True).stdout
    exported = {line.split()[2].split('@')[0] for line in listing.splitlines() if line.split()[1] != 'A'}
    with open(header, encoding='utf-8') as file:
        declared = set(re.findall(r'TCONV_API [\w ]+?\*? ?(tconv_\w+)\(', file.read()))
    for what, names in (('exported, but not declared in the header', exported - declared),
                        ('declared, but not exported', declared - exported)):
        for name in sorted(names):
            print(f'{name}: {what}')
    if exported == declared and len(declared) > 20:
        print(f'symbols: {len(declared)} functions, nothing else')
        return 0
    return 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
