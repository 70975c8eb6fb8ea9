// Run by global-setup.ts in a process of its own, on the project's sources whatever Jest was started with.
import { prepareTemplate } from './template.ts';

await prepareTemplate(process.argv[2] ?? '');
