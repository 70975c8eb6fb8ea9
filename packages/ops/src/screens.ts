import { main } from './cli.ts';
import { screenUser } from './screen-user.ts';

await main('screens', [screenUser]);
