#!/usr/bin/env python3
"""`tconv tour` against the committed pages in expected/: tour_test.py PROGRAM [--update]"""
import difflib
import pathlib
import subprocess
import sys

EXPECTED = pathlib.Path(__file__).parent / 'expected'
LESSONS = sorted((pathlib.Path(__file__).parents[2] / 'lessons').glob('[0-9][0-9]_*.cpp'))


def tour(program, *numbers):
    return subprocess.run([program, 'tour', *numbers], capture_output=True, text=True, timeout=60, check=False)


def difference(name, expected, found):
    return list(difflib.unified_diff(expected.splitlines(), found.splitlines(), name, 'tconv tour', lineterm=''))


def main():
    program, *rest = sys.argv[1:]
    numbers = [lesson.name[:2] for lesson in LESSONS]
    pages, complaints = [], []
    for number in numbers:
        done = tour(program, number)
        if done.returncode or done.stderr:
            complaints.append(f'tour {number}: exit {done.returncode}, {done.stderr}')
        file = EXPECTED / f'{number}.txt'
        if rest == ['--update']:
            file.write_text(done.stdout)
        complaints += difference(str(file), file.read_text() if file.is_file() else '', done.stdout)
        pages.append(done.stdout)
    if sorted(file.stem for file in EXPECTED.glob('*.txt')) != numbers:
        complaints.append(f'{EXPECTED} and the lessons differ')

    # All of them, and a choice.
    complaints += difference('every page', '\n\n'.join(pages), tour(program).stdout)
    complaints += difference('pages 2 and 1', pages[1] + '\n\n' + pages[0], tour(program, '2', '01').stdout)
    # Refusals: one sentence with the list, exit code 2, and no page.
    for wrong in ('0', str(len(numbers) + 1), '99', 'x', '1x', '001', 'stride'):
        done = tour(program, '1', wrong)
        if (done.returncode, done.stdout, len(done.stderr.splitlines())) != (2, '', 1):
            complaints.append(f'tour 1 {wrong!r}: exit {done.returncode}, {done.stdout[:50]!r}, {done.stderr!r}')
        elif '1 stamping' not in done.stderr or '9 forward' not in done.stderr:
            complaints.append(f'tour {wrong!r} does not list the lessons: {done.stderr}')
    print('\n'.join(complaints) or f'tour: {len(pages)} pages are as expected')
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
