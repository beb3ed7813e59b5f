#!/usr/bin/env python3
"""The SVGs of `tconv trace` and `tconv shape` in headless Chromium: they play, their controls work, and nothing is written to the
console.

Usage: browser_test.py PATH-OF-TCONV
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TCONV = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None
BROWSER = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')

# Runs in the page that holds the picture; what it says is the page's title in the end.
PROBE = '''
const said = [];
const say = (what, value) => said.push(what + '=' + value);
const svg = document.querySelector('svg');
const press = (name) => svg.querySelector('[data-do=' + name + ']').dispatchEvent(new MouseEvent('click', {bubbles: true}));
const key = (name) => document.dispatchEvent(new KeyboardEvent('keydown', {key: name, bubbles: true}));
const seen = () => Array.from(svg.querySelectorAll('text')).filter((t) => /^[0-9]+[/]/.test(t.textContent) &&
    getComputedStyle(t).visibility === 'visible').map((t) => t.textContent.split(':')[0]).join(',');
const hits = Array.from(svg.querySelectorAll('rect.hit'));
const named = (name) => hits.filter((hit) => hit.dataset.name === name);
const tip = () => { const box = svg.querySelector('.tip'); return box.getAttribute('visibility') === 'visible' ? box.textContent : ''; };
const soon = (then) => setTimeout(then, 40);
window.addEventListener('load', () => setTimeout(async () => {
  const wait = () => new Promise(soon);
  say('plays', !svg.animationsPaused());
  press('play'); say('paused', svg.animationsPaused());
  svg.setCurrentTime(1.25); await wait(); say('at', seen());
  press('forward'); await wait(); say('forward', seen());
  press('back'); press('back'); await wait(); say('back', seen());
  press('play'); say('again', !svg.animationsPaused());
  press('play'); svg.setCurrentTime(1.25); press('back'); press('back'); press('back'); press('back');
  await wait(); say('first', seen());
  const cell = named('y[1, 1]');
  cell[0].dispatchEvent(new MouseEvent('mouseenter')); say('tip', tip());
  say('lit', svg.querySelectorAll('rect.hit[stroke]').length);
  cell[0].dispatchEvent(new MouseEvent('mouseleave')); say('gone', tip());
  cell[0].dispatchEvent(new MouseEvent('click', {bubbles: true})); await wait(); say('pinned', seen());
  cell[0].dispatchEvent(new MouseEvent('mouseleave')); say('kept', tip() !== '');
  svg.dispatchEvent(new MouseEvent('click', {bubbles: true})); say('unpinned', tip());
  const track = svg.querySelector('.track').getBoundingClientRect();
  svg.querySelector('.track').dispatchEvent(new PointerEvent('pointermove', {clientX: track.right, buttons: 1}));
  await wait(); say('dragged', seen());
  document.title = said.join('|');
}, 50));
'''


class Browser(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='tconv-browser-'))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def browse(self, page):
        words = [BROWSER, '--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr',
                 f'--user-data-dir={self.folder / "profile"}', '--virtual-time-budget=5000', '--dump-dom', page.as_uri()]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
        self.assertNotIn('CONSOLE', done.stderr)
        return done.stdout

    def trace(self, *words, verb='trace'):
        path = self.folder / 'F.svg'
        subprocess.run([TCONV, verb, *words, '-o', path], check=True)
        return path

    def test_alone(self):
        for view in ('scatter', 'gather', 'both', 'stamps'):
            dom = self.browse(self.trace('-p', 'i2x2 k2', '--view', view))
            self.assertIn('class="controls" visibility="visible"', dom)
            self.assertIn('class="tip"', dom)

    def test_a_picture_of_one_kind_of_problem_each(self):
        for text in ('i3 k3 s2 p1', 'i2x2x2 k2 s2', 'ic2 oc2 i2x2 k2 g2', 'i1x1 k1', 'i2x2 k1 s3 "a < b & c"'):
            self.assertIn('class="tip"', self.browse(self.trace('-p', text, '--theme', 'dark')))

    def test_sizes(self):
        dom = self.browse(self.trace('-p', 'i4 k3 s2 p1 op1', verb='shape'))
        self.assertIn('class="controls" visibility="visible"', dom)
        self.assertIn('data-steps="8"', dom)

    def test_pictures_that_stand_still(self):
        for verb, words in (('trace', ['-p', 'i3x3 k3 s2', '--view', 'overlap']), ('trace', ['-p', 'i3 k3 d2', '--view', 'kernel']),
                            ('shape', ['--from', '4', '--want', '8']), ('matrix', ['-p', 'i2 k2'])):
            dom = self.browse(self.trace(*words, verb=verb))
            self.assertNotIn('class="controls"', dom)
            self.assertIn('class="hit"', dom)
            self.assertIn('class="tip"', dom)  # the script's own

    def test_controls(self):
        page = self.folder / 'page.html'
        picture = self.trace('-p', 'i2x2 k2', '--view', 'both', '--fps', '2').read_text()
        page.write_text(f'<!doctype html><meta charset="utf-8"><title></title>{picture}<script>{PROBE}</script>')
        title = self.browse(page).split('<title>')[1].split('</title>')[0]
        said = dict(part.split('=', 1) for part in title.split('|'))
        formula = ('y[1, 1] = 20= x[1, 1] \u00b7 W[0, 0] = 4 \u00b7 1+ x[1, 0] \u00b7 W[0, 1] = 3 \u00b7 2'
                   '+ x[0, 1] \u00b7 W[1, 0] = 2 \u00b7 3+ x[0, 0] \u00b7 W[1, 1] = 1 \u00b7 4')
        # 14 steps: nothing, 4 stamps, 9 outputs, the result; y[1, 1] is the fifth of them.
        self.assertEqual(said, {'plays': 'true', 'paused': 'true', 'at': '2/14', 'forward': '3/14', 'back': '1/14',
                                'again': 'true', 'first': '0/14', 'tip': formula, 'lit': '18', 'gone': '', 'pinned': '9/14',
                                'kept': 'true', 'unpinned': '', 'dragged': '14/14'})


if __name__ == '__main__':
    if not BROWSER:
        print('no browser here: install chromium')
    else:
        unittest.main()
