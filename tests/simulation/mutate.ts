// Loaded with --import: plants the bug named by DURAMESH_MUTANT into the source as it is read. Nothing is written.
import { registerHooks } from 'node:module';
import process from 'node:process';
import { mutants as ofFuzz } from '../fuzz/mutants.ts';
import { mutants } from './mutants.ts';

const mutant = [...mutants, ...ofFuzz].find(({ name }) => name === process.env['DURAMESH_MUTANT']);
if (!mutant) throw new Error(`no mutant is called ${process.env['DURAMESH_MUTANT']}`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(mutant.file)) return loaded;
    const { source: raw } = loaded;
    const source = typeof raw === 'string' ? raw : new TextDecoder().decode(raw as Uint8Array);
    if (source.split(mutant.find).length !== 2) {
      throw new Error(`mutant ${mutant.name}: its text is not there exactly once in ${mutant.file}`);
    }
    return { ...loaded, source: source.replace(mutant.find, () => mutant.replace) };
  },
});
