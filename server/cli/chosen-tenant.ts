/** `--tenant N` of every command: whose rows it works on. */

let chosen = 1;

/** The tenant that the command was given; the first one without. */
export const chosenTenant = (): number => chosen;

/**
 * Takes `--tenant N` or `--tenant=N` out of a command's words.
 * @throws Error when N is no number of a tenant
 */
export function takeTenant(args: readonly string[]): string[] {
  const at = args.findIndex((one) => one === '--tenant' || one.startsWith('--tenant='));
  if (at < 0) return [...args];
  const joined = args[at]!.startsWith('--tenant=');
  const text = joined ? args[at]!.slice('--tenant='.length) : args[at + 1];
  if (!/^[1-9]\d{0,8}$/.test(text ?? '')) throw new Error('--tenant takes the number of a tenant');
  chosen = Number(text);
  return args.toSpliced(at, joined ? 1 : 2);
}
