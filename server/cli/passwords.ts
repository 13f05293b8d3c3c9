/** `passwords load`: a list of breached passwords of the operator's own, so that nobody chooses one of them. */
import { loadBreached } from '@afar/access';
import type { Config } from '../config.ts';
import { openDataFolder } from '../data-folder.ts';

const usage = 'passwords load FILE';

/** @param args the file: lines `SHA1:count`, in the order of the hashes */
export async function passwordsCommand(config: Config, args: string[]): Promise<number> {
  const [what, file, ...more] = args;
  if (what !== 'load' || !file || more.length > 0) {
    console.error(usage);
    console.error(
      '  FILE has lines SHA1:COUNT in the order of the hashes, as Pwned Passwords is given out',
    );
    return 2;
  }
  const folder = openDataFolder(config.data);
  const { words, bytes } = await loadBreached(file, folder.breached, (so) =>
    console.log(`${so.toLocaleString('en')} passwords read`),
  );
  const size = Math.ceil(bytes / 2 ** 20).toLocaleString('en');
  console.log(`${words.toLocaleString('en')} passwords are refused from now on (${size} MiB).`);
  return 0;
}
