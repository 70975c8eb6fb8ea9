// A program: prepares the template database at the URL in its first argument. global-setup.ts runs it in a process of its own,
// because that process resolves packages to their sources, and Jest's own process may not.
import { prepareTemplate } from './template.ts';

await prepareTemplate(process.argv[2] ?? '');
