import { type HostProblem, type LoadOptions, loadHosts } from '@gateway/shared/host';
import type { NamedDatabase } from './config.ts';

/** The databases of the environment, and those whose URL is in a file of a host folder. */
export interface DatabaseFiles {
  /** Reads the folders. A folder that cannot be read keeps the database that it had. @throws when the folders cannot be listed */
  read(): { databases: NamedDatabase[]; problems: HostProblem[] };
}

export function createDatabaseFiles(directory: string, ofEnvironment: readonly NamedDatabase[], load: LoadOptions = {}): DatabaseFiles {
  let byHost = new Map<string, { name: string; url: string }>();
  return {
    read: () => {
      const { hosts, invalid } = loadHosts(directory, load);
      const kept = [...byHost].filter(([id]) => invalid.some((host) => host.id === id));
      const found = hosts.flatMap(({ id, database, databaseUrl }) =>
        databaseUrl === null ? [] : [[id, { name: database, url: databaseUrl }] as const],
      );
      byHost = new Map([...kept, ...found]);
      return { databases: merged(ofEnvironment, [...byHost.values()]), problems: invalid.flatMap(({ errors }) => errors) };
    },
  };
}

/** Two hosts may share a database, so each URL is listed once, with all its names. */
function merged(ofEnvironment: readonly NamedDatabase[], files: readonly { name: string; url: string }[]): NamedDatabase[] {
  const databases = new Map(ofEnvironment.map(({ url, names }) => [url, { url, names: [...names] }]));
  for (const { name, url } of files) {
    const database = databases.get(url) ?? { url, names: [] };
    database.names.push(name);
    databases.set(url, database);
  }
  return [...databases.values()];
}
