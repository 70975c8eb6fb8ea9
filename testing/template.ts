import { migrate } from '../packages/shared/src/store/index.ts';

/** Makes the database every test starts from. Runs once a test run, on an empty database at `url`. */
export async function prepareTemplate(url: string): Promise<void> {
  await migrate(url);
}
