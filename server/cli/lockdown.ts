/** `lockdown on|off|status`: the switch by an operator's hand; one engages, a second one lifts. */
import { parseArgs } from 'node:util';
import { everywhere, systemCaller, type AuditEntry } from '@afar/access';
import type { Config } from '../config.ts';
import type { House } from '../house.ts';
import { chosenTenant } from './chosen-tenant.ts';
import { withHouse } from './open.ts';

const usage = `lockdown on --mode read-only|closed --reason TEXT [--tenant N | --everywhere]
lockdown off [--tenant N | --everywhere]   takes two: an administrator and you, or two accounts of this machine
lockdown status [--tenant N]`;

interface Asked {
  what: 'on' | 'off' | 'status';
  /** What is locked: a tenant, or everything. */
  scope: number;
  mode?: 'read-only' | 'closed';
  reason?: string;
}

function read(args: string[]): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        mode: { type: 'string' },
        reason: { type: 'string' },
        everywhere: { type: 'boolean' },
      },
    });
    const [what, ...more] = positionals;
    const { mode = 'read-only', reason } = values;
    if (more.length || (what !== 'on' && what !== 'off' && what !== 'status')) return undefined;
    const scope = values.everywhere ? everywhere : chosenTenant();
    if (what !== 'on') return { what, scope };
    if ((mode !== 'read-only' && mode !== 'closed') || !reason?.trim() || reason.length > 500)
      return undefined;
    return { what, scope, mode, reason: reason.trim() };
  } catch {
    return undefined;
  }
}

/**
 * Whose hand it is: the account of the operating system, behind sudo too. Root can be anybody: what two operators do is worth
 * as much as the machine keeps them apart, and each stands in the trail.
 */
const operatorOf = (): number => Number(process.env['SUDO_UID'] ?? process.getuid?.() ?? 0);

const scopeName = (scope: number): string =>
  scope === everywhere ? 'everything' : `clinic ${scope}`;

/** Exit code 0 done, 1 refused or locked (status), 2 not understood. */
export async function lockdownCommand(config: Config, args: string[]): Promise<number> {
  const asked = read(args);
  if (!asked) {
    console.error(usage);
    return 2;
  }
  return withHouse(config, (house) => carryOut(house, chosenTenant(), asked));
}

async function carryOut(house: House, home: number, asked: Asked): Promise<number> {
  const { access, clock } = house;
  const { lockdown } = access;
  const caller = systemCaller(home, clock, 'lockdown');
  const trail = (action: string, outcome: AuditEntry['outcome']) =>
    access.audit.append({
      tenant: home,
      at: clock.now(),
      requestId: caller.requestId,
      who: caller.id,
      role: 'system',
      ip: '',
      verb: 'E',
      action,
      purpose: caller.purpose,
      outcome,
    });
  const { scope } = asked;
  if (asked.what === 'status') {
    const lock = await lockdown.standing(scope);
    if (!lock) {
      console.log('Nothing is locked down.');
      return 0;
    }
    console.log(
      `${scopeName(lock.tenant)}: ${lock.mode} since ${new Date(lock.since).toISOString()}`,
    );
    console.log(`  reason: ${lock.reason}`);
    return 1;
  }
  if (asked.what === 'on') {
    const { mode, reason } = asked;
    const settled = await lockdown.engage(caller, { tenant: scope, mode: mode!, reason: reason! });
    await trail(`lockdown-${mode}`, 0);
    console.log(`${scopeName(scope)} is locked down: ${mode}. Lifting it takes two.`);
    if (!settled) console.log('A write that had begun before is still under way.');
    return 0;
  }
  try {
    const lifted = await lockdown.lift(caller, scope, operatorOf());
    await trail('lockdown-lift', 0);
    console.log(
      lifted
        ? `${scopeName(scope)} is open again.`
        : 'Asked. Another person must lift it within 24 hours: an administrator on the screen, or another account of this machine by this command.',
    );
    return lifted ? 0 : 1;
  } catch (error) {
    await trail('lockdown-lift', 4);
    throw error;
  }
}

/** What must not be done in a lockdown: it could not be undone. @returns true when it was refused */
export async function refusedInLockdown({ access }: House, tenant: number): Promise<boolean> {
  const lock = await access.lockdown.standing(tenant);
  if (!lock) return false;
  console.error(
    `Locked down (${lock.mode}, since ${new Date(lock.since).toISOString()}): nothing is destroyed until two people have lifted it.`,
  );
  return true;
}
