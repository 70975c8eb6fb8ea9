/** Makes the database every test starts from. Runs once a test run, on an empty database at `url`. */
export async function prepareTemplate(_url: string): Promise<void> {}
