/** `user create`: makes an account from the terminal, above all the first administrator of a clinic in production. */
import { parseArgs } from 'node:util';
import { newTotpSecret, randomPassword, systemId } from '@afar/access';
import type { Config } from '../config.ts';
import { chosenTenant } from './chosen-tenant.ts';
import { withHouse } from './open.ts';

const roles = [
  'administrator',
  'practitioner',
  'trainee',
  'nurse',
  'resident',
  'pharmacist',
  'paramedic',
  'auditor',
] as const;

const usage = 'user create --role administrator --email ADDRESS --name NAME';

/** Exit code 1 when the address has an account already: nothing is changed then. */
export async function userCommand(config: Config, args: string[]): Promise<number> {
  const asked = read(args);
  if (!asked) {
    console.error(usage);
    console.error(`  roles: ${roles.join(', ')}`);
    return 2;
  }
  return withHouse(config, async ({ access }) => {
    const password = randomPassword();
    const totpSecret = newTotpSecret();
    const at = Date.now();
    const tenant = chosenTenant();
    const { id, created } = await access.accounts.create({
      tenant,
      ...asked,
      password,
      totpSecret,
    });
    await access.audit.append({
      tenant,
      at,
      requestId: `cli:${id}`,
      who: systemId,
      role: 'system',
      ip: '',
      verb: 'C',
      action: 'create-user',
      rid: id,
      purpose: 'TREAT',
      outcome: created ? 0 : 4,
    });
    if (!created) {
      console.error('This address has an account already; it was not changed.');
      return 1;
    }
    console.log('The account is made. These are shown once:');
    console.log(`  password          ${password}`);
    console.log(`  authenticator key ${totpSecret}`);
    return 0;
  });
}

interface Asked {
  role: (typeof roles)[number];
  email: string;
  name: string;
}

function read(args: string[]): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { role: { type: 'string' }, email: { type: 'string' }, name: { type: 'string' } },
    });
    const { role, email, name } = values;
    const known = roles.find((one) => one === role);
    if (positionals.join() !== 'create' || !known || !name?.trim()) return undefined;
    return /^[^\s@]+@[^\s@]+$/.test(email ?? '')
      ? { role: known, email: email!, name: name.trim() }
      : undefined;
  } catch {
    return undefined;
  }
}
