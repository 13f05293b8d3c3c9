/** What is sent on a line that narrows and widens: quick to fall, slow to climb, no flicker. */
import { describe, expect, it } from 'vitest';
import {
  type Adaptation,
  adapt,
  beginAdaptation,
  type Look,
  planOf,
  type Wish,
} from './adaptation.ts';

const plain = { wish: 'auto', saver: false, screen: false } as const;

/** A call at one look a second. */
class Line {
  state: Adaptation = beginAdaptation(0);
  at = 0;
  readonly falls: number[] = [];
  readonly returns: number[] = [];

  run(seconds: number, look: Partial<Look>, wish: Wish = 'auto'): this {
    for (let second = 0; second < seconds; second++) {
      this.at += 1000;
      const before = this.state.fellBack;
      const defaults: Look = { at: this.at, room: 2e6, loss: 0, rtt: 20, concealed: 0 };
      this.state = adapt(this.state, { ...defaults, ...look }, wish);
      if (!before && this.state.fellBack) this.falls.push(this.at);
      if (before && !this.state.fellBack) this.returns.push(this.at);
    }
    return this;
  }

  get plan() {
    return planOf(this.state, plain);
  }
}

describe('the picture', () => {
  it('is whole on a wide line, and the beginning of a call is no narrow line', () => {
    expect(new Line().run(3, { room: 300_000 }).run(30, {}).plan).toEqual({
      limits: { video: 1_200_000, scale: 1, fps: 30 },
      camera: true,
      shown: true,
    });
  });

  it('is smaller within one look of less room, and whole again by steps', () => {
    const line = new Line().run(10, {}).run(1, { room: 230_000 });
    expect(line.plan.limits).toMatchObject({ video: 160_000, scale: 3 });
    line.run(20, { room: 230_000 });
    expect(line.plan.limits.scale).toBe(3);
    expect(line.run(6, {}).plan.limits.scale).toBe(1);
  });

  it('does not climb again and again to what the line does not bear', () => {
    const line = new Line().run(10, {}).run(1, { room: 230_000 });
    let climbs = 0;
    for (let second = 0; second < 120; second++) {
      const before = line.state.rung;
      // The estimate says that there is room until it is used.
      line.run(1, before < 3 ? { room: 230_000 } : { room: 300_000 });
      if (line.state.rung < before) climbs += 1;
    }
    expect(climbs).toBeLessThanOrEqual(5);
  });

  it('gets one step smaller when a queue builds up or much is lost, and no smaller for one bad look', () => {
    expect(new Line().run(10, {}).run(2, { rtt: 600 }).plan.limits.scale).toBe(1.5);
    expect(new Line().run(10, {}).run(1, { loss: 0.25 }).plan.limits.scale).toBe(1);
    expect(new Line().run(10, {}).run(4, { loss: 0.25 }).plan.limits.scale).toBe(1.5);
  });
});

it('a line that loses steadily gets smaller pictures, a whole one again when it does not', () => {
  const line = new Line().run(10, {}).run(12, { loss: 0.03 });
  expect(line.plan.limits.scale).toBe(1.5);
  expect(line.run(60, { loss: 0.02 }).plan.limits.scale).toBe(1.5);
  expect(line.run(12, {}).plan.limits.scale).toBe(1);
});

describe('voice alone', () => {
  it('is left after four looks without room for any picture', () => {
    const line = new Line().run(10, {}).run(3, { room: 80_000 });
    expect(line.plan.shown).toBe(true);
    expect(line.run(1, { room: 80_000 }).plan).toMatchObject({ camera: false, shown: false });
  });

  it('tastes the line unseen, and comes back within 12 s of its recovery', () => {
    const line = new Line().run(10, {}).run(60, { room: 80_000 });
    const tasting = () => line.state.tasting;
    while (tasting()) line.run(1, { room: 80_000 });
    while (!tasting()) line.run(1, { room: 80_000 });
    expect(line.plan).toMatchObject({ camera: true, shown: false, limits: { scale: 4 } });
    while (tasting()) line.run(1, { room: 80_000 });
    const recovered = line.at;
    line.run(12, {});
    expect(line.falls).toHaveLength(1);
    expect(line.returns).toHaveLength(1);
    expect(line.returns[0]! - recovered).toBeLessThanOrEqual(12_000);
  });

  it('ends a taste that hurts the voice at once', () => {
    const line = new Line().run(10, {}).run(4, { room: 80_000 });
    while (!line.state.tasting) line.run(1, { room: 80_000 });
    expect(line.run(1, { room: 80_000, concealed: 0.2 }).state.tasting).toBe(false);
  });

  it('lasts longer each time that pictures could not stay', () => {
    const line = new Line().run(10, {});
    for (let second = 0; second < 180; second++)
      line.run(1, { room: line.state.fellBack ? 500_000 : 80_000 });
    const pauses = line.returns.map((at, index) => at - line.falls[index]!);
    expect(pauses.length).toBeLessThanOrEqual(5);
    expect(pauses.at(-1)).toBeGreaterThan(pauses[0]! * 2);
  });

  it('is refused by whoever wants pictures, and kept by whoever does not', () => {
    const insisting = new Line().run(10, {}).run(30, { room: 80_000 }, 'always');
    expect(insisting.state.fellBack).toBe(false);
    expect(insisting.plan.limits.scale).toBe(4);
    expect(planOf(new Line().run(30, {}).state, { ...plain, wish: 'never' })).toMatchObject({
      camera: false,
      shown: false,
    });
  });
});

describe('order', () => {
  it('less data was asked for: never more than the small picture', () => {
    expect(planOf(new Line().run(30, {}).state, { ...plain, saver: true }).limits).toEqual({
      video: 160_000,
      scale: 3,
      fps: 20,
    });
  });

  it('a screen goes before the camera, and stays when the camera is given up', () => {
    const wide = planOf(new Line().run(30, {}).state, { ...plain, screen: true }).limits;
    expect(wide.screen!.video).toBeGreaterThan(wide.video);
    const narrow = new Line().run(10, {}).run(10, { room: 80_000 });
    const plan = planOf(narrow.state, { ...plain, screen: true });
    expect(plan.camera).toBe(false);
    expect(plan.limits.screen).toEqual({ video: 80_000, fps: 3 });
  });
});
