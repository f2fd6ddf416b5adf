// Writes what Vitest ran as the XML that scripts/summarise_tests.py counts; BASEWISE_TEST_RESULTS names the file.
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, relative} from 'node:path';

const escape = (text) =>
  String(text)
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '');

function caseOf(module, test) {
  const result = test.result();
  const head = `<testcase classname="${escape(relative(process.cwd(), module.moduleId))}" name="${escape(test.fullName)}"`;
  if (result.state === 'failed') {
    return `${head}><failure message="${escape(result.errors.map((e) => e.stack ?? e.message).join('\n'))}"/></testcase>`;
  }
  if (result.state === 'skipped') return `${head}><skipped message="${escape(result.note ?? 'no reason given')}"/></testcase>`;
  return `${head}/>`;
}

export default class GtestReporter {
  onTestRunEnd(modules, errors) {
    const file = process.env.BASEWISE_TEST_RESULTS;
    if (!file) return;
    const cases = modules.flatMap((module) => [
      ...[...module.children.allTests()].map((test) => caseOf(module, test)),
      ...module.errors().map((e) => `<testcase classname="${escape(relative(process.cwd(), module.moduleId))}" name="module"><failure message="${escape(e.stack ?? e.message)}"/></testcase>`),
    ]);
    cases.push(...errors.map((e) => `<testcase classname="vitest" name="run"><failure message="${escape(e.stack ?? e.message)}"/></testcase>`));
    mkdirSync(dirname(file), {recursive: true});
    writeFileSync(file, `<testsuites><testsuite>\n${cases.join('\n')}\n</testsuite></testsuites>\n`);
  }
}
