// A figure: title, tools, drawing, caption. It is drawn when it comes near the window, and when the page is printed.
import {useContext, useEffect, useLayoutEffect, useRef, useState} from 'preact/hooks';
import type {FigureBlock, Pair} from '../document';
import {ZOOM_HINT, type Size} from '../layout';
import {ChoicesContext} from '../state';
import {dataToTsv} from '../tsv';
import {DataTables} from '../table/data_tables';
import {savePng, saveSvg, saveText} from './export';
import {listen, type ZoomTarget} from './gestures';
import {draw} from './render';
import {hideTooltip, showTooltip} from './tooltip';
import type {View} from './vega';
import {ZoomBar, ZoomTools} from './zoom_tools';

/** Views by figure, for whoever looks at the page with the developer's tools. */
export const views = new Map<string, View>();

function useNear(element: {current: HTMLElement | null}): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (near || element.current === null) return;
    const observer = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && setNear(true), {rootMargin: '900px 0px'});
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [near, element]);
  return near;
}

function useWidth(element: {current: HTMLElement | null}): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (element.current === null) return;
    const target = element.current;
    setWidth(target.clientWidth);
    // While a window is being dragged larger, figures wait until it stands still.
    let timer = 0;
    const observer = new ResizeObserver(() => {
      globalThis.clearTimeout(timer);
      timer = globalThis.setTimeout(() => setWidth(target.clientWidth), 120);
    });
    observer.observe(target);
    return () => {
      globalThis.clearTimeout(timer);
      observer.disconnect();
    };
  }, [element]);
  return width;
}

/** The plot on the screen, without axes. */
function plotEdges(host: HTMLElement, view: View): Pair {
  const root = host.querySelector('svg');
  const left = (root?.getBoundingClientRect().left ?? 0) + view.origin()[0];
  return [left, left + view.width()];
}

export function Figure({figure, size, quiet}: {figure: FigureBlock; size: Size; quiet: boolean}) {
  const {theme, palette, hidden, printing} = useContext(ChoicesContext);
  const host = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const view = useRef<View | null>(null);
  const near = useNear(host);
  const width = useWidth(host);
  const [problem, setProblem] = useState('');
  const [window, setWindow] = useState<Pair | null>(figure.zoom ? figure.zoom.extent : null);
  const [showData, setShowData] = useState(false);
  const windowRef = useRef(window);
  const visible = near || printing;

  useLayoutEffect(() => {
    if (!visible || width === 0 || host.current === null) return;
    const signals = figure.zoom && windowRef.current ? {[figure.zoom.signal]: windowRef.current} : {};
    try {
      const made = draw(host.current, figure, {width, theme, palette, hidden, signals}, showTooltip);
      view.current = made;
      views.set(figure.id, made);
      host.current.dataset.drawn = 'yes';
      setProblem('');
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    const drawn = view.current;
    return () => {
      hideTooltip();
      drawn?.finalize();
      view.current = null;
    };
  }, [visible, width, theme, palette, hidden, figure]);

  const moveTo = (next: Pair) => {
    windowRef.current = next;
    setWindow(next);
    if (figure.zoom && view.current) view.current.signal(figure.zoom.signal, next).run();
  };
  const move = useRef(moveTo);
  move.current = moveTo;

  useEffect(() => {
    const {zoom} = figure;
    if (!zoom || stage.current === null) return;
    const target: ZoomTarget = {
      zoom,
      get: () => windowRef.current ?? zoom.extent,
      set: (next) => move.current(next),
      edges: () => (host.current && view.current ? plotEdges(host.current, view.current) : [0, 1]),
    };
    return listen(stage.current, target);
  }, [figure]);

  const description = figure.summary ? `${figure.title}. ${figure.summary}` : `${figure.title}. ${figure.caption}`;
  const zoomable = figure.zoom !== undefined;
  const run = (action: (shown: View) => Promise<void>) => () => {
    if (view.current) action(view.current).catch((error: unknown) => setProblem(String(error)));
  };
  const drawing = <div ref={host} class="drawing" role="img" aria-label={description} />;
  return (
    <figure class={`card figure ${size}`} id={figure.id} aria-labelledby={`${figure.id}-title`} data-kind={figure.kind}>
      <div class="card-head">
        <h3 id={`${figure.id}-title`}>{figure.title}</h3>
        {figure.zoom && window && <div class="tools" role="group" aria-label={`Zoom ${figure.title}`}>
          <ZoomTools zoom={figure.zoom} window={window} onMove={moveTo} />
        </div>}
      </div>
      {zoomable ? (
        // A focus stop with keys of its own: the arrows move along the axis.
        <div ref={stage} class="stage zoomable" tabIndex={0} role="group"
          aria-label={`${figure.title}: arrow keys move, plus and minus zoom, 0 shows all`}>{drawing}</div>
      ) : (
        <div ref={stage} class="stage">{drawing}</div>
      )}
      {figure.zoom && window && <ZoomBar zoom={figure.zoom} window={window} />}
      {problem !== '' && <p class="problem" role="alert">This figure cannot be drawn: {problem}</p>}
      <figcaption><span class={quiet ? 'spoken' : ''}>{figure.caption}</span>{zoomable && !quiet && <span class="hint"> {ZOOM_HINT}</span>}</figcaption>
      <div class="tools foot" role="group" aria-label={`Data and files of ${figure.title}`}>
        <button type="button" aria-pressed={showData} onClick={() => setShowData(!showData)}>Data</button>
        <button type="button" aria-label="Save as SVG" onClick={run((v) => saveSvg(figure.id, v))}>SVG</button>
        <button type="button" aria-label="Save as PNG" onClick={run((v) => savePng(figure.id, v))}>PNG</button>
        <button type="button" aria-label="Save data as TSV" onClick={() => saveText(`${figure.id}.tsv`, dataToTsv(figure.data))}>TSV</button>
      </div>
      {showData && <DataTables tables={figure.data} label={figure.title} />}
    </figure>
  );
}
