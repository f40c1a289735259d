/** What a rule asks for, and what usually breaks it. */
interface RuleText {
  readonly text: string;
  readonly cause: string;
}

/** The rules that `conform` knows. Their numbers stand in the titles of tests, so that a failing one names its rule. */
export const RULES = {
  'R-01': {
    text: 'Nothing happens before subscribe.',
    cause:
      'work is begun where the operator or source is made; it belongs into the function given to operate or new Observable.',
  },
  'R-02': {
    text: 'Any number of values, then at most one end, and nothing after it.',
    cause: 'a value or an end is sent without asking whether the stage has ended already.',
  },
  'R-03': { text: 'An empty source completes without a value.', cause: 'the end waits for a first item.' },
  'R-04': {
    text: 'A source that never emits is silent, and unsubscribing leaves nothing behind.',
    cause: 'a timer or listener is started on subscribe that nobody ends.',
  },
  'R-05': {
    text: 'Subscriptions are independent, and one more is possible after any end.',
    cause:
      'state is made once a call of the operator instead of once a subscription: move it into the function given to operate.',
  },
  'R-06': {
    text: 'undefined, null, 0, "", NaN, false and -0 are items like others.',
    cause: 'an item is tested for truth, or undefined stands for "there is none".',
  },
  'R-07': {
    text: 'Completion comes after everything that was under way.',
    cause: 'the end of the source is passed on although items are held or running still.',
  },
  'R-08': {
    text: 'Completion is not lost when the last work ends synchronously.',
    cause:
      'the end is only looked for when something arrives or finishes later, not after a work that ended within its own call.',
  },
  'R-10': {
    text: 'While the gate below is closed no more is taken and held than the bound says.',
    cause:
      'the operator has no gate of its own, does not close it at its bound, or sends without looking at the gate below.',
  },
  'R-11': {
    text: 'Everything held is delivered after the gate opens, in order; nothing disappears without being counted.',
    cause: 'items are given up, or overtaken, while the gate below is closed.',
  },
  'R-12': {
    text: 'No waking is lost: under any schedule everything is delivered once the gate is open.',
    cause: 'somebody waits at a gate that was open already, or progress is made possible without a call of drain().',
  },
  'R-13': {
    text: 'Opening and closing a gate never throws, may be repeated, and does nothing after the end.',
    cause: 'a waiter stays in the queue of the gate after its subscription is over.',
  },
  'R-14': {
    text: 'One that ends while it waits does not keep the others waiting.',
    cause: 'a hold on the gate is not released on unsubscribe.',
  },
  'R-15': {
    text: 'An error passes a closed gate at once, and so does completion when nothing is held.',
    cause: 'the end queues behind the values that wait for the gate.',
  },
  'R-16': {
    text: 'A closed gate reaches the source through a whole chain.',
    cause:
      'a link in the chain takes all it gets, or hides the gate below it: subscribe with the subscriber itself, as operate does.',
  },
  'R-17': {
    text: 'What a source that cannot be paused sends too much is kept, reported once, and ends in an OverflowError beyond the limit.',
    cause: 'the surplus is thrown away or nobody is told; Stage does both when next() of the parent is called.',
  },
  'R-18': {
    text: 'A gate does not open for every single item where a burst is promised.',
    cause: 'the burst is not handed to Stage.',
  },
  'R-20': {
    text: 'A value that is sent from within another loses nothing, doubles nothing, and comes after it.',
    cause: 'values are delivered by recursion instead of from a queue in one loop.',
  },
  'R-21': {
    text: 'Everything may happen inside next: opening, closing, unsubscribing, an end.',
    cause: 'state is read before a value is sent and used after it.',
  },
  'R-22': {
    text: 'Neither the number of items nor a chain of stages makes the stack overflow.',
    cause: 'the next item is begun from within the end of the last: drain in a loop with a flag.',
  },
  'R-23': {
    text: 'A synchronous source stops as soon as nothing more is wanted of it.',
    cause:
      'the source is subscribed with an observer of its own (source.subscribe({...})), which does not hear the unsubscribe in time: use operate.',
  },
  'R-24': {
    text: 'Never more than the promised number run at once, and the promised order holds, under any schedule.',
    cause: 'a slot is given away twice, or the order is that of the ends where the order of the items was promised.',
  },
  'R-30': {
    text: 'A failure reaches error once, as the same object, after the source was unsubscribed and the others were cancelled.',
    cause: 'the error is wrapped, swallowed, or sent before the siblings and the source are let go.',
  },
  'R-31': {
    text: 'What was delivered before a failure stays delivered; what has only finished by then may go with it.',
    cause: 'results are gathered and given up with the error.',
  },
  'R-32': {
    text: 'An error that comes too late to be delivered is reported.',
    cause: 'a promise is left alone after the stage has ended: call lateError, or hooks.lateError.',
  },
  'R-33': {
    text: 'Any thrown value survives as it is: null, undefined, a string, a frozen error.',
    cause: 'an error is tested for truth or copied.',
  },
  'R-34': {
    text: 'What a consumer throws surfaces and disturbs nothing else.',
    cause: 'an error from below is caught and taken for one of an item.',
  },
  'R-35': {
    text: 'A teardown that throws does not stop the others.',
    cause: 'several things are let go one after the other without try and finally.',
  },
  'R-36': {
    text: 'Each error policy does what it says; a dead letter that fails stops the flow.',
    cause: 'a failed item is lost, or a failure of the dead letter is swallowed.',
  },
  'R-37': { text: 'One decision for each failure.', cause: 'a failure is reported twice.' },
  'R-40': {
    text: 'After unsubscribe returns nothing is emitted and no function of the user is started.',
    cause: 'results of work that was under way are not held against the end of the subscription.',
  },
  'R-41': {
    text: 'Unsubscribing is clean at every moment: before the first item, at the last, at a closed gate, inside next, twice.',
    cause: 'a loop goes on after the consumer has unsubscribed from within it: look at closed after every value.',
  },
  'R-42': {
    text: 'When a subscription is over, timers, signals, listeners and subscriptions are let go in the same call.',
    cause: 'what was started has no owner that ends it: add it to the subscriber, or end it in cancel().',
  },
  'R-44': {
    text: 'Where the consumer has gone before it subscribes, as with a signal that has aborted, nothing starts.',
    cause:
      'something is begun after what ends it was added to the subscriber: to one that is closed already it is added too late. Add it last, or look at closed.',
  },
  'R-45': {
    text: 'The end of the result unsubscribes the source, exactly once.',
    cause: 'the subscription of the source is not part of the subscription of the result.',
  },
  'R-50': {
    text: 'The wall clock changes nothing.',
    cause: 'a duration is measured with Date.now(); take performance.now().',
  },
  'R-51': {
    text: 'A delay longer than a timer can keep is refused or divided.',
    cause: 'more than 2147483647 ms are handed to a timer, which then fires at once.',
  },
  'R-55': {
    text: 'Nothing is left at the gates once everything has ended.',
    cause: 'attached is not counted down, or a waiter is not cancelled, on unsubscribe.',
  },
} as const satisfies Record<string, RuleText>;

/** The number of a rule. */
export type Rule = keyof typeof RULES;
