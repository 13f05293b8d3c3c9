/** A second process on one keystore, for the test: reserves keys and prints their ids. */
import { localKeyProvider, openKeyRing } from '../index.ts';

const [dir, count] = process.argv.slice(2) as [string, string];
const clock = { now: () => Date.now() };
const ring = await openKeyRing({ dir, provider: localKeyProvider(dir), clock });
const kids: string[] = [];
for (let i = 0; i < Number(count); i++) kids.push((await ring.reserve(7)).kid);
const own = (await ring.tenant(7)).kid;
process.stdout.write(JSON.stringify({ kids, own }));
ring.close();
