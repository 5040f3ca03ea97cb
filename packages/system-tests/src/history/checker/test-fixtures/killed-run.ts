/** The run that the tests of the checker start from: an agent is killed under the first of two tasks in a row. */
import { Story, type Teller } from "./story.js";

export const A = "w1:0";
export const B = "w1:1";

export function setup() {
  const story = new Story();
  const [first, second] = [story.process("agent-1"), story.process("agent-2")];
  return { story, first, second };
}

/** The first agent is killed under A, and the second one takes over. */
export function killed(story: Story, first: Teller, second: Teller): void {
  story.submit("w1", [[1], []], { key: "key", requestHash: "hash" });
  story.deliver(first, A);
  story.begin(first, A);
  story.kill(first);
  story.declareDead(first);
  story.claim(second, A);
}

export function finish(story: Story, agent: Teller): void {
  story.begin(agent, A);
  story.effect(A);
  story.complete(agent, A);
  story.record(A, "succeeded", agent.by);
  story.run(agent, B);
}
