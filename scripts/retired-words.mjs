// node scripts/pm.mjs scripts/retired-words.mjs [path…]: prints every retired word, with its line and what to write instead.
import { findInRepository } from './retired-words/find.mjs';

const findings = findInRepository(process.argv.slice(2));
for (const { file, line, word, instead } of findings) console.log(`${file}:${line}: ${word} → ${instead}`);
console.log(`${findings.length} retired words`);
process.exit(findings.length > 0 ? 1 : 0);
