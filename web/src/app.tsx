// The page: head, links, sections; and the choices of the reader.
import {useEffect, useMemo, useState} from 'preact/hooks';
import {flushSync} from 'preact/compat';
import {BlockView} from './blocks';
import {figuresOf, type ReportDocument, type Section} from './document';
import {Header} from './header';
import {arrange} from './layout';
import {Nav} from './nav';
import {Runs} from './runs';
import {ChoicesContext} from './state';
import {onSystemTheme, recall, remember, resolveTheme, type Palette, type ThemeChoice} from './theme';

function SectionView({section}: {section: Section}) {
  const placed = useMemo(() => arrange(section.blocks), [section]);
  return (
    <section class="section" id={section.id} aria-labelledby={`${section.id}-heading`}>
      <h2 id={`${section.id}-heading`}>{section.title}</h2>
      {section.lead && <p class="lead">{section.lead}</p>}
      <div class="blocks">{placed.map((p, i) => <BlockView key={i} placed={p} />)}</div>
    </section>
  );
}

/** Printing: light, every figure drawn, whatever the window shows. The browser waits for nobody, so it is done at once. */
function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const before = () => flushSync(() => setPrinting(true));
    const after = () => setPrinting(false);
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, []);
  return printing;
}

export function App({document: report}: {document: ReportDocument}) {
  const [choice, setChoice] = useState<ThemeChoice>(() => recall('theme', ['auto', 'light', 'dark'], 'auto'));
  const [palette, setPalette] = useState<Palette>(() => recall('letters', ['standard', 'safe'], 'standard'));
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [system, setSystem] = useState(0);
  const printing = usePrinting();
  useEffect(() => onSystemTheme(() => setSystem((n) => n + 1)), []);
  const theme = printing ? 'light' : resolveTheme(choice);
  useEffect(() => {
    window.document.documentElement.dataset.theme = theme;
  }, [theme]);
  const choices = useMemo(() => ({theme, palette, hidden, printing}), [theme, palette, hidden, printing, system]);
  const hasLogos = useMemo(() => figuresOf(report).some((figure) => figure.kind === 'logo'), [report]);
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    // At least one run stays.
    if (next.size < report.runs.length) setHidden(next);
  };
  return (
    <ChoicesContext.Provider value={choices}>
      <a class="skip" href="#content">Skip to the results</a>
      <Header document={report} theme={choice} palette={palette} hasLogos={hasLogos}
        onTheme={(value) => { remember('theme', value); setChoice(value); }}
        onPalette={(value) => { remember('letters', value); setPalette(value); }} />
      <div class="body">
        <Nav sections={report.sections} />
        <main id="content" tabIndex={-1}>
          {report.runs.length > 1 && <Runs runs={report.runs} hidden={hidden} theme={theme} onToggle={toggle} />}
          {report.sections.map((section) => <SectionView key={section.id} section={section} />)}
        </main>
      </div>
    </ChoicesContext.Provider>
  );
}
