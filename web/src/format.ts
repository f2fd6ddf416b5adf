// Numbers, dates and cells as text.
import {format as d3format} from 'd3-format';
import type {Cell, Fact, TableColumn} from './document';

const cache = new Map<string, (value: number) => string>();

/** A number in the notation of d3-format; a format that d3 does not know gives the number as it is. */
export function formatNumber(value: number, specifier?: string): string {
  if (!Number.isFinite(value)) return String(value);
  if (specifier === undefined) return defaultNumber(value);
  let formatter = cache.get(specifier);
  if (formatter === undefined) {
    try {
      formatter = d3format(specifier);
    } catch {
      formatter = defaultNumber;
    }
    cache.set(specifier, formatter);
  }
  return formatter(value);
}

const integers = d3format(',d');
const digits = d3format(',.4~g');
const powers = d3format('.3~e');
function defaultNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return integers(value);
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-4) ? powers(value) : digits(value);
}

export const MISSING = '–';

export function formatFact(fact: Fact): string {
  if (fact.value === null) return MISSING;
  if (typeof fact.value === 'boolean') return fact.value ? 'yes' : 'no';
  const text = typeof fact.value === 'number' ? formatNumber(fact.value, fact.format) : fact.value;
  return fact.unit ? `${text} ${fact.unit}` : text;
}

export function formatCell(cell: Cell, column: TableColumn): string {
  if (cell === null) return MISSING;
  if (Array.isArray(cell)) return formatNumber(cell[0], column.format);
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return typeof cell === 'number' ? formatNumber(cell, column.format) : cell;
}

export function formatInterval(low: number | null, high: number | null, specifier?: string): string {
  if (low === null || high === null) return '';
  return `${formatNumber(low, specifier)} – ${formatNumber(high, specifier)}`;
}

export function formatDate(iso: string): string {
  return iso.replace('T', ' ').replace(/:\d\dZ$/, ' UTC');
}
