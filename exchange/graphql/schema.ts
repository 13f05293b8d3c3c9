/**
 * The schema of the types a request speaks of, made from the structure tables [FHIR R4 graphql.html].
 *
 * Of these types only: all 146 with their reverse references and search parameters are some hundred thousand arguments, half
 * a second's work and 140 MB for a question that names two; two take some milliseconds. What a request does not name it cannot reach, but for
 * `resourceType` and `id` of what a reference leads to.
 */
import {
  GraphQLID,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  specifiedDirectives,
} from 'graphql';
import type {
  GraphQLFieldConfigArgumentMap,
  GraphQLFieldConfigMap,
  GraphQLNamedOutputType,
  GraphQLOutputType,
} from 'graphql';
import { isResourceType, resourceTypes, searchParams, typeModel } from '@afar/fhir';
import { directives } from './directives.ts';
import { element, read, reference, search, searchConnection } from './resolve.ts';
import type { Scene } from './resolve.ts';
import { anyText, scalarOf } from './scalars.ts';

type Fields = GraphQLFieldConfigMap<unknown, Scene>;

/** What stands behind a reference when the request names no fields of that type. */
const otherName = 'OtherResource';

/** The resource types a document names: `Patient`, `PatientList`, `PatientConnection`. */
export function typesIn(text: string): string[] {
  const named = new Set<string>();
  for (const [word] of text.matchAll(/\b[A-Z][A-Za-z]+\b/g)) {
    const type = word.replace(/(?:List|Connection)$/, '');
    if (isResourceType(word)) named.add(word);
    if (isResourceType(type)) named.add(type);
  }
  return [...named].toSorted();
}

/**
 * @param named resource types to be reached
 * @param root the type the request is about, at instance level; undefined: the whole house
 * @param opts.whole for who looks what there is: reverse references with their paging alone
 */
export function schemaOf(
  named: readonly string[],
  root: string | undefined,
  { whole = false }: { whole?: boolean } = {},
): GraphQLSchema {
  const all = [...new Set(root === undefined ? named : [...named, root])].toSorted();
  const made = new Map<string, GraphQLObjectType>();

  const common = (): Fields => ({
    resourceType: { type: new GraphQLNonNull(GraphQLString) },
    id: { type: GraphQLID },
  });
  const resource = new GraphQLInterfaceType({
    name: 'Resource',
    fields: common,
    resolveType: (value) => {
      const { resourceType } = value as { resourceType: string };
      return all.includes(resourceType) ? resourceType : otherName;
    },
  });
  const other = new GraphQLObjectType({ name: otherName, interfaces: [resource], fields: common });

  const outputOf = (type: string): GraphQLOutputType => {
    if (type === 'Resource') return resource;
    return typeModel(type) ? objectOf(type) : scalarOf(type);
  };

  const objectOf = (type: string): GraphQLObjectType => {
    let object = made.get(type);
    if (!object) {
      const isResource = isResourceType(type);
      object = new GraphQLObjectType({
        name: nameOf(type),
        ...(isResource && { interfaces: [resource] }),
        fields: () => ({
          ...(isResource && common()),
          ...elementsOf(type),
          ...(type === 'Reference' && { resource: referenceField(resource) }),
          ...(isResource && reverse(type)),
        }),
      });
      made.set(type, object);
    }
    return object;
  };

  function elementsOf(type: string): Fields {
    const fields: Fields = {};
    for (const { name, type: of, many } of typeModel(type)?.elements ?? []) {
      // xhtml and the like are told as the text they are.
      const one = outputOf(of);
      fields[name] = many
        ? { type: new GraphQLList(one), args: listArgs(of), resolve: element }
        : { type: one };
    }
    return fields;
  }

  /** Lists of what points here, by each of the named types that can. */
  function reverse(type: string): Fields {
    const fields: Fields = {};
    for (const from of all) {
      const params = [...searchParams(from).values()].filter(
        ({ type: kind, targets }) => kind === 'reference' && (!targets || targets.includes(type)),
      );
      if (params.length > 0) Object.assign(fields, lists(from, true));
    }
    return fields;
  }

  function lists(type: string, back: boolean): Fields {
    const needed = { _reference: { type: new GraphQLNonNull(anyText) } };
    const args = { ...(back && whole ? pagingArgs : searchArgs(type)), ...(back && needed) };
    const list = { type: new GraphQLList(objectOf(type)), args, resolve: search(type) };
    if (back && whole) return { [`${type}List`]: list };
    return {
      [`${type}List`]: list,
      [`${type}Connection`]: { type: connectionOf(type), args, resolve: searchConnection(type) },
    };
  }

  /** [FHIR R4 graphql.html#searching] pages with their addresses. */
  const connections = new Map<string, GraphQLObjectType>();
  function connectionOf(type: string): GraphQLObjectType {
    let known = connections.get(type);
    if (!known) {
      const edge = new GraphQLObjectType({
        name: `${type}Edge`,
        fields: () => ({
          mode: { type: GraphQLString },
          resource: { type: objectOf(type) },
        }),
      });
      known = new GraphQLObjectType({
        name: `${type}Connection`,
        fields: {
          count: { type: GraphQLInt },
          pagesize: { type: GraphQLInt },
          first: { type: GraphQLString },
          next: { type: GraphQLString },
          edges: { type: new GraphQLList(edge) },
        },
      });
      connections.set(type, known);
    }
    return known;
  }

  const query =
    root === undefined
      ? new GraphQLObjectType({
          name: 'Query',
          fields: () =>
            Object.assign(
              { _: { type: GraphQLString, resolve: () => null } } satisfies Fields,
              ...all.map((type) => ({
                [type]: {
                  type: objectOf(type),
                  args: { id: { type: new GraphQLNonNull(anyText) } },
                  resolve: read(type),
                },
                ...lists(type, false),
              })),
            ) as Fields,
        })
      : objectOf(root);
  const types: GraphQLNamedOutputType[] = [other, ...all.map(objectOf)];
  return new GraphQLSchema({ query, types, directives: [...specifiedDirectives, ...directives] });
}

/** `Patient.contact` is `PatientContact`. */
const nameOf = (type: string): string =>
  type.replaceAll(/\.(\w)/g, (_, letter: string) => letter.toUpperCase());

function referenceField(resource: GraphQLInterfaceType): Fields[string] {
  return {
    type: resource,
    args: { optional: { type: anyText }, type: { type: anyText } },
    resolve: reference,
  };
}

/** `name(use: official)`: those of a list whose primitive says so. [FHIR R4 graphql.html#list] `fhirpath` is not taken. */
function listArgs(type: string): GraphQLFieldConfigArgumentMap {
  const args: GraphQLFieldConfigArgumentMap = {
    _count: { type: anyText },
    _offset: { type: anyText },
  };
  for (const { name, type: of } of typeModel(type)?.elements ?? [])
    if (!typeModel(of) && of !== 'Resource') args[name] = { type: anyText };
  return args;
}

const byType = new Map<string, GraphQLFieldConfigArgumentMap>();
const controls = ['_count', '_sort', '_cursor', '_total', '_filter'];

const pagingArgs: GraphQLFieldConfigArgumentMap = Object.fromEntries(
  ['_count', '_sort', '_cursor'].map((name) => [name, { type: new GraphQLList(anyText) }]),
);

/** Search parameters, a dash written as an underscore [FHIR R4 graphql.html#searching]. */
function searchArgs(type: string): GraphQLFieldConfigArgumentMap {
  let args = byType.get(type);
  if (!args) {
    args = {};
    for (const code of [...searchParams(type).keys(), ...controls])
      args[code.replaceAll('-', '_')] = { type: new GraphQLList(anyText) };
    byType.set(type, args);
  }
  return args;
}

/** Everything, for a client that looks what there is. */
export const everyType = resourceTypes;
