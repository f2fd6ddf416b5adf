// The one door to Vega: what of it the page carries is decided here.
export {parse, View, type Spec as VegaSpec} from 'vega';
export {expressionInterpreter} from 'vega-interpreter';
