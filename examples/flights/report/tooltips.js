// Shows the title of a mark beside the pointer at once, and on a tap, where browsers show titles late or never.
{
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  tip.setAttribute('role', 'tooltip');
  document.body.append(tip);

  for (const title of document.querySelectorAll('svg title')) {
    title.parentElement?.setAttribute('data-tip', title.textContent ?? '');
    title.parentElement?.setAttribute('aria-label', title.textContent ?? '');
    title.remove();
  }

  /** @param {PointerEvent} event */
  const show = ({ target, clientX, clientY }) => {
    const mark = target instanceof Element ? target.closest('[data-tip]') : null;
    tip.hidden = mark === null;
    if (mark === null) return;
    tip.textContent = mark.getAttribute('data-tip');
    const { offsetWidth: width, offsetHeight: height } = tip;
    const left = Math.min(clientX + 14, document.documentElement.clientWidth - width - 8);
    const top = clientY + 14 + height > window.innerHeight ? clientY - height - 10 : clientY + 14;
    tip.style.transform = `translate(${Math.max(8, left)}px, ${Math.max(8, top)}px)`;
  };

  document.addEventListener('pointermove', show);
  document.addEventListener('pointerdown', show);
  document.addEventListener('scroll', () => (tip.hidden = true), { passive: true });
}
