// Several runs: their colours, what they are, and which of them are shown.
import type {Run} from './document';
import {formatFact} from './format';
import {runColors, type Theme} from './theme';

export function Runs({runs, hidden, theme, onToggle}: {runs: Run[]; hidden: ReadonlySet<string>; theme: Theme; onToggle: (id: string) => void}) {
  const colors = runColors(theme);
  return (
    <div class="runs" role="group" aria-label="Runs that are shown">
      {runs.map((run, i) => {
        const shown = !hidden.has(run.id);
        return (
          <button key={run.id} type="button" class="run" aria-pressed={shown} onClick={() => onToggle(run.id)}>
            <i class="swatch" style={{background: colors[i % colors.length]}} aria-hidden="true" />
            <span>
              <b>{run.name}</b>
              {run.facts && run.facts.length > 0 && <small>{run.facts.map((fact) => `${fact.name} ${formatFact(fact)}`).join(' · ')}</small>}
            </span>
          </button>
        );
      })}
    </div>
  );
}
