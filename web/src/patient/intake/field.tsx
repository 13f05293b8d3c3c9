/** One question on screen, by its type; its fault beside it. */
import {
  Checkbox,
  Group,
  Input,
  NumberInput,
  Radio,
  Slider,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { IntakeQuestion, IntakeValue } from '@afar/visits/contract';
import type { Answers, Fault } from './answers.ts';
import classes from './intake.module.css';

interface Props {
  question: IntakeQuestion;
  answer: Answers[string] | undefined;
  fault: Fault | undefined;
  onAnswer: (answer: Answers[string] | undefined) => void;
}

/** "How strong, 0 to 10?" asks for a slider; other whole numbers are typed. */
const isScale = (question: IntakeQuestion): boolean =>
  question.type === 'integer' && /\b0\b\D{1,40}\b10\b/.test(question.text);

export function Field({ question, answer, fault, onAnswer }: Props) {
  const { t } = useTranslation('patient');
  const { t: common } = useTranslation();
  const shared = {
    id: `q-${question.linkId}`,
    // A clinic's questionnaire stands in the language it was written in.
    label: <bdi>{question.text}</bdi>,
    size: 'md' as const,
    required: question.required,
    withAsterisk: false,
    ...(question.required ? {} : { description: common('optional') }),
    error: fault && t(`intake.fault.${fault}`, { max: question.maxLength }),
  };
  const text = typeof answer === 'string' ? answer : '';
  const number = typeof answer === 'number' ? answer : '';

  if (isScale(question))
    return <Scale text={question.text} shared={shared} answer={answer} onAnswer={onAnswer} />;
  switch (question.type) {
    case 'boolean':
      return (
        <Radio.Group
          {...shared}
          value={answer === undefined ? null : String(answer)}
          onChange={(value) => onAnswer(value === 'true')}
        >
          <Group mt="xs" gap="sm">
            <Radio.Card value="true" className={classes.option} data-testid={`${shared.id}-yes`}>
              <Radio.Indicator /> {common('yes')}
            </Radio.Card>
            <Radio.Card value="false" className={classes.option} data-testid={`${shared.id}-no`}>
              <Radio.Indicator /> {common('no')}
            </Radio.Card>
          </Group>
        </Radio.Group>
      );
    case 'choice':
    case 'open-choice':
      return question.repeats ? (
        <Checkbox.Group
          {...shared}
          value={(Array.isArray(answer) ? answer : []).map(String)}
          onChange={(value) => onAnswer(value)}
        >
          <div className={classes.options}>
            {question.options?.map((option) => (
              <Checkbox.Card key={option.code} value={option.code} className={classes.option}>
                <Checkbox.Indicator /> <bdi>{option.display}</bdi>
              </Checkbox.Card>
            ))}
          </div>
        </Checkbox.Group>
      ) : (
        <Radio.Group {...shared} value={text || null} onChange={onAnswer}>
          <div className={classes.options}>
            {question.options?.map((option) => (
              <Radio.Card key={option.code} value={option.code} className={classes.option}>
                <Radio.Indicator /> <bdi>{option.display}</bdi>
              </Radio.Card>
            ))}
          </div>
        </Radio.Group>
      );
    case 'integer':
    case 'decimal':
      return (
        <NumberInput
          {...shared}
          classNames={{ wrapper: classes.short! }}
          value={number}
          allowDecimal={question.type === 'decimal'}
          onChange={(value) => onAnswer(typeof value === 'number' ? value : undefined)}
        />
      );
    case 'date':
      return (
        <TextInput
          {...shared}
          type="date"
          classNames={{ wrapper: classes.short! }}
          value={text}
          onChange={(event) => onAnswer(event.currentTarget.value)}
        />
      );
    case 'text':
      return (
        <Textarea
          {...shared}
          autosize
          minRows={3}
          value={text}
          onChange={(event) => onAnswer(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          {...shared}
          value={text}
          onChange={(event) => onAnswer(event.currentTarget.value)}
        />
      );
  }
}

interface ScaleProps {
  text: string;
  shared: { id: string; label: ReactNode; error: string | false | undefined };
  answer: Answers[string] | undefined;
  onAnswer: (answer: IntakeValue) => void;
}

function Scale({ text, shared, answer, onAnswer }: ScaleProps) {
  const value = typeof answer === 'number' ? answer : undefined;
  return (
    <Input.Wrapper {...shared} size="md">
      <div className={classes.scale}>
        <Slider
          min={0}
          max={10}
          step={1}
          size="lg"
          thumbSize={28}
          label={null}
          value={value ?? 0}
          thumbLabel={text}
          marks={[0, 5, 10].map((mark) => ({ value: mark, label: mark }))}
          onChange={onAnswer}
          data-testid={shared.id}
          flex={1}
        />
        <output className={classes.scaleValue}>{value ?? '–'}</output>
      </div>
    </Input.Wrapper>
  );
}
