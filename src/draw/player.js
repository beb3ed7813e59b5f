// Steps, play and pause, tooltips and pins for the picture that this script stands in. The picture plays without it.
(function () {
  'use strict';
  const script = document.currentScript, svg = script.ownerSVGElement;
  const steps = +script.dataset.steps, fps = +script.dataset.fps;
  const all = (selector) => Array.from(svg.querySelectorAll(selector));
  const make = (name, attributes, parent) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    return parent.appendChild(node);
  };

  // Where the picture is, and where it shall be: the middle of a step, so that rounding does not matter.
  const whole = (steps - 1 + +script.dataset.lasts) / fps;
  const now = () => Math.min(steps - 1, Math.floor((svg.getCurrentTime() % whole) * fps));
  const play = svg.querySelector('path.play');
  const bars = 'M-5 -6h4v12h-4zM2 -6h4v12h-4z', triangle = 'M-5 -7L7 0L-5 7z';
  function pause(is_paused) {
    if (is_paused) svg.pauseAnimations(); else svg.unpauseAnimations();
    if (play) play.setAttribute('d', is_paused ? triangle : bars);
  }
  function go(step) {
    pause(true);
    svg.setCurrentTime((Math.max(0, Math.min(steps - 1, step)) + 0.5) / fps);
    svg.dataset.step = now();
  }
  const actions = {
    back: () => go(now() - 1),
    forward: () => go(now() + 1),
    play: () => pause(!svg.animationsPaused()),
  };

  // Tooltips. The browser's own would come later and on top of ours.
  const hits = all('rect.hit');
  const texts = hits.map((hit) => hit.querySelector('title').textContent);
  for (const hit of hits) hit.querySelector('title').remove();
  const page = svg.viewBox.baseVal;
  const tip = make('g', { visibility: 'hidden', 'pointer-events': 'none', class: 'tip' }, svg);
  let pinned = -1;
  function show(index) {
    for (const hit of hits) hit.removeAttribute('stroke');
    tip.replaceChildren();
    tip.setAttribute('visibility', index < 0 ? 'hidden' : 'visible');
    if (index < 0) return;
    const hit = hits[index], box = hit.getBBox();
    const related = (hit.dataset.related || '').split(' ').filter(Boolean);
    for (const other of [index, ...related]) hits[other].setAttribute('stroke', script.dataset.ink);
    const frame = make('rect', { rx: 4, fill: script.dataset.page, stroke: script.dataset.ink }, tip);
    const text = make('text', { 'font-size': 13, fill: script.dataset.ink }, tip);
    texts[index].split('\n').forEach((line, i) => {
      make('tspan', { x: 9, y: 20 + 17 * i, 'font-weight': i ? 'normal' : 'bold' }, text).textContent = line;
    });
    const size = text.getBBox(), width = size.width + 18, height = size.height + 12;
    frame.setAttribute('width', width);
    frame.setAttribute('height', height);
    const right = box.x + box.width + 8, below = box.y + box.height + 8;
    const x = right + width < page.width ? right : Math.max(2, box.x - width - 8);
    const y = below + height < page.height ? below : Math.max(2, box.y - height - 8);
    tip.setAttribute('transform', 'translate(' + x + ' ' + y + ')');
  }
  hits.forEach((hit, index) => {
    hit.addEventListener('mouseenter', () => { if (pinned < 0) show(index); });
    hit.addEventListener('mouseleave', () => { if (pinned < 0) show(-1); });
    hit.addEventListener('click', (event) => {
      event.stopPropagation();
      pinned = pinned === index ? -1 : index;
      show(index);
      if (pinned >= 0 && hit.dataset.step) go(+hit.dataset.step);
    });
  });
  const unpin = () => { pinned = -1; show(-1); };
  svg.addEventListener('click', unpin);

  // Controls: buttons, the bar, keys.
  const controls = svg.querySelector('.controls'), track = svg.querySelector('.track');
  if (!controls) return;
  controls.setAttribute('visibility', 'visible');
  for (const button of all('.button'))
    button.addEventListener('click', (event) => { event.stopPropagation(); actions[button.dataset.do](); });
  const drag = (event) => {
    const box = track.getBoundingClientRect();
    go(Math.round((event.clientX - box.left) / box.width * (steps - 1)));
  };
  track.addEventListener('click', (event) => event.stopPropagation());
  track.addEventListener('pointerdown', (event) => { track.setPointerCapture(event.pointerId); drag(event); });
  track.addEventListener('pointermove', (event) => { if (event.buttons) drag(event); });
  document.addEventListener('keydown', (event) => {
    if (document.documentElement !== svg && !svg.matches(':hover')) return;
    const action = { ArrowLeft: actions.back, ArrowRight: actions.forward, ' ': actions.play, Escape: unpin,
      Home: () => go(0), End: () => go(steps - 1) }[event.key];
    if (action) { action(); event.preventDefault(); }
  });
  if (window.matchMedia && matchMedia('(prefers-reduced-motion: reduce)').matches) go(steps - 1);
})();
