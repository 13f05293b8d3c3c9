/** Words that may stand in the trail as they were asked: names of the standard. What else a client writes may be a person's name. */
import { resourceTypes, searchParams } from '@afar/fhir';

/** Result parameters and modifiers of a search [FHIR R4 search.html#table]. */
const words =
  '_count _sort _total _summary _elements _cursor _format _pretty _include _revinclude _contained _containedType _has _filter _query _type _content _text _list ' +
  '_since _at _elements _outputFormat _typeFilter start end patient above below code-text contains exact identifier in iterate missing not not-in of-type recurse text type';

/** What an auditor narrows a search of the trail by: fixed names of our own. */
const ours = 'from to who action outcome cursor';

let known: Set<string> | undefined;

function vocabulary(): Set<string> {
  // Made on first use: 15 ms, for the search parameters of all types.
  known ??= new Set([
    ...words.split(' '),
    ...ours.split(' '),
    ...resourceTypes,
    ...resourceTypes.flatMap((type) => [...searchParams(type).keys()]),
  ]);
  return known;
}

/** True for `subject:Patient.name` and the like: every part is a word of the standard. */
export function isParamName(name: string): boolean {
  return name.length <= 200 && name.split(/[.:]/).every((part) => vocabulary().has(part));
}
