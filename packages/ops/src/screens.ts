import { main } from './program.ts';
import { screenUser } from './screen-user.ts';

await main('screens', [screenUser]);
