// Links to the sections; the one being read is marked.
import {useEffect, useRef, useState} from 'preact/hooks';
import type {Section} from './document';

function useCurrent(sections: Section[]): string {
  const [current, setCurrent] = useState(sections[0]?.id ?? '');
  useEffect(() => {
    const targets = sections.flatMap((s) => document.getElementById(s.id) ?? []);
    let waiting = false;
    const update = () => {
      waiting = false;
      const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 4;
      const passed = targets.filter((t) => t.getBoundingClientRect().top < 140);
      const found = atEnd ? targets.at(-1) : (passed.at(-1) ?? targets[0]);
      if (found) setCurrent(found.id);
    };
    const scrolled = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(update);
    };
    window.addEventListener('scroll', scrolled, {passive: true});
    return () => window.removeEventListener('scroll', scrolled);
  }, [sections]);
  return current;
}

export function Nav({sections}: {sections: Section[]}) {
  const current = useCurrent(sections);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // On a phone the list is a row that scrolls sideways: the current link stays in it.
    const link = list.current?.querySelector<HTMLElement>('[aria-current]');
    if (list.current && link) list.current.scrollTo({left: link.offsetLeft - 16});
  }, [current]);
  return (
    <nav class="nav" aria-label="Sections">
      <ul ref={list}>
        {sections.map((section) => (
          <li key={section.id}>
            <a href={`#${section.id}`} {...(section.id === current ? {'aria-current': 'true' as const} : {})}>{section.title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
