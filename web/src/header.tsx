// The head of the page: what this is, the key facts, and the switches.
import {FactList} from './blocks';
import type {ReportDocument} from './document';
import {formatDate} from './format';
import type {Palette, ThemeChoice} from './theme';

interface Option<T> { value: T; text: string }

function Switch<T extends string>({label, value, options, onChange}: {label: string; value: T; options: Option<T>[]; onChange: (value: T) => void}) {
  return (
    <div class="switch" role="group" aria-label={label}>
      <span class="switch-label" aria-hidden="true">{label}</span>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>{option.text}</button>
      ))}
    </div>
  );
}

export interface HeaderProps {
  document: ReportDocument;
  theme: ThemeChoice;
  palette: Palette;
  hasLogos: boolean;
  onTheme: (theme: ThemeChoice) => void;
  onPalette: (palette: Palette) => void;
}

export function Header({document, theme, palette, hasLogos, onTheme, onPalette}: HeaderProps) {
  return (
    <header class="head">
      <div class="head-row">
        <p class="made">{document.program.name} {document.program.version} · {formatDate(document.created)}</p>
        <div class="switches">
          {hasLogos && (
            <Switch label="Letters" value={palette} onChange={onPalette}
              options={[{value: 'standard', text: 'Standard'}, {value: 'safe', text: 'Colour-blind safe'}]} />
          )}
          <Switch label="Theme" value={theme} onChange={onTheme}
            options={[{value: 'auto', text: 'Auto'}, {value: 'light', text: 'Light'}, {value: 'dark', text: 'Dark'}]} />
        </div>
      </div>
      <h1>{document.title}</h1>
      {document.subtitle && <p class="subtitle">{document.subtitle}</p>}
      {document.facts && document.facts.length > 0 && <FactList items={document.facts} className="key-facts" />}
    </header>
  );
}
