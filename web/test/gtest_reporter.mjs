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

const failure = (group, name, error) =>
  `<testcase classname="${escape(group)}" name="${escape(name)}"><failure message="${escape(error.stack ?? error.message)}"/></testcase>`;

export default class GtestReporter {
  onTestRunEnd(modules, errors) {
    const file = process.env.BASEWISE_TEST_RESULTS;
    if (!file) return;
    const cases = modules.flatMap((module) => {
      const name = relative(process.cwd(), module.moduleId);
      return [
        ...[...module.children.allTests()].map((test) => caseOf(module, test)),
        ...module.errors().map((e) => failure(name, 'module', e)),
        // What is set up for several tests failed: they count as skipped, this as failed.
        ...[...module.children.allSuites()].flatMap((suite) => suite.errors().map((e) => failure(name, suite.fullName, e))),
      ];
    });
    cases.push(...errors.map((e) => failure('vitest', 'run', e)));
    mkdirSync(dirname(file), {recursive: true});
    writeFileSync(file, `<testsuites><testsuite>\n${cases.join('\n')}\n</testsuite></testsuites>\n`);
  }
}
