import { databaseUrlOf, loadHosts } from '@gateway/shared/host';
import type { DataServers } from './servers/data-servers.ts';
import type { HostDatabases } from './stack-file.ts';

/** The URL of every host's database, by the host's id: the two that ship with the project, and each further folder of `directory`. */
export function hostDatabases(
  directory: string,
  { pos, erp, till }: DataServers['databases'],
  environment: Readonly<Record<string, string | undefined>>,
): HostDatabases {
  const urls = { ...environment, POS_DATABASE_URL: pos, ERP_DATABASE_URL: erp, TILL_DATABASE_URL: till };
  const found = foldersIn(directory).map((folder) => [folder.id, databaseUrlOf(folder, urls)] as const);
  return { pos, erp, ...Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined)) };
}

function foldersIn(directory: string) {
  try {
    return loadHosts(directory).hosts;
  } catch {
    return []; // the services report a folder that is missing
  }
}
