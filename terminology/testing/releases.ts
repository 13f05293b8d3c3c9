/** Small releases of invented content, in the layout of the real ones. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files in a new folder. */
export function release(files: Readonly<Record<string, string>>, name = 'release'): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'afar-terminology-')), name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

const tabbed = (rows: readonly string[]): string =>
  `${rows.map((row) => row.split(/\s*\|\s*/).join('\t')).join('\r\n')}\r\n`;

const isA = '116680003';
const date = '20260101';
const core = '900000000000207008';
export const snomedVersion = `http://snomed.info/sct/${core}/version/${date}`;

/** 138875005 is SNOMED's root and 116680003 its is-a, both in FHIR's own pages; everything below is invented. */
export function snomedRelease(extra: readonly string[] = []): string {
  const concept = (id: string, active = '1') =>
    `${id}|${date}|${active}|${core}|900000000000074008`;
  const name = (id: string, code: string, term: string, kind: 'full' | 'other', language = 'en') =>
    `${id}|${date}|1|${core}|${code}|${language}|${kind === 'full' ? '900000000000003001' : '900000000000013009'}|${term}|900000000000448009`;
  const link = (id: string, from: string, to: string, type = isA, active = '1') =>
    `${id}|${date}|${active}|${core}|${from}|${to}|0|${type}|900000000000011006|900000000000451002`;
  return release({
    [`Snapshot/Terminology/sct2_Concept_Snapshot_INT_${date}.txt`]: tabbed([
      'id|effectiveTime|active|moduleId|definitionStatusId',
      concept('138875005'),
      concept('100001001'),
      concept('100002001'),
      concept('100003001'),
      concept('100004001'),
      concept('100005001', '0'),
      concept('100009001'),
      ...extra.map((id) => concept(id)),
    ]),
    [`Snapshot/Terminology/sct2_Description_Snapshot-en_INT_${date}.txt`]: tabbed([
      'id|effectiveTime|active|moduleId|conceptId|languageCode|typeId|term|caseSignificanceId',
      name('1011', '138875005', 'Root of the invented (root)', 'full'),
      name('2011', '100001001', 'Limb trouble (trouble)', 'full'),
      name('2012', '100001001', 'Trouble of limb', 'other'),
      name('2013', '100001001', 'Limb trouble', 'other'),
      name('2014', '100001001', 'Gliedmaßenleiden', 'other', 'de'),
      name('3011', '100002001', 'Arm trouble (trouble)', 'full'),
      name('3012', '100002001', 'Arm trouble', 'other'),
      name('4011', '100003001', 'Trouble of both (trouble)', 'full'),
      name('4012', '100003001', 'Trouble of arm and leg', 'other'),
      name('5011', '100004001', 'Leg trouble (trouble)', 'full'),
      name('6011', '100005001', 'Old trouble (trouble)', 'full'),
      name('9011', '100009001', 'Troubles for a list (foundation metadata concept)', 'full'),
    ]),
    [`Snapshot/Terminology/sct2_Relationship_Snapshot_INT_${date}.txt`]: tabbed([
      'id|effectiveTime|active|moduleId|sourceId|destinationId|relationshipGroup|typeId|characteristicTypeId|modifierId',
      link('11', '100001001', '138875005'),
      link('12', '100002001', '100001001'),
      link('13', '100004001', '100001001'),
      link('14', '100003001', '100002001'),
      link('15', '100003001', '100004001'),
      link('16', '100009001', '138875005'),
      link('17', '100002001', '100009001', '363698007'),
      link('18', '100004001', '100009001', isA, '0'),
      ...extra.map((id) => link(`9${id}`, id, '100001001')),
    ]),
    [`Snapshot/Refset/Language/der2_cRefset_LanguageSnapshot-en_INT_${date}.txt`]: tabbed([
      'id|effectiveTime|active|moduleId|refsetId|referencedComponentId|acceptabilityId',
      `a|${date}|1|${core}|900000000000509007|2013|900000000000548007`,
      `b|${date}|1|${core}|900000000000509007|2012|900000000000549004`,
    ]),
    [`Snapshot/Refset/Content/der2_Refset_SimpleSnapshot_INT_${date}.txt`]: tabbed([
      'id|effectiveTime|active|moduleId|refsetId|referencedComponentId',
      `c|${date}|1|${core}|100009001|100003001`,
      `d|${date}|1|${core}|100009001|100004001`,
      `e|${date}|0|${core}|100009001|100002001`,
    ]),
  });
}

/** Headers as LOINC's; terms, parts and answers invented. */
export const loincRelease = (): string =>
  release(
    {
      'LoincTable/Loinc.csv': `"LOINC_NUM","COMPONENT","PROPERTY","TIME_ASPCT","SYSTEM","SCALE_TYP","METHOD_TYP","CLASS","VersionLastChanged","CHNG_TYPE","DefinitionDescription","STATUS","CONSUMER_NAME","CLASSTYPE","FORMULA","EXMPL_ANSWERS","SURVEY_QUEST_TEXT","SURVEY_QUEST_SRC","UNITSREQUIRED","RELATEDNAMES2","SHORTNAME","ORDER_OBS","HL7_FIELD_SUBFIELD_ID","EXTERNAL_COPYRIGHT_NOTICE","EXAMPLE_UNITS","LONG_COMMON_NAME","EXAMPLE_UCUM_UNITS"
"99991-1","Starlight","MCnc","Pt","Ser/Plas","Qn","","TESTCLASS","2.99","","What ""starlight"", measured, means","ACTIVE","","1","","","","","","","Starlight SerPl-mCnc","Both","","","","Starlight [Mass/volume] in Serum or Plasma","mg/dL"
"99992-9","Moonlight","MCnc","Pt","Urine","Qn","","TESTCLASS","2.99","","","DEPRECATED","","1","","","","","","","Moonlight Ur-mCnc","Both","","","","Moonlight [Mass/volume] in Urine",""
"99993-7","Mood of the day","Find","Pt","^Patient","Ord","","SURVEY","2.99","","","ACTIVE","","4","","","","","","","Mood","Both","","","","Mood of the day",""
`,
      'AccessoryFiles/PartFile/Part.csv': `"PartNumber","PartTypeName","PartName","PartDisplayName","Status"
"LP99990-1","CLASS","LIGHT","Light","ACTIVE"
`,
      'AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv': `"PATH_TO_ROOT","SEQUENCE","IMMEDIATE_PARENT","CODE","CODE_TEXT"
"","1","","LP99990-1","Light"
"LP99990-1","1","LP99990-1","99991-1","Starlight SerPl-mCnc"
"LP99990-1","2","LP99990-1","99992-9","Moonlight Ur-mCnc"
`,
      'AccessoryFiles/AnswerFile/AnswerList.csv': `"AnswerListId","AnswerListName","AnswerListOID","ExtDefinedYN","ExtDefinedAnswerListCodeSystem","ExtDefinedAnswerListLink","AnswerStringId","LocalAnswerCode","LocalAnswerCodeSystem","SequenceNumber","DisplayText"
"LL9999-9","Moods","1.2.3","N","","","LA99992-2","b","","2","Sunny"
"LL9999-9","Moods","1.2.3","N","","","LA99991-4","a","","1","Cloudy"
"LL9999-9","Moods","1.2.3","N","","","","","","3","Another system's"
`,
      'AccessoryFiles/AnswerFile/LoincAnswerListLink.csv': `"LoincNumber","LongCommonName","AnswerListId","AnswerListName","AnswerListLinkType","ApplicableContext"
"99993-7","Mood of the day","LL9999-9","Moods","NORMATIVE",""
`,
      'AccessoryFiles/LinguisticVariants/deDE15LinguisticVariant.csv': `"LOINC_NUM","COMPONENT","PROPERTY","TIME_ASPCT","SYSTEM","SCALE_TYP","METHOD_TYP","CLASS","SHORTNAME","LONG_COMMON_NAME","RELATEDNAMES2","LinguisticVariantDisplayName"
"99991-1","Sternenlicht","","","","","","","","Sternenlicht im Serum","","Sternenlicht"
`,
    },
    'Loinc_2.99',
  );

export const rxnormRelease = (): string =>
  release(
    {
      'rrf/RXNCONSO.RRF': `9001|ENG||||||1||||RXNORM|SY|9001|Inventol tabs|||N|4096|
9001|ENG||||||2||||RXNORM|SCD|9001|inventol 10 MG Oral Tablet||N||4096|
9001|ENG||||||3||||OTHER|XX|9001|Somebody's name||N||4096|
9002|ENG||||||4||||RXNORM|IN|9002|inventol||N||4096|
9003|ENG||||||5||||RXNORM|SCDG|9003|inventol Oral Product||N||4096|
9004|ENG||||||6||||RXNORM|IN|9004|oldol||O||4096|
`.replace('||N|4096|', 'N||4096|'),
      'rrf/RXNREL.RRF': `9002||CUI|RO|9001||CUI|has_ingredient|1||RXNORM|RXNORM||||4096|
9003||CUI|RB|9001||CUI|isa|2||RXNORM|RXNORM||||4096|
9001||CUI|RN|9003||CUI|inverse_isa|3||RXNORM|RXNORM||||4096|
`,
      'rrf/RXNSAT.RRF': `9001|||2|AUI|9001|||RXN_STRENGTH|RXNORM|10 MG|N|4096|
`,
    },
    'RxNorm_full_01052026',
  );

const order = (number: string, code: string, flag: string, short: string, long = short): string =>
  `${number} ${code.padEnd(7)} ${flag} ${short.padEnd(60)} ${long}`;

export const icd10cmRelease = (): string =>
  release({
    'icd10cm_order_2026.txt': `${[
      order('00001', 'X99', '0', 'Invented sorrow'),
      order('00002', 'X990', '0', 'Invented sorrow, mild'),
      order('00003', 'X9901', '1', 'Inv sorrow, mild, left', 'Invented sorrow, mild, left side'),
      order('00004', 'X9902', '1', 'Inv sorrow, mild, right', 'Invented sorrow, mild, right side'),
      order('00005', 'X991', '1', 'Invented sorrow, severe'),
    ].join('\n')}\n`,
  });

export const clamlRelease = (): string =>
  release({
    'icd10.xml': `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ClaML SYSTEM "ClaML.dtd" [<!ENTITY bomb "boom">]>
<ClaML version="2.0.0">
  <Meta name="x" value="y"/>
  <Title date="2026-01-01" name="ICD-10" version="2026">Invented</Title>
  <!-- <Class code="NO" kind="category"/> -->
  <Class code="XX" kind="chapter"><SubClass code="X90-X99"/><Rubric kind="preferred"><Label xml:lang="en">Invented &amp; other sorrows</Label></Rubric></Class>
  <Class code="X90-X99" kind="block"><SuperClass code="XX"/><Rubric kind="preferred"><Label xml:lang="en">Sorrows &bomb;</Label></Rubric></Class>
  <Class code="X99" kind="category"><SuperClass code="X90-X99"/>
    <Rubric kind="preferred"><Label xml:lang="en" xml:space="default">Sorrow of the <Term class="it">heart</Term></Label></Rubric>
    <Rubric kind="inclusion"><Label xml:lang="en">Heartache</Label></Rubric>
    <Rubric kind="exclusion"><Label xml:lang="en">Joy</Label></Rubric>
  </Class>
</ClaML>
`,
  });
