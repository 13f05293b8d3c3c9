/** /api/office/roles: the role matrix as the program decides it, for whoever has to answer for it. */
import { resourceClass, resourceTypes } from '@afar/fhir';
import type { FastifyInstance } from 'fastify';
import { roles } from '../caller.ts';
import type { RoleTable } from '../contract.ts';
import { allowed, requireRole } from '../may.ts';
import { policy } from '../policy.ts';
import type { Profiles } from '../profiles.ts';
import { formatScope } from '../scopes.ts';
import { verbs } from '../verbs.ts';

const letter = {
  create: 'c',
  read: 'r',
  vread: 'v',
  update: 'u',
  patch: 'p',
  delete: 'd',
  history: 'h',
  search: 's',
};

export function roleRoutes(http: FastifyInstance, profiles: Profiles): void {
  http.get<{ Reply: RoleTable }>('/api/office/roles', (req) => {
    req.evidence.action = 'read-roles';
    requireRole(req, 'administrator', 'auditor');
    return {
      roles: [...roles],
      types: resourceTypes.map((type) => ({
        type,
        class: resourceClass[type]!,
        letters: roles.map((role) => {
          const may = allowed(role, type);
          return verbs.map((verb) => (may.includes(verb) ? letter[verb] : '-')).join('');
        }),
      })),
      within: roles.flatMap((role) =>
        Object.entries(policy[role].within ?? {}).map(([type, content]) => ({
          role,
          type,
          content: content.map((one) => one.join('=')).join(' & '),
        })),
      ),
      profiles: profiles.list().map(({ name, title, like, scopes }) => ({
        name,
        title,
        like,
        scopes: scopes.map(formatScope),
      })),
    };
  });
}
