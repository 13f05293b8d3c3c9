/** The questions of a questionnaire, groups as cards, in the order the clinic gave them. */
import type { IntakeQuestion } from '@afar/visits/contract';
import { type Answers, enabled, type Fault } from './answers.ts';
import { Field } from './field.tsx';
import classes from './intake.module.css';

interface Props {
  questions: readonly IntakeQuestion[];
  answers: Answers;
  faults: ReadonlyMap<string, Fault>;
  onAnswer: (linkId: string, answer: Answers[string] | undefined) => void;
}

/** Questions outside a group stand together in a card of their own. */
function inCards(questions: readonly IntakeQuestion[]): IntakeQuestion[][] {
  const cards: IntakeQuestion[][] = [];
  for (const question of questions) {
    const last = cards.at(-1);
    if (question.type === 'group' || !last || last[0]!.type === 'group') cards.push([question]);
    else last.push(question);
  }
  return cards;
}

export function Questions(props: Props) {
  const shown = props.questions.filter((question) => enabled(question, props.answers));
  return inCards(shown).map((card) => {
    const [first] = card;
    return first!.type === 'group' ? (
      <section key={first!.linkId} className={classes.group} aria-labelledby={`g-${first!.linkId}`}>
        <h2 id={`g-${first!.linkId}`} className={classes.groupTitle}>
          <bdi>{first!.text}</bdi>
        </h2>
        <Items {...props} questions={first!.items ?? []} />
      </section>
    ) : (
      <div key={first!.linkId} className={classes.group}>
        <Items {...props} questions={card} />
      </div>
    );
  });
}

function Items({ questions, ...rest }: Props) {
  return questions
    .filter((question) => enabled(question, rest.answers))
    .map((question) =>
      question.type === 'display' || question.type === 'group' ? (
        <div key={question.linkId}>
          <p dir="auto">{question.text}</p>
          <Items {...rest} questions={question.items ?? []} />
        </div>
      ) : (
        <Field
          key={question.linkId}
          question={question}
          answer={rest.answers[question.linkId]}
          fault={rest.faults.get(question.linkId)}
          onAnswer={(answer) => rest.onAnswer(question.linkId, answer)}
        />
      ),
    );
}
