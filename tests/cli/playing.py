"""Reads an SVG of `tconv trace` as an independent player would: what is seen in which step, and what stands in which cell."""
import xml.etree.ElementTree as ET

SVG = '{http://www.w3.org/2000/svg}'


class Picture:
    def __init__(self, text):
        self.root = ET.fromstring(text)
        script = self.root.find(f'{SVG}script')
        self.steps = 1 if script is None else int(script.get('data-steps'))
        self.fps = 1 if script is None else float(script.get('data-fps'))
        self.lasts = 1 if script is None else int(script.get('data-lasts'))
        self.kept = {}

    def hits(self):
        """Every hit's attributes, its rectangle as numbers, its tooltip as 'text'."""
        found = []
        for rect in self.root.iter(f'{SVG}rect'):
            if rect.get('class') == 'hit':
                hit = dict(rect.attrib)
                hit['box'] = tuple(float(rect.get(key)) for key in ('x', 'y', 'width', 'height'))
                hit['text'] = rect.find(f'{SVG}title').text
                found.append(hit)
        return found

    def is_seen(self, group, step):
        """Whether a group's own animation shows it in the middle of a step."""
        animate = group.find(f'{SVG}animate')
        if animate is None or animate.get('attributeName') != 'visibility':
            return group.get('visibility', 'visible') == 'visible'
        at = (step + 0.5) / self.fps / float(animate.get('dur')[:-1])
        values, times = animate.get('values').split(';'), [float(t) for t in animate.get('keyTimes').split(';')]
        return values[max(i for i, time in enumerate(times) if time <= at)] == 'visible'

    def texts(self, step):
        """(x, y, font size, text, attributes of its groups) of every text that is seen in a step."""
        if step in self.kept:
            return self.kept[step]
        found = self.kept[step] = []

        def walk(node, look):
            if node.tag == f'{SVG}g':
                if not self.is_seen(node, step):
                    return
                look = {**look, **{k: v for k, v in node.attrib.items() if k != 'visibility'}}
            if node.tag == f'{SVG}text':
                found.append((float(node.get('x')), float(node.get('y')), float(look['font-size']), node.text or '', look))
            for child in node:
                walk(child, look)

        walk(self.root, {})
        return found

    def number_in(self, box, step):
        """The text in the middle of a cell, or None."""
        x, y, width, height = box
        inside = [text for tx, ty, _, text, look in self.texts(step)
                  if look.get('text-anchor') == 'middle' and abs(tx - x - width / 2) < 0.1 and y < ty < y + height]
        assert len(inside) <= 1, inside
        return inside[0] if inside else None

    def still(self, step):
        """The picture of one step, as a file that needs no player."""
        for group in self.root.iter(f'{SVG}g'):
            if group.find(f'{SVG}animate') is not None:
                group.set('visibility', 'visible' if self.is_seen(group, step) else 'hidden')
        ET.register_namespace('', SVG[1:-1])
        return ET.tostring(self.root)
