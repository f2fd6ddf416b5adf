// Text, facts and listings; and which component shows which block.
import type {Fact, FactsBlock, ListingBlock, TextBlock} from './document';
import {Figure} from './figure/figure';
import {formatFact} from './format';
import {KeyFigures} from './key_figures';
import type {Placed} from './layout';
import {Table} from './table/table';

export function FactList({items, className}: {items: Fact[]; className: string}) {
  return (
    <dl class={className}>
      {items.map((fact, i) => (
        <div key={i}>
          <dt>{fact.name}</dt>
          <dd>
            <span class={typeof fact.value === 'number' ? 'figures' : ''}>{formatFact(fact)}</span>
            {fact.note && <span class="fact-note">{fact.note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Text({block, quiet}: {block: TextBlock; quiet: boolean}) {
  const paragraphs = block.text.split(/\n\s*\n/).filter((p) => p.trim() !== '');
  return <div class={`prose full ${quiet ? 'group-caption' : (block.tone ?? 'plain')}`}>{paragraphs.map((p, i) => <p key={i}>{p}</p>)}</div>;
}

function Facts({block}: {block: FactsBlock}) {
  return (
    <div class="card facts-card full">
      {block.title && <h3>{block.title}</h3>}
      <FactList items={block.items} className="facts" />
    </div>
  );
}

function Listing({block}: {block: ListingBlock}) {
  return (
    <details class="card listing full">
      <summary>{block.title}</summary>
      <pre tabIndex={0} role="region" aria-label={block.title}>{block.text}</pre>
    </details>
  );
}

export function BlockView({placed: {block, size, quiet}}: {placed: Placed}) {
  switch (block.type) {
    case 'text':
      return <Text block={block} quiet={quiet} />;
    case 'key_figures':
      return <KeyFigures block={block} />;
    case 'facts':
      return <Facts block={block} />;
    case 'listing':
      return <Listing block={block} />;
    case 'table':
      return <Table table={block} />;
    case 'figure':
      return <Figure figure={block} size={size} quiet={quiet} />;
  }
}
